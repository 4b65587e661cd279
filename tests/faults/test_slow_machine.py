"""A machine whose /proc is slow: doctor has time of its own to look around, and is over all the same.

What makes it slow is preloaded (slow_folders.c).
"""
import pytest

import memory
from runner import binary_path, is_asan

SLOW = memory.PLAIN / "slow_folders.so"
THROUGH = ["/usr/bin/env"]

pytestmark = pytest.mark.skipif(is_asan(binary_path()) or not SLOW.exists(), reason="needs the plain build")


def slow(ms):
    return {"env": {"LD_PRELOAD": str(SLOW), "PROBE_FAULT_SLOW": str(ms)}, "binary": memory.BINARY, "through": THROUGH}


def test_doctor_looks_around_beyond_the_deadline(run_probe, peer):
    """Goal: a check that has used up its time takes none from what doctor shows."""
    result = run_probe("doctor", "-t", "1s", peer("silent").url(), limit=None, **slow(500))
    assert result.status == 1 and "\nlistening\n" in result.out and "no answer in 1 s" in result.out, str(result)


def test_doctor_ends(run_probe, peer):
    """Goal: as long again, and no longer: then its line says what was found."""
    result = run_probe("doctor", "-t", "500ms", peer("silent").url(), limit=None, **slow(20_000))
    assert result.status == 1 and "\nlistening\n" not in result.out, str(result)
    assert result.first.startswith("unhealthy in ") and "no answer in 500 ms" in result.first, str(result)
