"""Time: a clock that is set while it is looked at, a process that is stopped, or hardly gets a turn."""
import json
import signal
import time

import pytest

import cgroups
import memory
import namespaces
import table
from addresses import free_port
from machine import ROOM, odd
from namespaces import NEEDS_NAMESPACES
from peers import CHUNKED, hold, repeat, request, send
from runner import binary_path, is_asan
from table import HEALTHY

RELEASE_ONLY = pytest.mark.skipif(is_asan(binary_path()), reason="AddressSanitizer takes more time than is left here")
SECTION = "time"
STEPS = memory.PLAIN / "clock_steps.so"
YEARS = 100_000_000
SCRIPTS = {
    "silent": ("timeout-answer", (hold(),)),
    "drips": ("timeout-receive", (request(), send(CHUNKED), repeat(b"1\r\nx\r\n", every=0.05))),
}


# Stopped ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def stopped(run_probe, record_property, request):
    """Stops a run for longer than it may take, lets it go on, and gives what it says: stopped("live", url)"""

    def run(*arguments, after_its_first_line=False):
        late = []
        record_property(table.PROPERTY, [SECTION, request.node.name.removeprefix("test_"), late])
        process = run_probe.start(arguments)
        if after_its_first_line:
            process.stdout.readline()
        else:
            time.sleep(0.15)
        process.send_signal(signal.SIGSTOP)
        time.sleep(1)
        process.send_signal(signal.SIGCONT)
        start = time.monotonic()
        out, err = process.communicate(timeout=5)
        late.append(time.monotonic() - start)
        assert (process.returncode, err, late[0] < ROOM) == (1, b"", True), out
        return out.decode()

    return run


@pytest.mark.parametrize("scheme", ["http", "redis", "postgres"])
def test_stopped_past_the_deadline(stopped, peer, secret, scheme):
    """Goal: SIGSTOP past the deadline, then SIGCONT: over at once, and the phase is told."""
    login = f"app:{secret()}@" if scheme == "postgres" else ""
    out = stopped("ready", "-t", "500ms", f"{scheme}://{login}127.0.0.1:{peer('silent').port}")
    phase = "but the login did not finish within 500 ms" if scheme == "postgres" else "no answer in 500 ms"
    assert out.startswith("unhealthy in ") and f"{scheme} connected, {phase}" in out, out


def test_stopped_past_the_deadline_side_by_side(stopped, peer):
    """Goal: the same with several."""
    port = peer("silent").port
    out = stopped("ready", "-t", "500ms", f"http://127.0.0.1:{port}/", f"redis://127.0.0.1:{port}")
    assert "http connected, no answer in 500 ms" in out and "redis connected, no answer in 500 ms" in out, out


def test_stopped_past_the_deadline_in_json(stopped, peer, validate):
    """Goal: JSON is JSON then too."""
    out = stopped("live", "-t", "500ms", "-o", "json", peer("silent").url())
    report = json.loads(out)
    validate(report)
    assert report["checks"][0]["cause"] == "timeout-answer"


def test_stopped_past_the_end_of_a_wait(stopped):
    """Goal: a wait that was stopped is over when it goes on, with what it last saw."""
    out = stopped("live", "--wait", "700ms", "-i", "100ms", f":{free_port()}/", after_its_first_line=True)
    assert out.startswith(("waiting for", "unhealthy ")) and "refused by 127.0.0.1" in out, out


# The clock ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def stepping():
    """How the plain build is run while its clock of the day is set again and again: what is really tested."""
    if is_asan(binary_path()) or not STEPS.exists():
        pytest.skip("needs the plain build: cmake --build --preset plain")

    def options(seconds):
        return {"env": {"LD_PRELOAD": str(STEPS), "PROBE_FAULT_STEP": str(seconds)}, "binary": memory.BINARY}

    return options


@pytest.mark.parametrize("seconds", [YEARS, -YEARS, 3600, -3600])
@pytest.mark.parametrize("script", SCRIPTS)
def test_clock_that_is_set(trial, peer, stepping, seconds, script):
    """Goal: the deadline is measured with a clock that nobody sets."""
    cause, steps = SCRIPTS[script]
    url = peer(*steps).url()
    trial(SECTION, "live", url, cause=cause, says=["in 500 ms"], through=["/usr/bin/env"], **stepping(seconds))


@pytest.mark.parametrize("seconds", [YEARS, -YEARS])
def test_clock_that_is_set_while_several_are_asked(trial, peer, redis, stepping, seconds):
    """Goal: the threads' clock is that one too."""
    targets = [peer("silent").url(), redis().url()]
    says = ["http connected, no answer in 500 ms", "redis ok"]
    options = stepping(seconds)
    trial(SECTION, "ready", *targets, cause="timeout-answer", says=says, through=["/usr/bin/env"], **options)


@NEEDS_NAMESPACES
@pytest.mark.parametrize("row", ["healthy", "refused", "silent"])
def test_clocks_far_away(trial, healthy_app, peer, row):
    """Goal: a monotonic clock that began three years ago (a time namespace)."""
    through = [namespaces.UNSHARE, "--time", "--fork", f"--monotonic={YEARS}", f"--boottime={YEARS}"]
    target, cause, says = {
        "healthy": (healthy_app.url("/api/v1/health/"), HEALTHY, ["http 200"]),
        "refused": (f"http://127.0.0.1:{free_port()}/", "refused", ["refused by 127.0.0.1"]),
        "silent": (peer("silent").url(), "timeout-answer", ["no answer in 500 ms"]),
    }[row]
    trial(SECTION, "live", target, cause=cause, says=says, through=through)


# Few turns ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def cgroup():
    """One of a test's own that may use 1 % of a processor."""
    try:
        group = cgroups.Cgroup()
    except OSError as error:
        pytest.skip(f"no cgroup of our own: {error}")
    group.limit_cpu(1)
    yield group
    group.limit_cpu(None)
    group.remove()


def in_cgroup(cgroup):
    return odd(f"join(*{[str(folder) for folder in set(cgroup.folders.values())]})")


@RELEASE_ONLY
def test_one_percent_of_a_processor(trial, healthy_app, cgroup):
    """Goal: 1 ms of each 100: what is healthy is healthy."""
    url, through = healthy_app.url("/api/v1/health/"), in_cgroup(cgroup)
    trial(SECTION, "live", url, cause=HEALTHY, says=["http 200"], timeout=3.0, through=through)


@RELEASE_ONLY
def test_one_percent_of_a_processor_and_no_answer(run_probe, peer, cgroup):
    """Goal: the words are those of the deadline. How late they come is not ours: 20 ms of work take 2 s there."""
    result = run_probe("live", "-t", "2s", peer("silent").url(), through=in_cgroup(cgroup))
    assert (result.status, "no answer in 2 s" in result.first) == (1, True), str(result)
    assert result.seconds < 5, str(result)


@RELEASE_ONLY
@pytest.mark.parametrize("policy", [["/usr/bin/nice", "-n", "19"], ["/usr/bin/chrt", "--batch", "0"]], ids=["nice", "batch"])
def test_last_in_the_queue(trial, peer, policy):
    """Goal: who gets its turn last still ends in time."""
    trial(SECTION, "live", peer("silent").url(), cause="timeout-answer", says=["in 1 s"], timeout=1.0, through=policy)
