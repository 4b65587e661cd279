"""Probe as the HEALTHCHECK of a container from scratch, as the engine sees it."""
import re

import pytest

import processes
from runner import binary_path

LIVE = ["/probe", "live", "/health"]
OFTEN = ("--interval=300ms", "--timeout=4s", "--retries=2")


def without_times(text):
    return re.sub(r"<?\d+ ms", "N ms", text)


def last(container):
    return container.health()["Log"][-1]


def test_healthy_broken_healthy(start, scratch):
    """Goal: the engine's state follows the service's, and the log says why."""
    container = start(scratch(*OFTEN, command=LIVE))
    assert container.wait_health("healthy")["Log"][-1]["ExitCode"] == 0
    container.signal("USR1")
    broken = container.wait_health("unhealthy")["Log"][-1]
    assert broken["ExitCode"] == 1
    assert broken["Output"].startswith("unhealthy in ")
    assert "503" in broken["Output"].splitlines()[0]
    container.signal("USR2")
    assert container.wait_health("healthy")["Log"][-1]["Output"].startswith("healthy in ")


@pytest.mark.parametrize("broken", [False, True])
def test_log_holds_all_that_probe_says(start, scratch, broken):
    """Goal: what the log of the engine shows is what a person gets by docker exec, whole."""
    container = start(scratch(*OFTEN, command=LIVE))
    container.signal("USR1" if broken else "USR2")
    container.wait_health("unhealthy" if broken else "healthy")
    said = container.exec(*LIVE).stdout
    assert without_times(last(container)["Output"]) == without_times(said)
    assert said.endswith("\n")


def test_our_timeout_ends_before_the_engine_s(start, scratch):
    """Goal: a service that says nothing: the log holds the cause, because probe is over before it is killed."""
    container = start(scratch("--interval=200ms", "--timeout=3s", command=["/probe", "live", "-t", "1s"]))
    container.signal("HUP")
    entry = container.wait_log(lambda entry: entry["ExitCode"] != 0)
    assert entry["ExitCode"] == 1
    assert entry["Output"].startswith("unhealthy in ")
    assert "connected, no answer in 1 s" in entry["Output"].splitlines()[0]


def test_engine_kills_what_is_too_slow(start, scratch):
    """Goal: with the limits the wrong way round the cause is lost; still nothing of ours is left running."""
    container = start(scratch("--interval=200ms", "--timeout=1s", command=["/probe", "live", "-t", "20s"]))
    container.signal("HUP")
    entry = container.wait_log(lambda entry: entry["ExitCode"] != 0)
    assert entry["ExitCode"] == -1
    assert "exceeded timeout (1s)" in entry["Output"]
    container.signal("USR2")
    container.wait_log(lambda entry: entry["ExitCode"] == 0)
    # The next checks take milliseconds: between two of them nothing of ours is there.
    assert processes.wait_until(lambda: len(container.top()) == 1, 5), container.top()


def test_image_is_small(engine, start, scratch):
    """Goal: a service, its check and nothing else: little more than the check's own size."""
    image = scratch(*OFTEN, command=LIVE)
    assert int(engine.docker("image", "inspect", "--format", "{{.Size}}", image).stdout) <= binary_path().stat().st_size + 24 * 1024
    start(image).wait_health("healthy")
