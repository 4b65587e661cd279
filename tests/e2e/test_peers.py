"""The hostile peers do what they are told."""
import socket

import pytest

import curl
from addresses import has_ipv6
from peers import answer_each, read, request, reset, response, send

pytestmark = pytest.mark.stage


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
