"""Only the head of the answer itself counts: not that of a 1xx answer before it, and no trailer behind its body."""
import pytest

from peers import CHUNKED, STATUS, request, response, send

FIELD = b"X-Ready: yes\r\n"
WITHOUT = response(b"ok")
ANSWERS = {
    "early hints": b"HTTP/1.1 103 Early Hints\r\n" + FIELD + b"\r\n" + WITHOUT,
    "trailer": CHUNKED + b"2\r\nok\r\n0\r\n" + FIELD + b"\r\n",
    "nowhere": WITHOUT,
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_header_that_the_answer_has_not(peer, verdict, answer):
    """Goal: what stands elsewhere meets no demand."""
    server = peer(request(), send(ANSWERS[answer]))
    words = ["live", "--expect-header", "X-Ready: yes", server.url()]
    verdict.unhealthy(*words, cause="header-mismatch", says=["200, and the answer has no header X-Ready"])


def test_header_that_the_answer_has(peer, verdict):
    """Goal: the same header in its place does, behind early hints too."""
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
    server = peer(request(), send(hints + STATUS + FIELD + b"Content-Length: 0\r\n\r\n"))
    verdict.healthy("live", "--expect-header", "X-Ready: yes", server.url(), says=["http 200"])
