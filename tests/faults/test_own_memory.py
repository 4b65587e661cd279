"""The most memory that a run allows itself, whatever a peer has its libraries ask for."""
import re
from pathlib import Path

import pytest

import processes
from runner import binary_path, is_asan

MIB = 1024 * 1024

pytestmark = pytest.mark.skipif(is_asan(binary_path()), reason="AddressSanitizer sets no limit of memory")


@pytest.mark.parametrize("given, limit", [("", 32 * MIB), (f"--data={64 * MIB}", 32 * MIB), (f"--data={16 * MIB}", 16 * MIB)])
def test_limit_of_data(run_probe, peer, given, limit):
    """Goal: 32 MiB, or less where the container allows less: the service beside it keeps the rest."""
    server = peer("silent")
    through = ["/usr/bin/prlimit", given] if given else []
    process = run_probe.start(["live", "-t", "20s", server.url()], through=through)
    assert processes.wait_until(lambda: server.received and server.received[0], 5)
    limits = Path(f"/proc/{process.pid}/limits").read_text()
    process.terminate()
    process.communicate(timeout=5)
    assert int(re.search(r"^Max data size +(\d+) ", limits, re.MULTILINE)[1]) == limit
