"""Of a body the first line shows so much that the cause and the other checks still find room."""
import re

import pytest

from peers import request, response, send

EXCERPT, EXCERPT_BESIDE_A_NOTE = 160, 60  # bytes
DEBUG_PAGE = "<h1>%s</h1><table><tr><th>Django Version:</th></tr></table>"


def excerpt(verdict, peer, body):
    """What the line shows of it, without the points."""
    server = peer(request(), send(response(body.encode(), status=b"500 Internal Server Error")))
    result = verdict.unhealthy("live", server.url(), cause="http-server-error")
    return re.search(r"500 Internal Server Error: (x*)(\.\.\.)?", result.first).groups()


@pytest.mark.parametrize("page, limit", [("%s", EXCERPT), (DEBUG_PAGE, EXCERPT_BESIDE_A_NOTE)], ids=["text", "noted"])
def test_long_body_is_cut(verdict, peer, page, limit):
    """Goal: what is longer ends in three points, at the limit and not before."""
    assert excerpt(verdict, peer, page % ("x" * 1000)) == ("x" * (limit - 3), "...")


def test_body_that_fits(verdict, peer):
    """Goal: what just fits is shown whole."""
    assert excerpt(verdict, peer, "x" * EXCERPT) == ("x" * EXCERPT, None)
