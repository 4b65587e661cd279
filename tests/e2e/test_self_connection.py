"""A socket that is given the very port it connects to is connected to itself: nothing listens there."""
import pytest

from namespaces import NEEDS_NAMESPACES, with_one_port

pytestmark = NEEDS_NAMESPACES
PORT = 40000


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost"])
@pytest.mark.parametrize("scheme", ["tcp", "http", "redis", "postgres"])
def test_nothing_listens(verdict, secret, scheme, host):
    """Goal: refused, not healthy and not a protocol error, when the kernel gives the client the target's own port."""
    login = f"app:{secret()}@" if scheme == "postgres" else ""
    says = [f"{scheme} refused by ", "nothing listens on any port"]
    target = f"{scheme}://{login}{host}:{PORT}"
    verdict.unhealthy("ready", "--no-http", target, cause="refused", says=says, through=with_one_port(PORT))
