"""The stage of the incidents: every switch of the Django project does what the incident was, seen with curl.

This says nothing about the probe. It shows that the real thing fails as it did, and what the usual health checks
make of it; each test names its incident.
"""
import json
import time

import psycopg2
import pytest

import curl
import processes
import servers
from addresses import free_port, has_ipv6

pytestmark = pytest.mark.stage

PATHS = ["/api/v1/health/", "/api/v1/ready/", "/api/v1/health/live/", "/api/v1/health/ready/"]
HTTPS_HEADER = ("-H", "X-Forwarded-Proto: https")
CURL_COULD_NOT_CONNECT = 7
CURL_HTTP_ERROR = 22
CURL_TIMED_OUT = 28


@pytest.mark.parametrize("path", PATHS)
def test_the_four_health_paths_are_healthy(healthy_app, path):
    """Goal: with nothing switched on, the deployment is healthy on all its health paths."""
    answer = curl.get(healthy_app.url(path))
    assert (answer.exit, answer.status) == (0, 200)
    assert json.loads(answer.body)["status"] == "healthy"


def test_ready_says_that_the_database_is_connected(healthy_app):
    """Goal: the ready view asks its database."""
    body = json.loads(curl.get(healthy_app.url("/api/v1/ready/")).body)
    assert body == {"status": "healthy", "database": {"status": "connected"}}


@pytest.mark.parametrize("at", ["::1", "unix", "0.0.0.0"])
def test_gunicorn_listens_where_it_is_told(gunicorn, at):
    """Goal: the service can be had on IPv6, on a unix socket and on every address."""
    if at == "::1" and not has_ipv6():
        pytest.skip("this machine has no IPv6")
    app = gunicorn(at=at)
    if at == "unix":
        answer = curl.get("http://localhost/api/v1/health/", "--unix-socket", app.address.path)
    else:
        answer = curl.get(app.url("/api/v1/health/"))
    assert answer.status == 200


def test_host_header_that_is_not_allowed_is_400(healthy_app):
    """Goal: incident 1, a check that sends a Host of its own gets 400, and none without it."""
    path = healthy_app.url("/api/v1/health/")
    assert curl.get(path, "-H", "Host: example.com").status == 400
    assert curl.get(path).status == 200


def test_allowed_hosts_without_localhost_refuses_the_check(gunicorn):
    """Goal: incident 1, the other way round: ALLOWED_HOSTS names only the public name."""
    app = gunicorn(ALLOWED_HOSTS="example.com")
    assert curl.get(app.url("/api/v1/health/")).status == 400
    assert curl.get(app.url("/api/v1/health/"), "-H", "Host: example.com").status == 200


def test_ssl_redirect_passes_as_healthy_with_curl_f(gunicorn):
    """Goal: incident 2, SECURE_SSL_REDIRECT answers 301 to https, and curl -f calls that a success."""
    app = gunicorn(SECURE_SSL_REDIRECT="1")
    answer = curl.get(app.url("/api/v1/health/"), "-f")
    assert (answer.exit, answer.status) == (0, 301)
    assert answer.headers["location"] == f"https://127.0.0.1:{app.port}/api/v1/health/"


def test_ssl_redirect_followed_ends_nowhere(gunicorn):
    """Goal: incident 2, a check that follows is sent to port 443, where nothing listens: 301, then no connection."""
    app = gunicorn(SECURE_SSL_REDIRECT="1")
    answer = curl.get(app.url("/api/v1/health/"), "-L", "-H", "Host: localhost")
    assert (answer.exit, answer.status) == (CURL_COULD_NOT_CONNECT, 301)


def test_proxy_header_makes_the_redirect_go_away(gunicorn):
    """Goal: incident 2, X-Forwarded-Proto helps where Django is told to believe it, and elsewhere does not."""
    not_believed_by_gunicorn = ["--forwarded-allow-ips", "192.0.2.1"]
    trusting = gunicorn(options=not_believed_by_gunicorn, SECURE_SSL_REDIRECT="1", SECURE_PROXY_SSL_HEADER="1")
    assert curl.get(trusting.url("/api/v1/health/"), *HTTPS_HEADER).status == 200
    deaf = gunicorn(options=not_believed_by_gunicorn, SECURE_SSL_REDIRECT="1")
    assert curl.get(deaf.url("/api/v1/health/"), *HTTPS_HEADER).status == 301


def test_gunicorn_itself_believes_the_proxy_header_from_127_0_0_1(gunicorn):
    """Goal: incident 2, by default Gunicorn takes X-Forwarded-Proto from 127.0.0.1, whatever Django is told."""
    app = gunicorn(SECURE_SSL_REDIRECT="1")
    assert curl.get(app.url("/api/v1/health/"), *HTTPS_HEADER).status == 200


def test_gunicorn_does_not_believe_the_proxy_header_from_ipv6(gunicorn):
    """Goal: incident 2, on ::1 Gunicorn's default does not help: SECURE_PROXY_SSL_HEADER must be set."""
    if not has_ipv6():
        pytest.skip("this machine has no IPv6")
    app = gunicorn(at="::1", SECURE_SSL_REDIRECT="1")
    assert curl.get(app.url("/api/v1/health/"), *HTTPS_HEADER).status == 301


def test_redirect_exempt_makes_the_redirect_go_away(gunicorn):
    """Goal: incident 2, SECURE_REDIRECT_EXEMPT lets the health path be plain HTTP, and no other."""
    app = gunicorn(SECURE_SSL_REDIRECT="1", SECURE_REDIRECT_EXEMPT="^api/v1/health/")
    assert curl.get(app.url("/api/v1/health/")).status == 200
    assert curl.get(app.url("/api/v1/ready/")).status == 301


def test_append_slash_redirects_to_the_same_path(gunicorn):
    """Goal: incident 3, with APPEND_SLASH the path without its slash is a 301, without it a 404."""
    app = gunicorn(APPEND_SLASH="1")
    answer = curl.get(app.url("/api/v1/health"), "-f")
    assert (answer.exit, answer.status, answer.headers["location"]) == (0, 301, "/api/v1/health/")


def test_path_without_slash_is_404_without_append_slash(healthy_app):
    """Goal: incident 3, its switch is off by default."""
    assert curl.get(healthy_app.url("/api/v1/health")).status == 404


def test_slow_start_refuses_until_it_is_ready(gunicorn):
    """Goal: incident 4, while the start takes its time nothing listens."""
    app = gunicorn(wait=False, options=["--preload"], START_DELAY="1.5")
    assert curl.get(app.url("/api/v1/health/")).exit == CURL_COULD_NOT_CONNECT
    app.wait()
    assert curl.get(app.url("/api/v1/health/")).status == 200


def test_unreachable_database_is_503_with_the_reason_in_the_body(gunicorn):
    """Goal: incident 5, the service is up, its database is not: the body says so and curl -f hides it."""
    app = gunicorn(DB_HOST="127.0.0.1", DB_PORT=str(free_port()))
    answer = curl.get(app.url("/api/v1/ready/"))
    assert answer.status == 503
    assert json.loads(answer.body) == {"status": "unhealthy", "database": {"status": "disconnected"}}
    assert curl.get(app.url("/api/v1/health/")).status == 200
    hidden = curl.get(app.url("/api/v1/ready/"), "-f")
    assert (hidden.exit, hidden.body) == (CURL_HTTP_ERROR, "")


def test_liveness_coupled_to_the_database(gunicorn):
    """Goal: incident 6, the switch makes the liveness path fail with the database."""
    app = gunicorn(LIVE_ASKS_DATABASE="1", DB_HOST="127.0.0.1", DB_PORT=str(free_port()))
    assert curl.get(app.url("/api/v1/health/")).status == 503


def test_ready_with_a_real_database_and_redis(gunicorn, postgres, redis, secret):
    """Goal: the deployment runs on PostgreSQL and Redis, with passwords, and notices when they are gone."""
    database, cache = postgres(), redis(password=secret())
    app = gunicorn(**database.settings(), REDIS_URL=cache.url())
    answer = curl.get(app.url("/api/v1/ready/"))
    assert (answer.status, json.loads(answer.body)["redis"]) == (200, {"status": "connected"})
    cache.stop()
    body = json.loads(curl.get(app.url("/api/v1/ready/")).body)
    assert (body["database"]["status"], body["redis"]["status"]) == ("connected", "disconnected")


def test_wrong_password_is_refused_by_postgres(postgres, secret):
    """Goal: incident 9, the password is really asked for."""
    database = postgres()
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(database.url(password=secret()), connect_timeout=5)


def test_migrations_can_stop_half_way(postgres):
    """Goal: incident 11, a schema that is one migration behind, told by django_migrations."""
    database = postgres()
    servers.manage("migrate", "orders", "0001", **database.settings())
    applied = database.sql("SELECT name FROM django_migrations WHERE app = 'orders'")
    assert applied == [("0001_initial",)]


def test_redis_refuses_without_its_password(redis, secret):
    """Goal: incident 12, the password is really asked for."""
    cache = redis(password=secret())
    assert cache.command("PING") is True
    with cache.address.connect() as connection:
        connection.sendall(b"PING\r\n")
        assert connection.recv(100).startswith(b"-NOAUTH")


def test_busy_workers_let_the_check_wait(gunicorn):
    """Goal: incident 17, one request keeps the only worker, and the check is connected and never answered."""
    app = gunicorn()
    with app.busy_worker():
        assert curl.get(app.url("/api/v1/health/"), seconds=1).exit == CURL_TIMED_OUT


def test_rate_limit_counts_the_check(gunicorn):
    """Goal: incident 18, every request counts, and the one too many is 429 with Retry-After."""
    app = gunicorn(RATE_LIMIT="2")
    answers = [curl.get(app.url("/api/v1/health/")) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[2].headers["retry-after"]) <= 60


@pytest.mark.parametrize(
    "code, words",
    [
        (401, "credentials were not provided"),
        (403, "do not have permission"),
        (404, "Not found"),
        (500, "Internal server error"),
        (503, "disconnected"),
    ],
)
def test_statuses_with_their_bodies(healthy_app, code, words):
    """Goal: incidents 5 and 19, any status can be had, with the body that says why."""
    answer = curl.get(healthy_app.url(f"/status/{code}/"))
    assert answer.status == code
    assert words in answer.body
    assert ("www-authenticate" in answer.headers) == (code == 401)


def test_missing_collectstatic_breaks_the_page(gunicorn, stage):
    """Goal: incident 19, with a manifest a page is 500 until collectstatic has run."""
    static = {"STATIC_MANIFEST": "1", "STATIC_ROOT": str(stage.new_folder("static"))}
    broken = gunicorn(**static)
    assert curl.get(broken.url("/page/")).status == 500
    assert curl.get(broken.url("/api/v1/health/")).status == 200
    servers.manage("collectstatic", "--no-input", **static)
    mended = gunicorn(**static)
    assert curl.get(mended.url("/page/")).status == 200


def test_missing_static_files_behind_nginx_are_404(nginx):
    """Goal: incident 19, the proxy serves what is there: the path without a file is a 404."""
    front = nginx()
    (front.folder / "html" / "app.css").write_text("body {}")
    assert curl.get(front.url("/app.css")).status == 200
    assert curl.get(front.url("/missing.css")).status == 404


def test_nothing_on_the_port(gunicorn):
    """Goal: incident 20, the app is on another port, or on ::1 only."""
    app = gunicorn(at="::1" if has_ipv6() else "127.0.0.1")
    assert curl.get(f"http://127.0.0.1:{free_port()}/").exit == CURL_COULD_NOT_CONNECT
    if has_ipv6():
        assert curl.get(f"http://127.0.0.1:{app.port}/api/v1/health/").exit == CURL_COULD_NOT_CONNECT


def test_debug_shows_its_pages(gunicorn):
    """Goal: incident 22, with DEBUG an exception and a 404 show Django's own pages."""
    app = gunicorn(DEBUG="1")
    failed, lost = curl.get(app.url("/raise/")), curl.get(app.url("/nowhere/"))
    assert (failed.status, lost.status) == (500, 404)
    assert "You're seeing this error because you have" in failed.body.replace("’", "'")
    assert "Using the URLconf defined in" in lost.body


def test_without_debug_the_pages_say_nothing(healthy_app):
    """Goal: incident 22, its switch is off by default."""
    for path in ("/raise/", "/nowhere/"):
        assert "DEBUG" not in curl.get(healthy_app.url(path)).body


def test_curl_obeys_proxy_variables_even_for_loopback(healthy_app):
    """Goal: incident 23, with http_proxy set the check never reaches the service."""
    proxy = {"http_proxy": f"http://127.0.0.1:{free_port()}"}
    assert curl.get(healthy_app.url("/api/v1/health/"), env=proxy).exit == CURL_COULD_NOT_CONNECT


def test_dripping_body_never_ends(gunicorn):
    """Goal: incident 24, the view sends a byte at a time for ever: only a deadline ends it."""
    app = gunicorn()
    answer = curl.get(app.url("/drip/0.05/"), seconds=1)
    assert (answer.exit, answer.status) == (CURL_TIMED_OUT, 200)


def test_sleeping_view_answers_late(healthy_app):
    """Goal: incident 24, the view sleeps as long as it is told."""
    start = time.monotonic()
    assert curl.get(healthy_app.url("/sleep/0.3/")).status == 200
    assert time.monotonic() - start >= 0.3


def test_big_body_is_as_big_as_asked(healthy_app):
    """Goal: a body larger than any buffer can be had."""
    assert len(curl.get(healthy_app.url("/big/200000/")).body) == 200_000


def test_headers_are_echoed(healthy_app):
    """Goal: what a client sends can be asserted."""
    sent = json.loads(curl.get(healthy_app.url("/headers/?a=1"), "-H", "X-Test: yes").body)
    assert (sent["method"], sent["path"], sent["headers"]["X-Test"]) == ("GET", "/headers/?a=1", "yes")


def test_plain_http_to_a_tls_port_is_400(nginx):
    """Goal: nginx tells that TLS was expected; with TLS the same port answers."""
    front = nginx("location / { return 200 ok; }", tls=True)
    answer = curl.get(front.url("/"))
    assert answer.status == 400
    assert "plain HTTP request was sent to HTTPS port" in answer.body
    assert curl.get(front.url("/", scheme="https"), "-k").status == 200


def test_proxy_without_its_service_is_502(nginx):
    """Goal: a reverse proxy in front of nothing answers 502."""
    front = nginx(f"location / {{ proxy_pass http://127.0.0.1:{free_port()}; }}")
    assert curl.get(front.url("/")).status == 502


def test_busybox_serves_a_page_and_404(busybox_httpd):
    """Goal: the smallest service answers 200 for a page and 404 when it is removed."""
    service = busybox_httpd()
    page = service.folder / "html" / "health"
    page.write_text("ok\n")
    assert curl.get(service.url("/health")).body == "ok\n"
    page.unlink()
    assert curl.get(service.url("/health")).status == 404


def test_stopped_server_leaves_no_process(gunicorn):
    """Goal: stopping takes the workers along, even one that is busy."""
    app = gunicorn(workers=2)
    with app.busy_worker():
        app.stop()
    assert processes.in_session(app.pid) == []


def test_server_that_cannot_start_shows_its_log(nginx):
    """Goal: a mistake in a configuration is told by the server's own words."""
    with pytest.raises(RuntimeError, match='unknown directive "nonsense"'):
        nginx("nonsense;")
