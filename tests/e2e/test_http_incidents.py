"""The HTTP incidents, each against the real thing, and every other way in which an HTTP check can fail.

A test that is expected to fail (xfail) is a known mistake: it turns red when it is mended, and its mark goes.
"""
import json
import os
import shutil
import signal
import subprocess
import time

import pytest

import containers
import namespaces
import processes
from addresses import free_port, has_ipv6
from namespaces import NEEDS_NAMESPACES, NEEDS_ROOT
from peers import CHUNKED, HEAD, hold, pause, request, response, send
from runner import is_asan

HEALTH = "/api/v1/health/"
READY = "/api/v1/ready/"
NEEDS_IPV6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")


# The incidents ------------------------------------------------------------------------------------------------------


def test_host_that_is_not_allowed_is_named(gunicorn, verdict):
    """Goal: incident 1, on a 400 the line names the Host that was sent and ALLOWED_HOSTS."""
    app = gunicorn(ALLOWED_HOSTS="example.com")
    verdict.unhealthy(
        "live",
        f":{app.port}{HEALTH}",
        cause="http-bad-request",
        says=["400 Bad Request", f"Host 'localhost:{app.port}'", "ALLOWED_HOSTS", "without its port"],
    )


def test_host_is_what_the_url_says(healthy_app, verdict):
    """Goal: incident 1, the Host is the target's own, so that the mend in the hint is the right one."""
    path = f"http://127.0.0.1:{healthy_app.port}/headers/"
    verdict.healthy("live", "--expect-json", f"/headers/Host=127.0.0.1:{healthy_app.port}", path)


@pytest.mark.parametrize("header", ["Host: example.com", "host:example.com", "HOST: env:NAME", "Host: @/dev/null"])
def test_header_host_is_refused(peer, verdict, header):
    """Goal: incident 1, who asks for another Host is told why not, and nothing is sent."""
    server = peer("silent")
    verdict.misconfigured("live", "--header", header, server.url(), says=["Host", "ALLOWED_HOSTS", "400"])
    assert server.connections == 0


def test_redirect_to_https_names_the_mend(gunicorn, verdict):
    """Goal: incident 2, the line shows the Location and both ways out; 301 is not healthy."""
    app = gunicorn(SECURE_SSL_REDIRECT="1")
    verdict.unhealthy(
        "live",
        app.url(HEALTH),
        cause="https-redirect",
        says=[
            f"301 to https://127.0.0.1:{app.port}{HEALTH}",
            "list the path without its first slash in SECURE_REDIRECT_EXEMPT",
            "X-Forwarded-Proto: https",
        ],
    )


def test_mends_of_the_redirect_to_https_are_true(gunicorn, verdict):
    """Goal: incident 2, what the hint says works: the header where it is believed, and the exempt path, without its slash."""
    header = ("--header", "X-Forwarded-Proto: https")
    not_believed_by_gunicorn = ["--forwarded-allow-ips", "192.0.2.1"]
    app = gunicorn(options=not_believed_by_gunicorn, SECURE_SSL_REDIRECT="1", SECURE_PROXY_SSL_HEADER="1")
    verdict.healthy("live", *header, app.url(HEALTH), says=["http 200"])
    exempt = gunicorn(SECURE_SSL_REDIRECT="1", SECURE_REDIRECT_EXEMPT=HEALTH.removeprefix("/"))
    verdict.healthy("live", exempt.url(HEALTH), says=["http 200"])
    with_slash = gunicorn(SECURE_SSL_REDIRECT="1", SECURE_REDIRECT_EXEMPT=HEALTH)
    verdict.unhealthy("live", with_slash.url(HEALTH), cause="https-redirect")


def test_redirect_to_https_is_not_followed(gunicorn, verdict):
    """Goal: incident 2, even --follow does not leave for https, where nothing listens."""
    app = gunicorn(SECURE_SSL_REDIRECT="1")
    says = ["301 to https://", "not followed"]
    verdict.unhealthy("live", "--follow", app.url(HEALTH), cause="https-redirect", says=says)


@pytest.mark.parametrize("asked, location", [("/ok", "/ok"), ("/ok?full=1", "/ok?full=1"), ("/ok", "/ok/")])
def test_redirect_to_https_is_to_the_same_path(nginx, verdict, asked, location):
    """Goal: incident 2, whoever redirects the path to https, with a slash at its end or without."""
    front = nginx(f"location / {{ return 301 https://example.com{location}; }}")
    says = ["301 to https://example.com/ok"]
    verdict.unhealthy("live", front.url(asked), cause="https-redirect", says=says)


def test_login_by_https_is_no_redirect_to_https(nginx, verdict):
    """Goal: incident 2, a redirect to a login page elsewhere is not mended by settings of the redirect to https."""
    front = nginx("location / { return 302 https://sso.example.com/login?next=/health; }")
    says = ["302 to https://sso.example.com/login", "without a login"]
    result = verdict.unhealthy("live", front.url("/health"), cause="http-redirect", says=says)
    assert "SECURE_REDIRECT_EXEMPT" not in result.out


def test_missing_slash_says_which_path_to_ask(gunicorn, verdict):
    """Goal: incident 3, APPEND_SLASH: the path that was asked, and the one to ask for."""
    app = gunicorn(APPEND_SLASH="1")
    says = ["301 to /api/v1/health/", "/api/v1/health was asked", "slash"]
    verdict.unhealthy("live", app.url("/api/v1/health"), cause="slash-redirect", says=says)
    verdict.unhealthy("live", app.url("/api/v1/health?full=1"), cause="slash-redirect", says=says)
    verdict.healthy("live", "--follow", app.url("/api/v1/health"), says=["http 200"])


def test_unavailable_shows_the_body_on_one_line(gunicorn, verdict):
    """Goal: incident 5, the first line says what the service says that it lacks."""
    app = gunicorn(DB_HOST="127.0.0.1", DB_PORT=str(free_port()))
    verdict.unhealthy(
        "ready",
        app.url(READY),
        cause="http-unavailable",
        says=["503 Service Unavailable", '{"status": "unhealthy", "database": {"status": "disconnected"}}'],
    )
    verdict.healthy("live", app.url(HEALTH))


def test_body_of_many_lines_stays_on_one(peer, verdict):
    """Goal: incident 5, line breaks and escapes of a body do not leave their place, nor is the line too long."""
    body = b"first\r\nsecond\n\x1b[31mred\x00" + b"x" * 5000
    server = peer(request(), send(response(body, status=b"503 Nope")), hold())
    result = verdict.unhealthy("live", server.url(), cause="http-unavailable", says=["503", "first", "second", "red"])
    assert not [line for line in result.lines if line.startswith("second")]


def test_rate_limit_is_told_from_other_failures(gunicorn, verdict):
    """Goal: incident 18, the line says 429, and that the health path is to be exempt."""
    app = gunicorn(RATE_LIMIT="1")
    verdict.healthy("live", app.url(HEALTH), once=True)
    says = ["429 Too Many Requests", "exempt the health path from it"]
    verdict.unhealthy("live", app.url(HEALTH), cause="http-too-many-requests", says=says)


def test_rate_limit_says_how_long(gunicorn, verdict):
    """Goal: incident 18, the line says 429 and Retry-After as the service gave it."""
    app = gunicorn(RATE_LIMIT="1")
    verdict.healthy("live", app.url(HEALTH), once=True)
    says = ["429 Too Many Requests, Retry-After "]
    verdict.unhealthy("live", app.url(HEALTH), cause="http-too-many-requests", says=says)


def test_several_paths_in_one_run(healthy_app, verdict):
    """Goal: incident 19, statuses with their paths, failures first, and the healthy one is told too."""
    paths = [HEALTH, "/static/app.css", "/status/403/"]
    result = verdict.unhealthy(
        "live",
        *(f":{healthy_app.port}{path}" for path in paths),
        cause=["http-not-found", "http-forbidden"],
        says=["404 Not Found for /static/app.css", "403 Forbidden for /status/403/", f"{HEALTH} 200"],
    )
    assert result.first.index("404") < result.first.index("403") < result.first.index(f"{HEALTH} 200")


def test_missing_collectstatic(gunicorn, stage, verdict):
    """Goal: incident 19, the page that lacks its static files is a 500, the health path is not."""
    app = gunicorn(STATIC_MANIFEST="1", STATIC_ROOT=str(stage.new_folder("static")))
    page, health = app.url("/page/"), app.url(HEALTH)
    verdict.unhealthy("live", page, health, cause="http-server-error", says=["/page/ 500 Internal Server Error", "log"])


def test_nothing_listens(verdict):
    """Goal: incident 20, the line says which addresses refused, and asks for the port."""
    port = free_port()
    says = ["refused by", f"127.0.0.1:{port}", f"[::1]:{port}", f"nothing listens on {port}", "has the service started"]
    verdict.unhealthy("live", f":{port}{HEALTH}", cause="refused", says=says)


@NEEDS_NAMESPACES
def test_no_route_to_the_address(verdict):
    """Goal: a network that the container is not attached to: unreachable, in the system's words."""
    says = ["no connection to 192.0.2.1:80", "unreachable", "attached to that network"]
    for scheme in ("http", "tcp"):
        words = ["live", "--allow-remote", f"{scheme}://192.0.2.1:80"]
        verdict.unhealthy(*words, cause="unreachable", says=says, through=namespaces.without_ipv6())


@NEEDS_NAMESPACES
def test_no_local_port_is_left(container, verdict):
    """Goal: connections that leak take every local port: the line does not only ask for the network."""
    setup = "echo 40000 40003 >/proc/sys/net/ipv4/ip_local_port_range"
    box = container("listen('127.0.0.1', 8000, waiting=4)", setup=setup)
    says = ["no connection to 127.0.0.1:8000: ", "are its local ports used up?"]
    verdict.unhealthy("live", "http://127.0.0.1:8000/", cause="unreachable", says=says, through=box.enter)


@NEEDS_NAMESPACES
@pytest.mark.parametrize(
    "rcode, limit, cause, says",
    [
        ("NXDOMAIN", "3s", "name-not-found", "does that service run, on this network?"),
        # musl asks again until five seconds are over, glibc does not
        ("SERVFAIL", "500ms", ("timeout-resolve", "name-failed"), "is the name right, and is the name server up?"),
        ("SERVFAIL", "20s", "name-failed", "is the name right, and is the name server up?"),
    ],
)
def test_name_without_an_address(container, verdict, stage, rcode, limit, cause, says):
    """Goal: a container that has ended has no name, and a server that answers may fail: the mend fits both."""
    file = stage.new_folder("etc") / "resolv.conf"
    file.write_text("nameserver 127.0.0.1\n")
    box = container(f"name_server('{rcode}')", setup=containers.bind(file, "/etc/resolv.conf"))
    ask = ["live", "-t", limit, "--allow-remote", "http://db:8000/"]
    verdict.unhealthy(*ask, cause=cause, says=[says], through=box.enter, once=True)


@NEEDS_IPV6
def test_service_on_ipv6_only_is_found_and_said(gunicorn, verdict):
    """Goal: incident 20, localhost answers from ::1 only: healthy, and the line says from where."""
    app = gunicorn(at="::1")
    verdict.healthy("live", f":{app.port}{HEALTH}", says=["http 200 from ::1"])
    verdict.healthy("live", app.url(HEALTH), says=["http 200"])
    says = [f"127.0.0.1:{app.port}"]
    verdict.unhealthy("live", f"http://127.0.0.1:{app.port}{HEALTH}", cause="refused", says=says)


def test_first_address_is_not_mentioned(healthy_app, verdict):
    """Goal: incident 20, the line of the usual case is not burdened with an address."""
    assert "from" not in verdict.healthy("live", f":{healthy_app.port}{HEALTH}").first


@NEEDS_NAMESPACES
def test_nothing_listens_where_ipv6_is_switched_off(verdict):
    """Goal: incident 20, in a container without IPv6 a port where nothing listens is refused, not unreachable."""
    through = namespaces.without_ipv6()
    verdict.unhealthy("live", ":8000/", cause="refused", says=["127.0.0.1:8000", "started"], through=through)


@pytest.mark.parametrize(
    "path, cause, says", [("/raise/", "http-server-error", "500"), ("/nowhere/", "http-not-found", "404")]
)
def test_debug_page_is_noted(gunicorn, verdict, path, cause, says):
    """Goal: incident 22, Django's debug page is noted, whether its status is healthy or not."""
    app = gunicorn(DEBUG="1")
    note = "Django's debug page: set DEBUG = False"
    verdict.unhealthy("live", app.url(path), cause=cause, says=[says, note])
    verdict.healthy("live", "--expect-status", "200-599", app.url(path), says=[says, note])


def test_debug_page_of_later_versions(peer, verdict):
    """Goal: incident 22, as Django 5 writes it, with a traceback beyond what is read of a body."""
    row = b'<th scope="row">Django Version:</th>\n      <td>5.2.4</td>'
    page = b"<title>RuntimeError at /raise/</title>" + row + b"x" * 100000 + b"<code>DEBUG = True</code>"
    server = peer(request(), send(response(page, status=b"500 Internal Server Error")), hold())
    says = ["RuntimeError at /raise/", "Django's debug page: set DEBUG = False"]
    verdict.unhealthy("live", server.url(), cause="http-server-error", says=says)


def test_note_on_several_paths_is_said_once(gunicorn, verdict):
    """Goal: incident 22, the line is not filled with what it has said."""
    app = gunicorn(DEBUG="1")
    result = verdict.unhealthy("live", app.url("/nowhere/"), app.url("/none/"), cause=["http-not-found"] * 2)
    assert result.first.count("Django's debug page") == 1, str(result)


def test_no_debug_page_no_note(healthy_app, verdict):
    """Goal: incident 22, an ordinary failure says nothing of DEBUG."""
    result = verdict.unhealthy("live", healthy_app.url("/raise/"), cause="http-server-error")
    assert "DEBUG" not in result.out


def test_title_of_the_debug_page_is_one_phrase(gunicorn, verdict):
    """Goal: incident 22, the exception's name and the path read as one phrase, without escapes."""
    app = gunicorn(DEBUG="1")
    verdict.unhealthy("live", app.url("/raise/"), cause="http-server-error", says=["RuntimeError at /raise/"])


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
def test_proxy_variables_are_ignored(healthy_app, peer, verdict, name):
    """Goal: incident 23, whatever the proxy variables say, the service itself is asked."""
    proxy = peer("silent")
    env = {name: proxy.url(), "no_proxy": "", "NO_PROXY": ""}
    verdict.healthy("live", f":{healthy_app.port}{HEALTH}", env=env)
    verdict.healthy("live", healthy_app.url(HEALTH), env=env)
    verdict.unhealthy("live", f":{free_port()}/", cause="refused", env=env)
    assert proxy.connections == 0


REAPER = """
import ctypes, os, subprocess, sys
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
probe = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
probe.wait()
try:
    os.waitpid(-1, 0)
    print("a child was left")
except ChildProcessError:
    print("no child was left")
"""


@pytest.mark.parametrize("target", ["healthy", "silent"])
def test_no_child_is_left_to_the_reaper(healthy_app, peer, probe_binary, target):
    """Goal: incident 25, below a PID 1 that does not reap, no process remains, not even when the time was over."""
    if is_asan(probe_binary):
        pytest.skip("its search for leaks has a helper that ends a moment later")
    url = healthy_app.url(HEALTH) if target == "healthy" else peer("silent").url()
    command = ["/usr/bin/python3", "-c", REAPER, probe_binary, "live", "-t", "0.5s", url, url]
    assert subprocess.run(command, capture_output=True, text=True, env={}, timeout=20).stdout == "no child was left\n"


def test_one_process_only(gunicorn, run_probe):
    """Goal: incident 25, while it runs it has no child."""
    app = gunicorn()
    process = run_probe.start(["live", "-t", "1s", app.url("/sleep/0.6/")])
    time.sleep(0.3)
    children = [pid for pid, _, parent, _ in processes.table() if parent == process.pid]
    assert (process.poll(), children) == (None, [])
    assert process.communicate(timeout=5)[0].startswith(b"healthy")


@pytest.fixture
def empty_image(stage, probe_binary):
    """A command that starts the probe alone in an empty root, as in FROM scratch, as a user that nobody knows."""
    if os.geteuid() != 0:
        pytest.skip("only root may chroot")
    if is_asan(probe_binary):
        pytest.skip("only the release is one static file")
    root = stage.new_folder("image")
    shutil.copy2(probe_binary, root / "probe")
    assert [entry.name for entry in root.iterdir()] == ["probe"]
    return {"through": ["/usr/sbin/chroot", "--userspec=12345:12345", "--groups=", root], "binary": "/probe"}


def test_empty_image_version_and_help(run_probe, empty_image):
    """Goal: incident 26, the binary alone is enough: no libc, no /etc, no /proc, no shell."""
    assert run_probe("--version", **empty_image).out.startswith("probe ")
    assert "usage" in run_probe("--help", **empty_image).out


def test_empty_image_http(healthy_app, verdict, empty_image):
    """Goal: incident 26, in an empty image a service is healthy, localhost is known, a dead port is refused."""
    verdict.healthy("live", f":{healthy_app.port}{HEALTH}", says=["http 200"], **empty_image)
    verdict.unhealthy("live", f":{free_port()}/", cause="refused", says=["refused by"], **empty_image)


def test_empty_image_every_kind(healthy_app, postgres, redis, verdict, empty_image, secret, stage):
    """Goal: incident 26, every kind of check works in an empty image, with the logins of PostgreSQL and Redis."""
    database, cache = postgres(), redis(password=secret())
    root = empty_image["through"][-1]
    (root / "heartbeat").write_text("")
    targets = [f"tcp://localhost:{healthy_app.port}", "file:///heartbeat", f":{healthy_app.port}{READY}"]
    env = {"DATABASE_URL": database.url(), "REDIS_URL": cache.url()}
    says = ["tcp accepted", "file written", "http 200", "postgres ok", "redis ok"]
    verdict.healthy("ready", "--db", "--redis", *targets, env=env, says=says, **empty_image)


def test_empty_image_unknown_name(verdict, empty_image):
    """Goal: incident 26, a name without a resolver's configuration fails within the deadline, and is named."""
    result = verdict.run_probe("ready", "-t", "1s", "--allow-remote", "http://db.invalid/", **empty_image)
    assert (result.status, result.seconds < 1.3) == (1, True)
    assert "name" in result.first and "resolved" in result.first


# Every other HTTP cause ---------------------------------------------------------------------------------------------


def test_proxy_in_front_of_nothing(nginx, verdict):
    """Goal: nginx answers 502: the proxy is up, the application is not."""
    front = nginx(f"location / {{ proxy_pass http://127.0.0.1:{free_port()}; }}")
    says = ["502 Bad Gateway", "nginx is up: is the application behind it?"]
    verdict.unhealthy("live", front.url(), cause="http-bad-gateway", says=says)


def test_proxy_that_turns_away(nginx, verdict):
    """Goal: nginx answers 503 itself when a limit is reached: the line does not say that the service is up."""
    front = nginx("location / { return 503; }")
    says = ["503 Service Unavailable: 503 Service Temporarily Unavailable", "nginx itself", "limit_req"]
    result = verdict.unhealthy("live", front.url(), cause="http-unavailable", says=says)
    assert "service itself is up" not in result.out


@pytest.mark.parametrize(
    "status, cause",
    [
        ("400 Bad Request", "http-bad-request"),
        ("403 Forbidden", "http-forbidden"),
        ("404 Not Found", "http-not-found"),
        ("502 Bad Gateway", "http-bad-gateway"),
    ],
)
def test_page_that_repeats_the_status(nginx, verdict, status, cause):
    """Goal: a page whose title is its status is not shown behind it."""
    front = nginx(f"location / {{ return {status[:3]}; }}")
    result = verdict.unhealthy("live", front.url("/health"), cause=cause, says=[f"http {status}"])
    assert result.first.count(status) == 1, str(result)


def test_proxy_in_front_of_a_busy_application(gunicorn, nginx, verdict):
    """Goal: nginx answers 504: the proxy is up, the application's workers are busy."""
    app = gunicorn()
    timeout = "proxy_read_timeout 1s; proxy_next_upstream off;"
    front = nginx(f"location / {{ proxy_pass http://127.0.0.1:{app.port}; {timeout} }}")
    says = ["504 Gateway Timeout", "workers all busy"]
    url = front.url("/sleep/2/")
    verdict.unhealthy("live", url, cause="http-gateway-timeout", says=says, once=True)


@pytest.mark.parametrize(
    "code, cause, says",
    [
        (401, "http-unauthorized", ["401 Unauthorized", "credentials were not provided", "Authorization: env:NAME"]),
        (400, "http-bad-request", ["400 Bad Request to Host '127.0.0.1:", "': {}; "]),
        (403, "http-forbidden", ["403 Forbidden for /status/403/ to Host '", "You do not have permission", "without a login"]),
        (404, "http-not-found", ['404 Not Found for /status/404/: {"detail": "Not found."}', "is the path right"]),
        (405, "http-method", ["405 Method Not Allowed", "--method"]),
        (418, "http-status", ["418", "--expect-status"]),
        (500, "http-server-error", ["500 Internal Server Error", "its answer or its log says what failed"]),
        (503, "http-unavailable", ["503 Service Unavailable", "disconnected"]),
    ],
)
def test_statuses_have_causes(healthy_app, verdict, code, cause, says):
    """Goal: each status that people meet has its own cause and its own mend."""
    verdict.unhealthy("live", healthy_app.url(f"/status/{code}/"), cause=cause, says=says)


def test_tls_port_of_nginx(nginx, verdict):
    """Goal: plain HTTP on nginx's TLS port is a 400 that has nothing to do with ALLOWED_HOSTS."""
    front = nginx("location / { return 200 ok; }", tls=True)
    says = ["plain HTTP was sent to a TLS port", "ask the port on which the service speaks without TLS"]
    result = verdict.unhealthy("live", front.url(), cause="tls-port", says=says)
    assert "ALLOWED_HOSTS" not in result.out


def test_another_protocol_is_redis(redis, verdict):
    """Goal: HTTP asked of a Redis port: not HTTP, or closed, and never healthy."""
    cache = redis()
    result = verdict.run_probe("live", "-o", "json", cache.url().replace("redis:", "http:"))
    assert result.json()["checks"][0]["cause"] in ("http-protocol", "http-empty", "reset")


# Where it listens ---------------------------------------------------------------------------------------------------


def test_unix_socket_is_healthy(gunicorn, verdict):
    """Goal: Gunicorn on a unix socket, written nginx's way."""
    app = gunicorn(at="unix")
    verdict.healthy("live", app.url(HEALTH), says=["http 200"])


def test_unix_socket_sends_the_host_localhost(gunicorn, verdict):
    """Goal: over a unix socket the Host is localhost, which ALLOWED_HOSTS must have."""
    app = gunicorn(at="unix", ALLOWED_HOSTS="example.com")
    verdict.unhealthy("live", app.url(HEALTH), cause="http-bad-request", says=["Host 'localhost'", "ALLOWED_HOSTS"])


def test_unix_socket_missing(stage, verdict):
    """Goal: a socket whose file is not there is named."""
    path = stage.new_folder("no-socket") / "app.sock"
    says = [str(path), "No such file", "has the service started"]
    verdict.unhealthy("live", f"http://unix:{path}:/", cause="socket-missing", says=says)
    verdict.unhealthy("live", f"tcp://unix:{path}", cause="socket-missing", says=says)


@NEEDS_ROOT
def test_unix_socket_denied(peer, verdict):
    """Goal: a socket that this user may not use is told apart from one that is not there."""
    server = peer("silent", at="unix")
    os.chmod(server.address.path, 0o600)
    says = [server.address.path, "Permission denied", "user"]
    verdict.unhealthy("live", server.url(), cause="socket-denied", says=says, user=12345)
    verdict.unhealthy("live", f"tcp://unix:{server.address.path}", cause="socket-denied", says=says, user=12345)


def test_unix_socket_refused(peer, verdict):
    """Goal: a socket's file that a dead service left behind."""
    server = peer("silent", at="unix")
    server.stop()
    result = verdict.unhealthy("live", server.url(), cause="refused", says=["refused by", server.address.path])
    assert "address and port" not in result.out


@pytest.mark.parametrize("address", ["127.0.0.1", pytest.param("localhost")])
def test_queue_full_is_no_refusal(peer, verdict, address):
    """Goal: incident 17, a service whose queue is full is busy: the line must not ask whether it has started."""
    server = peer(accept=False)
    server.fill_queue()
    url = f"http://{address}:{server.port}/"
    verdict.unhealthy("live", "-t", "1s", url, cause="workers-busy", says=["no connection in 1 s", "busy"])


# What is asked and expected -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options, cause, says",
    [
        (["--expect-body", "healthy"], None, ["200"]),
        (["--expect-body", "nothing of the kind"], "body-mismatch", ["lacks 'nothing of the kind'"]),
        (["--expect-json", "/status=healthy"], None, ["200"]),
        (["--expect-json", "/status=ready"], "json-mismatch", ['/status is "healthy", not ready']),
        (["--expect-json", "/database/status=connected"], "json-mismatch", ["no /database/status"]),
        (["--expect-json", "/Status=healthy"], "json-mismatch", ["no /Status"]),
        (["--expect-body", "healthy", "--expect-json", "/status=ready"], "json-mismatch", ["/status"]),
        (["--expect-body", "nothing", "--expect-json", "/status=healthy"], "body-mismatch", ["nothing"]),
    ],
)
def test_what_the_body_must_hold(healthy_app, verdict, options, cause, says):
    """Goal: a status of 200 is not enough where a text or a value is expected; the line says what there is."""
    ask = ["live", *options, healthy_app.url(HEALTH)]
    if cause:
        verdict.unhealthy(*ask, cause=cause, says=says)
    else:
        verdict.healthy(*ask, says=says)


@pytest.mark.parametrize(
    "expected", ["/s=text", "/n=3", "/n=3.0", "/t=true", "/f=false", "/z=null", "/a/1=two", "/o/~1p~0=1", "/empty="]
)
def test_values_of_every_json_type(peer, verdict, expected):
    """Goal: strings, numbers, true, false, null, items of arrays and names with a slash can be expected."""
    body = {"s": "text", "n": 3, "t": True, "f": False, "z": None, "a": [1, "two"], "o": {"/p~": 1}, "empty": ""}
    server = peer(request(), send(response(json.dumps(body).encode())), hold())
    verdict.healthy("live", "--expect-json", expected, server.url())


def test_body_that_is_no_json(busybox_httpd, verdict):
    """Goal: a page where JSON is expected, a common mistake of the path: the line shows what came."""
    service = busybox_httpd()
    (service.folder / "html" / "health").write_text("<p>Welcome</p>\n")
    says = ["not JSON", "<p>Welcome</p>", "is it the right path?"]
    verdict.unhealthy("live", "--expect-json", "/status=ok", service.url("/health"), cause="json-invalid", says=says)


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "OPTIONS", "get"])
def test_method_is_the_one_asked(peer, verdict, method):
    """Goal: --method sends that method; HEAD does not wait for a body."""
    server = peer(request(), send(response(b"", length=7 if method == "HEAD" else 0)), hold())
    verdict.healthy("live", "-t", "1s", "--method", method, server.url(), once=True)
    assert server.received[0].startswith(f"{method} / HTTP/1.1\r\n".encode())


def test_method_that_the_path_does_not_take(nginx, verdict):
    """Goal: a real 405 names --method."""
    front = nginx("location / { root html; }")
    (front.folder / "html" / "health").write_text("ok")
    verdict.healthy("live", "-X", "HEAD", front.url("/health"))
    says = ["405 Method Not Allowed", "--method"]
    verdict.unhealthy("live", "--method", "POST", front.url("/health"), cause="http-method", says=says)


REDIRECTS = """
location = /ok { return 200 ok; }
location = /one { return 302 /ok; }
location = /relative { absolute_redirect off; return 302 ok; }
location = /two { return 307 /one; }
location = /loop { return 302 /loop; }
location = /elsewhere { return 302 http://127.0.0.1:%d/ok; }
location = /login { return 302 /accounts/login/?next=/login; }
"""


def test_redirects_are_not_followed_unless_asked(nginx, verdict, peer):
    """Goal: a redirect proves nothing; --follow goes on where host and port are the same, and nowhere else."""
    other = peer("silent")
    front = nginx(REDIRECTS % other.port)
    verdict.unhealthy("live", front.url("/one"), cause="http-redirect", says=[f"302 to {front.url('/ok')}"])
    verdict.unhealthy("live", front.url("/login"), cause="http-redirect", says=["/accounts/login/", "without a login"])
    for path in ("/one", "/two"):
        verdict.healthy("live", "--follow", front.url(path), says=["http 200"])
    verdict.unhealthy("live", "--follow", front.url("/loop"), cause="redirect-loop", says=["302", "5 redirects"])
    says = [other.url("/ok"), "not followed: another scheme, host or port"]
    verdict.unhealthy("live", "--follow", front.url("/elsewhere"), cause="http-redirect", says=says)
    assert other.connections == 0


def test_redirect_that_repeats_a_secret(peer, verdict, secret):
    """Goal: incident 16, a token that a redirect puts into its path is hidden there too."""
    token = secret()
    location = b"Location: /login/%s/next\r\n" % token.encode()
    server = peer(request(), send(response(b"", status=b"302 Found", headers=location)))
    says = [f"302 to {server.url('/login/***/next')}"]
    verdict.unhealthy("live", server.url(f"/ok?token={token}"), cause="http-redirect", says=says)


def test_url_of_many_secrets(peer, verdict, secret):
    """Goal: incident 16, however many parameters a URL has, each is hidden where the service repeats it."""
    query = "&".join(["token=" + secret()] + 150 * ["=abcd"] + ["last=" + secret()])
    server = peer(request(), send(response(query[-60:].encode(), status=b"500 Error")))
    result = verdict.unhealthy("live", server.url(f"/ok?{query}"), cause="http-server-error", says=["&last=***"])
    assert "abcd" not in result.out


def test_cookie_of_the_answer_is_hidden(nginx, verdict):
    """Goal: incident 16, a session that the service opens for the check can be used by whoever reads the exchange."""
    front = nginx('location / { add_header set-cookie "sessionid=abcdef1234567; HttpOnly"; return 200 ok; }')
    result = verdict.healthy("live", "-vv", front.url(), says=["http 200"])
    assert "< set-cookie: ***" in result.out.lower() and "abcdef1234567" not in result.out, str(result)


def test_redirect_by_status_can_be_expected(nginx, verdict):
    """Goal: who wants 302 to be healthy can say so."""
    front = nginx("location / { return 302 /login; }")
    verdict.healthy("live", "--expect-status", "200,300-399", front.url(), says=["http 302"])


@pytest.mark.parametrize("statuses, healthy", [("404", True), ("200,404", True), ("400-499", True), ("200-299", False)])
def test_expected_statuses(healthy_app, verdict, statuses, healthy):
    """Goal: --expect-status decides, whatever the status usually means."""
    ask = ["live", "--expect-status", statuses, healthy_app.url("/status/404/")]
    if healthy:
        verdict.healthy(*ask, says=["http 404"])
    else:
        verdict.unhealthy(*ask, cause="http-not-found")


def test_healthy_status_that_is_not_expected(healthy_app, verdict):
    """Goal: 200 fails where 204 is expected, and the line names the option."""
    says = ["200 OK", "--expect-status"]
    verdict.unhealthy("live", "-s", "204", healthy_app.url(HEALTH), cause="http-status", says=says)


@pytest.mark.parametrize("size", [0, 65535, 65536, 65537, 1_000_000])
def test_large_bodies_are_healthy(healthy_app, verdict, size):
    """Goal: a body of any size is healthy; what is beyond 64 KiB is not waited for."""
    verdict.healthy("live", healthy_app.url(f"/big/{size}/"), says=["http 200"])


@pytest.mark.parametrize("option", ["--expect-json=/last=yes", '--expect-body="last"'])
def test_expectation_beyond_what_is_read(peer, verdict, option):
    """Goal: where the answer was cut off at 64 KiB the line says so, and does not call it invalid."""
    body = json.dumps({"filler": "x" * 70000, "last": "yes"}).encode()
    server = peer(request(), send(response(body)), hold())
    result = verdict.run_probe("live", option, server.url())
    assert result.status == 1 and "64" in result.first, str(result)


def test_headers_are_sent(healthy_app, verdict, secret, stage):
    """Goal: headers as given, from a file and from a variable arrive; what came from these two is never printed."""
    token, cookie = secret(), secret()
    file = stage.new_folder("header") / "token"
    file.write_text(f"{token}\n")
    headers = ["-H", "X-Plain: as it is", "-H", f"X-One: @{file}", "-H", "X-Two: env:TWO"]
    env = {"TWO": cookie}
    for name, value in [("X-Plain", "as it is"), ("X-One", token), ("X-Two", cookie)]:
        expected = ["--expect-body", f'"{name}": "{value}"'] if name == "X-Plain" else []
        verdict.healthy("live", *headers, *expected, healthy_app.url("/headers/"), env=env)
    result = verdict.healthy("live", "-vv", *headers, healthy_app.url("/headers/"), env=env)
    assert "X-Plain: as it is" in result.out
    assert result.out.count("X-One: ***") == 1 and result.out.count("X-Two: ***") == 1


def test_headers_from_files_and_variables_arrive(peer, verdict, secret, stage):
    """Goal: the value itself is sent, without the file's line break."""
    token, cookie = secret(), secret()
    file = stage.new_folder("header") / "token"
    file.write_text(f"Bearer {token}\n")
    server = peer(request(), send(response(b"ok")), hold())
    options = ["-H", f"Authorization: @{file}", "-H", "Cookie: env:COOKIE"]
    verdict.healthy("live", *options, server.url(), env={"COOKIE_FILE": str(file), "COOKIE": cookie}, once=True)
    assert f"\r\nAuthorization: Bearer {token}\r\n".encode() in server.received[0]
    assert f"\r\nCookie: {cookie}\r\n".encode() in server.received[0]


def test_secret_that_the_service_echoes_is_hidden(healthy_app, verdict, secret):
    """Goal: incident 16, a service that shows what it got, at -vv and in an error's body."""
    for header in ("Authorization: Bearer {}", "X-Api-Key: {}", "Cookie: session={}"):
        token = secret()
        options = ["-vv", "--expect-body", "nothing", "-H", header.format(token)]
        verdict.unhealthy("live", *options, healthy_app.url("/headers/"), cause="body-mismatch")


def test_token_in_the_url_is_hidden(healthy_app, verdict, secret):
    """Goal: incident 16, a token in a query is sent and not shown, also when it comes back in the body."""
    url = healthy_app.url(f"/headers/?token={secret()}&a=1")
    result = verdict.unhealthy("live", "-vv", "--expect-body", "nothing", url, cause="body-mismatch")
    assert "token=***" in result.out


# How much, how and by which variables -------------------------------------------------------------------------------


def test_verbose_shows_the_phases(healthy_app, verdict):
    """Goal: -v tells how long each phase took and what the answer was; without it one line is all."""
    assert len(verdict.healthy("live", healthy_app.url(HEALTH)).lines) == 1
    out = verdict.healthy("live", "-v", healthy_app.url(HEALTH)).out
    for words in ("200 OK, application/json", "from gunicorn", "connect |", "answer", "receive"):
        assert words in out


def test_very_verbose_shows_the_exchange(healthy_app, verdict):
    """Goal: -vv shows what was sent and what came, headers only."""
    out = verdict.healthy("live", "-vv", healthy_app.url(HEALTH)).out
    for words in (f"> GET {HEALTH} HTTP/1.1", f"> Host: 127.0.0.1:{healthy_app.port}", "< HTTP/1.1 200 OK"):
        assert words in out


def test_quiet_prints_no_verdict(healthy_app, run_probe):
    """Goal: -q leaves the exit status only, healthy or not."""
    for words, status in [([healthy_app.url(HEALTH)], 0), ([f":{free_port()}/"], 1)]:
        result = run_probe("live", "-q", *words)
        assert (result.status, result.out) == (status, "")


@pytest.mark.parametrize(
    "env, words",
    [
        ({"PROBE_EXPECT_STATUS": "404"}, "http 404"),
        ({"PROBE_EXPECT_STATUS": "404", "PROBE_METHOD": "HEAD"}, "http 404"),
        ({"PROBE_EXPECT_STATUS": "404", "PROBE_VERBOSE": "1"}, "http 404"),
        ({"PROBE_EXPECT_STATUS": "404", "PROBE_EXPECT_JSON": "/detail=Not found."}, "http 404"),
        ({"PROBE_EXPECT_STATUS": "404", "PROBE_TIMEOUT": "1500ms"}, "http 404"),
        ({"PROBE_EXPECT_STATUS": "404", "PROBE_METHOD": ""}, "http 404"),
    ],
)
def test_options_by_variable(healthy_app, verdict, env, words):
    """Goal: every option has a variable; an empty one is as good as none."""
    verdict.healthy("live", healthy_app.url("/status/404/"), env=env, says=[words])


def test_option_wins_over_its_variable(healthy_app, verdict):
    """Goal: what is written in the command counts."""
    env = {"PROBE_EXPECT_STATUS": "404", "PROBE_METHOD": "nonsense here", "PROBE_OUTPUT": "json"}
    options = ["-s", "200", "-X", "GET", "-o", "text"]
    verdict.healthy("live", *options, healthy_app.url(HEALTH), env=env, once=True)


def test_quiet_by_variable(healthy_app, run_probe):
    """Goal: PROBE_QUIET and PROBE_OUTPUT do what their options do."""
    assert run_probe("live", "--quiet", healthy_app.url(HEALTH), env={"PROBE_QUIET": "1"}).out == ""
    assert run_probe("live", healthy_app.url(HEALTH), env={"PROBE_OUTPUT": "json"}).json()["status"] == "healthy"


def test_longer_timeout_by_variable(gunicorn, verdict):
    """Goal: PROBE_TIMEOUT=5s lets a service that takes 3.5 s be healthy, as --timeout 5s does."""
    app = gunicorn()
    verdict.healthy("live", app.url("/sleep/3.5/"), env={"PROBE_TIMEOUT": "5s"}, once=True)


def test_port_and_default_paths(healthy_app, verdict):
    """Goal: without a target it is localhost, $PORT and the default path of the command."""
    env = {"PORT": str(healthy_app.port)}
    assert f"localhost:{healthy_app.port}{HEALTH}" in verdict.healthy("live", "-v", env=env).out
    assert f"localhost:{healthy_app.port}{READY}" in verdict.healthy("ready", "-v", env=env).out
    verdict.healthy("live", HEALTH, "/status/200/", env=env)


def test_targets_by_variable(healthy_app, verdict):
    """Goal: PROBE_LIVE and PROBE_READY hold several targets; a target in the command makes them silent."""
    both = f" :{healthy_app.port}{HEALTH}  http://127.0.0.1:{healthy_app.port}{READY} "
    for command, name in [("live", "PROBE_LIVE"), ("ready", "PROBE_READY")]:
        assert verdict.healthy(command, env={name: both}).first.count("http ") == 2
        given = verdict.healthy(command, healthy_app.url(HEALTH), env={name: f":{free_port()}/"})
        assert given.first.count("http ") == 1
    env = {"PROBE_LIVE": "env:HEALTH_URL", "HEALTH_URL": healthy_app.url(HEALTH)}
    verdict.healthy("live", env=env, says=["http 200"])


# Several targets ----------------------------------------------------------------------------------------------------


def test_several_targets_take_as_long_as_the_slowest(gunicorn, verdict):
    """Goal: side by side: four answers of half a second are there after half a second."""
    app = gunicorn(workers=4)
    urls = [app.url(f"/sleep/0.{tenths}/") for tenths in (5, 5, 4, 3)]
    result = verdict.healthy("live", *urls, once=True)
    assert 0.5 <= result.seconds < 1
    assert result.first.count("http ") == 4


def test_sixteen_targets_with_long_paths(healthy_app, verdict):
    """Goal: the first line holds every check, however many there are and however long their names."""
    path = "/status/404/" + "long/" * 80
    urls = [f":{healthy_app.port}{path}{number}" for number in range(15)]
    result = verdict.run_probe("live", *urls, healthy_app.url(HEALTH))
    assert (result.status, result.first.count("http ")) == (1, 16), str(result)
    assert result.first.count(" 404 ") == 15 and result.first.count(" 200 ") == 1, str(result)


@pytest.mark.parametrize("path, status", [("/status/404/", "unhealthy"), ("/status/200/", "healthy")])
def test_sixteen_targets_with_long_paths_in_json(nginx, verdict, path, status):
    """Goal: as JSON the verdict and every check's cause are there, in 4096 bytes."""
    front = nginx("location /status/404/ { return 404; } location /status/200/ { return 200 ok; }")
    urls = [front.url(path + "long/" * 80 + str(number)) for number in range(16)]
    report = verdict.as_json(["live", *urls], {}, 0 if status == "healthy" else 1, status)
    assert len(report["checks"]) == 16


# Bad input ----------------------------------------------------------------------------------------------------------

BAD_INPUT = [
    # options
    (["--timeout", "nonsense"], {}, ["--timeout", "nonsense", "500ms, 3s or 1m30s"]),
    (["--timeout", "0"], {}, ["--timeout", "from 10ms to 1h"]),
    (["--timeout", "-1s"], {}, ["--timeout"]),
    (["--timeout", "25h"], {}, ["--timeout"]),
    (["--timeout"], {}, ["--timeout needs a value"]),
    (["--expect-status", "20"], {}, ["--expect-status", "'20'", "200,204,300-399"]),
    (["--expect-status", "299-200"], {}, ["--expect-status"]),
    (["--expect-status", "200,"], {}, ["--expect-status"]),
    (["--expect-json", "status=ok"], {}, ["--expect-json", "/database/status=connected"]),
    (["--expect-json", "/status"], {}, ["--expect-json", "PATH=VALUE"]),
    (["--header", "no colon"], {}, ["--header", "NAME: VALUE"]),
    (["--header", "Bad Name: x"], {}, ["--header"]),
    (["--header", "X: @/no/such/file"], {}, ["'X'", "/no/such/file", "No such file"]),
    (["--header", "X: env:NO_SUCH"], {}, ["'X'", "NO_SUCH is not set, nor is NO_SUCH_FILE"]),
    (["--header", "X: env:TOKEN"], {"TOKENN": "x"}, ["TOKEN is not set", "did you mean TOKENN?"]),
    (["--header", "X: env:TOKEN"], {"TOKEN": "a\nb"}, ["line break"]),
    (["--method", "GET /"], {}, ["--method", "GET, HEAD, POST"]),
    (["--output", "xml"], {}, ["--output", "text or json"]),
    (["--follow=1"], {}, ["--follow takes no value"]),
    (["--folow"], {}, ["--folow", "did you mean --follow?"]),
    (["-Z"], {}, ["'-Z'"]),
    (["--db"], {}, ["--db is not for probe live", "restart every container", "probe ready"]),
    # variables
    ([], {"PROBE_TIMEOUT": "soon"}, ["PROBE_TIMEOUT", "soon"]),
    ([], {"PROBE_EXPECT_STATUS": "ok"}, ["PROBE_EXPECT_STATUS", "ok"]),
    ([], {"PROBE_FOLLOW": "maybe"}, ["PROBE_FOLLOW", "maybe", "1 or 0"]),
    ([], {"PROBE_VERBOSE": "3"}, ["PROBE_VERBOSE", "from 0 to 2"]),
    ([], {"PROBE_HEADER": "Host: x"}, ["PROBE_HEADER", "ALLOWED_HOSTS"]),
    # targets beside the good one
    (["ftp://localhost/"], {}, ["ftp://localhost/", "no check knows", "write tcp://localhost:PORT"]),
    (["health"], {}, ["'health'", "is not a target"]),
    (["localhost:8000"], {}, ["is not a target", "write http://localhost:8000/path"]),
    ([":0/"], {}, ["port", "1 to 65535"]),
    ([":65536/"], {}, ["port", "1 to 65535"]),
    ([":http/"], {}, ["port"]),
    (["http://[::1/"], {}, ["[ without a ]"]),
    (["http://[nonsense]/"], {}, ["IPv6"]),
    (["http://0.0.0.0:8000/"], {}, ["write localhost"]),
    (["http://example.com/"], {}, ["another host", "--allow-remote"]),
    (["http://10.0.0.1/"], {}, ["another host", "--allow-remote"]),
    (["tcp://db:5432"], {}, ["another host", "--allow-remote"]),
    (["tcp://localhost"], {}, ["tcp://HOST:PORT"]),
    (["tcp://localhost:80/path"], {}, ["tcp://HOST:PORT"]),
    (["--data", "x", "-X", "HEAD", "/"], {}, ["HEAD has none"]),
    (["--data", "@/no/such/file"], {}, ["--data: ", "/no/such/file", "No such file"]),
    (["--connect-to", "localhost:1", "http://unix:/run/app.sock:/"], {}, ["a socket, and --connect-to"]),
    (["--connect-to", "0.0.0.0"], {}, ["write localhost"]),
    (["--connect-to", "192.0.2.1"], {}, ["another host", "--allow-remote"]),
    (["http://unix:run/app.sock:/"], {}, ["slash"]),
    (["/path#fragment"], {}, ["#", "%23"]),
    (["/pa th"], {}, ["space", "%20"]),
    (["/" + "x" * 3000], {}, ["longer than 2048"]),
    (["file://tmp/heartbeat"], {}, ["file:///PATH"]),
    (["file:///tmp/heartbeat?max-age=old"], {}, ["max-age"]),
    (["env:NO_SUCH"], {}, ["NO_SUCH is not set", "NO_SUCH_FILE"]),
    (["env:HEALTH_URL"], {"HEALTH_ULR": "x"}, ["HEALTH_URL is not set", "did you mean HEALTH_ULR?"]),
    (["env:HEALTH_URL"], {"HEALTH_URL": ""}, ["HEALTH_URL is empty, and HEALTH_URL_FILE is not set"]),
    (["postgres://u:p@h/d"], {}, ["not for probe live", "database outage", "probe ready"]),
    (["redis://h"], {}, ["not for probe live", "probe ready"]),
    (["/x"] * 16, {}, ["16 targets"]),
    # PORT
    (["/path"], {"PORT": "http"}, ["PORT", "1 to 65535"]),
    (["/path"], {"PORT": "99999"}, ["PORT", "1 to 65535"]),
]


@pytest.mark.parametrize("words, env, says", BAD_INPUT, ids=lambda value: str(value)[:60])
def test_bad_input_is_one_line_and_nothing_is_sent(peer, verdict, words, env, says):
    """Goal: a mistake is found before anything is sent, and the line says what is wrong and what is right."""
    server = peer("silent")
    verdict.misconfigured("live", server.url(), *words, env=env, says=says)
    assert server.connections == 0


def test_https_needs_tls(verdict):
    """Goal: the build without TLS names the other one, and asks nobody."""
    says = ["needs TLS: use probe's TLS build (image probe:tls)"]
    verdict.needs_tls("live", f"https://localhost:{free_port()}/", says=says)


def test_bad_default_targets(verdict):
    """Goal: a mistake in PROBE_LIVE or PROBE_READY names the variable."""
    verdict.misconfigured("live", env={"PROBE_LIVE": "/ok nonsense"}, says=["PROBE_LIVE", "'nonsense'"])
    verdict.misconfigured("ready", env={"PROBE_READY": "ftp://x"}, says=["PROBE_READY", "ftp://x"])
    verdict.misconfigured("live", env={"PROBE_LIVE": "redis://localhost"}, says=["PROBE_LIVE", "probe ready"])


def test_bad_input_as_json(run_probe, validate):
    """Goal: a mistake is one object too, where JSON was asked, before or behind the mistake."""
    for words in (["-o", "json", "nonsense"], ["nonsense", "-o", "json"], ["--output=json", "-t", "x", "/"]):
        report = run_probe("live", *words).json()
        validate(report)
        assert (report["status"], report["cause"]) == ("misconfigured", "usage")


def test_bad_option_before_output_json(run_probe, validate):
    """Goal: where --output json stands does not matter."""
    validate(run_probe("live", "-t", "x", "--output", "json", "/").json())


def test_signal_ends_it(peer, run_probe):
    """Goal: an engine that asks it to end is obeyed at once."""
    process = run_probe.start(["live", "-t", "10s", peer("silent").url()])
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=2) != 0
    process.communicate()


def test_slow_body_within_the_deadline(peer, verdict):
    """Goal: an answer in pieces is healthy as long as it ends in time."""
    server = peer(request(), send(CHUNKED + b"2\r\nok\r\n"), pause(0.3), send(b"0\r\n\r\n"), hold())
    result = verdict.healthy("live", server.url(), once=True)
    assert 0.3 <= result.seconds < 1


def test_body_without_length_ends_with_the_connection(peer, verdict):
    """Goal: HTTP/1.0's way to end a body is known."""
    server = peer(request(), send(HEAD + b"\r\nall is well"))
    verdict.healthy("live", "--expect-body", "all is well", server.url())
