"""listen://: what the kernel says of who is bound, without a word to the service."""
import socket

import pytest

import containers
import namespaces
from addresses import free_port
from runner import binary_path, is_asan

RELEASE_ONLY = pytest.mark.skipif(is_asan(binary_path()), reason="only a static program runs where there are no files")


@pytest.fixture
def bound():
    """Binds a socket: bound(address, port=0, kind=SOCK_STREAM, listens=True, only=False)."""
    sockets = []

    def bind(address, port=0, kind=socket.SOCK_STREAM, listens=True, only=False):
        server = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
        sockets.append(server)
        if ":" in address:
            server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(only))
        server.bind((address, port))
        if kind == socket.SOCK_STREAM and listens:
            server.listen(1)
        return server

    yield bind
    for server in sockets:
        server.close()


def port_of(server):
    return server.getsockname()[1]


def test_port(bound, verdict):
    """Goal: any address will do, and nobody is connected to."""
    server = bound("127.0.0.1")
    for target in (f"listen://{port_of(server)}", f"listen://:{port_of(server)}"):
        verdict.healthy("live", target, says=[f"listen listening on 127.0.0.1:{port_of(server)} ("])
    server.setblocking(False)
    with pytest.raises(BlockingIOError):
        server.accept()


def test_nothing_listens(verdict, container):
    """Goal: the line says so, and who does listen."""
    says = ["listen nothing listens on 9", "has the service started"]
    verdict.unhealthy("live", "listen://9", cause="not-listening", says=says)
    box = container('listen("127.0.0.1", 8080)')
    says = ["listen nothing listens on 9; listening: 127.0.0.1:8080; up "]
    verdict.unhealthy("ready", "listen://9", cause="not-listening", says=says, through=box.enter)


def test_bound_and_not_listening(bound, verdict):
    """Goal: a port that is taken, and takes no connection."""
    server = bound("127.0.0.1", listens=False)
    verdict.unhealthy("live", f"listen://{port_of(server)}", cause="not-listening", says=["nothing listens on"])


COVERED = [
    ("127.0.0.1", "127.0.0.1", True), ("127.0.0.1", "localhost", True), ("127.0.0.1", "127.0.0.2", False),
    ("127.0.0.1", "0.0.0.0", False), ("127.0.0.1", "[::1]", False), ("0.0.0.0", "127.0.0.1", True),
    ("0.0.0.0", "0.0.0.0", True), ("0.0.0.0", "localhost", True), ("0.0.0.0", "[::]", False), ("0.0.0.0", "[::1]", False),
    ("::", "127.0.0.1", True), ("::", "0.0.0.0", True), ("::", "[::1]", True), ("::", "[::]", True), ("::1", "localhost", True),
    ("::1", "[::1]", True), ("::1", "[0:0:0:0:0:0:0:1]", True), ("::1", "127.0.0.1", False), ("::1", "[::]", False),
    ("::ffff:127.0.0.1", "127.0.0.1", True),
]  # fmt: skip


@pytest.mark.parametrize("address, asked, is_covered", COVERED, ids=str)
def test_address(bound, verdict, address, asked, is_covered):
    """Goal: what is sent to that address comes to the socket: a socket of all addresses has it, one of another has not."""
    port = port_of(bound(address))
    target = f"listen://{asked}:{port}"
    if is_covered:
        verdict.healthy("live", target, says=["listening on "])
    else:
        verdict.unhealthy("live", target, cause="not-listening", says=[f"port {port} is bound to another address: "])


def test_ipv6_alone(bound, verdict):
    """Goal: a socket of all addresses that takes no IPv4 has no IPv4 address."""
    port = port_of(bound("::", only=True))
    verdict.healthy("live", f"listen://[::1]:{port}")
    verdict.healthy("live", f"listen://localhost:{port}")
    says = [f"port {port} is bound to another address: [::]:{port}"]
    verdict.unhealthy("live", f"listen://127.0.0.1:{port}", cause="not-listening", says=says)
    bound("127.0.0.1", port)
    verdict.healthy("live", f"listen://127.0.0.1:{port}", says=[f"listening on 127.0.0.1:{port}"])


def test_udp(bound, verdict):
    """Goal: UDP is another port of that number; a client's connected socket is no server."""
    server = bound("127.0.0.1", kind=socket.SOCK_DGRAM)
    port = port_of(server)
    verdict.healthy("live", f"listen://udp:{port}", says=[f"listening on 127.0.0.1:{port}, UDP"])
    says = [f"nothing listens on {port}"]
    verdict.unhealthy("live", f"listen://{port}", cause="not-listening", says=says)
    server.connect(("127.0.0.1", 9))
    says = [f"nothing listens on UDP port {port}"]
    verdict.unhealthy("live", f"listen://udp:{port}", cause="not-listening", says=says)


def test_many_listeners(bound, verdict):
    """Goal: however many there are besides."""
    ports = [port_of(bound("127.0.0.1")) for _ in range(80)]
    for port in (min(ports), max(ports)):
        verdict.healthy("live", f"listen://{port}", once=True)


@pytest.fixture
def local(stage):
    """A unix socket that is bound, and its path."""
    path = str(stage.new_folder("socket") / "app sock")
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    yield server, path
    server.close()


def test_unix(local, verdict):
    """Goal: by its path; that a file is there proves nothing."""
    server, path = local
    target = f"listen://{path.replace(' ', '%20')}"
    verdict.unhealthy("live", target, cause="not-listening", says=[f"nothing listens at {path}"])
    server.listen(1)
    verdict.healthy("live", target, says=[f"listening on unix:{path}"])
    server.close()
    verdict.unhealthy("live", target, cause="not-listening", says=["nothing listens at "])


def test_unix_whose_file_is_gone(stage, verdict):
    """Goal: the socket is there and nobody finds it; a file in its place does not help."""
    path = stage.new_folder("socket") / "s"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen(1)
        path.unlink()
        verdict.unhealthy("live", f"listen://{path}", cause="not-listening", says=["nothing listens at "])
        path.write_text("")
        verdict.unhealthy("live", f"listen://{path}", cause="not-listening", says=["nothing listens at "])


def test_unix_whose_name_another_has(stage, verdict):
    """Goal: the file is a dead socket's; one that was there before, or is elsewhere, still has its name."""
    path = stage.new_folder("socket") / "s"
    with socket.socket(socket.AF_UNIX) as living, socket.socket(socket.AF_UNIX) as dead:
        living.bind(str(path))
        living.listen(1)
        path.unlink()
        dead.bind(str(path))
        dead.close()
        verdict.unhealthy("live", f"listen://{path}", cause="not-listening", says=[f"nothing listens at {path}"])
        verdict.unhealthy("live", f"tcp://unix:{path}", cause="refused", says=["refused"])


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_SEQPACKET])
def test_unix_is_not_connected_to(stage, verdict, kind):
    """Goal: whether a socket is bound to the file is asked in a way that reaches no service."""
    path = stage.new_folder("socket") / "s"
    with socket.socket(socket.AF_UNIX, kind) as server:
        server.bind(str(path))
        server.listen(1)
        verdict.healthy("live", f"listen://{path}", says=[f"listening on unix:{path}"])
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()


def test_abstract_name(verdict):
    """Goal: a name that is no file's is not taken for one."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0/tmp/probe-test-abstract")
        server.listen(1)
        verdict.unhealthy("live", "listen:///tmp/probe-test-abstract", cause="not-listening", says=["nothing listens at"])


@namespaces.NEEDS_NAMESPACES
def test_another_network(bound, verdict):
    """Goal: only this container's network is told of."""
    port = port_of(bound("127.0.0.1"))
    verdict.unhealthy("live", f"listen://{port}", cause="not-listening", through=namespaces.without_ipv6())


NO_NETLINK = ["/usr/bin/python3", "-c", """
import ctypes, os, struct, sys
# A filter by which socket(AF_NETLINK) fails, as in gVisor: call 41 of x86-64, 359 of i386.
code = [(0x20, 0, 0, 0), (0x15, 1, 0, 41), (0x15, 0, 3, 359), (0x20, 0, 0, 16), (0x15, 0, 1, 16)]
code += [(0x06, 0, 0, 0x00050000 | 97), (0x06, 0, 0, 0x7fff0000)]
filters = b"".join(struct.pack("HBBI", *row) for row in code)
kept = ctypes.create_string_buffer(filters)
class Program(ctypes.Structure): _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, ctypes.byref(Program(len(code), ctypes.addressof(kept)))) == 0
os.execv(sys.argv[1], sys.argv[1:])
"""]  # fmt: skip


def test_without_netlink(bound, verdict, local):
    """Goal: where the kernel does not answer /proc/net is read, and what it does not tell is not claimed."""
    four, six, udp = bound("127.0.0.1"), bound("::"), bound("127.0.0.1", kind=socket.SOCK_DGRAM)
    server, path = local
    server.listen(1)
    for target in (port_of(four), f"127.0.0.1:{port_of(four)}", f"[::1]:{port_of(six)}", f"udp:{port_of(udp)}", path.replace(" ", "%20")):
        result = verdict.healthy("live", f"listen://{target}", through=NO_NETLINK)
        assert "not known" not in result.out
    says = [f"listening on [::]:{port_of(six)}, whether to IPv4 too is not known"]
    verdict.healthy("live", f"listen://127.0.0.1:{port_of(six)}", says=says, through=NO_NETLINK)
    verdict.unhealthy("live", f"listen://{free_port()}", cause="not-listening", through=NO_NETLINK)


@RELEASE_ONLY
@namespaces.NEEDS_ROOT
def test_nobody_tells(stage, probe_binary, verdict):
    """Goal: neither netlink nor /proc: not known is not healthy."""
    root = containers.bare_root(stage.new_folder("root"), probe_binary)
    root["through"] = [*NO_NETLINK, *root["through"]]
    verdict.unhealthy("live", "listen://8000", cause="not-seen", says=["the kernel does not tell who listens", "mount /proc"], **root)


@pytest.mark.parametrize("target", ["listen://", "listen://0", "listen://65536", "listen://app", "listen://app:80",
                                    "listen://1.2.3:80", "listen://u@8000", "listen://8000/x", "listen://8000?x=1",
                                    "listen://udp", "listen://udp:x", "listen://127.0.0.1", "listen://80,81"])
def test_wrong_targets(verdict, target):
    """Goal: what is asked in vain, or of a resolver, is refused."""
    verdict.misconfigured("live", target)


def test_names_the_forms(verdict):
    """Goal: what is right is in the line."""
    says = ["is not listen://PORT, listen://ADDRESS:PORT, listen://udp:PORT or listen:///PATH"]
    verdict.misconfigured("live", "listen://app:80", says=says)
