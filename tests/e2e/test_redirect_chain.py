"""--follow goes a few steps, and a chain that is longer is no answer."""
import re

from peers import request, response, send

REDIRECTS_MAX = 5


def step_down(talk):
    """/3 leads to /2, to /1, to /0, which answers."""
    number = int(re.match(rb"GET /(\d+) ", talk.received)[1])
    head = b"Location: /%d\r\n" % (number - 1) if number else b""
    send(response(b"ok", status=b"302 Found" if number else b"200 OK", headers=head))(talk)


def test_longest_chain(peer, verdict):
    """Goal: five redirects are followed, and no sixth."""
    server = peer(request(), step_down)
    verdict.healthy("live", "--follow", server.url(f"/{REDIRECTS_MAX}"), says=["http 200"])
    says = [f"302, after {REDIRECTS_MAX} redirects"]
    verdict.unhealthy("live", "--follow", server.url(f"/{REDIRECTS_MAX + 1}"), cause="redirect-loop", says=says)


def test_another_port_is_another_service(peer, verdict):
    """Goal: what answers there says nothing of the one that is asked."""
    other = peer(request(), send(response(b"ok")))
    server = peer(request(), send(response(b"", status=b"302 Found", headers=b"Location: %s\r\n" % other.url().encode())))
    says = [f"302 to {other.url()}, not followed"]
    verdict.unhealthy("live", "--follow", server.url(), cause="http-redirect", says=says)
    assert other.connections == 0
