"""What the container shows is told only where it has to do with the failure."""
import pytest

import namespaces

ELSEWHERE = "10.9.9.9"

pytestmark = pytest.mark.skipif(not namespaces.may_unshare(), reason="no namespaces: not root, or the kernel forbids it")


def test_descriptors_that_are_left(container, verdict):
    """Goal: a process with room for more is not said to lack descriptors."""
    box = container('listen("127.0.0.1", 9000)')
    result = verdict.unhealthy("live", "http://127.0.0.1:8000/", cause="refused", through=box.enter)
    assert "descriptors" not in result.out and "nofile" not in result.out, str(result)


def test_queue_of_this_machine(container, verdict):
    """Goal: who waits here on the same port does not explain why another host is silent."""
    box = container('listen("0.0.0.0", 8000, waiting=3)', setup=f"ip route add {ELSEWHERE}/32 dev lo")
    words = ["live", "--allow-remote", "-t", "500ms", f"http://{ELSEWHERE}:8000/"]
    result = verdict.unhealthy(*words, cause="timeout-connect", says=["no connection in 500 ms"], through=box.enter)
    assert "accepted on" not in result.first, str(result)
