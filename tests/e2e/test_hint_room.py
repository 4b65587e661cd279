"""A hint stands whole in the first line, or below it: half a hint may be the opposite of it."""
import pytest

from peers import request, response, send


@pytest.mark.parametrize("count", range(1, 9))
def test_hint_is_never_cut(run_probe, peer, count):
    """Goal: however much room the checks take."""
    server = peer(request(), send(response(b"the disk of the database is full", status=b"503 Service Unavailable")))
    words = ["live", *[f":{server.port}/{number}" for number in range(count)]]
    hint = run_probe(words[0], "-o", "json", *words[1:]).json()["checks"][0]["hint"]
    result = run_probe(*words)
    assert result.first.endswith(f"; hint: {hint}") or f"  hint      {hint}" in result.lines, str(result)
    assert ("hint: " in result.first) == result.first.endswith(f"; hint: {hint}"), str(result)
