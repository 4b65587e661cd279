"""The causes of the issue that no other file stages for all three kinds, each by a real server."""
import pytest

KINDS = ["http", "postgres", "redis"]
BOTH = ("host all all all scram-sha-256",)


def run(certificates, *more):
    return ["ready", "--no-http", "--cacert", certificates.ca, *more]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name, says", [
    ("weak", "the certificate 'weak' has a key that is too short"),
    ("sha1", "the certificate 'sha1' is signed with a hash that is too weak"),
    ("middle_weak", "has an authority whose key is too short"),
])
def test_weak(presenters, certificates, verdict, kind, name, says):
    """Goal: a short key, a weak hash, a weak authority."""
    verdict.unhealthy(*run(certificates), presenters[kind].present(name).url(), cause="tls-weak", says=[says])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name, says", [
    ("too_long", "is refused: path length constraint exceeded"),
    ("middle_for_others", "is refused: permitted subtree violation"),
    ("critical", "the certificate 'critical' is refused: unhandled critical extension"),
    ("of_a_client", "the certificate 'of_a_client' is refused: unsuitable certificate purpose"),
])
def test_invalid(presenters, certificates, verdict, kind, name, says):
    """Goal: what is refused for another reason says it in OpenSSL's words."""
    verdict.unhealthy(*run(certificates), presenters[kind].present(name).url(), cause="tls-invalid", says=[says])


WITH_NUL = "the certificate is for another host: it is for localhost\\x00.evil.example, not for localhost"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name, host, says", [
    ("nul", "localhost", WITH_NUL),
    ("no_name", "localhost", "the certificate is for another host: it is for no host, not for localhost"),
    ("named", "127.0.0.1", "it is for localhost, not for 127.0.0.1"),
    ("many_names", "127.0.0.1", "and 297 more, not for 127.0.0.1"),
])
def test_wrong_host(presenters, certificates, verdict, kind, name, host, says):
    """Goal: whose certificate it is, whoever compared the names: OpenSSL, libcurl or libpq."""
    verdict.unhealthy(*run(certificates), presenters[kind].present(name).url(host), cause="tls-wrong-host", says=[says])


@pytest.mark.parametrize("kind", ["http", "redis"])
@pytest.mark.parametrize("name", ["address_as_name", "address_common"])
def test_address_that_is_a_name(presenters, certificates, verdict, kind, name):
    """Goal: an address that is written as a name is no address, and the line is no riddle."""
    says = ["it is for the name 127.0.0.1, not for 127.0.0.1"]
    verdict.unhealthy(*run(certificates), presenters[kind].present(name).url("127.0.0.1"), cause="tls-wrong-host", says=says)


def test_names_as_libcurl_sees_them(presenters, certificates, verdict):
    """Goal: where libcurl is stricter than OpenSSL the cause is the host, too."""
    url = presenters["http"].present("common_and_address").url()
    verdict.unhealthy(*run(certificates), url, cause="tls-wrong-host", says=["it is for 192.0.2.7, not for localhost"])


OLD = {
    "http": {"conf": "ssl_protocols TLSv1.1;"},
    "redis": {"tls_protocols": "TLSv1.1"},
    "postgres": {"ssl_min_protocol_version": "TLSv1.1", "ssl_max_protocol_version": "TLSv1.1"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_old_version(services, certificates, verdict, kind, lax_servers):
    """Goal: a server of TLS 1.1 at most."""
    verdict.unhealthy(*run(certificates), services.url(kind, "good", **OLD[kind]), cause="tls-version", says=["the server takes no TLS 1.2 or 1.3"])


@pytest.fixture
def lax_servers(stage, monkeypatch):
    """Servers whose OpenSSL takes old versions."""
    import presenters
    import servers

    monkeypatch.setattr(servers, "ENVIRONMENT", {**servers.ENVIRONMENT, **presenters.lax(stage.new_folder("lax"))})


def test_refused_names(services, certificates, verdict):
    """Goal: a server that serves no host of the name."""
    conf = "server_name db.example; location / { return 200; } } server { listen LISTEN ssl default_server; ssl_reject_handshake on;"
    port = services.http("elsewhere", conf=conf).port
    verdict.healthy(*run(certificates, "--connect-to", f"127.0.0.1:{port}"), f"https://db.example:{port}/")
    says = ["the server serves no host of the name 'c.example': alert unrecognized name"]
    verdict.unhealthy(*run(certificates, "--connect-to", f"127.0.0.1:{port}"), f"https://c.example:{port}/", cause="tls-refused", says=says)
    says = ["the server wants a host's name, and was asked for '127.0.0.1': alert unrecognized name"]
    verdict.unhealthy(*run(certificates), f"https://127.0.0.1:{port}/", cause="tls-refused", says=says)


def test_no_tls_verdict_on_a_login_without(services, verdict, secret, lax_servers):
    """Goal: where libpq went on without TLS after a handshake that failed, what the server says of the login is the cause."""
    wrong = secret()
    url = services.url("postgres", "good", hba=BOTH, **OLD["postgres"]).replace("verify-full", "prefer")
    url = url.replace(services.stage.postgres_password, wrong)
    verdict.unhealthy("ready", "--no-http", url, cause="pg-wrong-password")


def test_gunicorn(gunicorn, certificates, verdict):
    """Goal: Gunicorn with TLS of its own, its certificate right and wrong."""
    for name, cause in (("good", None), ("expired", "tls-expired")):
        certificate, key = getattr(certificates, name)
        server = gunicorn(options=["--certfile", certificate, "--keyfile", key])
        url = f"https://localhost:{server.port}/livez"
        if cause:
            verdict.unhealthy("live", "--cacert", certificates.ca, url, cause=cause, says=["it ended at 20"])
        else:
            verdict.unhealthy("live", "--cacert", certificates.ca, url, cause="http-not-found", says=["404"])
