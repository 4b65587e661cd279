"""A thousand attempts: what a wait holds at the end is what it held at the tenth."""
import os
import re
import time
from pathlib import Path

import pytest

import containers
import processes
from namespaces import NEEDS_NAMESPACES
from runner import binary_path, is_asan

ATTEMPTS = 1000
MORE_KB = 64
SECONDS = 50  # a machine at rest needs 20
REFUSED = "redis://127.0.0.1:9"

pytestmark = [
    pytest.mark.skipif(is_asan(binary_path()), reason="AddressSanitizer keeps what is freed"),
    NEEDS_NAMESPACES,
]


def held(pid):
    """(kB of memory, threads, descriptors): the least of some moments, so that an attempt's own do not count."""
    moments = []
    for _ in range(20):
        status = Path(f"/proc/{pid}/status").read_text()
        number = {name: int(re.search(rf"^{name}:\s+(\d+)", status, re.M)[1]) for name in ("VmRSS", "Threads")}
        moments.append((number["VmRSS"], number["Threads"], len(os.listdir(f"/proc/{pid}/fd"))))
        time.sleep(0.002)
    return tuple(min(column) for column in zip(*moments))


def connects(box):
    """How often somebody in a container began to connect."""
    names, numbers = (
        line.split() for line in Path(f"/proc/{box.init}/net/snmp").read_text().splitlines() if line.startswith("Tcp:")
    )
    return int(numbers[names.index("ActiveOpens")])


@pytest.fixture
def endure(run_probe):
    """Waits in a container, and compares the 10th attempt with the 1,000th.

    endure(box, target, ...): `each` of the targets are connected to at every attempt.
    """

    def run(box, *targets, each=1):
        through = [containers.NSENTER, f"--target={box.init}", "--mount", "--net"]
        before = connects(box)
        words = ["ready", "--no-http", "--wait", f"{SECONDS}s", "-i", "10ms", "-t", "10ms", *targets]
        process = run_probe.start(words, through=through)

        def attempts():
            return SECONDS * ATTEMPTS if process.poll() is not None else (connects(box) - before) // each

        try:
            assert processes.wait_until(lambda: attempts() >= 10, 5, 0.001)
            early = held(process.pid)
            assert processes.wait_until(lambda: attempts() >= ATTEMPTS, SECONDS, 0.1)
            late = held(process.pid)
            count = attempts()
        finally:
            process.terminate()
            out = process.communicate(timeout=5)[0].decode()
        told = f"(kB, threads, descriptors) {early} became {late} after {count} attempts\n{out}"
        assert out.endswith("unhealthy: ended by SIGTERM\n") and process.returncode == 1, told
        assert late[0] - early[0] <= MORE_KB and late[1:] == early[1:], told
        return out

    return run


def test_refused(container, endure):
    """Goal: nothing is kept of a refused attempt."""
    assert "refused" in endure(container(), REFUSED)


def test_silent(container, endure):
    """Goal: nothing is kept of an attempt that nobody answers: no descriptor, no exchange, no thread."""
    targets = ["http://127.0.0.1:8000", "redis://127.0.0.1:8000", "postgres://u:p@127.0.0.1:8000/d"]
    out = endure(container('serve_nobody("127.0.0.1", 8000)'), *targets, each=3)
    assert "connected, no answer in 10 ms" in out and "connected, but the login did not finish within 10 ms" in out


def name_server_of(stage, container, *arguments):
    file = stage.new_folder("etc") / "resolv.conf"
    file.write_text("nameserver 127.0.0.1\n")
    return container(f"name_server{arguments!r}", setup=containers.bind(file, "/etc/resolv.conf"))


def test_unknown_name(container, endure, stage):
    """Goal: nothing is kept of a name that does not exist, nor of the thread that asked for it."""
    assert "'nowhere.invalid' not found" in endure(
        name_server_of(stage, container, "NXDOMAIN"), "redis://nowhere.invalid", REFUSED
    )


def test_name_server_that_hangs(container, endure, stage):
    """Goal: a resolver that hangs holds one thread, not one for each attempt."""
    assert "name not resolved in 10 ms" in endure(
        name_server_of(stage, container), "redis://nowhere.invalid", REFUSED
    )
