"""A name with several addresses: one that is silent costs the others no more than a moment, and keeps its own time."""
import threading

import pytest

import peers
from addresses import Address
from namespaces import NEEDS_NAMESPACES, with_file, without_ipv6

OK = (peers.request(), peers.send(peers.response(b"ok")))
PONG = (peers.read(), peers.send(b"+PONG\r\n"))
KINDS = {"tcp": (peers.hold(),), "http": OK, "redis": PONG}


@pytest.fixture
def listen(started):
    """A peer at a given address and port: listen("127.0.0.5", 8000, *script); without a script it takes nobody."""

    def start(host, port, *script):
        address = Address(host)
        address.port = port or address.port
        server = peers.Peer(script, address, accept=bool(script))
        started.append(server)
        if not script:
            server.fill_queue()
        return server

    return start


@pytest.mark.parametrize("scheme", KINDS)
def test_first_is_silent_at_first(verdict, listen, scheme):
    """Goal: a queue that is drained after half of the time is soon enough, though a second address has refused."""
    server = listen("127.0.0.1", None)
    server.script = KINDS[scheme]
    drain = threading.Timer(1.2, server.begin_accepting)
    drain.start()
    target = f"{scheme}://localhost:{server.port}"
    result = verdict.healthy("ready", "--no-http", "-t", "3s", target, once=True)
    drain.join()
    assert result.seconds < 2.7, str(result)


@pytest.mark.parametrize("scheme", KINDS)
def test_first_is_silent(verdict, listen, scheme):
    """Goal: the second address is tried after a moment, and healthy."""
    server = listen("::1", None, *KINDS[scheme])
    listen("127.0.0.1", server.port)
    says = [" from ::1"] if scheme == "http" else []
    result = verdict.healthy("ready", "--no-http", "-t", "2s", f"{scheme}://localhost:{server.port}", says=says)
    assert 0.2 < result.seconds < 1, str(result)


@pytest.fixture
def hosts(stage):
    """A file that gives app.example four addresses."""
    file = stage.new_folder("hosts") / "hosts"
    file.write_text("".join(f"127.0.3.{number} app.example\n" for number in (1, 2, 3, 4)))
    return file


@NEEDS_NAMESPACES
@pytest.mark.parametrize("scheme", KINDS)
def test_only_the_last_answers(verdict, listen, hosts, scheme):
    """Goal: the same for a name: two addresses are silent, one refuses, the last one answers, in a second's time."""
    server = listen("127.0.3.4", None, *KINDS[scheme])
    for number in (1, 2):
        listen(f"127.0.3.{number}", server.port)
    target = f"{scheme}://app.example:{server.port}"
    options = ["--no-http", "--allow-remote", "-t", "3s"]
    result = verdict.healthy("ready", *options, target, through=with_file(hosts, "/etc/hosts"))
    assert result.seconds < 1.5, str(result)


@NEEDS_NAMESPACES
@pytest.mark.parametrize("scheme", KINDS)
def test_last_is_tried_in_time(verdict, listen, hosts, scheme):
    """Goal: three silent addresses, each with a full head start, would leave the last one nothing of 700 ms."""
    server = listen("127.0.3.4", None, *KINDS[scheme])
    for number in (1, 2, 3):
        listen(f"127.0.3.{number}", server.port)
    target = f"{scheme}://app.example:{server.port}"
    options = ["--no-http", "--allow-remote", "-t", "700ms"]
    verdict.healthy("ready", *options, target, through=with_file(hosts, "/etc/hosts"))


@pytest.mark.parametrize("silent", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("scheme", KINDS)
def test_all_are_silent(verdict, listen, scheme, silent):
    """Goal: a timeout at the deadline, which tells more than the refusal of the other."""
    server = listen(silent, None)
    cause = "workers-busy" if scheme == "http" else "queue-full"
    says = ["no connection in 500 ms", "its queue is full"]
    words = ["ready", "--no-http", "-t", "500ms", f"{scheme}://localhost:{server.port}"]
    result = verdict.unhealthy(*words, cause=cause, says=says)
    assert 0.4 < result.seconds < 1, str(result)


@NEEDS_NAMESPACES
@pytest.mark.parametrize("scheme", KINDS)
def test_refused_without_ipv6(verdict, scheme):
    """Goal: only who refused is named: nobody did at ::1 where IPv6 is off."""
    result = verdict.unhealthy(
        "ready", "--no-http", f"{scheme}://localhost:9", cause="refused", says=["refused by 127.0.0.1:9;"],
        through=without_ipv6(),
    )  # fmt: skip
    assert "::1" not in result.first, str(result)
