"""A report that is too long is cut, and is lines all the same."""
from peers import request, response, send


def test_last_line_has_its_end(run_probe, peer):
    """Goal: 4096 bytes, of which the last ends the line: Podman 4.3 lost one that did not."""
    server = peer(request(), send(response(b"the disk is full" * 9, status=b"503 Service Unavailable")))
    result = run_probe("live", "-vv", *[f":{server.port}/{number}" for number in range(16)])
    assert 4000 < len(result.out.encode()) <= 4096 and result.out.endswith("..\n"), str(result)
