"""HTTP: what a server, or whatever took its port, can do to a connection and to the frame of an answer."""
import pytest

from foreign import answers, greets
from peers import (
    BLOCK,
    CHUNKED,
    HEAD,
    STATUS,
    deafen,
    drip,
    finish,
    flood,
    hold,
    pause,
    repeat,
    request,
    reset,
    response,
)
from table import HEALTHY, ids, row

LATE = "answer not complete in 500 ms"
NOT_HTTP = "the answer is not HTTP: '"
NOT_VALID = "the answer is not valid HTTP: "
OK = response(b"ok")
HEADER = b"X: %s\r\n" % BLOCK[:995]
UPGRADE = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"
GZIP = b"Content-Encoding: gzip\r\n"


def asked(name, cause, says, *steps, **more):
    """A row whose peer waits for the request."""
    return row(name, cause, says, request(), *steps, **more)


# Every way to leave off, at every place of an answer: what was sent until then, and what is said of it.
IN_THE_BODY = ("in the answer, after 200", "http-truncated", "after 2 bytes of body", "200, then 2 bytes of body")
STAGES = {
    "status line": (b"HTTP/1.1 20", "before an answer", "http-empty", "closed", "its first line dripped in"),
    "headers": (HEAD, "in the answer, after 200", "http-truncated", "200, cut off in its headers", "its headers"),
    "body": (response(b"ok", length=9), *IN_THE_BODY),
    "chunks": (CHUNKED + b"2\r\nok\r\n", *IN_THE_BODY),
    "trailers": (CHUNKED + b"2\r\nok\r\n0\r\nX-Sum: 1\r\n", *IN_THE_BODY),
}
AT_EVERY_STAGE = [
    each
    for stage, (sent, reset_words, closed, closed_words, late_words) in STAGES.items()
    for each in (
        asked(f"resets in the {stage}", "reset", [reset_words], sent, pause(0.05), reset()),
        asked(f"closes in the {stage}", closed, [closed_words], sent),
        asked(f"half-closes in the {stage}", closed, [closed_words], sent, finish()),
        asked(f"falls silent in the {stage}", "timeout-receive", [LATE, late_words], sent, hold()),
    )
]

ROWS = [
    *AT_EVERY_STAGE,
    # before an answer
    asked("reads the request and is silent", "timeout-answer", ["connected, no answer in 500 ms"], hold()),
    row("closes after the request", "http-empty", ["closed without an answer", "worker crash"], request()),
    asked("half-closes after the request", "http-empty", ["closed without an answer"], finish()),
    asked("resets after the request", "reset", ["connection reset before an answer"], reset()),
    asked("resets after the request on a unix socket", "http-empty", ["closed"], reset(), at="unix"),
    row("reads nothing, and answers", HEALTHY, ["http 200"], deafen(), OK, hold()),
    row("answers before asked", HEALTHY, ["http 200"], OK, hold()),
    row("answers before asked and closes", HEALTHY, ["http 200"], OK, request()),
    # a byte at a time
    asked("drips the status line", "timeout-receive", [LATE, "its first line"], drip(STATUS), hold()),
    row("drips bytes that are not HTTP", "http-protocol", [NOT_HTTP + "x"], repeat(b"x", every=0.05)),
    asked("drips headers", "timeout-receive", [LATE, "200, then its headers"], STATUS, drip(BLOCK), hold()),
    asked("drips whole headers", "timeout-receive", [LATE, "its headers"], STATUS, repeat(b"X: 1\r\n", 0.05)),
    asked("drips the body", "timeout-receive", [LATE, "of body"], HEAD + b"\r\n", drip(BLOCK), hold()),
    asked("drips chunks", "timeout-receive", [LATE, "of body"], CHUNKED, repeat(b"1\r\nx\r\n", 0.05)),
    asked("drips a chunk's size", "timeout-receive", [LATE, "0 bytes"], CHUNKED, drip(b"0" * 99)),
    # without end
    asked("endless status line", "http-protocol", [NOT_VALID], b"HTTP/1.1 200 ", flood(BLOCK)),
    asked("endless header line", "http-protocol", [NOT_VALID], STATUS + b"X: ", flood(BLOCK)),
    asked("endless headers", "http-protocol", [NOT_VALID, "header"], STATUS, flood(HEADER)),
    asked("endless continued header", "http-protocol", [NOT_VALID], HEAD, flood(b" %s\r\n" % BLOCK[:999])),
    asked("endless body", HEALTHY, ["http 200"], HEAD + b"\r\n", flood(BLOCK)),
    asked("endless chunks", HEALTHY, ["http 200"], CHUNKED, flood(b"10000\r\n%s\r\n" % BLOCK)),
    asked("endless chunk extension", "timeout-receive", [LATE], CHUNKED + b"2;x=", flood(BLOCK)),
    asked("endless chunk size", "http-protocol", [NOT_VALID], CHUNKED, flood(b"0" * 99)),
    asked("endless trailers", "timeout-receive", [LATE, "0 bytes of body"], CHUNKED + b"0\r\n", flood(HEADER)),
    asked("endless trailer line", "http-protocol", [NOT_VALID], CHUNKED + b"0\r\nX: ", flood(BLOCK)),
    asked("endless zero bytes", "http-protocol", [NOT_HTTP + r"\x00"], flood(b"\0" * 65536)),
    asked("continues for ever", "timeout-receive", [LATE], repeat(b"HTTP/1.1 100 Continue\r\n\r\n", 0.02)),
    asked("continues for ever, fast", ("timeout-receive", "http-protocol"), [], flood(b"HTTP/1.1 100 C\r\n\r\n" * 99)),
    asked("early hints and no more", "timeout-receive", [LATE], b"HTTP/1.1 103 Early Hints\r\n\r\n", hold()),
    # lies about lengths
    asked("length too large, closes", "http-truncated", ["200, cut off after 2"], response(b"ok", length=99)),
    asked("length too small", HEALTHY, ["http 200"], response(b"ok and more", length=2), hold()),
    asked("length negative", "http-protocol", [NOT_VALID, "Content-Length"], response(b"ok", length=-1)),
    asked("length of 2^63-1", "timeout-receive", [LATE], response(b"ok", length=2**63 - 1), hold()),
    asked("length of 2^64", HEALTHY, ["http 200"], response(b"ok", length=2**64)),
    asked("length of 10^99", HEALTHY, ["http 200"], response(b"ok", length=10**99)),
    asked("length no number", "http-protocol", [NOT_VALID], STATUS + b"Content-Length: two\r\n\r\nok"),
    asked("two lengths", HEALTHY, ["http 200"], response(b"ok", headers=b"Content-Length: 7\r\n")),
    asked("trailers", HEALTHY, ["http 200"], CHUNKED + b"2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n", hold()),
    asked("length and chunks", HEALTHY, ["http 200"], CHUNKED[:-2] + b"Content-Length: 99\r\n\r\n0\r\n\r\n"),
    asked("chunk size huge", "http-protocol", [NOT_VALID], CHUNKED + b"f" * 18 + b"\r\nok", hold()),
    asked("chunk size of 2^63-1", "timeout-receive", [LATE], CHUNKED + b"7fffffffffffffff\r\nok", hold()),
    asked("chunk size negative", "http-protocol", [NOT_VALID], CHUNKED + b"-1\r\nok\r\n", hold()),
    asked("chunk size not hexadecimal", "http-protocol", [NOT_VALID], CHUNKED + b"zz\r\nok\r\n0\r\n\r\n"),
    asked("chunk size empty", "http-protocol", [NOT_VALID], CHUNKED + b"\r\nok\r\n0\r\n\r\n"),
    asked("chunk longer than its size", "http-protocol", [NOT_VALID], CHUNKED + b"2\r\nokay\r\n0\r\n\r\n"),
    asked("unknown transfer coding", "http-protocol", [NOT_VALID], HEAD + b"Transfer-Encoding: zip\r\n\r\nok"),
    # status lines and headers
    asked("status of two digits", "http-protocol", [NOT_VALID], response(b"", status=b"20 OK")),
    asked("status of four digits", HEALTHY, ["http 200"], response(b"", status=b"2000 OK")),
    asked("status 000", "http-protocol", [], response(b"", status=b"000 Zero")),
    asked("status 999", "http-status", ["http 999"], response(b"", status=b"999 Strange")),
    asked("status negative", "http-protocol", [], response(b"", status=b"-200 OK")),
    asked("status without reason", HEALTHY, ["http 200"], b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"),
    asked("lines end in LF alone", HEALTHY, ["http 200"], b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok"),
    asked("switches protocols and closes", "http-empty", ["closed without an answer"], UPGRADE),
    asked("switches protocols", "timeout-receive", [LATE, "101"], UPGRADE, hold()),
    asked("a body with 204", HEALTHY, ["http 204"], response(b"body", status=b"204 No Content"), hold()),
    asked("a body with 304", "http-status", ["304 Not Modified"], response(b"x", status=b"304 Same"), hold()),
    asked("HTTP/0.9", "http-protocol", [NOT_HTTP + "<html>hello</html>'"], b"<html>hello</html>"),
    asked("HTTP/1.0 without length", HEALTHY, ["http 200"], b"HTTP/1.0 200 OK\r\n\r\nok"),
    asked("HTTP/1.0 without headers", HEALTHY, ["http 200"], b"HTTP/1.0 200 OK\r\n\r\n"),
    asked("HTTP/2 in words", "http-protocol", ["Unsupported HTTP version (2.0)"], b"HTTP/2 200 OK\r\n\r\n"),
    asked("HTTP/9.9", "http-protocol", [NOT_VALID], b"HTTP/9.9 200 OK\r\n\r\n"),
    asked("ICY 200 OK", "http-protocol", [NOT_HTTP + "ICY 200 OK"], b"ICY 200 OK\r\n\r\nok"),
    asked("headers of 200 kB", HEALTHY, ["http 200"], STATUS + HEADER * 200 + b"\r\n"),
    asked("headers of 400 kB", "http-protocol", [NOT_VALID], STATUS + HEADER * 400 + b"\r\n"),
    asked("header of 90 kB", HEALTHY, ["http 200"], STATUS, b"X: " + BLOCK + BLOCK[:25000] + b"\r\n\r\n"),
    asked("10,000 headers", HEALTHY, ["http 200"], STATUS + b"X: 1\r\n" * 10000 + b"\r\n"),
    asked("folded header", HEALTHY, ["http 200"], STATUS + b"Server: one\r\n two\r\n\r\n", options=["-v"]),
    asked("folded before any header", "http-protocol", [], STATUS + b" folded\r\n\r\n"),
    asked("header without a colon", "http-protocol", [NOT_VALID], STATUS + b"nonsense\r\n\r\n"),
    asked("zero byte in a header", "http-protocol", [NOT_VALID], STATUS + b"X: a\0b\r\n\r\n"),
    asked("gzip bomb", HEALTHY, ["http 200"], response(b"\x1f\x8b\x08\0" + b"\0" * 60000, headers=GZIP)),
    # other protocols
    row("speaks SSH", "http-protocol", [NOT_HTTP + "SSH-2.0-OpenSSH", "right port"], *greets("SSH")),
    row("speaks SMTP", "http-protocol", [NOT_HTTP + "220 mail.example"], *greets("SMTP")),
    row("speaks FTP", "http-protocol", [NOT_HTTP + "220 (vsFTPd"], *greets("FTP")),
    row("speaks MySQL", "http-protocol", [NOT_HTTP + r"J\x00\x00\x00"], *greets("MySQL")),
    row("speaks HTTP/2", "http-version", ["the port speaks HTTP/2 only"], *greets("HTTP/2 settings")),
    row("answers GOAWAY of HTTP/2", "http-version", ["the port speaks HTTP/2 only"], *answers("HTTP/2 GOAWAY")),
    row("sends random bytes", "http-protocol", [NOT_HTTP], *greets("random bytes")),
    row("speaks PostgreSQL", "http-protocol", [NOT_HTTP + "E", "Munsupported"], *answers("PostgreSQL")),
    row("speaks Redis", "http-protocol", [NOT_HTTP + "-ERR unknown command"], *answers("Redis")),
    row("speaks memcached", "http-protocol", [NOT_HTTP + r"ERROR\r\n'"], *answers("memcached")),
    row("speaks TLS, an alert", "tls-port", ["the port speaks TLS"], *answers("TLS alert")),
    row("speaks TLS, a hello", "tls-port", ["the port speaks TLS"], *answers("TLS ServerHello")),
]


@pytest.mark.parametrize("row", ROWS, ids=ids(ROWS))
def test_http(against, row):
    """Goal: the right verdict, cause and words, in time."""
    against("HTTP", row, "live", "http://{place}/")
