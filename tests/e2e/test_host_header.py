"""The Host that the line names is the one that was sent."""
import pytest

from namespaces import NEEDS_NAMESPACES

BAD_REQUEST = "HTTP/1.1 400 Bad Request\\r\\nContent-Length: 0\\r\\n\\r\\n"


@NEEDS_NAMESPACES
@pytest.mark.parametrize("port, host", [(80, "localhost"), (8000, "localhost:8000")])
def test_host_as_sent(container, verdict, port, host):
    """Goal: without the port where it is HTTP's own."""
    box = container(f"reply('127.0.0.1', {port}, b'{BAD_REQUEST}')")
    says = [f"400 Bad Request to Host '{host}'"]
    result = verdict.unhealthy("live", "-vv", f"http://localhost:{port}/", cause="http-bad-request", says=says, through=box.enter)
    assert f"> Host: {host}\n" in result.out, str(result)
