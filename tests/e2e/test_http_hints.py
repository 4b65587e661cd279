"""Hints by evidence: a product is named only where its answer shows it.

Real servers are in test_http_servers.py. Here are the answers of those that cannot be had, as their own source or
documentation has them; each says from where.
"""
import json

import pytest

from peers import hold, request, response, send

PRODUCTS = ["Django", "ALLOWED_HOSTS", "SECURE_", "APPEND_SLASH", "Rails", "Spring", "ASP.NET", "Express", "Caddy", "Go "]
PRODUCTS += ["Traefik", "nginx", "HAProxy", "Vault", "Apache", "lighttpd", "PHP", "Envoy", "Tomcat", "gunicorn"]

# Django 5.2, django/views/defaults.py: ERROR_PAGE_TEMPLATE
DJANGO = """
<!doctype html>
<html lang="en">
<head>
  <title>Bad Request (400)</title>
</head>
<body>
  <h1>Bad Request (400)</h1><p></p>
</body>
</html>
"""
# Rails 7.1, actionpack/lib/action_dispatch/middleware/templates/rescues/blocked_host.html.erb
RAILS = """<header role="banner"><h1>Blocked hosts: my_app:3000</h1></header>
<main role="main" id="container"><h2>To allow requests to these hosts, make sure they are valid hostnames (containing
only numbers, letters, dashes and dots), then add the following to your environment configuration:</h2>
<pre>config.hosts &lt;&lt; "my_app:3000"</pre></main>"""
# Spring Boot 3, DefaultErrorAttributes and the Actuator's health endpoint
SPRING_404 = '{"timestamp":"2026-11-26T20:00:00.000+00:00","status":404,"error":"Not Found","path":"/health"}'
SPRING_503 = b"Content-Type: application/vnd.spring-boot.actuator.v3+json\r\n"
WHITELABEL = "<html><body><h1>Whitelabel Error Page</h1><p>This application has no explicit mapping for /error</p></body>"
# ASP.NET Core, HostFilteringMiddleware.cs and HealthCheckResponseWriters.cs
KESTREL = b"Server: Kestrel\r\n"
ASP_NET = "<BODY><h2>Bad Request - Invalid Hostname</h2><hr><p>HTTP Error 400. The request hostname is invalid.</p></BODY>"
# Vault 1.18, http/sys_health.go: HealthResponse
VAULT = {"initialized": True, "sealed": False, "standby": True, "performance_standby": False, "version": "1.18.0"}
# Traefik 3, pkg/server/service/loadbalancer; Go, net/http.NotFound
GO = b"Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n"
# Tomcat 10, ErrorReportValve.java
TOMCAT = "<h1>HTTP Status 404 – Not Found</h1><hr class='line' /><h3>Apache Tomcat/10.1.34</h3>"
# Envoy, source/common/router/router.cc
ENVOY = "no healthy upstream"
# Django's SecurityMiddleware, with its defaults since 3.1
DJANGO_HEADERS = b"X-Content-Type-Options: nosniff\r\nReferrer-Policy: same-origin\r\n"


def vault(**values):
    return json.dumps({**VAULT, **values}, separators=(",", ":"))


KNOWN = [
    # name, status, headers, body, cause, what the hint says
    ("Django 400", "400 Bad Request", b"Server: gunicorn\r\n", DJANGO, "http-bad-request", "ALLOWED_HOSTS"),
    ("Rails", "403 Forbidden", b"", RAILS, "http-forbidden", "Rails refuses a Host that is not in config.hosts"),
    ("Spring Boot, no path", "404 ", b"", SPRING_404, "http-not-found", "/actuator/health"),
    ("Spring Boot, page", "404 ", b"", WHITELABEL, "http-not-found", "/actuator/health"),
    ("Spring Boot, down", "503 ", SPRING_503, '{"status":"DOWN"}', "http-unavailable", "show-details=always"),
    ("ASP.NET, Host", "400 Bad Request", KESTREL, ASP_NET, "http-bad-request", "AllowedHosts (appsettings.json)"),
    ("ASP.NET, health", "503 ", KESTREL, "Unhealthy", "http-unavailable", "HealthCheckOptions"),
    ("Vault, standby", "429 ", b"", vault(), "http-too-many-requests", "?standbyok=true"),
    ("Vault, DR secondary", "472 ", b"", vault(), "http-status", "disaster recovery secondary"),
    ("Vault, performance standby", "473 ", b"", vault(), "http-status", "?perfstandbyok=true"),
    ("Vault, new", "501 ", b"", vault(initialized=False, sealed=True), "http-status", "vault operator init"),
    ("Vault, sealed", "503 ", b"", vault(sealed=True), "http-unavailable", "vault operator unseal"),
    ("Go", "404 Not Found", GO, "404 page not found\n", "http-not-found", "a Go program (net/http) has no route"),
    ("Traefik", "503 Service Unavailable", GO, "no available server\n", "http-unavailable", "Traefik's answer"),
    ("Tomcat", "404 ", b"", TOMCAT, "http-not-found", "Tomcat knows no such path"),
    ("Envoy", "503 Service Unavailable", b"server: envoy\r\n", ENVOY, "http-unavailable", "Envoy is up"),
    ("Rails, migrations", "500 ", b"", "<h1>ActiveRecord::PendingMigrationError</h1>", "http-server-error", "db:migrate"),
]


def answering(peer, status, headers, body):
    return peer(request(), send(response(body.encode(), status=status.encode(), headers=headers)), hold())


def hint(result):
    return result.first.partition("; hint: ")[2]


@pytest.mark.parametrize("status, headers, body, cause, says", [row[1:] for row in KNOWN], ids=[row[0] for row in KNOWN])
def test_product_that_the_answer_shows(peer, verdict, status, headers, body, cause, says):
    """Goal: the answer shows whose it is, and the hint is that product's own fix."""
    server = answering(peer, status, headers, body)
    result = verdict.unhealthy("live", server.url("/health"), cause=cause, says=[status.split()[0]])
    assert says in hint(result), str(result)


STATUSES = [
    ("400 Bad Request", "http-bad-request", "does the service accept this Host?"),
    ("403 Forbidden", "http-forbidden", "does it accept this Host and this address"),
    ("404 Not Found", "http-not-found", "is the path right"),
    ("429 Too Many Requests", "http-too-many-requests", "does a rate limit count the check?"),
    ("500 Internal Server Error", "http-server-error", "its log"),
    ("502 Bad Gateway", "http-bad-gateway", "the proxy is up"),
    ("503 Service Unavailable", "http-unavailable", "fix what its answer names"),
    ("504 Gateway Timeout", "http-gateway-timeout", "the proxy is up"),
]


@pytest.mark.parametrize("status, cause, says", STATUSES)
@pytest.mark.parametrize("headers, body", [(b"", ""), (b"Server: gunicorn\r\n", "no"), (b"", '{"error":"no"}')])
def test_answer_that_shows_no_product(peer, verdict, status, cause, says, headers, body):
    """Goal: any 400 is not Django's, any 429 no rate limit, any 403 no address: no product is named without evidence."""
    server = answering(peer, status, headers, body)
    result = verdict.unhealthy("live", server.url("/health"), cause=cause, says=[says])
    assert not [name for name in PRODUCTS if name in hint(result)], str(result)


@pytest.mark.parametrize(
    "headers, body, says, never",
    [
        (DJANGO_HEADERS, "", "SECURE_REDIRECT_EXEMPT", None),
        (b"Server: gunicorn\r\n", "", "answers without TLS", "Django"),
        (b"Server: Caddy\r\n", "", "auto_https disable_redirects", "Django"),
        (b"Server: Kestrel\r\n", "", "UseHttpsRedirection", "Django"),
        (b"Referrer-Policy: same-origin\r\n", "<a href='x'>moved</a>", "answers without TLS", "Django"),
        (b"Server: nginx\r\n", "<hr><center>nginx</center>", "nginx sends it", "Django"),
    ],
)
def test_redirect_to_https_by_whom(peer, verdict, headers, body, says, never):
    """Goal: a redirect to https is Django's only where its headers show it."""
    headers = b"Location: https://127.0.0.1/health\r\n" + headers
    server = answering(peer, "301 Moved", headers, body)
    result = verdict.unhealthy("live", server.url("/health"), cause="https-redirect", says=[says])
    assert never is None or never not in result.out


def test_forbidden_shows_the_host(peer, verdict):
    """Goal: C5, a 403 may be about the Host as a 400 may: Rails' is empty where details are hidden."""
    server = answering(peer, "403 Forbidden", b"Content-Type: text/html\r\n", "")
    says = [f"403 Forbidden for /up to Host '127.0.0.1:{server.port}'"]
    verdict.unhealthy("live", server.url("/up"), cause="http-forbidden", says=says)
@pytest.mark.parametrize(
    "status, body, says",
    [("400 Bad", DJANGO, "Django refuses a Host with an underscore"), ("403 No", RAILS, "Rails refuses a Host with an und")],
)
def test_host_with_an_underscore(peer, verdict, container, status, body, says):
    """Goal: who adds a name with an underscore to the list is refused again: the hint says so."""
    server = answering(peer, status, b"", body)
    url = f"http://my_app:{server.port}/"
    result = verdict.run_probe("live", "--connect-to", f"127.0.0.1:{server.port}", url)
    assert result.status == 1 and says in hint(result), str(result)


