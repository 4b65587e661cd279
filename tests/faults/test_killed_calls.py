"""Profiles that kill a process for a call which a health check can do without: a healthy one is reported all the same."""
import pytest

import containers
from machine import odd
from namespaces import NEEDS_NAMESPACES

pytestmark = NEEDS_NAMESPACES
IN_CONTAINER = {"container": "docker"}
NOTE = "port 8000 is bound to loopback only"


@pytest.mark.parametrize("at", ["127.0.0.1", "0.0.0.0"])
@pytest.mark.parametrize("target", ["http://localhost:8000/", "tcp://localhost:8000", "http://127.0.0.1:8000/"])
def test_netlink_and_ioctl(container, verdict, at, target):
    """Goal: healthy, with the note that belongs to it, in text and in JSON, once and by --wait."""
    box = container(f"serve('{at}', 8000)", setup=containers.WITH_ETH0)
    through = [*box.enter, *odd("kill('netlink', 'ioctl')")]
    for words in (["live", "-v", target], ["live", "-vv", target], ["live", "-v", "--wait", "3s", target]):
        result = verdict.healthy(*words, through=through, env=IN_CONTAINER)
        assert (NOTE in result.out) == (at == "127.0.0.1"), str(result)
    assert NOTE not in verdict.healthy("live", target, through=through, env=IN_CONTAINER).out


@pytest.mark.parametrize("host", ["10.9.0.2", "app"])
def test_own_address(container, verdict, stage, host):
    """Goal: to find out whether an address is ours needs neither."""
    hosts = stage.new_folder("etc") / "hosts"
    hosts.write_text("127.0.0.1 localhost\n10.9.0.2 app\n")
    box = container("serve('10.9.0.2', 8000)", setup=f"{containers.WITH_ETH0} && {containers.bind(hosts, '/etc/hosts')}")
    through = [*box.enter, *odd("kill('netlink', 'ioctl')")]
    verdict.healthy("live", f"http://{host}:8000/", says=["http 200"], through=through, env=IN_CONTAINER)


def test_redis_and_postgres(deployment, verdict):
    """Goal: the same for the other kinds."""
    database, cache = deployment
    targets = [database.url(), cache.url()]
    through = odd("kill('netlink', 'ioctl')")
    verdict.healthy("ready", "--no-http", *targets, through=through, env=IN_CONTAINER)
