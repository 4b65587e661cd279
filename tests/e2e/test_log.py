"""--log: what is written to process 1's stderr, here a file, and what is not; on a real engine in tests/docker/test_log.py."""
import pytest

import containers
import namespaces
from runner import binary_path, is_asan

pytestmark = namespaces.NEEDS_ROOT
RELEASE_ONLY = pytest.mark.skipif(is_asan(binary_path()), reason="only a static program runs where there are no files")
REFUSED = ["live", "--log", ":9/"]


@pytest.fixture
def box(container):
    return container('serve("127.0.0.1", 8000)')


def lines(box):
    """What process 1's stderr has."""
    return [line for line in box.log_file.read_text().splitlines() if line != "ready"]


def test_first_line_of_a_failure(box, verdict):
    """Goal: the first line of a failed check, each time, at the end of what is there; none of a healthy one."""
    first = verdict.unhealthy(*REFUSED, cause="refused", through=box.enter, once=True).first
    assert lines(box) == ["probe: " + first]
    verdict.healthy("live", "--log", ":8000/", through=box.enter)
    verdict.unhealthy("live", ":9/", cause="refused", through=box.enter)
    assert lines(box) == ["probe: " + first]
    second = verdict.unhealthy("ready", ":9/", cause="refused", through=box.enter, env={"PROBE_LOG": "1"}, once=True)
    assert lines(box) == ["probe: " + first, "probe: " + second.first]
    assert "note" not in second.out


def test_no_secret(container, run_probe, stage, registry, secret):
    """Goal: what a peer says of a password is hidden there too."""
    password = secret()
    box = container(f'''reply("127.0.0.1", 8000, b"HTTP/1.1 500 No\\r\\nConnection: close\\r\\n\\r\\nbad {password}")''')
    run_probe("live", "--log", f"http://app:{password}@127.0.0.1:8000/", through=box.enter)
    (line,) = lines(box)
    assert "500 Internal Server Error: bad ***" in line
    registry.record("the log", line)


def test_end_of_a_wait(box, run_probe):
    """Goal: of many attempts the verdict alone."""
    result = run_probe("ready", "--log", "--wait", "500ms", "-i", "50ms", ":9/", through=box.enter)
    assert result.first.startswith("waiting ")
    assert len(lines(box)) == 1
    assert lines(box) == ["probe: " + line for line in result.lines if line.startswith("unhealthy ")]


def test_ended_by_a_signal(container, run_probe):
    """Goal: somebody who ends a check knows why it gave no verdict."""
    box = container('serve_nobody("127.0.0.1", 8000)')
    through = [*box.enter, "/usr/bin/timeout", "--preserve-status", "0.5"]
    assert "ended by SIGTERM" in run_probe("live", "--log", "-t", "9s", ":8000/", through=through).first
    assert lines(box) == []


def test_process_1_itself(run_probe):
    """Goal: what process 1 prints is in the container's log already."""
    through = [namespaces.UNSHARE, "--pid", "--fork", "--mount-proc", "--net"]
    result = run_probe(*REFUSED, through=through)  # nothing on stderr is what the runner holds every run to
    assert result.first.startswith("unhealthy in ") and "note" not in result.out


def note(verdict, words, **options):
    """A report that tells why nothing was logged, and the verdict that it would be without."""
    result = verdict.unhealthy(*REFUSED, cause="refused", **options)
    assert f"  note      {words}" in result.out, result
    report = verdict.as_json(REFUSED, options, 1, "unhealthy")
    assert report["note"].startswith(words), report


def test_process_1_of_another_container(box, verdict, cgroup):
    """Goal: --pid=host, or a pod that shares its processes: that log is not ours."""
    note(verdict, "process 1 is the host's, or another container's", through=[*cgroup.enter, *box.enter])
    assert lines(box) == []


def test_processes_of_others_hidden(container, verdict):
    """Goal: /proc with hidepid."""
    box = container(setup="mount -o remount,hidepid=2 /proc")
    through = [*box.enter, "/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    note(verdict, "process 1 is not seen: mount /proc, without hidepid", through=through)


@RELEASE_ONLY
def test_without_proc(stage, probe_binary, verdict):
    """Goal: no /proc at all."""
    note(verdict, "process 1 is not seen", **containers.bare_root(stage.new_folder("root"), probe_binary))


GIVEN_UP = ["/usr/bin/setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", "/bin/sh", "-c", "echo ready; exec sleep 600"]


def without(*capabilities):
    return ["/usr/bin/setpriv", f"--bounding-set={','.join('-' + name for name in capabilities)}"]


def test_entrypoint_that_gave_root_up(container, verdict):
    """Goal: gosu and its kin: process 1 is another user's, and root's check has the rights that engines give it."""
    box = container(command=GIVEN_UP)
    first = verdict.unhealthy(*REFUSED, cause="refused", through=[*box.enter, *without("sys_ptrace")], once=True).first
    assert lines(box) == ["probe: " + first]


def test_who_may_not(container, verdict):
    """Goal: a root without CAP_SYS_PTRACE and CAP_SETUID cannot follow another user's descriptors."""
    box = container(command=GIVEN_UP)
    words = "process 1 is closed to uid 0: run the check as its user, or add the capability SYS_PTRACE"
    note(verdict, words, through=[*box.enter, *without("sys_ptrace", "setuid")])
    assert lines(box) == []


def test_wrong_use(verdict):
    """Goal: what would do nothing is refused."""
    verdict.misconfigured("live", "--log", "--watch", ":9/", says=["--log does nothing with --watch"])
    verdict.misconfigured("live", "--log=1", ":9/", says=["--log takes no value"])
    verdict.misconfigured("live", ":9/", env={"PROBE_LOG": "maybe"}, says=["PROBE_LOG 'maybe'"])
