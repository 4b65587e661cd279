"""What holds for every run, whatever is asked and whatever answers: the contract, without a word of the messages.

run_probe itself asserts the clauses that need no test of their own: exit status 0 or 1, nothing on stderr, valid
UTF-8 without control characters, a first line of 500 bytes at most, no secret.
"""
import pytest

from addresses import free_port
from peers import repeat
from runner import is_asan

TIMEOUT = 0.5
# The design allows 100 ms; a machine with two cores and two tests at a time gets some more.
LATE = 0.25


@pytest.fixture(scope="session")
def latest(probe_binary):
    """Seconds after which a run with TIMEOUT must be over; AddressSanitizer takes its time to start and to end."""
    return TIMEOUT + LATE + (0.5 if is_asan(probe_binary) else 0)


def test_healthy_service_is_healthy(run_probe, healthy_app):
    """Goal: exit status 0 and the verdict first, for a service with nothing wrong."""
    result = run_probe("live", healthy_app.url("/api/v1/health/"))
    assert result.status == 0
    assert result.first.startswith("healthy")


def test_nothing_there_is_unhealthy(run_probe):
    """Goal: exit status 1 and the verdict first, when nothing listens."""
    result = run_probe("live", f":{free_port()}/")
    assert result.status == 1
    assert result.first.startswith("unhealthy")


@pytest.mark.parametrize("arguments", [["help"], ["--help"], ["--version"], ["help", "live"]])
def test_help_is_healthy(run_probe, arguments):
    """Goal: who asks for help gets it, on stdout, with exit status 0."""
    assert run_probe(*arguments).status == 0


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["live", "--nonsense"], ["live", "-t"], ["live", "ftp://x/"]])
def test_bad_usage_is_1(run_probe, arguments):
    """Goal: a mistake of the caller is exit status 1 and one line."""
    result = run_probe(*arguments)
    assert result.status == 1
    assert len(result.lines) == 1


def test_many_peers_side_by_side(run_probe, peer, latest):
    """Goal: one deadline for the whole run, not one for each target."""
    urls = [peer("silent").url() for _ in range(4)] + [peer(repeat(b"x", every=0.05)).url()]
    result = run_probe("live", "--timeout", f"{TIMEOUT}s", *urls)
    assert result.status == 1
    assert result.seconds < latest
