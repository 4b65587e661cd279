"""How servers end an answer over TLS, with close_notify and without, whole and cut: curl's verdict, and a cause that is true."""
import socket
import ssl
import struct
import threading

import pytest

import clients
from middleman import DATA, Middleman, record

HEAD = b"HTTP/1.1 200 OK\r\n"
EMPTY = ("http-empty", "closed without an answer")
CUT = ("http-truncated", "200, cut off after 2 bytes of body")
ANSWERS = {
    "without length": (HEAD + b"\r\nok", None),
    "with length": (HEAD + b"Content-Length: 2\r\n\r\nok", None),
    "chunked": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", None),
    "short": (HEAD + b"Content-Length: 9\r\n\r\nok", CUT),
    "chunked short": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", CUT),
    "none": (b"", EMPTY),
    "half a line": (b"HTTP/1.1 20", EMPTY),
}
VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


@pytest.fixture
def answering(certificates):
    """A server that answers each request with these bytes, and ends as it is told: its port."""
    listeners = []

    def serve(listener, context, answer, end):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                session = context.wrap_socket(connection, server_side=True)
                session.recv(65536)
                session.sendall(answer)
                if end == "notified":
                    session.unwrap()
                elif end == "reset":
                    session.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                elif end == "silent":
                    session.recv(65536)
                session.close()
            except OSError:
                connection.close()

    def start(answer, end, version="1.3"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*map(str, certificates.good))
        context.maximum_version = VERSIONS[version]
        listeners.append(socket.create_server(("127.0.0.1", 0)))
        threading.Thread(target=serve, args=(listeners[-1], context, answer, end), daemon=True).start()
        return listeners[-1].getsockname()[1]

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("end", ["notified", "unnotified"])
@pytest.mark.parametrize("name", ANSWERS)
def test_end(answering, certificates, verdict, version, end, name):
    """Goal: an end is an end, with close_notify or without; whether the answer is whole is for its length to say."""
    answer, failure = ANSWERS[name]
    url = f"https://localhost:{answering(answer, end, version)}/"
    words = ["--cacert", certificates.ca, url]
    if failure:
        verdict.unhealthy("live", *words, cause=failure[0], says=[failure[1]])
    else:
        verdict.healthy("live", *words)
    assert clients.curl(*words)[0] == (failure is None)


def test_reset(answering, certificates, verdict):
    """Goal: a reset is told as one."""
    url = f"https://localhost:{answering(HEAD, 'reset', '1.2')}/"
    verdict.unhealthy("live", "--cacert", certificates.ca, url, cause="reset", says=["connection reset"])


def test_silence(answering, certificates, verdict):
    """Goal: what the handshake brought is no part of an answer."""
    url = f"https://localhost:{answering(b'', 'silent')}/"
    verdict.unhealthy("live", "-t", "1s", "--cacert", certificates.ca, url, cause="timeout-answer", says=["connected, no answer in 1 s"])


@pytest.mark.parametrize("kind, number", [("http", 6), ("redis", 7)])
@pytest.mark.parametrize("bytes_in_place", [record(DATA, bytes(100)), b"HTTP/1.1 400 Bad Request\r\n\r\n"], ids=["undecryptable", "plain"])
def test_broken_behind_the_handshake(services, certificates, verdict, kind, number, bytes_in_place):
    """Goal: a record that is none, after a handshake that was whole: not the handshake failed, and the peer speaks TLS."""
    old = {"http": {"conf": "ssl_protocols TLSv1.2;"}, "redis": {"tls_protocols": "TLSv1.2"}}[kind]
    port = getattr(services, kind)("good", **old).port
    url = services.url(kind, "good", **old)

    def replace(connection, rest, stopping):
        connection.sendall(bytes_in_place)
        stopping.wait(5)

    between = Middleman(port, number, replace)
    try:
        words = ["ready", "--no-http", "-t", "2s", "--cacert", certificates.ca, url.replace(f":{port}", f":{between.port}")]
        verdict.unhealthy(*words, once=True, cause="tls-refused", says=["TLS failed behind its handshake: OpenSSL error "])
    finally:
        between.stop()


def test_warning_of_a_name(services, certificates, verdict):
    """Goal: an alert that only warns, as OpenSSL's server sends of a name it does not know, is no reason for what comes later."""
    certificate, key = certificates.good
    port = services.odd("good", "-tls1_2", "-servername", "other.example", "-cert2", certificate, "-key2", key).port
    verdict.healthy("live", "--cacert", certificates.ca, f"https://localhost:{port}/")

    def close(connection, rest, stopping):
        connection.shutdown(2)

    between = Middleman(port, 7, close)
    try:
        verdict.unhealthy("live", "--cacert", certificates.ca, f"https://localhost:{between.port}/", once=True, cause="http-empty", says=["closed without an answer"])
    finally:
        between.stop()
