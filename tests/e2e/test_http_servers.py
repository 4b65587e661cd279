"""The answers of real web servers and proxies, healthy and not: what the first line says of each."""
import pytest

import http_servers
from addresses import free_port
from peers import request, send
from shared_fixtures import factory

apache = factory(http_servers.apache)
lighttpd = factory(http_servers.lighttpd)
haproxy = factory(http_servers.haproxy)
caddy = factory(http_servers.caddy)
php_fpm = factory(http_servers.php_fpm)
express = factory(http_servers.express)


def test_express(express, verdict):
    """Goal: C6, Express' error page shows the error, and its 404 that there is no route."""
    port = free_port()
    app = express(port)
    verdict.healthy("live", app.url("/ok"))
    says = [f"500 Internal Server Error: Error: connect ECONNREFUSED 127.0.0.1:{port} at TCPConnectWrap"]
    verdict.unhealthy("live", app.url("/db"), cause="http-server-error", says=says)
    says = ["404 Not Found for /health: Error Cannot GET /health", "Express has no route for this method and path"]
    verdict.unhealthy("live", app.url("/health"), cause="http-not-found", says=says)
    says = ["404 Not Found for /ok: Error Cannot POST /ok", "Express has no route"]
    verdict.unhealthy("live", "-X", "POST", app.url("/ok"), cause="http-not-found", says=says)


def test_apache(apache, verdict):
    """Goal: Apache's own pages are told from the application's, and what its proxy lacks is the application."""
    port = free_port()
    conf = f"ProxyPass /app http://127.0.0.1:{port}/ retry=5\n<Location /closed>\nRequire all denied\n</Location>\n"
    conf += "RewriteEngine on\nRewriteRule ^/tls$ https://127.0.0.1/tls [R=301]\n"
    server = apache(conf)
    verdict.healthy("live", server.url("/ok"))
    says = ["404 Not Found for /no: The requested URL was not found on this server", "is the path right"]
    verdict.unhealthy("live", server.url("/no"), cause="http-not-found", says=says)
    says = ["403 Forbidden for /closed to Host", "You don't have permission", "Apache denies it: Require"]
    verdict.unhealthy("live", server.url("/closed"), cause="http-forbidden", says=says)
    says = ["503 Service Unavailable", "Apache is up, and calls the application behind it down"]
    verdict.unhealthy("live", server.url("/app"), cause="http-unavailable", says=says)
    says = ["301 to https://127.0.0.1/tls", "without TLS"]
    verdict.unhealthy("live", server.url("/tls"), cause="https-redirect", says=says)


def test_apache_in_front_of_what_breaks_off(apache, peer, verdict):
    """Goal: Apache's 502 says that Apache is up."""
    broken = peer(request())
    server = apache(f"ProxyPass /app http://127.0.0.1:{broken.port}/")
    says = ["502 Bad Gateway", "Apache is up: is the application behind it?"]
    verdict.unhealthy("live", server.url("/app"), cause="http-bad-gateway", says=says)


def test_lighttpd(lighttpd, verdict):
    """Goal: lighttpd's pages, and its 503 where the application behind it is down."""
    conf = 'server.modules += ( "mod_proxy", "mod_access" )\nurl.access-deny = ( "ok.txt" )\n'
    conf += '$HTTP["url"] =~ "^/app" { proxy.server = ( "" => ( ( "host" => "127.0.0.1", "port" => %d ) ) ) }'
    server = lighttpd(conf % free_port())
    verdict.healthy("live", server.url("/ok"))
    verdict.unhealthy("live", server.url("/no"), cause="http-not-found", says=["404 Not Found for /no; hint: is the path"])
    verdict.unhealthy("live", server.url("/ok.txt"), cause="http-forbidden", says=["403 Forbidden for /ok.txt to Host"])
    says = ["503 Service Unavailable; hint: lighttpd is up, and calls the application"]
    verdict.unhealthy("live", server.url("/app"), cause="http-unavailable", says=says)


def test_haproxy(haproxy, gunicorn, verdict):
    """Goal: HAProxy's 503, 504, 502, 403, 400 and its redirect are named as its own; what it passes on is healthy."""
    app = gunicorn()
    front = "http-request deny if { path /closed }\n http-request redirect scheme https if { path /tls }"
    server = haproxy(front, f"server app 127.0.0.1:{app.port}")
    verdict.healthy("live", server.url("/api/v1/health/"))
    says = ["504 Gateway Timeout: 504 Gateway Time-out The server didn't respond in time.", "HAProxy is up"]
    verdict.unhealthy("live", server.url("/sleep/2/"), cause="http-gateway-timeout", says=says, once=True)
    says = ["403 Forbidden for /closed to Host", "a rule of HAProxy denies it"]
    verdict.unhealthy("live", server.url("/closed"), cause="http-forbidden", says=says)
    verdict.unhealthy("live", server.url("/tls"), cause="https-redirect", says=["302 to https://", "without TLS"])
    says = ["400 Bad Request to Host", "HAProxy calls the request invalid"]
    verdict.unhealthy("live", "-H", "Content-Length: x", server.url("/"), cause="http-bad-request", says=says)


def test_haproxy_without_a_server(haproxy, verdict):
    """Goal: HAProxy's 503 says that no server of its backend is up."""
    server = haproxy(back=f"server app 127.0.0.1:{free_port()}")
    says = ["503 Service Unavailable: No server is available to handle this request.", "no server of its backend is"]
    verdict.unhealthy("live", server.url("/"), cause="http-unavailable", says=says)


def test_haproxy_in_front_of_what_breaks_off(haproxy, peer, verdict):
    """Goal: HAProxy's 502 is the application's answer that was broken off."""
    broken = peer(request(), send(b"nonsense\r\n\r\n"))
    server = haproxy(back=f"server app 127.0.0.1:{broken.port}")
    says = ["502 Bad Gateway: The server returned an invalid or incomplete response", "did the application close its connection?"]
    verdict.unhealthy("live", server.url("/"), cause="http-bad-gateway", says=says)


def test_caddy(caddy, verdict):
    """Goal: Caddy's sites: healthy, 404, 502 with an empty body, and its redirect to https with its own fix."""
    site = "http://localhost, http://127.0.0.1 {\n root * {folder}/html\n handle /app { \n reverse_proxy 127.0.0.1:%d\n }\n"
    site += " handle { \n file_server\n }\n}\nexample.com {\n respond ok\n}\n"
    server = caddy(site % free_port())
    verdict.healthy("live", server.url("/ok"))
    verdict.unhealthy("live", server.url("/no"), cause="http-not-found", says=["404 Not Found for /no", "is the path right"])
    says = ["502 Bad Gateway", "Caddy is up: is the application behind it?"]
    verdict.unhealthy("live", server.url("/app"), cause="http-bad-gateway", says=says)
    ask = ["live", "--connect-to", f"127.0.0.1:{server.port}", "http://example.com/x"]
    says = ["308 to https://example.com/x", "Caddy sends its sites to https", "auto_https disable_redirects"]
    verdict.unhealthy(*ask, cause="https-redirect", says=says)


NGINX_PHP = """
location ~ \\.(php|txt)$ {
    fastcgi_pass 127.0.0.1:%d;
    fastcgi_param SCRIPT_FILENAME %s$uri;
    fastcgi_param REQUEST_METHOD $request_method;
}
location = /ping {
    fastcgi_pass 127.0.0.1:%d;
    fastcgi_param SCRIPT_NAME /ping;
    fastcgi_param SCRIPT_FILENAME /ping;
    fastcgi_param REQUEST_METHOD $request_method;
}
"""


def test_php_fpm_behind_nginx(php_fpm, nginx, verdict):
    """Goal: PHP-FPM's 404 and 403 of a script, nginx' 502 where PHP-FPM is down, and PHP's own 500."""
    php = php_fpm()
    front = nginx(NGINX_PHP % (php.port, php.folder, php.port))
    verdict.healthy("live", "--expect-body", "pong", front.url("/ping"))
    verdict.healthy("live", front.url("/ok.php"))
    says = ["404 Not Found for /no.php: File not found.", "PHP-FPM has no such script: SCRIPT_FILENAME"]
    verdict.unhealthy("live", front.url("/no.php"), cause="http-not-found", says=says)
    says = ["403 Forbidden for /secret.txt", "Access denied.", "security.limit_extensions"]
    verdict.unhealthy("live", front.url("/secret.txt"), cause="http-forbidden", says=says)
    verdict.unhealthy("live", front.url("/raise.php"), cause="http-server-error", says=["500 Internal", "its log"])
    php.stop()
    says = ["502 Bad Gateway: nginx", "nginx is up: is the application behind it?"]
    verdict.unhealthy("live", front.url("/ok.php"), cause="http-bad-gateway", says=says)


NGINX_PAGES = {
    "403": ("http-forbidden", "nginx denies it: no index file"),
    "404": ("http-not-found", "nginx itself answers: no location"),
    "503": ("http-unavailable", "nginx itself answers: limit_req"),
    "504": ("http-gateway-timeout", "nginx is up, and its proxy_read_timeout was over"),
    "400": ("http-bad-request", "does the service accept this Host?"),
    "429": ("http-too-many-requests", "does a rate limit count the check?"),
}


@pytest.mark.parametrize("status", NGINX_PAGES)
def test_own_pages_of_nginx(nginx, verdict, status):
    """Goal: what nginx itself answers is named as nginx', and its 400 and 429 are nobody else's."""
    cause, says = NGINX_PAGES[status]
    front = nginx(f"location / {{ return {status}; }}")
    verdict.unhealthy("live", front.url("/x"), cause=cause, says=[says])


def test_pages_that_nginx_passes_on(nginx, gunicorn, verdict):
    """Goal: an application's 404 and 503 behind nginx are not nginx', though Server says nginx."""
    app = gunicorn()
    front = nginx(f"location / {{ proxy_pass http://127.0.0.1:{app.port}; }}")
    for status, cause in [("404", "http-not-found"), ("503", "http-unavailable"), ("403", "http-forbidden")]:
        result = verdict.unhealthy("live", front.url(f"/status/{status}/"), cause=cause)
        assert "nginx" not in result.first


def test_nginx_444_closes(nginx, verdict):
    """Goal: nginx' 444 closes without an answer: nothing shows that it is nginx, so that nothing is said of it."""
    front = nginx("location / { return 444; }")
    result = verdict.unhealthy("live", front.url("/x"), cause="http-empty", says=["closed without an answer"])
    assert "nginx" not in result.out and "TLS" not in result.out
