"""What an answer says is shown by its worth: a page's text, of JSON what is down."""
import json

import pytest

from peers import hold, request, response, send

EXPRESS = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Error</title></head>
<body><pre>Error: connect ECONNREFUSED 127.0.0.1:5432<br> &nbsp; &nbsp;at TCPConnectWrap.afterConnect</pre></body></html>
"""
PAGES = [
    (EXPRESS, "500 Internal Server Error: Error: connect ECONNREFUSED 127.0.0.1:5432 at TCPConnectWrap"),
    ("<title>Oops</title><style>p { x: y }</style><script>alert(1)</script><p>no &lt;db&gt;</p>", "Oops no <db>"),
    ("<TITLE>A</TITLE><H1>a &amp; b</H1>", "A a & b;"),
    ("<html><!-- <p>hidden</p> --><p>a<b>b</b>c</p>", "Error: abc;"),
    ("<html><title>Internal Server Error</title><h1>500 Internal Server Error</h1>disk full</html>", "Error: disk full;"),
    ("<html><title>500 Internal Server Error</title></html>", "500 Internal Server Error;"),
    ("<?xml version='1.0'?><Error><Code>NoDb</Code><Message>x</Message></Error>", "NoDb x;"),
    ("\xef\xbb\xbf".encode("latin-1").decode() + "<p>&#x27;quoted&#39; &eacute; &</p>", "'quoted' &eacute; &;"),
    ("<p>it&#8217;s &#9731; &#x1F600;</p>", "it’s ☃ 😀;"),
    ("<p>&#x110000; &#0; &#zz; &#; &#99999999999999999999; &amp</p>", r"? \x00 &#zz; &#; &#99999999999999999999; &amp;"),
    ("Internal Server Error: the disk is full", "Internal Server Error: Internal Server Error: the disk"),
    ("a < b and c > d", "a < b and c > d;"),
    ("<p", "500 Internal Server Error"),
    ("<title>" * 9000, "500 Internal Server Error"),
    ("<script>" * 9000, "500 Internal Server Error"),
]


def answering(peer, body, status=b"500 Internal Server Error", headers=b""):
    body = body if isinstance(body, bytes) else body.encode()
    return peer(request(), send(response(body, status=status, headers=headers)), hold())


@pytest.mark.parametrize("body, says", PAGES, ids=[page[0][:40] for page in PAGES])
def test_page_is_shown_as_text(peer, verdict, body, says):
    """Goal: C6, what a reader of the page would see, title and all, nothing twice, without markup."""
    verdict.unhealthy("live", answering(peer, body).url(), cause="http-server-error", says=[says])


def test_secret_in_markup_is_hidden(peer, verdict, secret):
    """Goal: incident 16, a token that a page writes with references is hidden as it reads."""
    token = secret("a<b>&'token")
    body = "<p>bad token a&lt;b&gt;&amp;&#x27;token</p>"
    verdict.unhealthy("live", "-H", f"X-Token: {token}", answering(peer, body).url(), cause="http-server-error")


UP = {"status": "UP", "details": {"version": "x" * 90}}
REFUSED = {"error": "org.springframework.data.redis.RedisConnectionFailureException: Unable to connect to Redis"}
# Spring Boot, documentation of the Actuator's health endpoint
SPRING = {"status": "DOWN", "components": {"db": UP, "diskSpace": UP, "redis": {"status": "DOWN", "details": REFUSED}}}
# ASP.NET, AspNetCore.HealthChecks.UI.Client: UIHealthReport
ASP_UP = {"data": {}, "duration": "00:00:00.0017", "status": "Healthy", "tags": []}
ASP_DOWN = {"data": {}, "description": "no route to host", "duration": "00:00:00.1", "status": "Unhealthy", "tags": []}
ASP_NET = {"status": "Unhealthy", "totalDuration": "00:00:00.1", "entries": {"sql": ASP_UP, "rabbit": ASP_DOWN}}
# MicroProfile Health 4.0, section "Protocol and wireformat"
MICROPROFILE_DOWN = {"name": "store", "status": "DOWN", "data": {"error": "no connection"}}
MICROPROFILE = {"status": "DOWN", "checks": [{"name": "x" * 150, "status": "UP"}, MICROPROFILE_DOWN]}
# NestJS Terminus, README: HealthCheckResult
TERMINUS_DOWN = {"redis": {"status": "down", "message": "connect ECONNREFUSED"}}
TERMINUS_UP = {"db": {"status": "up"}}
TERMINUS = {"status": "error", "info": TERMINUS_UP, "error": TERMINUS_DOWN, "details": {**TERMINUS_UP, **TERMINUS_DOWN}}
# draft-inadarei-api-health-check: application/health+json
RFC_DOWN = [{"componentType": "datastore", "status": "fail", "output": "timeout after 5 s"}]
RFC = {"status": "fail", "version": "1" * 120, "checks": {"cpu": [{"status": "pass"}], "cassandra:connections": RFC_DOWN}}
# django-health-check, README: JSON output
DJANGO = {"Cache backend: default": "working", "x" * 130: "working", "DatabaseBackend": "unavailable: connection refused"}
FILLER = {"filler": "x" * 150}

DOWN = [
    (SPRING, "/components/redis is DOWN: org.springframework.data.redis.RedisConnectionFailureException: Unable to con"),
    (ASP_NET, "/entries/rabbit is Unhealthy: no route to host;"),
    (MICROPROFILE, "/checks/1 (store) is DOWN: no connection;"),
    (TERMINUS, "/error/redis is down: connect ECONNREFUSED;"),
    (RFC, "/checks/cassandra:connections/0 is fail: timeout after 5 s;"),
    (DJANGO, "/DatabaseBackend is unavailable: connection refused;"),
    ({**FILLER, "status": "DOWN"}, "/status is DOWN;"),
    ({**FILLER, "a": {"status": "down"}, "b": {"healthy": False}}, "/a is down; /b is false;"),
    ({**FILLER, "checks": {"db": True, "redis": False}}, "/checks/redis is false;"),
    ({**FILLER, "message": "the disk is full"}, "500 Internal Server Error: the disk is full;"),
    ({**FILLER, "services": [[{"status": "critical", "name": 7}]]}, "/services/0/0 is critical;"),
]


@pytest.mark.parametrize("body, says", DOWN, ids=[row[1][:40] for row in DOWN])
def test_json_that_says_what_is_down(peer, verdict, body, says):
    """Goal: C7, what is down with its path and its error, before what merely comes first."""
    server = answering(peer, json.dumps(body))
    result = verdict.unhealthy("live", server.url(), cause="http-server-error", says=[says])
    assert "UP" not in result.first


@pytest.mark.parametrize("body", ['{"status": "DOWN", "db": {"status": "UP"}}', '{"a": 1, "level": "error"}'])
def test_short_json_is_shown_whole(peer, verdict, body):
    """Goal: incident 5, what has room is shown as it came."""
    verdict.unhealthy("live", answering(peer, body).url(), cause="http-server-error", says=[body])


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({**FILLER, "n": 1}),
        '{"filler": "' + "x" * 200,
        json.dumps([1] * 200),
        '{"a":' * 99 + '"down"' + "}" * 99 + " " * 200,
    ],
)
def test_json_that_says_nothing_is_shown_from_its_beginning(peer, verdict, body):
    """Goal: no answer is hidden because nothing in it is known."""
    verdict.unhealthy("live", answering(peer, body).url(), cause="http-server-error", says=[body[:10]])


def test_compressed_answer_is_named(peer, verdict):
    """Goal: B14, an answer in gzip, although identity was asked for: said, and its bytes are not shown."""
    server = answering(peer, b"\x1f\x8b\x08\0\xff\xff", headers=b"Content-Encoding: gzip\r\n")
    says = ["a body compressed with gzip, although none was asked for"]
    verdict.unhealthy("live", server.url(), cause="http-server-error", says=says)
    assert b"\r\nAccept-Encoding: identity\r\n" in server.received[0]


def test_long_secret_in_a_header_is_hidden(peer, verdict, secret):
    """Goal: incident 16, a token longer than what is shown, which a header or a value of JSON repeats, is hidden whole."""
    token = secret() * 60
    body = json.dumps({"echo": token})
    server = answering(peer, body, status=b"200 OK", headers=b"X-Echo: %s\r\n" % token.encode())
    ask = ["live", "-v", "-H", f"X-Token: {token}"]
    verdict.unhealthy(*ask, "--expect-json", "/echo=x", server.url(), cause="json-mismatch", says=['"***"'])
    says = ["header X-Echo is '***'"]
    verdict.unhealthy(*ask, "--expect-header", "X-Echo: x", server.url(), cause="header-mismatch", says=says)
