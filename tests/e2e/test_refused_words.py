"""What a refusal says is what was written: the option that names the place, the address, the slashes."""
import pytest

from namespaces import NEEDS_NAMESPACES, silent_name_server
from peers import answer_each, response


@pytest.mark.parametrize("url", ["http://localhost/", "http://app.example/", "/x"])
def test_connect_to_another_host(verdict, url):
    """Goal: who wrote localhost is not told to write it, but that --connect-to leads elsewhere."""
    says = ["is sent by --connect-to to another host", "write localhost, or allow it with --allow-remote"]
    verdict.misconfigured("live", url, "--connect-to", "10.1.2.3:80", says=says)
    verdict.misconfigured("live", url, env={"PROBE_CONNECT_TO": "10.1.2.3:80"}, says=says)
    verdict.misconfigured("live", url, "--connect-to", "0.0.0.0:80", says=["by --connect-to to an address to listen on"])


def test_another_host(verdict):
    """Goal: without --connect-to nothing of it."""
    result = verdict.misconfigured("live", "http://10.1.2.3/", says=["'http://10.1.2.3/' is another host"])
    assert "--connect-to" not in result.first and "resolved" not in result.first


@NEEDS_NAMESPACES
@pytest.mark.parametrize("scheme", ["http", "tcp"])
def test_name_that_is_not_resolved(verdict, stage, scheme):
    """Goal: a silent name server does not make the container's own name another host's."""
    says = ["is another host, or a name that is not resolved here, and a health check"]
    through = silent_name_server(stage.new_folder("resolver"))
    verdict.misconfigured("live", "-t", "900ms", f"{scheme}://app.example:80", says=says, through=through)


@pytest.mark.parametrize(
    "target, shown",
    [
        ("http://[::]:8000/x", "'http://[::]:8000/x'"), ("http://[fe80::1]:80/", "'http://[fe80::1]:80/'"), ("http://[fe80::1]/", "'http://[fe80::1]/'"),
        ("http://[::2]:70000/", "'http://[::2]:70000/'"), ("tcp://[::2]:80", "'tcp://[::2]:80'"), ("http://u:sesame77@[::2]:80/", "@[::2]:80/'"),
    ],
)  # fmt: skip
def test_ipv6_address(verdict, target, shown):
    """Goal: the colons of an address are not taken for a password's."""
    result = verdict.misconfigured("live", target, says=[shown])
    assert "sesame77" not in result.out


@pytest.mark.parametrize("target", ["redis://[a:sesame77]:1x/", "redis://[a:sesame77", "redis://[::1]sesame77:x", "redis://[::1]:sesame77"])
def test_what_only_looks_like_an_address(verdict, target):
    """Goal: a password that begins with a bracket stays hidden."""
    result = verdict.misconfigured("ready", "--no-http", target)
    assert "sesame77" not in result.out


@pytest.mark.parametrize("target", ["//localhost:9/health", "//health", "///health"])
def test_two_slashes(peer, verdict, target):
    """Goal: //HOST:PORT/path is not a path that this container's own port answers."""
    service = peer(answer_each(response(b"ok")))
    says = [f"'{target}' begins with two slashes: write http://HOST:PORT/path, or one slash"]
    verdict.misconfigured("live", target, env={"PORT": str(service.port)}, says=says)
    assert service.connections == 0
