"""PostgreSQL's parameters for TLS that do not fit together or ask for more than is there: psql's verdict, and words that are true."""
import subprocess

import pytest

import clients
import poolers

BOTH = ("hostssl all all all scram-sha-256",)
CERTIFICATE = ("hostssl all all all scram-sha-256 clientcert=verify-ca",)


@pytest.fixture
def home_with(stage):
    """A home folder whose ~/.postgresql/root.crt has this text."""

    def make(text):
        home = stage.new_folder("home")
        (home / ".postgresql").mkdir()
        (home / ".postgresql" / "root.crt").write_text(text)
        return {"HOME": str(home)}

    return make


def base(services, **settings):
    return services.url("postgres", "good", **settings).split("?")[0]


@pytest.mark.parametrize("mode", ["allow", "prefer"])
def test_failed_before_it_was_plain(services, certificates, verdict, home_with, mode):
    """Goal: what failed over TLS is told where the server takes nobody without; "write sslmode=require" would not help."""
    url = f"{base(services)}?sslmode={mode}"
    env = home_with(certificates.stranger.file.read_text())
    verdict.unhealthy("ready", "--no-http", url, env=env, cause="tls-unknown-ca", says=["an unknown authority: 'probe's test authority'"])
    assert not clients.psql(url, env)[0]
    env = home_with(certificates.ca.read_text())
    verdict.healthy("ready", "--no-http", url, env=env)


def test_failed_before_it_was_plain_at_a_pooler(services, certificates, stage, verdict, secret):
    """Goal: the same where pgbouncer says that it wants TLS, in words of its own."""
    certificate, key = certificates.good
    settings = {"client_tls_cert_file": certificate, "client_tls_key_file": key, "client_tls_ca_file": certificates.ca}
    pooler = poolers.pgbouncer(stage, secret(), {"app": "host=127.0.0.1"}, client_tls_sslmode="verify-full", **settings)
    try:
        url = f"{pooler.url()}?sslmode=allow"
        verdict.unhealthy("ready", "--no-http", url, cause="tls-client-cert-wanted", says=["the server wants a client certificate"])
        verdict.unhealthy("ready", "--no-http", f"{pooler.url()}?sslmode=disable", cause="pg-tls-required", says=["SSL required"])
    finally:
        pooler.stop()


def test_cacert_is_not_left_out(services, certificates, verdict):
    """Goal: with sslmode=require --cacert is what sslrootcert is to psql: a stranger's authority fails."""
    url = f"{base(services)}?sslmode=require"
    verdict.unhealthy("ready", "--no-http", "--cacert", certificates.stranger.file, url, cause="tls-unknown-ca")
    assert not clients.psql(f"{url}&sslrootcert={certificates.stranger.file}")[0]
    verdict.healthy("ready", "--no-http", "--cacert", certificates.ca, url)


def test_list_of_revoked_without_authorities(services, stage, verdict):
    """Goal: libpq reads sslcrl beside a root file only: the machine's authorities do not stand in for it, as they would alone."""
    crl = stage.new_folder("crl") / "crl.pem"
    crl.write_text("")
    url = f"{base(services)}?sslmode=verify-full&sslcrl={crl}"
    env = {"HOME": "/nonexistent", "SSL_CERT_FILE": str(services.certificates.ca)}
    verdict.unhealthy("ready", "--no-http", url, env=env, cause="tls-no-bundle", says=["root.crt", "does not exist"])
    assert not clients.psql(url, env)[0]
    verdict.healthy("ready", "--no-http", url.partition("&")[0], env=env)


@pytest.mark.parametrize("parameters, says", [
    ("sslmode=", "has an empty sslmode, which libpq refuses"),
    ("sslmode=require&ssl_min_protocol_version=TLSv1.3&ssl_max_protocol_version=TLSv1.2", "has an ssl_min_protocol_version above its ssl_max_protocol_version"),
])
def test_refused(services, verdict, parameters, says):
    """Goal: what libpq refuses is misconfigured, before anything is sent."""
    url = f"{base(services)}?{parameters}"
    verdict.misconfigured("ready", "--no-http", url, says=[says])
    assert not clients.psql(url)[0]


def test_address_without_name(services, certificates, verdict):
    """Goal: verify-full has nothing to compare where an address stands alone; verify-ca needs none."""
    text = f"hostaddr=127.0.0.1 port={services.postgres('good').port} user=postgres password={services.stage.postgres_password} dbname=postgres"
    text += f" sslrootcert={certificates.ca} sslmode="
    verdict.misconfigured("ready", "--no-http", text + "verify-full", says=["has a hostaddr without a host, and sslmode=verify-full wants its name"])
    verdict.healthy("ready", "--no-http", text + "verify-ca")
    assert not clients.psql(text + "verify-full")[0] and clients.psql(text + "verify-ca")[0]


@pytest.mark.parametrize("settings, limit, says", [
    ({"ssl_min_protocol_version": "TLSv1.3"}, "ssl_max_protocol_version=TLSv1.2", "takes no TLS 1.2, and ssl_max_protocol_version allows nothing newer"),
    ({"ssl_max_protocol_version": "TLSv1.2"}, "ssl_min_protocol_version=TLSv1.3", "takes no TLS 1.3, and ssl_min_protocol_version wants it"),
])
def test_versions_that_do_not_meet(services, verdict, settings, limit, says):
    """Goal: the server's own version is not denied where the target is what rules it out."""
    url = f"{base(services, **settings)}?sslmode=require&{limit}"
    result = verdict.unhealthy("ready", "--no-http", url, cause="tls-version", says=[says])
    assert "enable TLS" not in result.out, str(result)
    assert not clients.psql(url)[0]


def test_certificate_that_nobody_asks_for(services, certificates, verdict):
    """Goal: sslcertmode=require, of libpq 16, and a server that wants no certificate."""
    certificate, key = certificates.client
    url = f"{base(services)}?sslmode=require&sslcert={certificate}&sslkey={key}&sslcertmode=require"
    verdict.unhealthy("ready", "--no-http", url, cause="tls-refused", says=["asks for no client certificate"])


# the client's key -----------------------------------------------------------------------------------------------------


@pytest.fixture
def keys(certificates, stage):
    """The client's key in other forms; its passphrase is locksmith."""
    folder = stage.new_folder("keys")
    source = certificates.client[1]
    made = {"empty": [], "sec1": ["ec", "-aes128"], "3des": ["pkcs8", "-topk8", "-v1", "PBE-SHA1-3DES"]}
    paths = {"locked": certificates.locked[1], "other": certificates.other_client[1]}
    for name, words in made.items():
        paths[name] = folder / f"{name}.key"
        if words:
            command = ["openssl", *words, "-in", source, "-out", paths[name], "-passout", "pass:locksmith"]
            subprocess.run(command, check=True, capture_output=True)
        else:
            paths[name].write_text("")
        paths[name].chmod(0o600)
    return paths


@pytest.mark.parametrize("name, password, says", [
    ("locked", "", "it is encrypted, and no sslpassword is given"),
    ("locked", "wrong", "sslpassword does not decrypt it"),
    ("sec1", "", "it is encrypted, and no sslpassword is given"),
    ("sec1", "locksmith", "it is no key, or encrypted otherwise than PKCS#8 with AES"),
    ("3des", "locksmith", "it is no key, or encrypted otherwise than PKCS#8 with AES"),
    ("empty", "", "it is no key, or encrypted otherwise than PKCS#8 with AES"),
    ("other", "", "it is not the key of the certificate"),
])
def test_reason_of_a_key(services, certificates, keys, verdict, name, password, says):
    """Goal: why libpq cannot load a key, of which it gives a number alone."""
    url = f"{base(services, authority=certificates.ca, hba=CERTIFICATE)}?sslmode=require&sslcert={certificates.client[0]}&sslkey={keys[name]}"
    url += f"&sslpassword={password}" if password else ""
    verdict.unhealthy("ready", "--no-http", url, cause="tls-key-mismatch", says=["could not load private key file", says])


def test_options_and_parameters_of_a_certificate(services, certificates, verdict):
    """Goal: --cert with the target's sslkey, and an empty sslcert, which is none."""
    certificate, key = certificates.client
    url = f"{base(services, authority=certificates.ca, hba=CERTIFICATE)}?sslmode=require"
    verdict.healthy("ready", "--no-http", "--cert", certificate, f"{url}&sslkey={key}")
    verdict.healthy("ready", "--no-http", "--cert", certificate, "--key", key, f"{url}&sslcert=&sslkey=")


# --min-cert-days ------------------------------------------------------------------------------------------------------


def test_days_of_a_login(services, verdict):
    """Goal: a certificate that is to be judged is asked for on loopback too, and that there is none is told."""
    url = services.url("postgres", "soon", hba=("host all all all scram-sha-256",)).split("?")[0]
    verdict.unhealthy("ready", "--no-http", "--min-cert-days", "7", url, cause="tls-expires", says=["the certificate ends in 4 days"])
    url = services.url("postgres", None, hba=("host all all all scram-sha-256",)).split("?")[0]
    result = verdict.healthy("ready", "--no-http", "--min-cert-days", "7", url)
    assert "--min-cert-days: no certificate was seen, the login is without TLS" in result.out, str(result)


def test_days_without_tls(verdict, busybox_httpd):
    """Goal: an option that nobody is asked by is misconfigured; its variable may be another run's."""
    url = f"http://localhost:{busybox_httpd().port}/"
    verdict.misconfigured("live", "--min-cert-days", "7", url, says=["--min-cert-days needs a TLS target: add one"])
    verdict.unhealthy("live", url, env={"PROBE_MIN_CERT_DAYS": "7"}, cause="http-not-found")


@pytest.mark.parametrize("kind", ["http", "redis", "postgres"])
def test_expired_and_not_verified(services, run_probe, verdict, kind):
    """Goal: a certificate that ended days ago does not "end in -3 days"."""
    url = services.url(kind, "expired").replace("verify-full", "require")
    words = ["ready", "--no-http", *(["--insecure"] if kind != "postgres" else [])]
    result = verdict.healthy(*words, url)
    assert "the certificate has expired: it ended at 20" in result.out and "-3" not in result.out.split("tls ")[0].split("note")[-1][:60], str(result)
    verdict.unhealthy(*words, "--min-cert-days", "7", url, cause="tls-expires", says=["the certificate has expired: it ended at 20"])
