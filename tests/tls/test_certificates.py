"""Each way in which a server's certificate can be wrong, staged for real, for HTTP, PostgreSQL and Redis."""
import subprocess

import pytest

from runner import binary_path, is_asan

KINDS = ["http", "postgres", "redis"]
NAMES = "db.example, *.db.example, c.example, d.example and 2 more"

WRONG = [
    ("expired", "tls-expired", ["the certificate 'expired' has expired: it ended at 20"]),
    ("early", "tls-not-yet-valid", ["the certificate 'early' is not yet valid: it begins at 20"]),
    ("elsewhere", "tls-wrong-host", [f"the certificate is for another host: it is for {NAMES}, not for localhost"]),
    ("wildcard", "tls-wrong-host", ["it is for *.app.example, not for localhost"]),
    ("strange", "tls-unknown-ca", ["the certificate 'strange' has an unknown authority: 'an authority nobody knows'"]),
    ("unchained", "tls-unknown-ca", ["the certificate 'unchained' has an unknown authority: 'an intermediate'"]),
    ("self_signed", "tls-self-signed", ["the certificate 'alone' is self-signed"]),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name, cause, says", WRONG, ids=[row[0] for row in WRONG])
def test_wrong_certificate(services, certificates, verdict, kind, name, cause, says):
    """Goal: what is wrong is the cause, and the line names the certificate, the date, the names or the authority."""
    verdict.unhealthy("ready", "--no-http", "--cacert", certificates.ca, services.url(kind, name), cause=cause, says=says)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["good", "chained", "rsa"])
def test_right_certificate(services, certificates, verdict, kind, name):
    """Goal: a certificate that the given authority signed, itself or by an intermediate that the server sends."""
    result = verdict.healthy("ready", "--no-http", "--cacert", certificates.ca, services.url(kind, name))
    assert "certificate" not in result.out, str(result)


@pytest.mark.parametrize("kind", KINDS)
def test_address_as_name(services, certificates, verdict, kind):
    """Goal: an address counts only where the certificate has it as one."""
    url = services.url(kind, "good", host="127.0.0.1")
    verdict.healthy("ready", "--no-http", "--cacert", certificates.ca, url)
    url = services.url(kind, "elsewhere", host="127.0.0.1")
    verdict.unhealthy("ready", "--no-http", "--cacert", certificates.ca, url, cause="tls-wrong-host", says=["not for 127.0.0.1"])


@pytest.mark.parametrize("kind", KINDS)
def test_common_name_alone(services, certificates, verdict, kind):
    """Goal: a certificate without alternative names is for its common name, as for psql and curl."""
    verdict.healthy("ready", "--no-http", "--cacert", certificates.ca, services.url(kind, "nameless"))


@pytest.mark.parametrize("kind", KINDS)
def test_ends_soon(services, certificates, verdict, kind):
    """Goal: a certificate that ends within 14 days is a note, and with --min-cert-days a failure."""
    url = services.url(kind, "soon")
    result = verdict.healthy("ready", "--no-http", "--cacert", certificates.ca, url)
    assert "the certificate ends in 4 days" in result.out, str(result)
    verdict.healthy("ready", "--no-http", "--min-cert-days", "3", "--cacert", certificates.ca, url)
    says = ["the certificate ends in 4 days, at 20"]
    verdict.unhealthy("ready", "--no-http", "--min-cert-days", "7", "--cacert", certificates.ca, url, cause="tls-expires", says=says)


@pytest.mark.parametrize("name, words", [("tomorrow", "in 1 day;"), ("today", "in less than a day;")])
def test_ends_very_soon(services, certificates, verdict, name, words):
    """Goal: one day is not days, and less than one is not none."""
    result = verdict.healthy("ready", "--no-http", "--cacert", certificates.ca, services.url("http", name), "-v")
    assert f"the certificate ends {words}" in result.out.replace("\n", ";"), str(result)


@pytest.mark.parametrize("kind", ["http", "redis"])
@pytest.mark.parametrize("name", ["good", *[row[0] for row in WRONG]])
def test_insecure(services, verdict, kind, name):
    """Goal: --insecure takes every certificate, and each time says so."""
    result = verdict.healthy("ready", "--no-http", "--insecure", services.url(kind, name))
    assert "--insecure: the certificate was not verified" in result.out, str(result)


@pytest.mark.parametrize("name", [row[0] for row in WRONG])
def test_sslmode_require_verifies_nothing(services, verdict, name):
    """Goal: as for psql, sslmode=require encrypts and verifies nothing where there is no root file."""
    url = services.url("postgres", name).replace("verify-full", "require")
    verdict.healthy("ready", "--no-http", url)


@pytest.mark.parametrize("kind", KINDS)
def test_pinned_self_signed(services, certificates, verdict, kind):
    """Goal: a self-signed certificate is trusted where its own file is the bundle."""
    url = services.url(kind, "self_signed")
    verdict.healthy("ready", "--no-http", "--cacert", certificates.self_signed[0], url)


# The machine's bundle -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_machine_bundle(services, certificates, verdict, stage, kind):
    """Goal: without --cacert the machine's bundle counts: SSL_CERT_FILE, of many certificates the right one, and SSL_CERT_DIR."""
    folder = stage.new_folder("bundle")
    bundle = folder / "bundle.pem"
    with open("/etc/ssl/certs/ca-certificates.crt") as system:
        bundle.write_text(system.read() + certificates.stranger.file.read_text() + certificates.ca.read_text())
    url = services.url(kind, "good")
    says = ["has an unknown authority: 'probe's test authority'"]
    verdict.unhealthy("ready", "--no-http", url, cause="tls-unknown-ca", says=says)
    verdict.healthy("ready", "--no-http", url, env={"SSL_CERT_FILE": str(bundle)})
    verdict.healthy("ready", "--no-http", services.url(kind, "chained"), env={"SSL_CERT_FILE": str(bundle)})
    hashed = stage.new_folder("hashed")
    (hashed / "ca.pem").write_text(certificates.ca.read_text())
    subprocess.run(["openssl", "rehash", hashed], check=True)
    verdict.healthy("ready", "--no-http", url, env={"SSL_CERT_DIR": str(hashed)})
    says = ["SSL_CERT_FILE names a file that cannot be read: '/no/such'"]
    verdict.unhealthy("ready", "--no-http", url, env={"SSL_CERT_FILE": "/no/such"}, cause="tls-no-bundle", says=says)


@pytest.mark.skipif(is_asan(binary_path()), reason="only a static program runs where there are no files")
@pytest.mark.parametrize("kind", ["http", "redis", "postgres"])
def test_no_bundle(services, verdict, bare_root, kind):
    """Goal: a scratch image has none: the cause says so, and the hint what to copy."""
    url = services.url(kind, "good", host="127.0.0.1")
    result = verdict.unhealthy(
        "ready", "--no-http", url, cause="tls-no-bundle", says=["no file of trusted authorities on this machine"], **bare_root
    )
    assert "COPY" in result.out, str(result)


@pytest.mark.parametrize("text", ["", "-----BEGIN CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" * 3])
def test_odd_bundle(services, verdict, stage, text):
    """Goal: a bundle that holds no certificate trusts nobody."""
    bundle = stage.new_folder("bundle") / "odd.pem"
    bundle.write_text(text)
    url = services.url("http", "good")
    verdict.unhealthy("live", url, env={"SSL_CERT_FILE": str(bundle)}, cause=("tls-unknown-ca", "tls-no-bundle"))
    verdict.unhealthy("live", "--cacert", bundle, url, cause="tls-no-bundle", says=["no certificate can be read from"])


@pytest.mark.parametrize("kind, words", [("http", "--connect-to HOST:PORT (http)"), ("postgres", "hostaddr=ADDRESS (postgres)")])
def test_hint_of_a_wrong_host(services, certificates, verdict, kind, words):
    """Goal: the hint says how to ask for a name that the certificate has, and it works."""
    url = services.url(kind, "elsewhere")
    result = verdict.unhealthy("ready", "--no-http", "--cacert", certificates.ca, url, cause="tls-wrong-host")
    assert words in result.out, str(result)
    url = url.replace("localhost", "db.example")
    port = int(url.rsplit(":", 1)[1].split("/")[0])
    way = ["--connect-to", f"127.0.0.1:{port}", url] if kind == "http" else [f"{url}&hostaddr=127.0.0.1"]
    verdict.healthy("ready", "--no-http", "--cacert", certificates.ca, *way)
