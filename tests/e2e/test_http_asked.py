"""What is sent: the login of a URL, --data, --connect-to, and what --expect-header wants of the answer."""
import base64

import pytest

import curl
from addresses import free_port
from namespaces import NEEDS_NAMESPACES
from peers import hold, request, response, send


def answering(peer, headers=b"", body=b"ok", status=b"200 OK"):
    return peer(request(), send(response(body, status=status, headers=headers)), hold())


def line(request_bytes, name):
    """The value of a header that was sent."""
    lines = request_bytes.decode().split("\r\n")
    return [text.partition(": ")[2] for text in lines if text.lower().startswith(name.lower() + ":")]


# The login of a URL ---------------------------------------------------------------------------------------------------

LOGINS = ["user:pw", "user:", "u%40ser:p%3Aw%2F", "user:p:w", "a:bc", "ab:cd", "üser:päss", "user:%F0%9F%98%80"]


@pytest.mark.parametrize("login", LOGINS)
def test_login_of_the_url_is_sent_as_curl_sends_it(peer, verdict, login):
    """Goal: G7, Basic authentication, percent-decoded, the very bytes of curl."""
    server = answering(peer)
    url = server.url("/health").replace("//", f"//{login}@")
    verdict.healthy("live", url, once=True)
    curl.get(url, "-H", "Connection: close", seconds=1)
    ours, theirs = server.received[:2]
    assert line(ours, "Authorization") == line(theirs, "Authorization") != []
    assert line(ours, "Host") == line(theirs, "Host")


def test_login_is_hidden(peer, verdict, secret):
    """Goal: G7, incident 16: neither the password nor what is sent of it is shown, nor where the service repeats it."""
    password = secret()
    encoded = base64.b64encode(f"user:{password}".encode())
    server = answering(peer, body=b"bad login " + encoded + b" " + password.encode(), status=b"401 Unauthorized")
    url = server.url("/health").replace("//", f"//user:{password}@")
    result = verdict.unhealthy("live", "-vv", url, cause="http-unauthorized", says=["bad login *** ***"])
    assert encoded.decode() not in result.out and "> Authorization: ***" in result.out
    assert "http://user:***@" in result.out


def test_user_alone_may_be_a_token(peer, verdict, secret):
    """Goal: G7, a token is often written as the user: hidden, and sent as curl sends it."""
    token = secret()
    server = answering(peer, body=token.encode(), status=b"403 Forbidden")
    result = verdict.unhealthy("live", "-vv", server.url().replace("//", f"//{token}@"), cause="http-forbidden")
    assert line(server.received[0], "Authorization") == ["Basic " + base64.b64encode(f"{token}:".encode()).decode()]
    assert "http://***@" in result.out


def test_header_wins_over_the_login(peer, verdict):
    """Goal: G7, as with curl a header that is given takes the place of the login."""
    server = answering(peer)
    url = server.url().replace("//", "//user:pw@")
    verdict.healthy("live", "-H", "authorization: Bearer x", url, once=True)
    assert line(server.received[0], "Authorization") == ["Bearer x"]


# --data -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        ["--data", '{"method":"eth_syncing"}'],
        ["--data", "a=b&c=d", "-X", "PUT"],
        ["--data", "a", "-X", "GET"],
        ["--data", "{}", "-H", "Content-Type: application/json"],
        ["--data", "é"],
    ],
)
def test_data_is_sent_as_curl_sends_it(peer, verdict, options):
    """Goal: E6, the body, the method and the Content-Type are those of curl."""
    server = answering(peer)
    verdict.healthy("live", *options, server.url("/rpc"), once=True)
    curl.get(server.url("/rpc"), "-H", "Connection: close", *options, seconds=1)
    ours, theirs = server.received[:2]
    for data in (ours, theirs):
        assert data.count(b"\r\n\r\n") == 1
    assert ours.split(b" HTTP/1.1")[0] == theirs.split(b" HTTP/1.1")[0]
    assert ours.split(b"\r\n\r\n")[1] == theirs.split(b"\r\n\r\n")[1] != b""
    for name in ("Content-Type", "Content-Length"):
        assert line(ours, name) == line(theirs, name) != []


def test_data_from_a_file_is_hidden(peer, verdict, secret, stage):
    """Goal: E6, incident 16: a body that is in a file is sent, and is not shown where the service repeats it."""
    body = '{"token": "%s"}' % secret()
    file = stage.new_folder("data") / "body"
    file.write_text(body + "\n")
    server = answering(peer, body=body.encode(), status=b"500 No")
    result = verdict.unhealthy("live", "-vv", f"--data=@{file}", server.url(), cause="http-server-error", says=["***"])
    assert server.received[0].endswith(b"\r\n\r\n" + body.encode()), str(result)


@pytest.mark.parametrize("status, method", [("301", "GET"), ("302", "GET"), ("303", "GET"), ("307", "POST"), ("308", "POST")])
def test_data_and_a_redirect(peer, verdict, status, method):
    """Goal: E6, a redirect turns POST into GET where curl -L does so too."""

    def step(talk):
        request()(talk)
        away = response(b"", status=status.encode() + b" Moved", headers=b"Location: /b\r\nConnection: close\r\n")
        talk.send(away if b" /a " in talk.received else response(b"ok", headers=b"Connection: close\r\n"))

    server = peer(step)
    verdict.healthy("live", "--follow", "--data", "x=1", server.url("/a"), once=True)
    curl.get(server.url("/a"), "-L", "--data", "x=1")
    asked = [data.split(b" HTTP/")[0].decode() for data in server.received]
    assert asked == ["POST /a", f"{method} /b"] * 2


# --connect-to -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url, host",
    [
        ("http://example.com/health", "example.com"),
        ("http://example.com:80/", "example.com"),
        ("http://example.com:8080/", "example.com:8080"),
        ("http://[2001:db8::1]:81/", "[2001:db8::1]:81"),
        ("/health", "localhost:8000"),
        (":81/", "localhost:81"),
    ],
)
def test_connection_goes_elsewhere(peer, verdict, url, host):
    """Goal: E6, the URL's host is what the service is asked for, wherever the connection goes; no name is resolved."""
    server = answering(peer)
    verdict.healthy("live", "--connect-to", f"127.0.0.1:{server.port}", url, once=True)
    assert line(server.received[0], "Host") == [host]


def test_connection_without_a_port_goes_to_the_urls(peer, verdict):
    """Goal: E6, --connect-to HOST keeps the URL's port, as curl's does."""
    server = answering(peer)
    url = f"http://example.com:{server.port}/"
    verdict.healthy("live", "--connect-to", "127.0.0.1", url, once=True)
    curl.get(url, "--connect-to", "::127.0.0.1:", "-H", "Connection: close", seconds=1)
    assert line(server.received[0], "Host") == line(server.received[1], "Host") == [f"example.com:{server.port}"]


def test_refused_connection_names_where_it_went(verdict):
    """Goal: E6, what is said of a connection is said of the place it went to; the target is shown as it was written."""
    port = free_port()
    says = [f"refused by 127.0.0.1:{port}", f"nothing listens on {port}"]
    ask = ["live", "--connect-to", f"127.0.0.1:{port}", "http://example.com/x"]
    result = verdict.unhealthy(*ask, cause="refused", says=says)
    assert "http      http://example.com" in result.out


def test_redirect_to_the_urls_own_name_is_followed(peer, verdict):
    """Goal: E6, the name that is followed is the URL's, and the connection goes where it went."""

    def step(talk):
        request()(talk)
        away = response(b"", status=b"302 Found", headers=b"Location: http://example.com/b\r\n")
        talk.send(away if b" /a " in talk.received else response(b"ok"))

    server = peer(step)
    verdict.healthy("live", "--follow", "--connect-to", f"127.0.0.1:{server.port}", "http://example.com/a", once=True)
    assert [line(data, "Host") for data in server.received] == [["example.com"]] * 2


@NEEDS_NAMESPACES
def test_url_without_a_port_is_port_80(container, verdict):
    """Goal: F12, B6: http://localhost/x is port 80, whatever PORT says; the short forms keep $PORT."""
    box = container("serve('127.0.0.1', 80)")
    verdict.healthy("live", "http://localhost/x", env={"PORT": "8001"}, through=box.enter)
    verdict.unhealthy("live", "/x", env={"PORT": "8001"}, cause="refused", says=["8001"], through=box.enter)


# --expect-header ------------------------------------------------------------------------------------------------------

HEADERS = b"Content-Type: application/json; charset=utf-8\r\nX-Role:  primary \r\nVary: A\r\nVary: B\r\nX-Empty:\r\n"
MET = ["X-Role: primary", "x-role:primary", "X-ROLE:  primary ", "Vary: A", "Vary: B"]
MET += ["Content-Type: application/json", "content-type: application/json; charset=utf-8"]
UNMET = [
    ("X-Role: Primary", "header X-Role is 'primary', not 'Primary'"),
    ("X-Role: prim", "header X-Role is 'primary', not 'prim'"),
    ("X-Role: primary2", "header X-Role is 'primary', not 'primary2'"),
    ("Content-Type: application/jso", "not 'application/jso'"),
    ("Content-Type: charset=utf-8", "not 'charset=utf-8'"),
    ("X-Rol: primary", "the answer has no header X-Rol"),
    ("X-Empty: x", "header X-Empty is '', not 'x'"),
]


@pytest.mark.parametrize("expected", MET)
def test_header_that_the_answer_has(peer, verdict, expected):
    """Goal: E6, names in any letters, values without the space around them, with or without what is behind a ;"""
    verdict.healthy("live", "--expect-header", expected, answering(peer, HEADERS).url())


@pytest.mark.parametrize("expected, says", UNMET)
def test_header_that_the_answer_lacks(peer, verdict, expected, says):
    """Goal: E6, the line says what there is."""
    server = answering(peer, HEADERS)
    verdict.unhealthy("live", "--expect-header", expected, server.url(), cause="header-mismatch", says=["200, and the", says])


def test_each_header_is_demanded(peer, verdict):
    """Goal: A1, of several all must hold; what only a redirect or a trailer had does not count."""
    server = answering(peer, HEADERS)
    both = ["--expect-header", "X-Role: primary", "--expect-header", "Vary: C"]
    verdict.unhealthy("live", *both, server.url(), cause="header-mismatch", says=["Vary"])
    trailer = peer(request(), send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Role: primary\r\n\r\n"), hold())
    verdict.unhealthy("live", "--expect-header", "X-Role: primary", trailer.url(), cause="header-mismatch")


def test_session_is_not_shown(peer, verdict):
    """Goal: incident 16, a session that the service opens is not in the line that misses another."""
    server = answering(peer, b"Set-Cookie: sessionid=abcdef123\r\n")
    ask = ["live", "-vv", "--expect-header", "Set-Cookie: x", server.url()]
    assert "abcdef123" not in verdict.unhealthy(*ask, cause="header-mismatch", says=["Set-Cookie is '***'"]).out
