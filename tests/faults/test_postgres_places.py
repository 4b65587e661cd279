"""Several places of one database: when the next is asked, as libpq does it, and whose failure is told."""
import pytest

from addresses import free_port
from peers import hold, read, send
from pg import ANSWER, error, logs_in


@pytest.fixture
def url(secret):
    """url(port, port): a target with these places."""
    return lambda *ports: f"postgres://app:{secret()}@{','.join(f'127.0.0.1:{port}' for port in ports)}/db"


def test_wrong_password_is_final(peer, verdict, url):
    """Goal: a login that is refused is the verdict; libpq would not ask the next place, and nor would the application."""
    first = peer(read(), send(error("no", "28P01")), hold())
    second = peer(*logs_in(send(ANSWER), hold()))
    verdict.unhealthy("ready", "--no-http", url(first.port, second.port), cause="pg-wrong-password")
    assert second.connections == 0


def test_failure_that_tells_most(peer, verdict, url):
    """Goal: that a server starts up tells more than that another place refuses."""
    first = peer(read(), send(error("starting up", "57P03")), hold())
    words = ["ready", "--no-http", url(first.port, free_port())]
    verdict.unhealthy(*words, cause="pg-not-accepting", says=["starting up"])
