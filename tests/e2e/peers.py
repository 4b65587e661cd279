"""Hostile servers: each does one thing that a server should not, to everyone who connects.

A script is a tuple of steps, each a function of the conversation: peer(read(), send(b"-LOADING ...\\r\\n"), hold()).
SCRIPTS has those that many tests want, by name; the tables of what servers do are in tests/faults.
No conversation lasts longer than MAX_SECONDS or sends more than MAX_BYTES, whatever its script says.
"""
import socket
import struct
import threading
import time

from addresses import Address

MAX_SECONDS = 30
MAX_BYTES = 2 * 1024 * 1024 * 1024
MAX_CONVERSATIONS = 200
MAX_RECORDED = 64 * 1024

# Fast enough to fill any buffer at once, slow enough to leave the machine to others: 64 MB/s.
FLOOD_SECONDS = 0.001
BLOCK = b"x" * 65536

STATUS = b"HTTP/1.1 200 OK\r\n"
HEAD = STATUS + b"Content-Type: text/plain\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


class Over(Exception):
    """The conversation is over: the client has gone, the limits are reached or the peer is being stopped."""


class Conversation:
    def __init__(self, connection, stopping):
        self.connection = connection
        self.stopping = stopping
        self.end = time.monotonic() + MAX_SECONDS
        self.sent = 0
        self.received = bytearray()

    def send(self, data):
        self.check()
        self.connection.settimeout(self.end - time.monotonic())
        self.connection.sendall(data)
        self.sent += len(data)

    def receive(self):
        self.check()
        self.connection.settimeout(self.end - time.monotonic())
        data = self.connection.recv(65536)
        if not data:
            raise Over
        self.received += data[: MAX_RECORDED - len(self.received)]
        return data

    def sleep(self, seconds):
        self.stopping.wait(seconds)
        self.check()

    def check(self):
        if self.stopping.is_set() or time.monotonic() >= self.end or self.sent > MAX_BYTES:
            raise Over


# Steps --------------------------------------------------------------------------------------------------------------


def read():
    """Waits for something, whatever it is."""
    return lambda talk: talk.receive()


def request():
    """Waits for the end of an HTTP request's headers."""

    def step(talk):
        while b"\r\n\r\n" not in talk.received:
            talk.receive()

    return step


def send(data):
    return lambda talk: talk.send(data)


def pause(seconds):
    return lambda talk: talk.sleep(seconds)


def drip(data, every=0.05):
    """Sends data one byte at a time."""

    def step(talk):
        for byte in data:
            talk.send(bytes([byte]))
            talk.sleep(every)

    return step


def repeat(data, every):
    """Sends data again and again, without end."""

    def step(talk):
        while True:
            talk.send(data)
            talk.sleep(every)

    return step


def flood(data):
    """Sends data without end, in blocks of some size."""
    return repeat(data * (1 + len(BLOCK) // len(data)), every=FLOOD_SECONDS)


def answer_each(*answers):
    """Answers whatever arrives, each time with the next of the answers, the last one for ever."""

    def step(talk):
        left = list(answers)
        while True:
            talk.receive()
            talk.send(left[0])
            left = left[1:] or left

    return step


def hold():
    """Keeps the connection and says nothing more, until the client leaves."""

    def step(talk):
        while True:
            talk.receive()

    return step


def finish():
    """Sends a FIN and keeps reading: half closed."""

    def step(talk):
        talk.connection.shutdown(socket.SHUT_WR)
        hold()(talk)

    return step


def deafen():
    """Reads no more, and says so where the kernel can, which is on a unix socket."""
    return lambda talk: talk.connection.shutdown(socket.SHUT_RD)


def reset():
    """Ends with a RST instead of a FIN."""

    def step(talk):
        talk.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Over

    return step


def response(body, length=None, status=b"200 OK", headers=b""):
    """A whole HTTP response; a wrong Content-Length can be given."""
    length = len(body) if length is None else length
    return b"HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s" % (status, headers, length, body)


# Scripts ------------------------------------------------------------------------------------------------------------

SCRIPTS = {
    "silent": (hold(),),
    "control characters": (
        request(),
        send(response(b"\x1b[31mred\x00\x07\r\n\x9b2J", status=b"503 \x1b[2JBad\x07")),
    ),
}


# The server ---------------------------------------------------------------------------------------------------------


class Peer:
    """Listens and plays its script to everyone who connects.

    .received is what each client has sent, in order of arrival; .connections is how many there were.
    """

    def __init__(self, script, address, accept=True):
        self.script = script
        self.address = address
        self.listener = address.socket()
        self.stopping = threading.Event()
        self.conversations = []
        self.threads = []
        self.fillers = []
        self._listen(accept)

    def _listen(self, accept):
        if not self.address.is_unix:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(self.address.bind_argument())
        self.listener.listen(128 if accept else 0)
        if accept:
            self.begin_accepting()

    @property
    def port(self):
        return self.address.port

    @property
    def received(self):
        return [bytes(talk.received) for talk in self.conversations]

    @property
    def connections(self):
        return len(self.conversations)

    def url(self, path="/", scheme="http"):
        return self.address.url(path, scheme)

    def fill_queue(self):
        """Takes every place in the queue of a peer that does not accept: the next client's SYN is dropped."""
        for _ in range(8):
            try:
                self.fillers.append(self.address.connect(timeout=0.2))
            except OSError:
                return
        raise RuntimeError("the queue does not fill up")

    def begin_accepting(self):
        self._in_thread(self._accept)

    def stop(self):
        self.stopping.set()
        close(self.listener)
        for talk in self.conversations:
            close(talk.connection)
        for filler in self.fillers:
            filler.close()
        for thread in self.threads:
            thread.join(5)
        left = [thread.name for thread in self.threads if thread.is_alive()]
        if left:
            raise RuntimeError(f"threads of a peer did not end: {left}")

    def log(self):
        return "\n".join(f"{number}: {data!r}" for number, data in enumerate(self.received, 1))

    def _in_thread(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments, daemon=True, name=f"peer {self.address.listen}")
        self.threads.append(thread)
        thread.start()

    def _accept(self):
        while len(self.conversations) < MAX_CONVERSATIONS:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            if self.stopping.is_set():
                connection.close()
                return
            talk = Conversation(connection, self.stopping)
            self.conversations.append(talk)
            self._in_thread(self._play, talk)

    def _play(self, talk):
        with talk.connection:
            try:
                for step in self.script:
                    step(talk)
            except (Over, OSError):
                pass


def peer(stage, *script, at="127.0.0.1", accept=True):
    """A hostile server: peer("silent"), or peer(request(), send(b"..."), reset())."""
    folder = stage.new_folder("peer") if at == "unix" else None
    if len(script) == 1 and isinstance(script[0], str):
        script = SCRIPTS[script[0]]
    return Peer(script, Address(at, folder), accept)


def close(connection):
    """Closes, and wakes the thread that waits on it, which close() alone does not."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    connection.close()
