"""What the container itself shows of a service in trouble stands in the first line, before any guess."""
import re
import signal
import subprocess

import pytest

import namespaces
import processes
from runner import binary_path, is_asan

pytestmark = pytest.mark.skipif(
    not namespaces.may_unshare(), reason="no namespaces: not root, or the kernel forbids it"
)
RELEASE_ONLY = pytest.mark.skipif(is_asan(binary_path()), reason="its search for leaks needs a thread")
START_PERIOD = "start_period must be longer than the start"
LATE = ["live", "-t", "400ms", ":8000/"]


def before_the_hint(result):
    return result.first.partition("; hint: ")[0]


def test_worker_that_was_killed_for_memory(cgroup, run_probe):
    """Goal: the kernel has ended a process for memory: said, and nothing of a start."""
    cgroup.file("memory.limit").write_text(str(64 * 1024 * 1024))
    grow = ["/usr/bin/python3", "-c", "x = bytearray(256 * 1024 * 1024)"]
    assert subprocess.run([*cgroup.enter, *grow], timeout=20).returncode == -signal.SIGKILL
    kills = cgroup.value("memory.events", "oom_kill")
    result = run_probe("live", ":1/", through=cgroup.enter)
    assert f"; the kernel killed processes for memory (oom kills {kills})" in before_the_hint(result), str(result)
    assert START_PERIOD not in result.first
    assert "; hint: raise the container's memory limit" in result.first


@RELEASE_ONLY
def test_no_pid_is_left(cgroup, run_probe):
    """Goal: the limit of processes is reached without the check; one below it, there is nothing to say."""
    sleepers = [subprocess.Popen([*cgroup.enter, "/bin/sleep", "60"]) for _ in range(2)]
    try:
        processes.wait_until(lambda: cgroup.read("pids.used") == "2", 2)
        for limit, says in {1: "; 3 of 1 pids used", 2: "; 3 of 2 pids used", 3: None}.items():
            cgroup.file("pids.limit").write_text(str(limit))
            result = run_probe("live", ":1/", through=cgroup.enter)
            assert says in before_the_hint(result) if says else "pids" not in result.first, str(result)
    finally:
        for sleeper in sleepers:
            sleeper.kill()
            sleeper.wait()


def test_stopped_process(container, verdict):
    """Goal: a worker that somebody has stopped is named."""
    box = container("serve_nobody('0.0.0.0', 8000)", "stopped()")
    result = verdict.unhealthy(*LATE, cause="timeout-answer", through=box.enter)
    assert re.search(r"; process \d+ \(python3\) is stopped", before_the_hint(result)), str(result)
    assert "; hint: who stopped that process?" in result.first


def test_no_descriptor_is_left(container, verdict):
    """Goal: the process that cannot accept because all of its descriptors are open is named."""
    box = container("listen('0.0.0.0', 8000)", "exhaust(64)")
    says = ["; process 1 (python3) has 64 of 64 descriptors open", "; hint: raise the container's nofile limit"]
    verdict.unhealthy(*LATE, cause="workers-busy", says=says, through=box.enter)
    box = container("serve_nobody('0.0.0.0', 8000)", "open_files(9)")
    result = verdict.unhealthy(*LATE, cause="timeout-answer", through=box.enter)
    assert "descriptors" not in result.first, str(result)


def test_another_queue_is_full(container, verdict, stage):
    """Goal: what is asked waits for a server behind it, whose queue is full; one with room is not named."""
    folder = stage.new_folder("run")
    full, idle = folder / "fpm.sock", folder / "idle.sock"
    calls = [f"listen_at('{full}', waiting=1, backlog=0)", f"listen_at('{idle}', waiting=1)"]
    box = container("serve_nobody('127.0.0.1', 8000)", *calls)
    result = verdict.unhealthy(*LATE, cause="timeout-answer", says=[f"; the queue of unix:{full} is full: 1 wait"],
                               through=box.enter)
    assert str(idle) not in result.first


def test_worker_killed_long_ago(cgroup, run_probe, peer):
    """Goal: a service that is slow is not told to be short of memory because a process once was."""
    cgroup.file("memory.limit").write_text(str(64 * 1024 * 1024))
    grow = ["/usr/bin/python3", "-c", "x = bytearray(256 * 1024 * 1024)"]
    subprocess.run([*cgroup.enter, *grow], timeout=20)
    result = run_probe("live", "-t", "400ms", peer("silent").url(), through=cgroup.enter)
    assert "(oom kills " in result.first and "memory limit" not in result.first, str(result)


# Nothing listens ----------------------------------------------------------------------------------------------------


def test_service_that_has_ended(container, verdict):
    """Goal: a process that has ended is no start that takes long."""
    box = container("zombie()")
    result = verdict.unhealthy("live", ":8000/", cause="refused", says=["nothing listens"], through=box.enter)
    assert START_PERIOD not in result.first, str(result)


def test_port_at_another_address(container, verdict):
    """Goal: what listens has started: nothing of a start beside it."""
    setup = "ip link add eth0 type veth peer name peer0 && ip addr add 10.9.0.2/24 dev eth0 && ip link set eth0 up"
    box = container("listen('10.9.0.2', 8000)", setup=setup)
    says = ["port 8000 is bound to another address"]
    result = verdict.unhealthy("live", ":8000/", cause="refused", says=says, through=box.enter)
    assert START_PERIOD not in result.first and "; up " in result.first, str(result)


@pytest.mark.parametrize("target, port", [
    ("postgres://a:b@localhost/x", 5432), ("postgres://a:b@127.0.0.1/x", 5432), ("redis://localhost", 6379),
    ("http://localhost/", 80), ("/", 8000), ("jdbc:postgresql://localhost/x?user=a", 5432), ("valkey://127.0.0.1", 6379),
])
def test_port_that_nobody_wrote(container, verdict, target, port):
    """Goal: every sentence names the port that was asked, a default too."""
    box = container("listen('127.0.0.1', 7000)")
    words = ["ready", target] if "://" in target else ["live", target]
    result = verdict.unhealthy(*words, cause="refused", says=[f"nothing listens on {port};"], through=box.enter)
    assert "listens on 0" not in result.out and ":0" not in result.out


@pytest.mark.parametrize("env, port", [
    ({"DB_HOST": "localhost", "DB_USER": "u"}, 5432),
    ({"DB_HOST": "localhost", "DB_USER": "u", "DB_PORT": "5444"}, 5444),
    ({"PGHOST": "127.0.0.1", "PGUSER": "u"}, 5432),
    ({"PGHOST": "127.0.0.1", "PGUSER": "u", "PGPORT": "5445"}, 5445),
    ({"POSTGRES_USER": "u", "POSTGRES_PASSWORD": "pass-word-x"}, 5432),
])
def test_port_of_variables(container, verdict, env, port):
    """Goal: the same where variables name the server."""
    box = container("listen('127.0.0.1', 7000)")
    says = [f"nothing listens on {port};"]
    verdict.unhealthy("ready", "--no-http", "--db", cause="refused", says=says, through=box.enter, env=env)


@pytest.mark.parametrize("wrapper", [[], ["/bin/sh", "-c", '"$@"; true', "sh"]])
def test_entrypoint_that_still_waits(container, verdict, probe_binary, wrapper):
    """Goal: process 1, or the child of a shell, is a probe that waits for a database: its log says for what."""
    waiting = [probe_binary, "ready", "--wait", "60s", "-i", "10s", "--no-http", "redis://127.0.0.1:1/0"]
    box = container(command=[*wrapper, *waiting], setup="echo ready")
    processes.wait_until(lambda: "attempt 1" in box.log(), 5)
    result = verdict.unhealthy("live", ":8000/", cause="refused", through=box.enter)
    assert re.search(r"; process \d+ \(probe\) still waits: its log says for what", before_the_hint(result)), str(result)
    assert "; hint: the probe that waits execs the service" in result.first
    assert ("process 1 (probe)" in result.first) == (not wrapper)
    assert START_PERIOD not in result.first, str(result)


def test_socket_that_is_bound_instead(container, verdict, stage):
    """Goal: the service listens at a unix socket, and TCP is asked."""
    folder = stage.new_folder("run")
    box = container(f"listen_at('{folder}/app.sock')", f"listen_at('{folder}/gone.sock', gone=True)")
    says = [f"listening: unix:{folder}/app.sock"]
    result = verdict.unhealthy("live", ":8000/", cause="refused", says=says, through=box.enter)
    assert "gone.sock" not in result.first
    target = f"http://unix:{folder}/other.sock:/"
    verdict.unhealthy("live", target, cause="socket-missing", says=says, through=box.enter)


def test_name_server_of_docker(container, run_probe, verdict):
    """Goal: what listens on 127.0.0.11 is Docker's, not the service's."""
    box = container("listen('127.0.0.11', 40123)")
    says = ["nothing listens on any port"]
    verdict.unhealthy("live", ":8000/", cause="refused", says=says, through=box.enter)
    assert "127.0.0.11" not in run_probe("doctor", ":1/", limit=None, through=box.enter).out


# doctor -------------------------------------------------------------------------------------------------------------


def test_listeners_process_under_an_init(container, run_probe, validate):
    """Goal: process 1 is a wrapper: the process that listens stands beside it."""
    box = container('serve_in_child("127.0.0.1", 8000, 0)', 'listen("127.0.0.1", 7000)')
    report = run_probe("doctor", "-o", "json", ":8000/", limit=None, through=box.enter).json()
    validate(report)
    service = report["machine"]["service"]
    assert list(report["machine"])[1:3] == ["process", "service"]
    assert (service["pid"], service["listens_on"], service["name"]) == (1, 8000, "python3") or service["pid"] > 1
    assert "service" in run_probe("doctor", ":8000/", limit=None, through=box.enter).lines


def test_process_1_that_listens_itself(container, run_probe):
    """Goal: no second section where process 1 is the service."""
    box = container('serve("127.0.0.1", 8000)')
    assert "service" not in run_probe("doctor", ":8000/", limit=None, through=box.enter).lines
