"""The hostile peers do what their names say, and end when they are told."""
import contextlib
import socket
import threading
import time

import pytest

import curl
from addresses import has_ipv6
from peers import SCRIPTS, answer_each, read, request, reset, response, send

pytestmark = pytest.mark.stage

CURL_EXITS = {
    "silent": 28,
    "closes after the request": 52,
    "resets after the request": 56,
    "resets in the headers": 56,
    "drips headers for ever": 28,
    "continues for ever": 28,
    "early hints without end": 28,
    "drips the body for ever": 28,
    "no end of the chunks": 28,
    "broken chunk size": 56,
    "body too short, closes": 18,
    "body too short, holds": 28,
    "negative length": 8,
    "http 0.9": 1,
    "ssh banner": 1,
}
ONE_SECOND_IS_NOT_THE_END = ["drips a byte for ever", "endless body", "endless chunks"]


@pytest.mark.parametrize("script", CURL_EXITS)
def test_curl_meets_the_fault(peer, script):
    """Goal: the fault is really there, as curl's exit status tells it."""
    assert curl.get(peer(script).url(), seconds=1).exit == CURL_EXITS[script]


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_peer_ends_when_stopped(peer, script):
    """Goal: whatever a peer is doing, it and its threads are over within a second."""
    before = threading.active_count()
    server = peer(script)
    with contextlib.ExitStack() as clients:
        with contextlib.suppress(ConnectionError):  # from those that reset at once
            client = clients.enter_context(server.address.connect())
            client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        time.sleep(0.02)
        start = time.monotonic()
        server.stop()
    assert time.monotonic() - start < 1
    assert threading.active_count() == before


@pytest.mark.parametrize("script", ONE_SECOND_IS_NOT_THE_END)
def test_endless_peers_go_on(peer, script):
    """Goal: an endless peer still sends after many bytes or a while."""
    server = peer(script)
    with server.address.connect() as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        end = time.monotonic() + 0.3
        while time.monotonic() < end:
            assert client.recv(65536)


def test_peer_records_what_it_got(peer):
    """Goal: a test can say what a client has sent, and how often it connected."""
    server = peer(request(), send(response(b"ok")))
    assert curl.get(server.url("/here"), "-H", "X-Test: yes").body == "ok"
    assert server.connections == 1
    assert server.received[0].startswith(b"GET /here HTTP/1.1\r\n")
    assert b"\r\nX-Test: yes\r\n" in server.received[0]


def test_peer_answers_each_in_turn(peer):
    """Goal: a protocol of questions and answers can be scripted, Redis for one."""
    server = peer(answer_each(b"+OK\r\n", b"-LOADING Redis is loading the dataset in memory\r\n"))
    with server.address.connect() as client:
        client.sendall(b"AUTH x\r\n")
        assert client.recv(100) == b"+OK\r\n"
        for _ in range(2):
            client.sendall(b"PING\r\n")
            assert client.recv(100).startswith(b"-LOADING")


@pytest.mark.parametrize("at", ["::1", "unix"])
def test_peer_listens_elsewhere(peer, at):
    """Goal: the same faults can be had on IPv6 and on a unix socket."""
    if at == "::1" and not has_ipv6():
        pytest.skip("this machine has no IPv6")
    server = peer(read(), send(b"hello"), at=at)
    with server.address.connect() as client:
        client.sendall(b"x")
        assert client.recv(100) == b"hello"


def test_reset_is_a_reset(peer):
    """Goal: the client sees ECONNRESET and not an end of file."""
    server = peer(read(), reset())
    with server.address.connect() as client:
        client.sendall(b"x")
        with pytest.raises(ConnectionResetError):
            client.recv(100)


def test_full_queue_drops_the_next_client(peer):
    """Goal: a server whose queue is full lets a connection hang, which is not a refusal."""
    server = peer(accept=False)
    server.fill_queue()
    with pytest.raises(socket.timeout):
        server.address.connect(timeout=0.3)
