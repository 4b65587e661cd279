"""A clock that the kernel does not tell: old filters of system calls, where there is no vDSO either."""
import os
from pathlib import Path

import pytest

from machine import odd
from runner import binary_path, is_asan
from table import HEALTHY

pytestmark = pytest.mark.skipif(is_asan(binary_path()), reason="its libraries are not musl")
SECTION = "clock"
NO_VDSO = ["/usr/bin/python3", "-I", "-S", Path(__file__).resolve().parent / "no_vdso.py"]
EPERM, ENOSYS = 1, 38
UNREAD = "unhealthy: the clock cannot be read: allow the system call clock_gettime"


def through(error, *names):
    """Without a vDSO, and with these calls refused."""
    return [*odd(f"refuse({error}, *{names})"), *NO_VDSO]


@pytest.fixture
def heartbeat(stage):
    file = stage.new_folder("beat") / "heartbeat"
    file.touch()
    os.utime(file, (1, 1))
    return f"file://{file}?max-age=1h"


@pytest.mark.parametrize("error", [EPERM, ENOSYS])
def test_time64_refused(trial, healthy_app, peer, error):
    """Goal: a filter older than the clock of 64 bits: a 32-bit program has the one of 32, and the verdict is right."""
    refused = through(error, "clock_gettime64")
    trial(SECTION, "live", healthy_app.url("/api/v1/health/"), cause=HEALTHY, says=["http 200"], through=refused)
    trial(SECTION, "live", peer("silent").url(), cause="timeout-answer", says=["no answer in 500 ms"], through=refused)


@pytest.mark.parametrize("error", [EPERM, ENOSYS])
def test_statx_refused(trial, heartbeat, error):
    """Goal: the same for the age of a file, which a filter older than statx(2) does not hide."""
    trial(SECTION, "live", heartbeat, cause="file-stale", says=["max-age is 1 h"], through=through(error, "statx"))


def test_no_clock(run_probe, healthy_app):
    """Goal: without any clock there is no deadline, and no verdict is guessed."""
    refused = through(EPERM, "clock_gettime", "clock_gettime64")
    for words in (["live"], ["doctor"], ["live", "--wait", "3s"]):
        result = run_probe(*words, healthy_app.url("/api/v1/health/"), through=refused)
        assert (result.status, result.lines) == (1, [UNREAD]), str(result)
