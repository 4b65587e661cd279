"""Ways to connect that need more than one server: TLS from the first byte on, keys with a password, client certificates over
HTTPS, channel binding, a second handshake, and many checks at once.
"""
import subprocess

import pytest

import processes
import servers
from addresses import Address

HAPROXY = """
defaults
    mode tcp
    timeout connect 5s
    timeout client 30s
    timeout server 30s
listen front
    bind 127.0.0.1:{port} ssl crt {pem} {alpn}
    server plain 127.0.0.1:{behind}
"""
PLAIN = ("host all all all scram-sha-256",)


# sslnegotiation=direct ------------------------------------------------------------------------------------------------


@pytest.fixture
def terminator(stage, certificates, started):
    """HAProxy, which ends TLS in front of a server: terminator("good", port, "alpn postgresql").port"""

    def start(name, behind, alpn):
        folder = stage.new_folder("haproxy")
        certificate, key = getattr(certificates, name)
        (folder / "both.pem").write_text(certificate.read_text() + key.read_text())
        address = Address("127.0.0.1")
        (folder / "haproxy.cfg").write_text(HAPROXY.format(port=address.port, pem=folder / "both.pem", alpn=alpn, behind=behind))
        server = servers.Server("haproxy", folder, address, ["haproxy", "-f", folder / "haproxy.cfg"])
        started.append(server.start())
        return server

    return start


def direct(services, certificates, port, negotiation="direct"):
    password = services.postgres(None, hba=PLAIN).password
    query = f"sslmode=verify-full&sslrootcert={certificates.ca}&sslnegotiation={negotiation}"
    return f"postgres://postgres:{password}@localhost:{port}/postgres?{query}"


def test_direct(services, certificates, verdict, terminator):
    """Goal: TLS from the first byte on, which PostgreSQL 17 and terminators speak."""
    front = terminator("good", services.postgres(None, hba=PLAIN).port, "alpn postgresql")
    verdict.healthy("ready", "--no-http", direct(services, certificates, front.port))


@pytest.mark.parametrize("name, cause", [("expired", "tls-expired"), ("elsewhere", "tls-wrong-host"), ("strange", "tls-unknown-ca")])
def test_direct_and_a_wrong_certificate(services, certificates, verdict, terminator, name, cause):
    """Goal: the certificate counts there, too."""
    front = terminator(name, services.postgres(None, hba=PLAIN).port, "alpn postgresql")
    verdict.unhealthy("ready", "--no-http", direct(services, certificates, front.port), cause=cause)


def test_direct_without_its_protocol(services, certificates, verdict, terminator):
    """Goal: a terminator that names no protocol could be any server: refused, in libpq's words."""
    front = terminator("good", services.postgres(None, hba=PLAIN).port, "")
    says = ["direct SSL connection was established without ALPN protocol negotiation"]
    verdict.unhealthy("ready", "--no-http", direct(services, certificates, front.port), cause="tls-refused", says=says)


def test_direct_to_a_server_that_wants_to_be_asked(services, certificates, verdict):
    """Goal: PostgreSQL before 17 closes."""
    port = services.postgres("good").port
    url = direct(services, certificates, port)
    verdict.unhealthy("ready", "--no-http", url, cause=("tls-closed", "tls-plain-peer"), says=["TLS"])
    verdict.healthy("ready", "--no-http", direct(services, certificates, port, "postgres"))


# sslpassword ----------------------------------------------------------------------------------------------------------


def test_sslpassword(services, certificates, verdict):
    """Goal: a key with a password is opened with it, and never asked for at a terminal."""
    certificate, key = certificates.locked
    authority = certificates.ca
    url = services.url("postgres", "good", authority=authority, hba=("hostssl all all all scram-sha-256 clientcert=verify-ca",))
    url += f"&sslrootcert={authority}&sslcert={certificate}&sslkey={key}"
    verdict.healthy("ready", "--no-http", f"{url}&sslpassword=locksmith")
    for more in ("", "&sslpassword=burglar"):
        verdict.unhealthy("ready", "--no-http", url + more, cause="tls-key-mismatch", says=["could not load private key file"])


# client certificates over HTTPS ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_http_client_certificate(services, certificates, verdict, version):
    """Goal: none is wanted-cert, a stranger's refused-cert, the right one healthy, where the server ends the handshake for it."""
    server = services.odd("rsa", version, "-Verify", "1", "-verify_return_error", "-CAfile", certificates.ca)
    url = f"https://localhost:{server.port}/"
    run = ["ready", "--no-http", "--cacert", certificates.ca]
    verdict.unhealthy(*run, url, cause="tls-client-cert-wanted", says=["the server wants a client certificate"])
    certificate, key = certificates.other_client
    says = ["the server refuses the client certificate: alert "]
    verdict.unhealthy(*run, "--cert", certificate, "--key", key, url, cause="tls-client-cert-refused", says=says)
    certificate, key = certificates.client
    verdict.healthy(*run, "--cert", certificate, "--key", key, url)


def test_http_client_certificate_and_nginx(services, certificates, verdict):
    """Goal: nginx answers 400 with the reason, which the line shows."""
    url = services.url("http", "good", conf=f"ssl_client_certificate {certificates.ca}; ssl_verify_client on;")
    run = ["ready", "--no-http", "--cacert", certificates.ca]
    verdict.unhealthy(*run, url, cause="http-bad-request", says=["No required SSL certificate was sent"])
    certificate, key = certificates.other_client
    verdict.unhealthy(*run, "--cert", certificate, "--key", key, url, cause="http-bad-request", says=["The SSL certificate error"])
    certificate, key = certificates.client
    verdict.healthy(*run, "--cert", certificate, "--key", key, url)


# channel binding ------------------------------------------------------------------------------------------------------


def test_channel_binding(services, certificates, verdict, terminator):
    """Goal: require is SCRAM-SHA-256-PLUS: healthy with the server itself, refused where somebody stands between or nothing is encrypted."""
    url = f"{services.url('postgres', 'good')}&sslrootcert={certificates.ca}&channel_binding=require"
    verdict.healthy("ready", "--no-http", url)
    front = terminator("good", services.postgres(None, hba=PLAIN).port, "alpn postgresql")
    url = direct(services, certificates, front.port) + "&channel_binding=require"
    verdict.unhealthy("ready", "--no-http", url, cause="tls-refused", says=["channel binding"])
    url = services.url("postgres", None, hba=PLAIN).replace("verify-full", "disable") + "&channel_binding=require"
    verdict.unhealthy("ready", "--no-http", url, cause="tls-refused", says=["channel binding"])


# a second handshake ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["https", "rediss"])
def test_renegotiation(stage, certificates, run_probe, scheme):
    """Goal: a server that asks for a second handshake again and again does not hold the probe up."""
    address = Address("127.0.0.1")
    certificate, key = certificates.rsa
    command = ["openssl", "s_server", "-accept", str(address.port), "-cert", certificate, "-key", key, "-tls1_2", "-client_renegotiation"]
    process = subprocess.Popen(command, cwd=stage.new_folder("renegotiating"), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        processes.wait_until(address.accepts, 5)
        with open(process.stdin.fileno(), "wb", closefd=False) as keys:
            asker = subprocess.Popen(["sh", "-c", "while echo R; do sleep 0.05; done"], stdout=keys, stderr=subprocess.DEVNULL)
        result = run_probe("ready", "--no-http", "-t", "1s", "--cacert", certificates.ca, f"{scheme}://localhost:{address.port}/")
        asker.kill()
        asker.wait()
    finally:
        process.kill()
        process.communicate()
    assert result.status == 1 and result.seconds < 1.5, str(result)


# many checks ----------------------------------------------------------------------------------------------------------


def test_many_checks(services, certificates, run_probe):
    """Goal: as many targets as one run takes, all over TLS and of all kinds."""
    urls = [services.url("http", "good") + f"?{i}" for i in range(12)] + [services.url("redis", "good")] * 2
    urls += [f"{services.url('postgres', 'good')}&sslrootcert={certificates.ca}"] * 2
    result = run_probe("ready", "--no-http", "-t", "5s", "--cacert", certificates.ca, *urls)
    assert result.status == 0, str(result)


def test_a_hundred_checks(services, certificates, run_probe):
    """Goal: a hundred and more in one process, ten at a time, each with its verdict."""
    urls = [services.url("http", "strange") + f"?{i}" for i in range(10)]
    words = ["ready", "--no-http", "-o", "json", "--cacert", certificates.ca, "--wait", "3s", "--interval", "100ms"]
    report = run_probe(*words, *urls, limit=None, timeout=20).reports()[-1]
    assert report["attempts"] >= 10, report
    assert [check["cause"] for check in report["checks"]] == ["tls-unknown-ca"] * 10, report


def test_many_silent_checks(peer, run_probe):
    """Goal: sixteen handshakes that never go on end with the deadline."""
    server = peer("silent")
    urls = [f"https://localhost:{server.port}/?{i}" for i in range(8)] + [f"rediss://localhost:{server.port}/{i}" for i in range(8)]
    result = run_probe("ready", "--no-http", "-t", "1s", *urls)
    assert result.status == 1 and result.seconds < 1.5, str(result)
    assert result.out.count("cause     timeout-tls") == 16, str(result)
