"""What is not the server's certificate: the client's own, versions, a peer without TLS, one that is slow, and libpq's modes."""
import os
import re
import subprocess

import pytest

HBA_CERT = ("hostssl all all all scram-sha-256 clientcert=verify-ca",)
HBA_BOTH = ("host all all all scram-sha-256",)


# The client's certificate -------------------------------------------------------------------------------------------


def asked_for_certificate(services, kind):
    """A server that lets nobody in without a certificate, and its target."""
    authority = services.certificates.ca
    if kind == "http":
        return services.url("http", "good", conf=f"ssl_client_certificate {authority}; ssl_verify_client on;")
    if kind == "redis":
        return services.url("redis", "good", auth_clients="yes")
    return services.url("postgres", "good", authority=authority, hba=HBA_CERT)


@pytest.mark.parametrize("kind", ["redis", "postgres"])
def test_client_certificate(services, certificates, verdict, kind):
    """Goal: none is wanted-cert, a stranger's is refused-cert, the right one is healthy."""
    url = asked_for_certificate(services, kind)
    run = ["ready", "--no-http", "--cacert", certificates.ca]
    verdict.unhealthy(*run, url, cause="tls-client-cert-wanted", says=["wants a client certificate"])
    certificate, key = certificates.other_client
    says = ["the server refuses the client certificate: alert "]
    verdict.unhealthy(*run, "--cert", certificate, "--key", key, url, cause="tls-client-cert-refused", says=says)
    certificate, key = certificates.client
    verdict.healthy(*run, "--cert", certificate, "--key", key, url)


def test_client_certificate_of_redis_py(services, certificates, verdict):
    """Goal: redis-py's parameters, and a key that needs its password."""
    url = asked_for_certificate(services, "redis")
    certificate, key = certificates.client
    query = f"?ssl_ca_certs={certificates.ca}&ssl_certfile={certificate}"
    verdict.healthy("ready", "--no-http", f"{url}{query}&ssl_keyfile={key}")
    says = ["has no client certificate with an unencrypted key in"]
    verdict.misconfigured("ready", "--no-http", f"{url}{query}&ssl_keyfile={certificates.locked[1]}", says=says)
    verdict.healthy("ready", "--no-http", f"{url}{query}&ssl_keyfile={certificates.locked[1]}&ssl_password=locksmith")


def test_key_of_another(services, certificates, verdict):
    """Goal: a key that is not the certificate's is told before anything is sent, or by libpq."""
    certificate, key = certificates.client[0], certificates.other_client[1]
    says = ["has a client key that is not its certificate's"]
    verdict.misconfigured("live", "--cert", certificate, "--key", key, services.url("http", "good"), says=says)
    url = f"{services.url('postgres', 'good')}&sslrootcert={certificates.ca}&sslcert={certificate}&sslkey={key}"
    verdict.unhealthy("ready", "--no-http", url, cause="tls-key-mismatch", says=["could not load private key file"])


# Redis ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reqs, is_verified", [("none", False), ("CERT_NONE", False), ("required", True), ("optional", True)])
def test_ssl_cert_reqs(services, verdict, reqs, is_verified):
    """Goal: as redis-py reads it; what is not verified is told."""
    url = f"{services.url('redis', 'strange')}?ssl_cert_reqs={reqs}"
    if is_verified:
        verdict.unhealthy("ready", "--no-http", url, cause="tls-unknown-ca")
    else:
        result = verdict.healthy("ready", "--no-http", url)
        assert "ssl_cert_reqs: the certificate was not verified" in result.out, str(result)


def test_ssl_check_hostname(services, certificates, verdict):
    """Goal: only the host is left aside."""
    url = f"{services.url('redis', 'elsewhere')}?ssl_ca_certs={certificates.ca}"
    verdict.unhealthy("ready", "--no-http", url, cause="tls-wrong-host")
    verdict.healthy("ready", "--no-http", f"{url}&ssl_check_hostname=false")


@pytest.mark.parametrize("query, says", [
    ("ssl_cert_reqs=maybe", "not one of: none optional required"),
    ("ssl_ca_data=x", "that probe does not know"),
])
def test_parameters_that_are_refused(verdict, query, says):
    """Goal: never weaker than was asked: what cannot be obeyed is refused."""
    verdict.misconfigured("ready", "--no-http", f"rediss://localhost/?{query}", says=[says])


# Versions, and peers without TLS --------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_versions(services, certificates, verdict, version):
    """Goal: TLS 1.2 and 1.3."""
    server = services.odd("rsa", version)
    verdict.healthy("live", "--cacert", certificates.ca, f"https://localhost:{server.port}/")


def test_old_version(services, certificates, verdict):
    """Goal: a server that speaks TLS 1.1 at most is named so."""
    server = services.odd("rsa", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
    verdict.unhealthy("live", "--cacert", certificates.ca, f"https://localhost:{server.port}/", cause="tls-version", says=["no TLS 1.2 or 1.3"])


def test_peer_without_tls(services, busybox_httpd, verdict):
    """Goal: a plain port that is asked over TLS, HTTP and PostgreSQL."""
    verdict.unhealthy("live", f"https://localhost:{busybox_httpd().port}/", cause="tls-plain-peer", says=["the server answers without TLS"])
    url = services.url("postgres", None, hba=HBA_BOTH).replace("verify-full", "require")
    verdict.unhealthy("ready", "--no-http", url, cause="tls-plain-peer", says=["the server answers without TLS"])


@pytest.mark.parametrize("scheme, path", [("https", "/"), ("rediss", "/0")])
def test_silent_handshake(peer, verdict, scheme, path):
    """Goal: the deadline holds in a handshake that never goes on."""
    server = peer("silent")
    url = f"{scheme}://127.0.0.1:{server.port}{path}"
    says = ["the TLS handshake did not finish within 1 s"]
    result = verdict.unhealthy("ready", "--no-http", "-t", "1s", url, cause="timeout-tls", says=says)
    assert result.seconds < 1.5, str(result)


# PostgreSQL's modes against psql's ------------------------------------------------------------------------------------

MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]
SERVERS = [("good", "hostssl"), ("good", "hostnossl"), ("good", "host"), ("elsewhere", "host"), ("strange", "host"), ("expired", "host"), (None, "host")]


@pytest.mark.parametrize("root", [True, False], ids=["root", "none"])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name, line", SERVERS)
def test_modes_as_psql(services, certificates, run_probe, name, line, mode, root, tmp_path):
    """Goal: psql with the same mode and file logs in exactly where probe is healthy."""
    hba = (f"{line} all all all scram-sha-256",)
    url = services.url("postgres", name, hba=hba).replace("verify-full", mode)
    url += f"&sslrootcert={certificates.ca}" if root else ""
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C"}
    psql = subprocess.run(["psql", url, "-Atc", "SELECT 1"], env=env, capture_output=True, text=True, timeout=20)
    result = run_probe("ready", "--no-http", url, env={"HOME": str(tmp_path)})
    assert (result.status == 0) == (psql.returncode == 0), f"{result}\npsql: {psql.stdout}{psql.stderr}"


@pytest.mark.parametrize("name", ["good", "rsa"])
@pytest.mark.parametrize("more", ["channel_binding=require", "sslsni=0", "ssl_min_protocol_version=TLSv1.3", "ssl_max_protocol_version=TLSv1.2"])
def test_parameters_of_libpq(services, certificates, verdict, name, more):
    """Goal: SCRAM-SHA-256-PLUS, and what else libpq is told of TLS."""
    verdict.healthy("ready", "--no-http", f"{services.url('postgres', name)}&sslrootcert={certificates.ca}&{more}")


@pytest.mark.parametrize("wish", ["ssl=true", "ssl=1", "ssl=require", "tls=true", "sslmode=no-verify", "encrypt=true", "requiressl=1"])
def test_words_of_other_drivers(services, verdict, wish):
    """Goal: a server that takes TLS only is asked over TLS, whatever driver's word says so."""
    base = services.url("postgres", "good").split("?")[0]
    verdict.healthy("ready", "--no-http", f"{base}?{wish}")
    verdict.unhealthy("ready", "--no-http", f"{base}?sslmode=disable", cause="pg-tls-required", says=["the server speaks TLS"])


@pytest.mark.parametrize("line, mode", [("hostnossl", "prefer"), ("hostnossl", "allow"), ("hostssl", "prefer"), ("hostssl", "allow")])
def test_wrong_password_tried_twice(services, verdict, line, mode):
    """Goal: of two attempts, with TLS and without, the one that the server lets log in tells what is wrong."""
    url = services.url("postgres", "good", hba=(f"{line} all all all scram-sha-256",)).replace("verify-full", mode)
    url = re.sub(r"//postgres:[^@]+@", "//postgres:wrong-password@", url)
    verdict.unhealthy("ready", "--no-http", url, cause="pg-wrong-password", says=["wrong password for user"])


def test_hostssl_by_loopback(services, verdict):
    """Goal: on loopback nothing is asked over TLS unless somebody says so; the hint says how."""
    base = services.url("postgres", "good").split("?")[0]
    result = verdict.unhealthy("ready", "--no-http", base, cause="pg-tls-required")
    assert "sslmode=require" in result.out, str(result)


def test_no_secret_in_the_exchange(services, certificates, run_probe):
    """Goal: no key and no password, at any verbosity."""
    certificate, key = certificates.client
    body = "".join(key.read_text().splitlines()[1:-1])
    for kind in ("http", "redis", "postgres"):
        result = run_probe("ready", "--no-http", "-vv", "--cacert", certificates.ca, "--cert", certificate, "--key", key, services.url(kind, "good"))
        secrets = (services.password, services.stage.postgres_password or services.password)
        assert result.status == 0 and not any(secret in result.out for secret in secrets) and body[:20] not in result.out, str(result)
