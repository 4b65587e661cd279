"""Where the kernel may not be asked who listens, /proc tells how many wait, and not how many may."""
import pytest

from machine import odd
from namespaces import NEEDS_NAMESPACES
from runner import binary_path, is_asan


@NEEDS_NAMESPACES
@pytest.mark.skipif(is_asan(binary_path()), reason="AddressSanitizer needs what is taken away here")
def test_queue_of_unknown_length(container, verdict, stage):
    """Goal: a queue is not said to be full where nobody tells its length."""
    path = f"{stage.new_folder('run')}/redis.sock"
    through = [*container(f"listen_at({path!r}, waiting=3)").enter, *odd("refuse(1, 'netlink')")]
    words = ["ready", "--no-http", "-t", "500ms", f"unix://{path}"]
    result = verdict.unhealthy(*words, cause="timeout-answer", says=["connections wait to be accepted"], through=through, once=True)
    assert "queue is full" not in result.out, str(result)
