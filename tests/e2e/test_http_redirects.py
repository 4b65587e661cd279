"""Redirects, read as curl reads them: which are followed, and what is said of those that are not."""
import pytest

import curl
from peers import BLOCK, request, response

LONG = "/" + "x" * 5000


def by_path(answers):
    """Answers by path, and closes; any other path is 404."""

    def step(talk):
        request()(talk)
        path = talk.received.split(b" ", 2)[1].decode()
        talk.send(answers.get(path, response(b"nothing here", status=b"404 Not Found")))

    return (step,)


def to(location, body=b"", status=b"302 Found"):
    return response(body, status=status, headers=b"Location: %s\r\n" % location.encode())


def asked(server):
    return [data.split(b" ", 2)[1].decode() for data in server.received]


FOLLOWED = [
    # asked, Location, where it leads
    ("/a", "/ok#top", "/ok"),
    ("/a", "ok", "/ok"),
    ("/a/b", "../ok", "/ok"),
    ("/a/b", "./ok", "/a/ok"),
    ("/a/b", "ok/../here", "/a/here"),
    ("/a/b?c=d", "?x=1", "/a/b?x=1"),
    ("/a", "//{place}/ok", "/ok"),
    ("/a", "http://{place}/ok", "/ok"),
    ("/a", "HTTP://{place}/ok", "/ok"),
    ("/a", "http://{place}", "/"),
    ("/a", "http://{place}?x", "/?x"),
    ("/a", LONG, LONG),
    ("/a", "/with space", "/with%20space"),
    ("/a", "/b%2Fc", "/b%2Fc"),
    ("/a", " \t/ok \t", "/ok"),
]


@pytest.mark.parametrize("path, location, leads", FOLLOWED, ids=[f"{row[0]} {row[1]}"[:40] for row in FOLLOWED])
def test_location_is_read_as_curl_reads_it(peer, verdict, path, location, leads):
    """Goal: B6, --follow asks what curl -L asks, of every form of a Location."""
    answers = {leads: response(b"here")}
    server = peer(*by_path(answers))
    answers[path] = to(location.replace("{place}", f"127.0.0.1:{server.port}"))
    verdict.healthy("live", "--follow", server.url(path), once=True)
    ours = asked(server)
    assert ours == [path, leads]
    assert curl.get(server.url(path), "-L").status == 302 and asked(server)[len(ours) :] == ours


def test_body_of_a_redirect_may_be_long(peer, verdict):
    """Goal: B6, a redirect is followed whatever body it has."""
    server = peer(*by_path({"/a": to("/ok", body=BLOCK + BLOCK), "/ok": response(b"here")}))
    verdict.healthy("live", "--follow", server.url("/a"))
    says = [f"302 to {server.url('/ok')}"]
    verdict.unhealthy("live", server.url("/a"), cause="http-redirect", says=says)


@pytest.mark.parametrize("location", ["https://{place}/ok", "http://localhost:{port}/ok", "http://{place}1/ok", "ftp://{place}/"])
def test_other_places_are_not_followed(peer, verdict, location):
    """Goal: only the same scheme, host and port are the service that is to be checked."""
    answers = {"/ok": response(b"here")}
    server = peer(*by_path(answers))
    place = f"127.0.0.1:{server.port}"
    answers["/a"] = to(location.format(place=place, port=server.port))
    causes = ("http-redirect", "https-redirect")
    verdict.unhealthy("live", "--follow", server.url("/a"), cause=causes, says=["302"])
    assert set(asked(server)) == {"/a"}


def test_where_a_redirect_led_is_named(peer, verdict):
    """Goal: C9, of /a that leads to /b, which is not there, the path that is missing is /b."""
    server = peer(*by_path({"/a": to("/b?token=abcd")}))
    verdict.unhealthy("live", "--follow", server.url("/a"), cause="http-not-found", says=["404 Not Found for /b:"])


@pytest.mark.parametrize("status", ["301", "302", "307", "308"])
@pytest.mark.parametrize("path, location", [("/health", "/health/"), ("/health/", "/health"), ("/a/b/?x=1", "/a/b?x=1")])
def test_slash_is_the_only_difference(peer, verdict, status, path, location):
    """Goal: C10, a slash that is added and one that is taken away are the same mistake."""
    server = peer(*by_path({path: to(location, status=status.encode() + b" Moved")}))
    says = [f"{status} to {location.split('?')[0]}, and {path.split('?')[0]} was asked", "slash"]
    verdict.unhealthy("live", server.url(path), cause="slash-redirect", says=says)


@pytest.mark.parametrize("path, location", [("/health", "/healthz"), ("/health/", "/"), ("/", "/health/"), ("/a", "/b/")])
def test_other_paths_are_no_slash(peer, verdict, path, location):
    """Goal: C10, another path is not called a slash."""
    server = peer(*by_path({path: to(location)}))
    verdict.unhealthy("live", server.url(path), cause="http-redirect", says=["302 to http://"])


def test_redirect_behind_a_redirect(peer, verdict):
    """Goal: C10, what is said of a redirect that was not followed is said of the last one."""
    server = peer(*by_path({"/a": to("/b"), "/b": to("https://127.0.0.1/b")}))
    says = ["302 to https://127.0.0.1/b", "not followed"]
    verdict.unhealthy("live", "--follow", server.url("/a"), cause="https-redirect", says=says)
