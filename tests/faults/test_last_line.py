"""The last line always says why: whatever never returns, it names each check, its phase and its cause.

What hangs is preloaded (hang.c), so that neither the check nor the program can say so itself: the watchdog does.
"""
import pytest

import cgroups
import memory
import namespaces
from addresses import free_port
from machine import odd
from peers import CHUNKED, repeat, request, send
from runner import binary_path, is_asan

SECTION = "last line"
HANG = memory.PLAIN / "hang.so"
THROUGH = ["/usr/bin/env"]

PRELOADED = pytest.mark.skipif(is_asan(binary_path()) or not HANG.exists(), reason="needs the plain build")


def hanging(at=0):
    """How the plain build is run with the poll of that number, and all later ones, lasting for ever."""
    return {"env": {"LD_PRELOAD": str(HANG), "PROBE_FAULT_HANG": str(at)}, "binary": memory.BINARY, "through": THROUGH}


# The poll that hangs, the target, its cause and words: each kind in each phase in which it waits.
KINDS = {
    "http": (0, "http://{silent}/", "timeout-answer", "http connected, no answer in 500 ms"),
    "http that drips": (3, "http://{drips}/", "timeout-receive", "http answer not complete in 500 ms"),
    "tcp": (0, "tcp://{full}", "timeout-connect", "tcp no connection in 500 ms"),
    "redis": (0, "redis://{silent}", "timeout-answer", "redis connected, no answer in 500 ms"),
    "postgres": (0, "postgres://app:{secret}@{silent}", "timeout-connect", "postgres no connection in 500 ms"),
    "postgres's login": (3, "postgres://app:{secret}@{silent}", "timeout-login", "postgres connected, but the login did not finish within 500 ms"),
    "file": (0, "file:///tmp", "timeout", "file the file system did not answer within 500 ms"),
    "name": (0, "http://name.example/", "timeout-resolve", "http name not resolved in 500 ms"),
}


@pytest.fixture
def places(peer, secret):
    """What stands between the braces of a target."""
    servers = {
        "silent": peer("silent"),
        "drips": peer(request(), send(CHUNKED), repeat(b"1\r\nx\r\n", every=0.05)),
        "full": peer(accept=False),
    }
    servers["full"].fill_queue()
    return {"secret": secret(), **{name: f"127.0.0.1:{server.port}" for name, server in servers.items()}}


@PRELOADED
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind(trial, places, kind):
    """Goal: one check alone."""
    at, target, cause, words = KINDS[kind]
    trial(SECTION, "ready", "--allow-remote", target.format(**places), cause=cause, says=[words], **hanging(at))


@PRELOADED
def test_all_kinds_side_by_side(trial, places):
    """Goal: several, in threads, whose main thread hangs too."""
    rows = [row for row in KINDS.values() if row[0] == 0]
    targets = [target.format(**places) for _, target, _, _ in rows]
    causes = [cause for _, _, cause, _ in rows]
    trial(SECTION, "ready", "--allow-remote", *targets, cause=causes, says=["no answer in 500 ms"], timeout=0.5, **hanging())


@PRELOADED
def test_those_that_answered_are_told_too(trial, places):
    """Goal: beside one that is late, what the others found."""
    targets = [f"http://127.0.0.1:{free_port()}/", f"redis://{places['silent']}"]
    says = ["http refused by 127.0.0.1", "redis connected, no answer in 500 ms"]
    trial(SECTION, "ready", *targets, cause=["refused", "timeout-answer"], says=says, timeout=0.5, **hanging())


@PRELOADED
@pytest.mark.parametrize("words", [["--wait", "400ms"], ["--wait", "400ms", "-i", "10ms"]], ids=str)
def test_wait(trial, places, words):
    """Goal: at the end of a wait, what the attempt was doing."""
    says = ["http connected, no answer in "]  # 400 ms or what is left of them
    trial(SECTION, "ready", *words, f"http://{places['silent']}/", cause="timeout-answer", says=says, timeout=0.6, **hanging())


@PRELOADED
def test_doctor(run_probe, validate, places):
    """Goal: what doctor could not finish names the checks; its JSON has no machine to show."""
    words = ["doctor", "-t", "500ms", f"http://{places['silent']}/"]
    result = run_probe(*words, **hanging())
    assert (result.status, "http connected, no answer in 500 ms" in result.first) == (1, True), str(result)
    report = run_probe(*words, "-o", "json", **hanging()).json()
    validate(report)
    assert (report["status"], report["cause"]) == ("unhealthy", "timeout-answer")
    assert "http connected, no answer in 500 ms" in report["message"]


@PRELOADED
def test_healthy_but_not_told_in_time(run_probe, validate, healthy_app, redis):
    """Goal: what nobody heard before the deadline is not healthy, and the line says that the checks were."""
    words = ["ready", "-t", "500ms", healthy_app.url("/api/v1/health/"), redis().url()]
    result = run_probe(*words, **hanging(at=1000))
    assert result.status == 1 and result.first.startswith("unhealthy: http 200 ("), str(result)
    assert ", but the report was not ready within 500 ms; hint: " in result.first, str(result)
    report = run_probe(*words, "-o", "json", **hanging(at=1000)).json()
    validate(report)
    assert (report["status"], report["cause"]) == ("unhealthy", "timeout")


@PRELOADED
def test_quiet(run_probe, places):
    """Goal: --quiet is quiet then too."""
    result = run_probe("ready", "-q", "-t", "500ms", f"http://{places['silent']}/", **hanging())
    assert (result.status, result.out) == (1, "")


@PRELOADED
@namespaces.NEEDS_ROOT
def test_doctor_that_found_its_targets(container, run_probe, validate):
    """Goal: what doctor has found by itself decides nothing: the cause is that no report was ready."""
    box = container('listen("0.0.0.0", 8000)')
    through = [*box.enter, *THROUGH, f"LD_PRELOAD={HANG}", "PROBE_FAULT_HANG=0"]
    report = run_probe("doctor", "-t", "500ms", "-o", "json", binary=memory.BINARY, through=through).json()
    validate(report)
    assert (report["status"], report["cause"]) == ("unhealthy", "timeout")
    assert "8000" in report["message"]


# A machine that gives hardly any turn -------------------------------------------------------------------------------


@pytest.fixture
def starved():
    """The command that runs the probe with 1 % of a processor."""
    try:
        group = cgroups.Cgroup()
    except OSError as error:
        pytest.skip(f"no cgroup of our own: {error}")
    group.limit_cpu(1)
    yield odd(f"join(*{[str(folder) for folder in set(group.folders.values())]})")
    group.limit_cpu(None)
    group.remove()


STARVED = {
    "one": ["redis://{silent}"],
    "several": ["redis://{silent}", "http://{silent}/", "postgres://app:{secret}@{silent}"],
}
PHASES = ("not started within", "name not resolved in", "no connection in", "connected, no ", "connected, but the login did not finish")


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("which", STARVED)
def test_hardly_a_turn(run_probe, validate, places, starved, which, form):
    """Goal: each check and a phase, whoever comes to write it; how late that is, is not ours."""
    targets = [target.format(**places) for target in STARVED[which]]
    result = run_probe("ready", "-t", "500ms", "-o", form, *targets, through=starved, timeout=60.0)
    assert result.status == 1, str(result)
    if form == "text":
        found = result.first.split(": ", 1)[1]
        assert all(f"{target.split(':')[0]} " in found for target in targets), str(result)
        assert found.count(" 500 ms") == len(targets), str(result)
        return
    report = result.json()
    validate(report)
    assert [check["type"] for check in report["checks"]] == [target.split(":")[0] for target in targets]
    for check in report["checks"]:
        assert check["cause"].startswith("timeout") and check["message"].startswith(PHASES), check


@PRELOADED
@namespaces.NEEDS_ROOT
@pytest.mark.parametrize("form", ["text", "json"])
def test_log(container, run_probe, form):
    """Goal: with --log it is in the container's log too, as text."""
    box = container('serve_nobody("127.0.0.1", 8000)')
    through = [*box.enter, *THROUGH, f"LD_PRELOAD={HANG}", "PROBE_FAULT_HANG=0"]
    words = ["live", "--log", "-t", "500ms", "-o", form, ":8000/"]
    result = run_probe(*words, binary=memory.BINARY, through=through)
    assert result.status == 1
    (line,) = [line for line in box.log_file.read_text().splitlines() if line != "ready"]
    assert line.startswith("probe: unhealthy in ") and "connected, no answer in 500 ms" in line
    assert form == "json" or line == "probe: " + result.first
