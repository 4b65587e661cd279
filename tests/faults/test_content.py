"""HTTP: what an answer that is whole can hold: hostile text, redirects, bodies that should be JSON."""
import pytest

from peers import BLOCK, hold, request, response
from table import HEALTHY, ids, row

ESCAPES = b"a\x1b[2Jb\x07\xff\xc2\x9b\xe2\x80\xae\xd8\x9c"
ZIPPED = b"\x1f\x8b\x08\0" + b"\xff" * 99
ESCAPED = r"a\x1b[2Jb\x07\xff\xc2\x9b\u202e\u061c"
JSON = ["--expect-json", "/status=ok"]


def says(name, cause, words, *data, **more):
    """A row whose peer answers with this."""
    return row(name, cause, words, request(), *data, hold(), **more)


def down(name, words, body):
    """A row whose peer is unavailable, and says why."""
    return says(name, "http-unavailable", words, response(body, status=b"503 No"))


def with_header(status, name, value):
    return response(b"", status=status, headers=b"%s: %s\r\n" % (name, value))


def redirect(location):
    """Answers with a Location in which {place} is the peer itself."""

    def step(talk):
        place = ("%s:%d" % talk.connection.getsockname()).encode()
        talk.send(with_header(b"302 Found", b"Location", location.replace(b"{place}", place)))

    return step


def moved(name, cause, words, location, *options):
    return row(name, cause, words, request(), redirect(location), options=options)


def json(name, cause, words, body):
    return says(name, cause, words, response(body), options=JSON)


ROWS = [
    # text that is shown
    says("escapes in the reason", "http-unavailable", ["503 Service"], response(b"", status=b"503 " + ESCAPES)),
    down("escapes in the body", [ESCAPED], ESCAPES),
    down("escapes in the title", [ESCAPED], b"<title>%s</title>" % ESCAPES),
    says("escapes in the server's name", "http-status", ["418"], with_header(b"418 I", b"Server", ESCAPES)),
    says("escapes in the media type", "http-status", ["418"], with_header(b"418 I", b"Content-Type", ESCAPES)),
    says("escapes in Retry-After", "http-too-many-requests", [ESCAPED], with_header(b"429 I", b"Retry-After", ESCAPES)),
    says("escapes in any header", HEALTHY, ["200"], with_header(b"200 OK", ESCAPES, ESCAPES), options=["-vv"]),
    says("escapes in a healthy body", HEALTHY, ["200"], response(ESCAPES), options=["-v"]),
    down("zero bytes in the body", [r"a\x00b"], b"a\0b"),
    down("half a character at the end", ["..."], "é".encode() * 150 + b"\xc3"),
    down("a line of 64 kB", ["xxx..."], BLOCK[:65000]),
    down("64 kB of line breaks", ["Unavailable; hint"], b"\r\n" * 32000),
    down("64 kB of escapes", [r"\x1b\x1b"], b"\x1b" * 65000),
    down("a title without end", ["xxx..."], b"<title>" + BLOCK[:60000]),
    down("a title of a million", ["503"], b"<title>" * 9000),
    says("gzip that is none", HEALTHY, ["200"], response(b"not gzip", headers=b"Content-Encoding: gzip\r\n")),
    says("a compressed body", "body-mismatch", ["lacks 'ok'"], response(ZIPPED), options=["--expect-body", "ok"]),
    # redirects that are not followed
    moved("redirects to a file", "http-redirect", ["302"], b"file:///etc/passwd"),
    moved("redirects to gopher", "http-redirect", ["302"], b"gopher://127.0.0.1:11211/_stats"),
    moved("redirects to a script", "http-redirect", ["302"], b"javascript:alert(1)"),
    moved("redirects to nothing", "http-redirect", ["302 without a usable Location"], b""),
    moved("redirects with escapes", "http-redirect", ["302"], b"http://{place}/" + ESCAPES),
    moved("redirects with a password", "http-redirect", ["302 to http://user:***@"], b"http://user:hunter2@{place}/"),
    moved("redirects with a token", "http-redirect", ["token=***"], b"http://{place}/?token=hunter2"),
    moved("redirects to 60 kB", "http-redirect", ["302"], b"http://{place}/" + BLOCK[:60000]),
    moved("redirects to a host of 60 kB", "http-redirect", ["302"], b"http://" + BLOCK[:60000] + b"/"),
    moved("redirects to port 99999", "http-redirect", ["302"], b"http://127.0.0.1:99999/"),
    moved("redirects to an unclosed [", "http-redirect", ["302"], b"http://[::1/"),
    moved("redirects without a host", "http-redirect", ["302"], b"http:///x"),
    # redirects that are followed
    moved("follows a loop", "redirect-loop", ["302, after 5 redirects"], b"/", "--follow"),
    moved("follows a loop of its own words", "redirect-loop", ["after 5 redirects"], b"http://{place}/x", "--follow"),
    moved("follows no file", "http-redirect", ["302"], b"file:///etc/passwd", "--follow"),
    moved("follows no gopher", "http-redirect", ["302"], b"gopher://{place}/", "--follow"),
    moved("follows no script", "http-redirect", ["302"], b"javascript:alert(1)", "--follow"),
    moved("follows nobody to TLS", "https-redirect", ["302 to https://"], b"https://{place}/", "--follow"),
    moved("follows nobody to a port", "http-redirect", ["to http://127.0.0.1:9/"], b"http://127.0.0.1:9/", "--follow"),
    moved("follows nobody to a host", "http-redirect", ["302 to http://192.0.2.1/"], b"//192.0.2.1/", "--follow"),
    moved("follows no host behind @", "http-redirect", ["192.0.2.1"], b"http://{place}@192.0.2.1/", "--follow"),
    moved("follows no host behind \\", "http-redirect", ["@192.0.2.1/"], b"http://{place}\\@192.0.2.1/", "--follow"),
    moved("follows into 60 kB", "redirect-loop", ["302"], b"/" + BLOCK[:60000], "--follow"),
    # bodies that should be JSON
    json("JSON as it should be", HEALTHY, ["200"], b'{"status": "ok"}'),
    json("JSON and white space", HEALTHY, ["200"], b' \r\n\t{"status": "ok"}\r\n \t'),
    json("JSON with a byte order mark", HEALTHY, ["200"], b'\xef\xbb\xbf{"status": "ok"}'),
    json("JSON and garbage behind it", "json-invalid", ["not JSON"], b'{"status": "ok"} garbage'),
    json("JSON twice", "json-invalid", ["not JSON"], b'{"status": "ok"}{"status": "down"}'),
    json("JSON and a zero byte", "json-invalid", ["not JSON"], b'{"status": "ok"}\0'),
    json("JSON 90 deep", "json-mismatch", ["has no /status"], b"[" * 90 + b"]" * 90),
    json("JSON 30,000 deep", "json-invalid", ["not JSON"], b"[" * 30000 + b"]" * 30000),
    json("JSON 8,000 deep, of objects", "json-invalid", ["not JSON"], b'{"a":' * 8000 + b"1" + b"}" * 8000),
    json("JSON without an end", "json-invalid", ["not JSON"], b'{"status": "ok"'),
    json("JSON with a string without an end", "json-invalid", ["not JSON"], b'{"status": "ok'),
    json("JSON of 30,000 values", "json-mismatch", ["has no /status"], b"[" + b"0," * 30000 + b"0]"),
    json("JSON with a number of 60 kB", "json-mismatch", ["/status is "], b'{"status": %s}' % (b"9" * 60000)),
    json("JSON with a huge number", "json-mismatch", ["/status is "], b'{"status": 1e999999}'),
    json("JSON with a huge negative number", "json-mismatch", ["/status is "], b'{"status": -1e999999}'),
    json("JSON with NaN", "json-invalid", ["not JSON"], b'{"status": NaN}'),
    json("JSON with a key twice", "json-mismatch", ["JSON /status is \"down\""], b'{"status": "ok", "status": "down"}'),
    json("JSON with half a surrogate", "json-invalid", ["not JSON"], rb'{"status": "\ud800"}'),
    json("JSON with surrogates the wrong way", "json-invalid", ["not JSON"], rb'{"status": "\udc00\ud800"}'),
    json("JSON with an escaped zero", "json-mismatch", ["ok\\u0000 not"], rb'{"status": "ok\u0000 not"}'),
    json("JSON with escaped escapes", "json-mismatch", [r"\u202e"], rb'{"status": "\u001b[2J\u202e"}'),
    json("JSON that is not UTF-8", "json-mismatch", [r"\xff\xc2\x9b"], b'{"status": "\xff\xc2\x9b"}'),
    json("JSON in UTF-16", "json-invalid", ["not JSON"], '{"status": "ok"}'.encode("utf-16")),
    json("JSON with control characters", "json-mismatch", [r"/status is "], b'{"status": "a\x01\x1b"}'),
    json("JSON of one word", "json-mismatch", ["has no /status"], b"null"),
    json("JSON of no bytes", "json-invalid", ["not JSON"], b""),
    json("a page instead of JSON", "json-invalid", ["not JSON: <html>"], b"<html>ok</html>"),
    json("JSON with an object in its place", "json-mismatch", ["/status is {"], b'{"status": {"a": "\xe2\x80\xae"}}'),
]


@pytest.mark.parametrize("row", ROWS, ids=ids(ROWS))
def test_content(against, row):
    """Goal: the right verdict, cause and words, in time."""
    against("HTTP content", row, "live", "http://{place}/")
