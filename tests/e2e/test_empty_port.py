"""A colon with no port behind it means the scheme's own port, as curl, psql and redis-py read it."""
import pytest

from namespaces import NEEDS_NAMESPACES, NEEDS_ROOT, without_ipv6


@NEEDS_ROOT
@pytest.mark.parametrize("url", ["http://localhost:/x", "http://127.0.0.1:/x", "http://localhost:"])
def test_http(container, verdict, url):
    """Goal: port 80 is asked, and the Host is sent without a port."""
    service = container('serve("127.0.0.1", 80)')
    host = url.split("/")[2].rstrip(":")
    result = verdict.healthy("live", "-vv", url, env={"PORT": "9"}, through=service.enter)
    assert f"> Host: {host}\n" in result.out


@NEEDS_NAMESPACES
@pytest.mark.parametrize(
    "url, port",
    [("http://localhost:/", 80), ("redis://localhost:/0", 6379), ("redis://localhost:", 6379), ("postgres://a:b@127.0.0.1:/d", 5432)],
)  # fmt: skip
def test_nothing_listens(verdict, url, port):
    """Goal: the port that was asked is named."""
    verdict.unhealthy("ready", "--no-http", url, cause="refused", says=[f":{port}"], through=without_ipv6())


def test_port_that_must_be_written(verdict):
    """Goal: tcp has no port of its own, and the short form is nothing but its port."""
    verdict.misconfigured("live", "tcp://localhost:", says=["is not tcp://HOST:PORT"])
    verdict.misconfigured("live", ":/x", says=["has a port that is not a number"])
