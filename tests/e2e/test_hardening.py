"""What SECURITY.md promises of the program file."""
import re
import subprocess

import pytest

from runner import binary_path, is_asan

pytestmark = pytest.mark.skipif(is_asan(binary_path()), reason="the promises are the release's")

# How an architecture (readelf's name) reads the canary, where that is an instruction of its own.
CANARY_LOADS = {
    "Advanced Micro Devices X86-64": rb"\x64\x48\x8b.\x25\x28\0\0\0",  # mov %fs:0x28, REGISTER
    "Intel 80386": rb"\x65(?:\xa1|\x8b.)\x14\0\0\0",  # mov %gs:0x14, REGISTER
}


def readelf(*arguments):
    return subprocess.run(["readelf", "-W", *arguments], capture_output=True, text=True, check=True).stdout


def segments():
    """(type, flags) of each program header, as in ("LOAD", "R E")."""
    return re.findall(r"^ +(\w+) +0x\w+ 0x\w+ 0x\w+ 0x\w+ 0x\w+ ([R ][W ][E ])", readelf("-l", binary_path()), re.MULTILINE)


def test_nothing_is_writable_and_executable():
    """Goal: no memory can be written and run, the stack among it."""
    found = segments()
    assert {kind for kind, _ in found} >= {"LOAD", "GNU_STACK"}
    assert [entry for entry in found if "W" in entry[1] and "E" in entry[1]] == []


def test_needs_no_other_file():
    """Goal: neither a loader nor a library can be put under it."""
    assert not {kind for kind, _ in segments()} & {"INTERP", "DYNAMIC"}


def test_stack_protector():
    """Goal: what reads others' words is compiled with the stack protector, on every architecture."""
    objects = sorted(binary_path().parent.glob("CMakeFiles/probe_core.dir/probe/*/*.o"))
    if not objects:
        pytest.skip(f"the objects of {binary_path()} are not beside it")
    assert readelf("-s", *objects).count(" UND __stack_chk_fail") >= 40


def test_stack_protector_is_linked():
    """Goal: the program has what its objects had: functions check their stack's canary before they return."""
    machine = re.search(r"Machine: +(.*)", readelf("-h", binary_path()))[1]
    if machine not in CANARY_LOADS:
        pytest.skip(f"no instruction that reads the canary is known of {machine}")
    assert len(re.findall(CANARY_LOADS[machine], binary_path().read_bytes(), re.DOTALL)) >= 40
