"""A check runs once a minute for months: nothing of it may stay."""
import time

import processes
from test_healthcheck import LIVE

BY_ENGINE = 100
IN_ALL = 1000
SLACK = 256 * 1024  # bytes by which a container's memory may differ, whatever runs in it


def wait_checks(container, count, seconds):
    """Returns when the engine has made so many checks; its log keeps five."""
    seen = set()

    def all_seen():
        seen.update(entry["Start"] for entry in container.health()["Log"])
        return len(seen) >= count

    assert processes.wait_until(all_seen, seconds, 0.05), len(seen)


def state(container):
    """(processes, open files of the service, memory)"""
    files = processes.Path(f"/proc/{container.pid}/fd")
    return len(container.top()), len(list(files.iterdir())), least_memory(container)


def least_memory(container):
    """The memory of the service alone: less than while a check of the engine's runs, which is the case half of the time."""
    samples = []
    for _ in range(100):
        samples.append(container.memory()[0])
        time.sleep(0.01)
    return min(samples)


def test_nothing_is_left_after_a_thousand_checks(start, scratch):
    """Goal: a hundred by the engine and as many as make a thousand: no process, no zombie, no file, no memory more."""
    container = start(scratch("--interval=1ms", "--timeout=4s", command=LIVE))
    container.wait_health("healthy")
    before = state(container)
    wait_checks(container, BY_ENGINE, 60)
    count = IN_ALL - BY_ENGINE
    assert container.enter(*LIVE, times=count).stdout.count("healthy in ") == count
    assert container.health()["FailingStreak"] == 0
    # Checks of the engine's go on: between two of them the service is alone.
    assert processes.wait_until(lambda: len(container.top()) == 1, 5), container.top()
    after = state(container)
    assert after[1] <= before[1] + 1, "open files"
    assert after[2] <= before[2] + SLACK, "memory"


def test_nothing_is_left_when_the_engine_kills(start, scratch):
    """Goal: incident 25, thirty checks killed in the middle, with all their threads, and no zombie."""
    command = ["/probe", "live", "-t", "3s", "/a", "/b", "tcp://localhost:8000"]
    container = start(scratch("--interval=1ms", "--timeout=100ms", command=command))
    container.signal("HUP")
    entry = container.wait_log(lambda entry: entry["ExitCode"] == -1)
    assert "exceeded timeout" in entry["Output"]
    assert processes.wait_until(lambda: container.health()["FailingStreak"] >= 30, 40, 0.2)
    assert [line for line in container.top() if line.startswith("Z")] == []
    # What a busy engine gives up without killing it ends at its own deadline.
    checks = container.pids() - {container.pid}
    assert processes.wait_until(lambda: not checks & container.pids(), 10), container.top()
