"""`probe suggest` of a port that speaks HTTPS, by the flavour that can ask it."""
from namespaces import NEEDS_NAMESPACES
from suggesting import Suggestion
from test_suggest import nginx

pytestmark = NEEDS_NAMESPACES


def test_https_that_is_trusted(stage, run_probe, validate, container):
    """Goal: with the authority that PROBE_CACERT names, the path is suggested over TLS."""
    env = {"PROBE_CACERT": str(stage.certificate()[0])}
    box = container(*nginx(stage, tls=True))
    found = Suggestion(run_probe, validate, box.enter, env)
    assert (found.live, found.ready) == (["live", "https://localhost:8080/"], ["ready", "https://localhost:8080/"])
    assert "  port      :8080: https\n" in found.text.out
    found.ask()


def test_https_that_is_not_trusted(stage, run_probe, validate, container):
    """Goal: what no check could verify is not suggested; the first line says why."""
    box = container(*nginx(stage, tls=True))
    found = Suggestion(run_probe, validate, box.enter)
    assert found.live == ["live", "tcp://localhost:8080"]
    assert "proves only that connections are accepted: " in found.first
    assert "self-signed" in found.first
    found.ask()
