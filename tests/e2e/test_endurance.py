"""A thousand attempts: what a wait holds at the end is what it held at the tenth."""
import os
import re
import time
from pathlib import Path

import pytest

import namespaces
import processes
from runner import binary_path, is_asan

ATTEMPTS = 1000
MORE_KB = 64
RELEASE_ONLY = pytest.mark.skipif(is_asan(binary_path()), reason="AddressSanitizer keeps what is freed")
NEEDS_NAMESPACES = pytest.mark.skipif(
    not namespaces.may_unshare(), reason="no namespaces: not root, or the kernel forbids it"
)


def held(pid):
    """(kB of memory, threads, descriptors)"""
    status = Path(f"/proc/{pid}/status").read_text()
    number = {name: int(re.search(rf"^{name}:\s+(\d+)", status, re.M)[1]) for name in ("VmRSS", "Threads")}
    return number["VmRSS"], number["Threads"], len(os.listdir(f"/proc/{pid}/fd"))


def endure(run_probe, target, timeout_ms, through=(), seconds=14):
    """Runs so long that a thousand attempts fit, and compares the beginning with the end."""
    words = ["ready", "--wait", f"{seconds}s", "-i", "10ms", "-t", f"{timeout_ms}ms", "-o", "json", target]
    process = run_probe.start(words, through=through)
    try:
        processes.wait_until(lambda: os.readlink(f"/proc/{process.pid}/exe").endswith("/probe"), 2)
        time.sleep(0.4)
        early = held(process.pid)
        time.sleep(seconds - 1.4)
        late = held(process.pid)
        out = process.communicate(timeout=5)[0].decode()
    finally:
        processes.kill_all([process.pid] if process.poll() is None else [])
    attempts = int(re.search(r'"attempts":(\d+),"waited_ms"', out)[1])
    assert late[0] - early[0] <= MORE_KB, f"kB: {early} became {late} after {attempts} attempts"
    assert late[1] <= early[1] and late[2] <= early[2] + 1, f"{early} became {late} after {attempts} attempts"
    return attempts


@RELEASE_ONLY
@NEEDS_NAMESPACES
def test_refused(run_probe, stage):
    """Goal: nothing is kept of a refused attempt; a network of its own keeps what is looked up for each one short."""
    through = namespaces.silent_name_server(stage.new_folder("alone"))
    assert endure(run_probe, "redis://127.0.0.1:9", 100, through, seconds=20) >= ATTEMPTS


@RELEASE_ONLY
def test_silent(peer, run_probe):
    """Goal: nothing is kept of an attempt that nobody answers: no descriptor, no exchange."""
    assert endure(run_probe, peer("silent", accept=False).url(), 10, seconds=12) > 100


@RELEASE_ONLY
@NEEDS_NAMESPACES
def test_unresolvable(run_probe, stage):
    """Goal: a resolver that hangs holds one thread, not one for each attempt."""
    through = namespaces.silent_name_server(stage.new_folder("resolver"))
    assert endure(run_probe, "redis://nowhere.invalid", 10, through, seconds=12) > 100
