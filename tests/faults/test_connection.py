"""What can happen before a byte is exchanged, for every kind of target."""
import pytest

import namespaces
from addresses import Address, free_port, has_ipv6
from namespaces import NEEDS_NAMESPACES
from peers import Peer, deafen, hold, pause, reset
from runner import binary_path, is_asan
from table import HEALTHY, SHORT

TARGETS = {
    "HTTP": "http://{place}/",
    "PostgreSQL": "postgres://app:{secret}@{place}/db",
    "Redis": "redis://:{secret}@{place}/1",
    "TCP": "tcp://{place}",
}
SECTIONS = pytest.mark.parametrize("section", TARGETS)


@pytest.fixture
def ask(trial, secret):
    """ask("HTTP", "127.0.0.1:8000", cause=..., says=...)"""

    def run(section, place, *options, **more):
        target = TARGETS[section].format(place=place, secret=secret())
        return trial(section, "ready", *options, target, **more)

    return run


@pytest.fixture
def unix_peer(stage, started):
    """A peer on a unix socket, and the target that means it."""

    def start(section, secret, *steps, accept=True):
        folder = stage.new_folder("unix")
        address = Address("unix", folder)
        address.path = str(folder / ".s.PGSQL.5432")
        server = Peer(steps, address, accept)
        started.append(server)
        targets = {
            "HTTP": f"http://unix:{address.path}:/",
            "PostgreSQL": f"postgres://app:{secret()}@/db?host={folder}",
            "Redis": f"unix://:{secret()}@{address.path}",
            "TCP": f"tcp://unix:{address.path}",
        }
        return server, targets[section]

    return start


@SECTIONS
def test_refuses(ask, section):
    """Goal: nothing listens, on the address or by the name localhost."""
    port = free_port()
    ask(section, f"127.0.0.1:{port}", cause="refused", says=[f"refused by 127.0.0.1:{port}", "nothing listens on"])


@SECTIONS
def test_refuses_by_the_name_localhost(ask, section):
    """Goal: both addresses of localhost refuse."""
    ask(section, f"localhost:{free_port()}", cause="refused", says=["refused by", "nothing listens on"])


# On a busy machine /proc, which tells that workers are busy, cannot be read in the time that is kept for it.
FULL = {
    "HTTP": ("workers-busy", "timeout-connect"),
    "PostgreSQL": ("queue-full", "timeout-connect"),
    "Redis": ("queue-full", "timeout-connect"),
    "TCP": ("queue-full", "timeout-connect"),
}


@SECTIONS
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_takes_no_more_connections(peer, ask, host, section):
    """Goal: the queue is full, so that the kernel drops our SYN; by name that counts, not that ::1 refuses."""
    server = peer(accept=False)
    server.fill_queue()
    says = ["no connection in 500 ms", "queue is full"]
    ask(section, f"{host}:{server.port}", cause=FULL[section], says=says, timeout=SHORT)


@NEEDS_NAMESPACES
@SECTIONS
def test_packets_are_dropped(ask, section):
    """Goal: another host, from which nothing comes back."""
    through = namespaces.dropping("192.0.2.1")
    says = ["no connection in 500 ms", "a firewall, or a host that is down?"]
    ask(section, "192.0.2.1:9", "--allow-remote", cause="timeout-connect", says=says, through=through)


@NEEDS_NAMESPACES
@SECTIONS
def test_no_route(ask, section):
    """Goal: a network that this container is not attached to."""
    says = ["no connection to 192.0.2.1:9: ", "is the container attached to that network?"]
    through = namespaces.without_ipv6()
    ask(section, "192.0.2.1:9", "--allow-remote", cause="unreachable", says=says, through=through)


SILENT = {
    "HTTP": ("timeout-answer", ["connected, no answer in 500 ms"]),
    "PostgreSQL": ("timeout-login", ["connected, but the login did not finish within 500 ms"]),
    "Redis": ("timeout-answer", ["connected, no answer in 500 ms", "its log, its locks and its load"]),
    "TCP": (HEALTHY, ["tcp accepted"]),
}


@SECTIONS
@pytest.mark.parametrize("at", ["127.0.0.1", "::1"])
def test_silent(peer, ask, section, at):
    """Goal: the connection is accepted, and nothing follows."""
    if at == "::1" and not has_ipv6():
        pytest.skip("this machine has no IPv6")
    cause, says = SILENT[section]
    place = peer(hold(), at=at).url("", "").removeprefix("://")
    ask(section, place, cause=cause, says=says)


@SECTIONS
def test_silent_on_a_unix_socket(unix_peer, trial, secret, section):
    """Goal: the same on a unix socket."""
    cause, says = SILENT[section]
    _, target = unix_peer(section, secret, hold())
    trial(section, "ready", target, cause=cause, says=says)


@SECTIONS
def test_unix_socket_with_a_full_queue(unix_peer, trial, secret, section):
    """Goal: connecting to a unix socket fails at once when its queue is full, and is not waited for."""
    server, target = unix_peer(section, secret, accept=False)
    server.fill_queue()
    trial(section, "ready", target, cause="queue-full", says=[server.address.path, "more workers"])


# Who is faster decides whether our end of the connection is told of a FIN or of a RST.
GONE = {
    "HTTP": (("http-empty", "reset"), ["an answer"]),
    "PostgreSQL": ("reset", ["connection closed during the login"]),
    "Redis": (("redis-closed", "reset"), ["an answer"]),
    "TCP": (HEALTHY, ["tcp accepted"]),
}


@SECTIONS
@pytest.mark.parametrize("how", ["closes", "resets"])
def test_is_gone_at_once(peer, ask, section, how):
    """Goal: the connection is accepted, and ended before anything is read."""
    server = peer(pause(0.1), reset()) if how == "resets" else peer()
    cause, says = GONE[section]
    ask(section, f"127.0.0.1:{server.port}", cause=cause, says=says)


@SECTIONS
def test_reads_no_more_on_a_unix_socket(unix_peer, trial, secret, section):
    """Goal: what is sent is refused, with EPIPE."""
    _, target = unix_peer(section, secret, deafen(), hold())
    cause, says = GONE[section]
    trial(section, "ready", target, cause=cause, says=says)


@NEEDS_NAMESPACES
@pytest.mark.skipif(is_asan(binary_path()), reason="AddressSanitizer needs /proc")
def test_silent_and_proc_without_end(peer, trial, stage):
    """Goal: what explains a failure is looked up in time, or left out; the failure itself is told."""
    folder = stage.new_folder("proc")
    (folder / "net").mkdir()
    (folder / "net" / "tcp").symlink_to("/dev/zero")
    through = namespaces.with_file(folder, "/proc")
    says = ["connected, no answer in 500 ms"]
    trial("HTTP", "live", peer("silent").url(), cause="timeout-answer", says=says, through=through)
