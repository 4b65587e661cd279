"""Which of several hints stands in the first line: what the service needs is more likely the reason than the service."""
import pytest

from addresses import free_port
from peers import request, response, send

SERVICE = "its answer or its log says what failed"
REFUSED = "has the service started, and does it listen there?"


@pytest.fixture
def broken(peer):
    """A service that answers 500."""
    return f":{peer(request(), send(response(b'oops', status=b'500 Internal Server Error'))).port}/"


def hints(result):
    """The hint of the first line, and those below it."""
    below = [line.removeprefix("  hint      ") for line in result.lines if line.startswith("  hint      ")]
    return result.first.partition("; hint: ")[2], below


@pytest.mark.parametrize("scheme", ["redis://localhost:{}", "postgres://app@localhost:{}/app", "mysql://localhost:{}"])
def test_what_the_service_needs_leads(verdict, broken, scheme):
    """Goal: a page that fails with its database: the first line says what to do about the database."""
    result = verdict.unhealthy("ready", broken, scheme.format(free_port()), cause=["http-server-error", "refused"])
    assert hints(result) == (REFUSED, [SERVICE])
    assert result.first.index("http 500") < result.first.index(" refused by")


def test_healthy_database_does_not_lead(verdict, broken, redis):
    """Goal: a hint is a failure's, wherever it stands."""
    result = verdict.unhealthy("ready", broken, redis().url(), cause="http-server-error")
    assert hints(result) == (SERVICE, [])


def test_first_of_two_databases_leads(verdict, broken, redis, secret):
    """Goal: among what the service needs, in the order that was asked for."""
    locked = redis(password=secret())
    targets = [f"postgres://app@localhost:{free_port()}/app", f"redis://localhost:{locked.port}"]
    result = verdict.unhealthy("ready", broken, *targets, cause=["http-server-error", "refused", "redis-noauth"])
    assert hints(result)[0] == REFUSED


def test_the_service_itself_leads_elsewhere(verdict, broken):
    """Goal: of kinds that live may ask, too, the first one leads."""
    result = verdict.unhealthy("live", broken, f"tcp://localhost:{free_port()}", cause=["http-server-error", "refused"])
    assert hints(result) == (SERVICE, [REFUSED])
