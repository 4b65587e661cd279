"""Ports that do not speak plain HTTP/1.1: named by what they answer, never guessed."""
import pytest

import http_servers
import servers
from addresses import Address
from peers import hold, read, request, reset, response, send
from shared_fixtures import factory

haproxy = factory(http_servers.haproxy)
node = factory(http_servers.node)
TLS = ["the port speaks TLS, not plain HTTP", "ask the port on which the service speaks without TLS"]
HTTP2 = ["the port speaks HTTP/2 only", "ask a port of the service that speaks HTTP/1.1"]
PROXY = ["the port wants the PROXY protocol in front of HTTP", "it is for the load balancer"]

NODE_HTTP2 = """
const http2 = require("http2");
http2.createServer((request, response) => response.end("ok")).listen(%d, "127.0.0.1");
"""
NODE_TLS = """
const https = require("https"), fs = require("fs");
const options = { key: fs.readFileSync("KEY"), cert: fs.readFileSync("CERT") };
https.createServer(options, (request, response) => response.end("ok")).listen(%d, "127.0.0.1");
"""


@factory
def tls_echo(stage, wait=True):
    """OpenSSL's own server, which closes on plain words."""
    folder = stage.new_folder("s_server")
    address = Address("127.0.0.1")
    cert, key = stage.certificate()
    command = ["openssl", "s_server", "-quiet", "-accept", address.listen, "-cert", cert, "-key", key, "-www"]
    return servers.Server("s_server", folder, address, command).start(wait)


def test_tls_port_of_gunicorn(gunicorn, stage, verdict):
    """Goal: C8, Gunicorn with a certificate closes on plain HTTP without a word."""
    cert, key = stage.certificate()
    app = gunicorn(options=["--certfile", str(cert), "--keyfile", str(key)])
    verdict.unhealthy("live", app.url("/ok"), cause="tls-port", says=TLS)


def test_tls_port_of_openssl_and_node(tls_echo, node, stage, verdict):
    """Goal: C8, a TLS port that says nothing, or an alert."""
    cert, key = stage.certificate()
    script = NODE_TLS.replace("KEY", str(key)).replace("CERT", str(cert))
    for server in (tls_echo(), node(script)):
        verdict.unhealthy("live", server.url("/ok"), cause="tls-port", says=["TLS"])


def test_tls_port_of_haproxy(haproxy, stage, verdict):
    """Goal: C8, HAProxy's TLS port."""
    cert, key = stage.certificate()
    both = stage.new_folder("pem") / "both.pem"
    both.write_text(cert.read_text() + key.read_text())
    server = haproxy(options=f"ssl crt {both}")
    verdict.unhealthy("live", server.url("/ok"), cause="tls-port", says=TLS)


def test_http2_port_of_node(node, verdict):
    """Goal: C8, a port with HTTP/2 only, as gRPC's are."""
    verdict.unhealthy("live", node(NODE_HTTP2).url("/ok"), cause="http-version", says=HTTP2)


def test_http2_port_of_nginx(nginx, verdict):
    """Goal: C8, nginx' cleartext HTTP/2 of 1.22 answers nothing to HTTP/1.1 but its own frames."""
    front = nginx("location / { return 200 ok; }")
    conf = front.folder / "nginx.conf"
    front.stop()
    conf.write_text(conf.read_text().replace(f"listen {front.address.listen};", f"listen {front.address.listen} http2;"))
    front.start()
    verdict.unhealthy("live", front.url("/ok"), cause="http-version", says=HTTP2)


def test_http2_port_that_waits_for_the_preface(peer, verdict):
    """Goal: C8, a server that closes on HTTP/1.1 and answers the preface is HTTP/2's."""

    def step(talk):
        talk.receive()
        if talk.received.startswith(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"):
            talk.send(b"\0\0\0\4\0\0\0\0\0")

    verdict.unhealthy("live", peer(step).url("/ok"), cause="http-version", says=HTTP2)


def test_http2_port_of_kestrel(peer, verdict):
    """Goal: C8, C5: Kestrel's 400 (Http1Connection.cs, CoreStrings.Http1RequestToHttp2Endpoint) is no Host."""
    body = b"An HTTP/1.x request was sent to an HTTP/2 only endpoint."
    server = peer(request(), send(response(body, status=b"400 Bad Request")), hold())
    result = verdict.unhealthy("live", server.url("/ok"), cause="http-version", says=["400 Bad Request", "HTTP/1.1"])
    assert "Host '" not in result.first and "ALLOWED_HOSTS" not in result.out


def test_port_that_wants_the_proxy_protocol(nginx, haproxy, verdict):
    """Goal: C8, nginx and HAProxy close on a request without a PROXY header in front."""
    front = nginx("location / { return 200 ok; }")
    conf = front.folder / "nginx.conf"
    front.stop()
    listen = f"listen {front.address.listen}"
    conf.write_text(conf.read_text().replace(f"{listen};", f"{listen} proxy_protocol;"))
    front.start()
    verdict.unhealthy("live", front.url("/ok"), cause="proxy-port", says=PROXY)
    server = haproxy("http-request return status 200", options="accept-proxy")
    verdict.unhealthy("live", server.url("/ok"), cause="proxy-port", says=PROXY)


@pytest.mark.parametrize(
    "steps, cause",
    [
        ((read(),), "http-empty"),
        ((read(), reset()), "reset"),
        # what a server makes of the questions that it does not know proves nothing
        ((read(), send(b"")), "http-empty"),
    ],
)
def test_port_that_says_nothing_is_not_guessed(peer, verdict, steps, cause):
    """Goal: C8, a service that breaks off whatever it is asked is named neither TLS nor HTTP/2 nor PROXY."""
    server = peer(*steps)
    result = verdict.unhealthy("live", server.url("/ok"), cause=cause, says=["an answer"])
    assert not [word for word in ("TLS", "HTTP/2", "PROXY") if word in result.out], str(result)
    asked = [data[:6] for data in server.received[:4]]
    assert asked == [b"GET /o", b"\x16\x03\x01\x00\x05\x01", b"PRI * ", b"PROXY "]


@pytest.mark.parametrize("status", ["400 Bad Request", "405 Method Not Allowed", "501 Not Implemented", "500 Error"])
def test_refusal_of_a_proxy_header_proves_nothing(peer, verdict, status):
    """Goal: C8, a worker that crashes on its path, in a server that refuses the words of the PROXY protocol."""

    def step(talk):
        talk.receive()
        if not talk.received.startswith(b"GET"):
            talk.send(response(b"", status=status.encode()))

    verdict.unhealthy("live", peer(step).url("/ok"), cause="http-empty", says=["closed without an answer"])


def test_questions_stay_within_the_deadline(peer, verdict):
    """Goal: a port that breaks off once and is silent from then on is told in time, as what it is."""
    first = []

    def step(talk):
        talk.receive()
        if first:
            hold()(talk)
        first.append(talk)

    result = verdict.unhealthy("live", "-t", "1s", peer(step).url("/ok"), cause="http-empty", once=True)
    assert result.seconds < 1.5
