"""The hostile peers do what their rows say, and end when they are told; without the probe."""
import contextlib
import threading
import time

import pytest

import curl
import test_http
from table import ids

pytestmark = pytest.mark.stage

ROWS = {row.name: row for row in test_http.ROWS}
CURL_EXITS = {
    "reads the request and is silent": 28,
    "closes after the request": 52,
    "resets after the request": 56,
    "resets in the headers": 56,
    "drips whole headers": 28,
    "continues for ever": 28,
    "early hints and no more": 28,
    "drips chunks": 28,
    "falls silent in the chunks": 28,
    "chunk size not hexadecimal": 56,
    "closes in the body": 18,
    "falls silent in the body": 28,
    "length negative": 8,
    "HTTP/0.9": 1,
    "speaks SSH": 1,
}
ONE_SECOND_IS_NOT_THE_END = ["drips bytes that are not HTTP", "endless body", "endless chunks"]
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize("name", CURL_EXITS)
def test_curl_meets_the_fault(peer, name):
    """Goal: the fault is really there, as curl's exit status tells it."""
    assert curl.get(peer(*ROWS[name].steps).url(), seconds=1).exit == CURL_EXITS[name]


@pytest.mark.parametrize("row", ROWS.values(), ids=ids(ROWS.values()))
def test_every_peer_ends_when_stopped(peer, row):
    """Goal: whatever a peer is doing, it and its threads are over within a second."""
    before = threading.active_count()
    server = peer(*row.steps, at=row.at)
    with contextlib.ExitStack() as clients:
        with contextlib.suppress(ConnectionError):  # from those that reset at once
            client = clients.enter_context(server.address.connect())
            client.sendall(GET)
        time.sleep(0.02)
        start = time.monotonic()
        server.stop()
    assert time.monotonic() - start < 1
    assert threading.active_count() == before


@pytest.mark.parametrize("name", ONE_SECOND_IS_NOT_THE_END)
def test_endless_peers_go_on(peer, name):
    """Goal: an endless peer still sends after many bytes or a while."""
    server = peer(*ROWS[name].steps)
    with server.address.connect() as client:
        client.sendall(GET)
        end = time.monotonic() + 0.3
        while time.monotonic() < end:
            assert client.recv(65536)
