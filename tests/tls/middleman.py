"""Stands between the probe and a real server, and spoils what the server says: whole up to a byte, then as the test wants.

A stage is a TLS record that the server sends, from 0; PostgreSQL's one byte that comes before counts as part of the first.
"""
import ctypes
import random
import socket
import struct
import threading

from peers import MAX_SECONDS

HEADER = 5
HANDSHAKE, ALERT, CHANGE, DATA = 22, 21, 20, 23


def record(kind, body, version=b"\x03\x03"):
    return bytes([kind]) + version + struct.pack("!H", len(body)) + body


# What is done in place of a record's rest: each is called with the connection, what is left, and the stop.


def close(connection, rest, stopping):
    connection.shutdown(socket.SHUT_RDWR)


def reset(connection, rest, stopping):
    """A thread that reads keeps close() from a RST; connecting to nowhere (AF_UNSPEC) does not wait for it."""
    ctypes.CDLL(None).connect(connection.fileno(), bytes(16), 16)


def silence(connection, rest, stopping):
    stopping.wait(MAX_SECONDS)


def drip(connection, rest, stopping):
    for byte in rest:
        connection.sendall(bytes([byte]))
        if stopping.wait(0.1):
            return
    silence(connection, rest, stopping)


def garbage(connection, rest, stopping):
    connection.sendall(random.Random(1).randbytes(len(rest)))
    connection.shutdown(socket.SHUT_RDWR)


def oversized(connection, rest, stopping):
    connection.sendall(rest[:3] + b"\xff\xff" + b"x" * 65535)
    silence(connection, rest, stopping)


def endless(piece, every=0.001):
    def send(connection, rest, stopping):
        while not stopping.wait(every):
            connection.sendall(piece * 20)

    return send


class Middleman:
    """Middleman(port, stage=1, at=HEADER, spoil=close).port: record 1 goes on after its header as close() says.

    at: bytes of the record that are still passed on; a share of it, if it is less than 1.
    """

    def __init__(self, port, stage, spoil, at=0, opening=0):
        """opening: bytes that the server says before its first record."""
        self.upstream, self.stage, self.spoil, self.at, self.opening = port, stage, spoil, at, opening
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.stopping = threading.Event()
        self.sockets, self.threads = [self.listener], []
        self.begin(self.accept)

    def begin(self, function, *arguments):
        thread = threading.Thread(target=self.quietly, args=(function, *arguments), daemon=True)
        self.threads.append(thread)
        thread.start()

    def quietly(self, function, *arguments):
        try:
            function(*arguments)
        except OSError:
            pass

    def accept(self):
        while not self.stopping.is_set():
            client, _ = self.listener.accept()
            server = socket.create_connection(("127.0.0.1", self.upstream), timeout=MAX_SECONDS)
            self.sockets += [client, server]
            self.begin(self.pass_on, client, server)
            self.begin(self.pass_records, server, client)

    def pass_on(self, source, sink):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)

    def pass_records(self, server, client):
        stream = server.makefile("rb")
        if self.opening:
            client.sendall(stream.read(self.opening))
        stage = 0
        while header := stream.read(HEADER):
            whole = header + stream.read(struct.unpack("!H", header[3:])[0])
            if stage == self.stage:
                at = int(self.at * len(whole)) if self.at < 1 else self.at
                client.sendall(whole[:at])
                self.spoil(client, whole[at:], self.stopping)
                return
            client.sendall(whole)
            stage += 1
        client.shutdown(socket.SHUT_WR)

    def stop(self):
        self.stopping.set()
        for one in self.sockets:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()
        for thread in self.threads:
            thread.join(5)
