"""Which hosts are this machine: its own addresses, and the names that stand for them."""
import pytest

import containers
from namespaces import NEEDS_NAMESPACES

OWN, OTHER = "10.9.0.2", "10.9.0.3"
ANOTHER_HOST = ["is another host", "write localhost, or allow it with --allow-remote"]
TO_LISTEN = ["is an address to listen on, not to ask: write localhost"]


@pytest.fixture
def box(container, stage):
    """A container with an address of its own, whose /etc/hosts has these lines: box("serve('10.9.0.2', 3000)")."""

    def start(*calls, hosts="", setup="true"):
        file = stage.new_folder("etc") / "hosts"
        file.write_text(f"127.0.0.1 localhost\n{hosts}")
        steps = [containers.WITH_ETH0, "ip addr add fd00:9::2/64 dev eth0 nodad", containers.bind(file, "/etc/hosts"), setup]
        return container(*calls, setup=" && ".join(steps))

    return start


@NEEDS_NAMESPACES
@pytest.mark.parametrize("scheme, ok", [("http", "http 200"), ("tcp", "tcp accepted")])
@pytest.mark.parametrize("host", [OWN, "app", "[fd00:9::2]", "app6", "127.1"])
def test_own(verdict, box, host, scheme, ok):
    """Goal: an address of this machine, and a name of one, is asked without --allow-remote."""
    calls = [f"serve('{address}', 3000)" for address in (OWN, "fd00:9::2", "127.0.0.1")]
    through = box(*calls, hosts=f"{OWN} web app\nfd00:9::2 app6\n").enter
    verdict.healthy("live", f"{scheme}://{host}:3000", says=[ok], through=through)


@NEEDS_NAMESPACES
@pytest.mark.parametrize("host", [OTHER, "other", "both", "10.9.0.255", "224.0.0.1", "255.255.255.255", "[fd00:9::3]", "[ff02::1]"])
def test_another(run_probe, verdict, box, host):
    """Goal: another's address or name is refused, also one with several addresses of which only one is ours."""
    through = box(hosts=f"{OTHER} other both\n{OWN} both\n").enter
    for scheme in ("http", "tcp"):
        verdict.misconfigured("live", f"{scheme}://{host}:3000", says=ANOTHER_HOST, through=through)


@NEEDS_NAMESPACES
@pytest.mark.parametrize("family, host", [("ipv4", OTHER), ("ipv6", "[fd00:9::3]")], ids=["ipv4", "ipv6"])
def test_binding_proves_nothing(verdict, box, family, host):
    """Goal: where sockets may be bound to any address, no other host is taken for this one."""
    through = box(setup=f"echo 1 > /proc/sys/net/{family}/ip_nonlocal_bind").enter
    verdict.misconfigured("live", f"http://{host}:3000/", says=ANOTHER_HOST, through=through)


@NEEDS_NAMESPACES
@pytest.mark.parametrize("host", [OWN, "app"])
def test_refused_at_own(verdict, box, host):
    """Goal: the listeners are compared with the address that the name stands for."""
    through = box("listen('127.0.0.1', 3000)", hosts=f"{OWN} app\n").enter
    says = [f"refused by {OWN}:3000; port 3000 is bound to another address; listening: 127.0.0.1:3000"]
    verdict.unhealthy("live", f"http://{host}:3000/", cause="refused", says=says, through=through)


@pytest.mark.parametrize("host", ["0", "0.0.0.0", "0x0", "0.0", "[::]", "[::0]", "[::ffff:0.0.0.0]"])
@pytest.mark.parametrize("scheme", ["http", "tcp"])
@pytest.mark.parametrize("options", [[], ["--allow-remote"]])
def test_listening_address(verdict, scheme, host, options):
    """Goal: what servers listen on is no address to ask, however it is written."""
    verdict.misconfigured("live", *options, f"{scheme}://{host}:8000", says=TO_LISTEN)
