"""HTTP targets given to curl and to probe: who is asked, for what, with which Host, and the status must agree.

A difference is a failure, or a row of DIFFERENT with its reason. The random ones are seeded and bounded.
"""
import random
import subprocess

import pytest

import curl
from addresses import has_ipv6
from peers import request, response

SEED = 20261126
RANDOM_TARGETS = 150
NEEDS_IPV6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")


def answer(talk):
    """/status/NNN answers so, /gone only half, anything else is 200."""
    request()(talk)
    path = talk.received.split(b" ", 2)[1]
    status = path.rpartition(b"/status/")[2][:3]
    talk.send(response(b"ok", status=status + b" Words" if status.isdigit() and b"/status/" in path else b"200 OK"))


def asked(data):
    """What a request asks: its first line, and the headers that say who is asked, and as whom."""
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    names = (b"host", b"authorization", b"content-type", b"content-length")
    kept = sorted(line for line in lines if line.split(b":")[0].lower() in names)
    return first, kept, body


def by_curl(url, *options):
    """The status, 0 where there is no answer."""
    command = ["curl", "-sS", "-g", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "5", *options, url]
    done = subprocess.run(command, env=curl.ENVIRONMENT, capture_output=True, text=True, timeout=10)
    return int(done.stdout or 0)


def by_probe(run_probe, target, *options):
    """The status in probe's words, 0 where there is no answer."""
    result = run_probe("live", "-t", "10s", "-o", "json", *options, target)  # a busy machine is no difference
    checks = result.json().get("checks", [])
    digits = checks[0]["message"][:3] if checks else ""
    return int(digits) if digits.isdigit() else 0


def compare(server, run_probe, target, url, *options):
    """Asks both; gives the requests that each has sent."""
    before = len(server.received)
    status = by_probe(run_probe, target, *options)
    ours = [asked(data) for data in server.received[before:]]
    before = len(server.received)
    expected = by_curl(url, *options)
    theirs = [asked(data) for data in server.received[before:]]
    assert (status, ours) == (expected, theirs), f"{target} {options}: probe {status} {ours}, curl {expected} {theirs}"
    return ours


# {} is the port
URLS = [
    "http://localhost:{}/",
    "http://localhost:{}",
    "http://localhost:{}?x=1",
    "http://localhost:{}/health?a=b?c=d",
    "http://localhost:{}/health?a=b&a=c",
    "http://localhost:{}/health?%20+%2B",
    "http://localhost:{}/health?a=%zz&%",
    "http://localhost:{}//health",
    "http://localhost:{}/health//",
    "http://localhost:{}/./health",
    "http://localhost:{}/a/../health",
    "http://localhost:{}/../health",
    "http://localhost:{}/a/..",
    "http://localhost:{}/a/.",
    "http://localhost:{}/a/.b/..c/",
    "http://localhost:{}/a/...",
    "http://localhost:{}/a?x=/../y",
    "http://localhost:{}/%",
    "http://localhost:{}/%zz",
    "http://localhost:{}/%2F%2f",
    "http://localhost:{}/%C3%A9",
    "http://localhost:{}/é",
    "http://localhost:{}/é?é",
    "http://localhost:{}/a;b=c",
    "http://localhost:{}/a:b@c",
    "http://localhost:{}/{{x}}[1]",
    "http://localhost:{}/\"<>^`|\\",
    "http://localhost:{}/!$&'()*+,;=",
    "http://localhost:{}/~user/_x-y.z",
    "http://localhost:{}/http://other/",
    "http://localhost:{}/" + "x" * 1900,
    "HTTP://localhost:{}/health",
    "http://LOCALHOST:{}/health",
    "http://127.0.0.1:{}/health",
    "http://127.0.0.1:0{}/health",
    "http://user:pw@127.0.0.1:{}/",
    "http://user@127.0.0.1:{}/",
    "http://user:@127.0.0.1:{}/",
    "http://:pw@127.0.0.1:{}/",
    "http://u%40:p%3A%2F@127.0.0.1:{}/",
    "http://u:p:w@127.0.0.1:{}/",
    "http://127.0.0.1:{}/status/200",
    "http://127.0.0.1:{}/status/201",
    "http://127.0.0.1:{}/status/204",
    "http://127.0.0.1:{}/status/299",
    "http://127.0.0.1:{}/status/301",
    "http://127.0.0.1:{}/status/304",
    "http://127.0.0.1:{}/status/400",
    "http://127.0.0.1:{}/status/401",
    "http://127.0.0.1:{}/status/403",
    "http://127.0.0.1:{}/status/404",
    "http://127.0.0.1:{}/status/418",
    "http://127.0.0.1:{}/status/429",
    "http://127.0.0.1:{}/status/500",
    "http://127.0.0.1:{}/status/503",
    "http://127.0.0.1:{}/status/599",
    "http://127.0.0.1:{}/status/999",
    "http://127.1:{}/health",
    "http://2130706433:{}/health",
    "http://0x7f000001:{}/health",
    "http://0177.0.0.1:{}/health",
    "http://127.0.0.01:{}/health",
    "http://local%68ost:{}/health",
]
# what is refused by both, before anything is sent
REFUSED = [
    "http://",
    "http:///",
    "http://:{}/",
    "http://local host:{}/",
    "http://localhost:{}/a b",
    "http://localhost:99999/",
    "http://localhost:-1/",
    "http://localhost:abc/",
    "http://[::1/",
    "http://[nonsense]:{}/",
    "http://[::1]x:{}/",
    "http://localhost:{}/\n",
    "http://localhost%00:{}/",
    "http://127.0.0.1:{}:80/",
    "nonsense://localhost:{}/",
]
OPTIONS = [
    ["-X", "HEAD"],
    ["-X", "POST"],
    ["-X", "PUT", "--data", "a=b"],
    ["--data", "a=b&c"],
    ["--data", '{"a": 1}', "-H", "Content-Type: application/json"],
    ["-X", "GET", "--data", "x"],
    ["-X", "OPTIONS"],
    ["-X", "get"],
    ["-H", "Authorization: Bearer x"],
    ["-H", "X-Empty;"],
]
# URL, the path that curl asks for, the path that probe asks for; None: it refuses
DIFFERENT = [
    # a fragment is never sent: curl leaves it out without a word, probe says so before it asks
    ("http://localhost:{}/health#top", "/health", None),
    # curl guesses what was meant where a slash is missing or too many
    ("http:/localhost:{}/health", "/health", None),
    # libcurl of 8.14, which probe has, leaves out a query without a character; the curl of Debian 12 is older
    ("http://localhost:{}/health?", "/health?", "/health"),
    # and takes %2e for a dot, as browsers do
    ("http://localhost:{}/a/%2e%2e/b", "/a/%2e%2e/b", "/b"),
    ("http://localhost:{}/a/%2E/b", "/a/%2E/b", "/a/b"),
]


@pytest.mark.parametrize("url", URLS, ids=lambda url: url[:50])
def test_url(peer, run_probe, url):
    """Goal: probe asks of every URL what curl asks, and hears what it hears."""
    server = peer(answer)
    url = url.format(server.port)
    assert len(compare(server, run_probe, url, url)) == 1


@NEEDS_IPV6
@pytest.mark.parametrize("host", ["[::1]", "[0:0:0:0:0:0:0:1]", "[::0001]", "localhost"])
def test_url_of_ipv6(peer, run_probe, host):
    """Goal: the same of addresses of IPv6, in every way to write them."""
    server = peer(answer, at="::1")
    url = f"http://{host}:{server.port}/health"
    assert len(compare(server, run_probe, url, url)) == 1


@pytest.mark.parametrize("target", [":{}/health", ":{}/", ":{}", ":{}/a/../b?x=%20", ":{}?x"])
def test_short_form(peer, run_probe, target):
    """Goal: a short form is the URL of localhost."""
    server = peer(answer)
    target = target.format(server.port)
    compare(server, run_probe, target, "http://localhost" + target)


@pytest.mark.parametrize("url", REFUSED)
def test_url_that_both_refuse(peer, run_probe, url):
    """Goal: what curl does not ask is not asked by probe, and nobody is asked."""
    server = peer(answer)
    url = url.format(server.port)
    assert compare(server, run_probe, url, url) == []


@pytest.mark.parametrize("url, theirs, ours", DIFFERENT)
def test_url_that_is_read_differently(peer, run_probe, url, theirs, ours):
    """Goal: where we differ, the reason stands beside the row."""
    server = peer(answer)
    url = url.format(server.port)
    assert by_curl(url) == 200
    assert by_probe(run_probe, url) == (200 if ours else 0)
    paths = [data.split(b" ")[1].decode() for data in server.received]
    assert paths == [path for path in (theirs, ours) if path]


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
def test_options(peer, run_probe, options):
    """Goal: method, body and headers are sent as curl sends them."""
    server = peer(answer)
    url = server.url("/status/404")
    if options == ["-X", "HEAD"]:
        assert by_probe(run_probe, url, *options) == by_curl(url, "-I")
        assert asked(server.received[0]) == asked(server.received[1])
    elif options == ["-H", "X-Empty;"]:
        assert by_probe(run_probe, url, "-H", "X-Empty:") == by_curl(url, *options)
    elif options in (["-X", "POST"], ["-X", "OPTIONS"], ["-X", "get"]):
        # probe sends a body of no bytes, because servers want a length; curl with -d '' does the same
        compare_with_length(server, run_probe, url, options)
    else:
        assert len(compare(server, run_probe, url, url, *options)) == 1


def compare_with_length(server, run_probe, url, options):
    assert by_probe(run_probe, url, *options) == by_curl(url, *options, "-d", "")
    assert asked(server.received[0]) == asked(server.received[1])


def random_url(generator, port):
    pieces = ["a", "health", "..", ".", "", "%20", "%", "%zz", "é", "~", "x.y", ";v=1", ":", "@", "+", "*"]
    host = generator.choice(["localhost", "127.0.0.1", "LocalHost", "u:p@localhost", "%75:p%40@127.0.0.1"])
    path = "/".join(generator.choice(pieces) for _ in range(generator.randrange(6)))
    query = "&".join(generator.choice(["a=b", "a", "=", "%26", "a=/../b", "é", "?"]) for _ in range(generator.randrange(1, 3)))
    status = generator.choice(["", "", "/status/404", "/status/503"])
    return f"http://{host}:{port}/{path}{status}" + (f"?{query}" if generator.randrange(2) else "")


@pytest.mark.timeout(180)  # hundreds of runs of two programs
def test_random_urls(peer, run_probe):
    """Goal: the same of what nobody thought of: percent-encodings, dots, slashes, queries, logins."""
    generator = random.Random(SEED)
    server = peer(answer)
    servers = [server]
    for number in range(RANDOM_TARGETS):
        if number % 60 == 59:  # a peer talks to so many and no more
            server = peer(answer)
            servers.append(server)
        url = random_url(generator, server.port)
        assert len(compare(server, run_probe, url, url)) == 1, url


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.1", "LOCALHOST", "local%68ost", "u:p@127.0.0.1", "localhost"])
def test_host_that_is_said_is_the_one_that_was_sent(peer, run_probe, host):
    """Goal: C13, a 400 names the Host as it was sent, which libcurl makes of the URL's."""
    server = peer(answer)
    result = run_probe("live", f"http://{host}:{server.port}/status/400")
    sent = [line[6:].decode() for line in asked(server.received[0])[1] if line.startswith(b"Host: ")]
    assert f" to Host '{sent[0]}'" in result.first, str(result)
