"""Probe inherits every limit of its container. None of the usual ones may keep it from its verdict."""
import contextlib

import pytest

from test_healthcheck import LIVE, OFTEN

MIB = 1024 * 1024
SEVERAL = ["/probe", "live", "/health", "tcp://localhost:8000", "http://127.0.0.1:8000/"]
HARDENED = [
    "--read-only",
    *("--cap-drop", "ALL"),
    *("--user", "65534"),
    *("--security-opt", "no-new-privileges"),
]


def expect_verdicts(container):
    """Both verdicts, from the HEALTHCHECK and from docker exec, one target and several side by side."""
    container.wait_health("healthy")
    for command in (LIVE, SEVERAL):
        done = container.exec(*command)
        assert done.stdout.startswith("healthy in "), done
    container.signal("USR1")
    # The engine's own start of a check may fail where few processes are allowed, and then says so in the log.
    container.wait_log(lambda entry: entry["ExitCode"] == 1 and "http 503" in entry["Output"])
    container.wait_health("unhealthy")


@pytest.mark.parametrize("option", [[], ["--read-only"], ["--user", "65534"], HARDENED], ids=" ".join)
def test_hardened(start, scratch, option):
    """Goal: no right and no writable file are needed."""
    expect_verdicts(start(scratch(*OFTEN, command=LIVE), options=option))


@pytest.mark.parametrize("limit", ["1", "2"])
def test_few_processes(start, scratch, limit):
    """Goal: where no thread can be had, the checks run one after the other."""
    container = start(scratch(*OFTEN, command=LIVE), options=[*HARDENED, "--pids-limit", limit])
    assert container.cgroup("pids", "pids.max") == limit
    expect_verdicts(container)


def test_little_memory(start, scratch):
    """Goal: a container of eight megabytes is room enough for the engine and probe."""
    container = start(scratch(*OFTEN, command=LIVE), options=[*HARDENED, "--memory", "8m"])
    assert container.memory()[1] == 8 * MIB
    expect_verdicts(container)


def start_full(start, image):
    """A container in whose memory the engine's own process was killed, once or more. Until that process has set its score,
    the kernel may take the service in its place, which then needs another container."""
    for _ in range(3):
        container = start(image, str(7 * MIB), options=[*HARDENED, "--memory", "8m"])
        with contextlib.suppress(AssertionError):
            container.wait_log(lambda entry: entry["ExitCode"] == 137 and entry["Output"] == "", seconds=15)
            return container
        assert not container.inspect()["State"]["Running"], "the engine was not killed, and the service was not either"
    raise AssertionError("the service was killed three times")


def test_full_memory(start, scratch):
    """Goal: where but one megabyte is left, probe still runs. The engine, which needs more to begin with, is killed
    there, and says so with 137 before probe has begun: the service is not."""
    container = start_full(start, scratch("--interval=3s", command=LIVE))  # the next check is not amid what follows
    used, allowed = container.memory()
    assert allowed - used < 1.1 * MIB
    assert container.enter(*SEVERAL).stdout.startswith("healthy in ")
    assert container.inspect()["State"]["Running"]


def test_silence_under_limits(start, scratch):
    """Goal: the deadline holds with one process and several targets that say nothing."""
    container = start(scratch(), options=[*HARDENED, "--pids-limit", "1"])
    container.signal("HUP")
    done = container.exec("/probe", "live", "-t", "800ms", "/a", "/b")
    assert done.returncode == 1
    assert "no answer" in done.stdout.splitlines()[0]
