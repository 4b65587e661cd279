"""What README's "Security" promises of the program file."""
import re
import subprocess

import pytest

from runner import binary_path, is_asan

pytestmark = pytest.mark.skipif(is_asan(binary_path()), reason="the promises are the release's")

CANARY_LOAD = re.compile(rb"\x64\x48\x8b.\x25\x28\0\0\0", re.DOTALL)  # mov %fs:0x28, REGISTER


def segments():
    """(type, flags) of each program header, as in ("LOAD", "R E")."""
    listing = subprocess.run(["readelf", "-lW", binary_path()], capture_output=True, text=True, check=True).stdout
    return re.findall(r"^ +(\w+) +0x\w+ 0x\w+ 0x\w+ 0x\w+ 0x\w+ ([R ][W ][E ])", listing, re.MULTILINE)


def test_nothing_is_writable_and_executable():
    """Goal: no memory can be written and run, the stack among it."""
    found = segments()
    assert {kind for kind, _ in found} >= {"LOAD", "GNU_STACK"}
    assert [entry for entry in found if "W" in entry[1] and "E" in entry[1]] == []


def test_needs_no_other_file():
    """Goal: neither a loader nor a library can be put under it."""
    assert not {kind for kind, _ in segments()} & {"INTERP", "DYNAMIC"}


def test_stack_protector():
    """Goal: functions that read what others wrote check their stack's canary before they return."""
    assert len(CANARY_LOAD.findall(binary_path().read_bytes())) >= 40
