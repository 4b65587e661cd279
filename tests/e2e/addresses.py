"""Where a server of the tests listens: an address of this machine and a port, or a unix socket."""
import fcntl
import os
import socket
import tempfile
from pathlib import Path

# Below the range that the kernel gives to outgoing connections. Each process begins elsewhere, so that
# tests that run side by side seldom try the same ports.
FIRST_PORT, LAST_PORT = 10000, 32000
_next_port = FIRST_PORT + os.getpid() * 101 % (LAST_PORT - FIRST_PORT)
# Byte N of this file is locked by the process of tests that has port N, until that process ends.
LOCKS = Path(tempfile.gettempdir()) / "probe-test-ports"
_locks = None

WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}


class Address:
    """`at` is "127.0.0.1", "::1", "0.0.0.0", "::" or "unix"; `folder` is where the socket's file goes."""

    def __init__(self, at, folder=None):
        self.is_unix = at == "unix"
        self.host = None if self.is_unix else at
        self.port = None if self.is_unix else free_port()
        self.path = str(folder / "socket") if self.is_unix else None

    @property
    def client_host(self):
        return WILDCARDS.get(self.host, self.host)

    @property
    def listen(self):
        """As Gunicorn, nginx and busybox want it: 127.0.0.1:8000, [::1]:8000 or unix:/path."""
        return f"unix:{self.path}" if self.is_unix else f"{bracketed(self.host)}:{self.port}"

    def url(self, path="/", scheme="http"):
        """As probe wants it. A unix socket is written nginx's way."""
        if self.is_unix:
            return f"{scheme}://unix:{self.path}:{path}"
        return f"{scheme}://{bracketed(self.client_host)}:{self.port}{path}"

    def socket(self):
        """A new socket of the right family, not bound and not connected."""
        if self.is_unix:
            return socket.socket(socket.AF_UNIX)
        return socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET)

    def bind_argument(self):
        return self.path if self.is_unix else (self.host, self.port)

    def connect_argument(self):
        return self.path if self.is_unix else (self.client_host, self.port)

    def connect(self, timeout=1.0):
        connection = self.socket()
        connection.settimeout(timeout)
        try:
            connection.connect(self.connect_argument())
        except OSError:
            connection.close()
            raise
        return connection

    def accepts(self):
        try:
            self.connect().close()
            return True
        except OSError:
            return False


def bracketed(host):
    return f"[{host}]" if ":" in host else host


def free_port():
    """A port that nothing uses on IPv4 and IPv6, and that no process of tests has given out before."""
    global _next_port
    for _ in range(LAST_PORT - FIRST_PORT):
        port = _next_port
        _next_port = port + 1 if port < LAST_PORT else FIRST_PORT
        if reserve(port) and is_free(port):
            return port
    raise RuntimeError("no free port")


def reserve(port):
    """Whether no other process of tests has it. Two servers on one port would both seem to have started: whoever asks
    whether his own is ready reaches the other's."""
    global _locks
    if _locks is None:
        _locks = os.open(LOCKS, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.lockf(_locks, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
        return True
    except OSError:
        return False


def is_free(port):
    families = [(socket.AF_INET, "")] + ([(socket.AF_INET6, "")] if has_ipv6() else [])
    for family, host in families:
        with socket.socket(family) as candidate:
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                candidate.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                candidate.bind((host, port))
            except OSError:
                return False
    return True


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as candidate:
            candidate.bind(("::1", 0))
        return True
    except OSError:
        return False
