"""Handshakes of real servers, spoiled at each stage by who stands between, for HTTP, PostgreSQL and Redis: never healthy, over
in time, and the cause is what was seen.
"""
import pytest

import middleman
from middleman import ALERT, CHANGE, HANDSHAKE, HEADER, Middleman, record

KINDS = ["http", "postgres", "redis"]
LIMIT, ROOM = 1.0, 0.5
CLOSED, LATE, REFUSED, PLAIN, INVALID = "tls-closed", "timeout-tls", "tls-refused", "tls-plain-peer", "tls-invalid"
DID_NOT_FINISH = "connected, but the TLS handshake did not finish within 1 s"

# TLS 1.2's records of a server: its hello, certificate, key, done; ticket, change of cipher, finished. In 1.3: its hello,
# change of cipher, and then all encrypted: extensions, certificate, proof, finished.
VERSIONS = {
    "1.2": {"http": {"conf": "ssl_protocols TLSv1.2;"}, "redis": {"tls_protocols": "TLSv1.2"}, "postgres": {"ssl_max_protocol_version": "TLSv1.2"}},
    "1.3": {"http": {"conf": "ssl_protocols TLSv1.3;"}, "redis": {"tls_protocols": "TLSv1.3"}, "postgres": {"ssl_min_protocol_version": "TLSv1.3"}},
}
STAGES = [("1.2", 0), ("1.2", 1), ("1.2", 3), ("1.2", 5), ("1.3", 0), ("1.3", 2), ("1.3", 5)]
WHERE = [0, HEADER, 0.5]


@pytest.fixture
def spoiled(services, certificates, verdict):
    """Asks by a middleman; gives the run."""
    begun = []

    def ask(kind, version, number, spoil, at=0, **expected):
        url = services.url(kind, "good", **VERSIONS[version][kind])
        port = getattr(services, kind)("good", **VERSIONS[version][kind]).port
        between = Middleman(port, number, spoil, at, opening=1 if kind == "postgres" else 0)
        begun.append(between)
        words = ["ready", "--no-http", "-t", "1s", "--cacert", certificates.ca, url.replace(f":{port}", f":{between.port}")]
        result = verdict.unhealthy(*words, once=True, **expected)
        assert result.seconds < LIMIT + ROOM, str(result)
        return result

    yield ask
    for between in begun:
        between.stop()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("version, number", STAGES)
@pytest.mark.parametrize("at", WHERE, ids=str)
@pytest.mark.parametrize("spoil", [middleman.close, middleman.reset], ids=lambda spoil: spoil.__name__)
def test_cut(spoiled, kind, version, number, at, spoil):
    """Goal: a handshake that ends before, in and behind the header of a record."""
    spoiled(kind, version, number, spoil, at, cause=CLOSED, says=["in the TLS handshake"])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("version, number", STAGES)
def test_silent(spoiled, kind, version, number):
    """Goal: a server that falls silent: the deadline holds."""
    spoiled(kind, version, number, middleman.silence, 0.5, cause=LATE, says=[DID_NOT_FINISH])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("version, number", [("1.2", 0), ("1.2", 1), ("1.3", 2)])
def test_dripped(spoiled, kind, version, number):
    """Goal: a byte every tenth of a second is no progress."""
    spoiled(kind, version, number, middleman.drip, cause=LATE, says=[DID_NOT_FINISH])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("version, number, at, cause", [
    ("1.2", 0, 0, (PLAIN, REFUSED)),
    ("1.2", 0, HEADER, REFUSED),
    ("1.2", 1, HEADER, REFUSED),
    ("1.2", 5, HEADER, REFUSED),
    ("1.3", 0, HEADER, REFUSED),
    ("1.3", 2, HEADER, REFUSED),
])
def test_garbage(spoiled, kind, version, number, at, cause):
    """Goal: bytes that are no TLS, in place of a record or in one."""
    spoiled(kind, version, number, middleman.garbage, at, cause=cause, says=["TLS"])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("version, number", [("1.2", 0), ("1.2", 1), ("1.3", 2)])
def test_oversized_record(spoiled, kind, version, number):
    """Goal: a record longer than there may be."""
    spoiled(kind, version, number, middleman.oversized, cause=(PLAIN, REFUSED), says=["TLS"])


ENDLESS = {
    "warnings": record(ALERT, b"\x01\x5a"),
    "empty records": record(HANDSHAKE, b""),
    "changes of cipher": record(CHANGE, b"\x01"),
    "hello requests": record(HANDSHAKE, b"\0\0\0\0"),
    "a message of 16 MB": record(HANDSHAKE, b"\x02\xff\xff\xff" + b"\0" * 1000),
    "letters": b"x" * 1000,
    "lines": b"HTTP/1.1 200 OK\r\n",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ENDLESS)
def test_endless(spoiled, kind, name):
    """Goal: records without end, in place of the server's hello."""
    spoiled(kind, "1.2", 0, middleman.endless(ENDLESS[name]), cause=(REFUSED, PLAIN, LATE), says=["TLS"])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number, words", [(40, "handshake failure"), (80, "internal error"), (112, "unrecognized name"), (49, "access denied")])
def test_alert(spoiled, kind, number, words):
    """Goal: the server's own word for why not."""
    alert = record(ALERT, bytes([2, number]))

    def send(connection, rest, stopping):
        connection.sendall(alert)
        middleman.silence(connection, rest, stopping)

    spoiled(kind, "1.2", 0, send, cause=REFUSED, says=[f"alert {words}"])
