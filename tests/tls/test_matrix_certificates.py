"""A table of certificates, for HTTP against curl, for PostgreSQL against psql, for Redis against redis-py and redis-cli:
what the probe says is the row's cause, and healthy is exactly what the client takes.
"""
import pytest

import clients

OTHER, UNKNOWN, WEAK, INVALID = "tls-wrong-host", "tls-unknown-ca", "tls-weak", "tls-invalid"

# The certificate, the name that is asked for, and the cause; None: healthy.
LOCAL = [
    ("good", "localhost", None),
    ("good", "127.0.0.1", None),
    ("good", "::1", None),
    ("soon", "localhost", None),
    ("expired", "localhost", "tls-expired"),
    ("early", "localhost", "tls-not-yet-valid"),
    ("self_signed", "localhost", "tls-self-signed"),
    ("strange", "localhost", UNKNOWN),
    ("strange_to_the_root", "localhost", UNKNOWN),
    ("elsewhere", "localhost", OTHER),
    ("elsewhere", "127.0.0.1", OTHER),
    # names
    ("address", "127.0.0.1", None),
    ("address", "localhost", OTHER),
    ("address", "::1", OTHER),
    ("address_six", "::1", None),
    ("address_six", "127.0.0.1", OTHER),
    ("named", "localhost", None),
    ("named", "127.0.0.1", OTHER),
    ("upper", "localhost", None),
    ("nameless", "localhost", None),
    ("nameless", "127.0.0.1", OTHER),
    ("common_and_other", "localhost", OTHER),
    ("uri", "localhost", OTHER),
    ("wildcard", "localhost", OTHER),
    ("wild_all", "localhost", OTHER),
    ("nul", "localhost", OTHER),
    ("nul_behind", "localhost", OTHER),
    ("no_name", "localhost", OTHER),
    ("common_and_mail", "localhost", None),
    ("dotted", "localhost", OTHER),
    ("many_names", "localhost", None),
    # keys and hashes
    ("rsa", "localhost", None),
    ("rsa_3072", "localhost", None),
    ("rsa_pss", "localhost", None),
    ("p384", "localhost", None),
    ("p521", "localhost", None),
    ("ed25519", "localhost", None),
    ("sha512", "localhost", None),
    ("sha1", "localhost", WEAK),
    ("weak", "localhost", WEAK),
    # chains
    ("chained", "localhost", None),
    ("chained_to_the_root", "localhost", None),
    ("chained_in_disorder", "localhost", None),
    ("unchained", "localhost", UNKNOWN),
    ("middle_expired", "localhost", "tls-expired"),
    ("middle_no_authority", "localhost", INVALID),
    ("middle_weak", "localhost", WEAK),
    ("middle_for_others", "localhost", INVALID),
    ("middle_for_us", "localhost", None),
    ("too_long", "localhost", INVALID),
    ("long_chain", "localhost", None),
    # extensions
    ("critical", "localhost", INVALID),
    ("not_critical", "localhost", None),
    ("of_a_client", "localhost", INVALID),
    ("of_a_server", "localhost", None),
    ("can_sign", "localhost", None),
    ("stapled", "localhost", None),
    ("large", "localhost", None),
]
# Names of no machine: asked for at an address that is given beside them, which no Redis client can do.
REMOTE = [
    ("elsewhere", "db.example", None),
    ("elsewhere", "DB.Example", None),
    ("elsewhere", "x.db.example", None),
    ("elsewhere", "x.y.db.example", OTHER),
    ("elsewhere", "xdb.example", OTHER),
    ("wildcard", "web.app.example", None),
    ("wildcard", "app.example", OTHER),
    ("wild_part", "web.app.example", OTHER),
    ("wild_inner", "web.app.example", OTHER),
    ("idn", "xn--bcher-kva.example", None),
    ("idn_wild", "www.xn--bcher-kva.example", None),
    ("idn", "bucher.example", OTHER),
]
# What clients see in different ways: a star in front of one label, a common name beside an address, an address written
# as a name.
WEB = [
    *LOCAL,
    *REMOTE,
    ("wild_top", "db.example", OTHER),
    ("common_and_address", "localhost", OTHER),
    ("address_as_name", "127.0.0.1", OTHER),
    ("address_common", "127.0.0.1", OTHER),
]
DATABASE = [
    *LOCAL,
    *REMOTE,
    ("wild_top", "db.example", None),
    ("common_and_address", "localhost", None),
    ("address_as_name", "127.0.0.1", None),
    ("address_common", "127.0.0.1", None),
]
CACHE = [
    *LOCAL,
    ("common_and_address", "localhost", None),
    ("address_as_name", "127.0.0.1", OTHER),
    ("address_common", "127.0.0.1", OTHER),
]
# curl takes a name with a dot behind it, and an address that is a common name; OpenSSL, Python and browsers do not.
ONLY_CURL = [("dotted", "localhost"), ("address_common", "127.0.0.1")]


def name_of(row):
    return f"{row[0]}-{row[1]}"


def ask(run_probe, *words):
    report = run_probe("ready", "-o", "json", "--no-http", *words).json()
    assert "checks" in report, report
    return None if report["status"] == "healthy" else report["checks"][0]["cause"]


def bracketed(host):
    return f"[{host}]" if ":" in host else host


@pytest.mark.parametrize("name, host, cause", WEB, ids=map(name_of, WEB))
def test_http_and_curl(presenters, certificates, run_probe, name, host, cause):
    """Goal: curl with the same bundle is served where probe is healthy."""
    server = presenters["http"].present(name)
    url = f"https://{bracketed(host)}:{server.port}/"
    address = "[::1]" if host == "::1" else "127.0.0.1"
    found = ask(run_probe, "--cacert", certificates.ca, "--connect-to", f"{address}:{server.port}", url)
    is_served, said = clients.curl("--cacert", certificates.ca, "--connect-to", f"::{address}:{server.port}", url)
    assert (found, is_served) == (cause, cause is None or (name, host) in ONLY_CURL), said


@pytest.mark.parametrize("name, host, cause", DATABASE, ids=map(name_of, DATABASE))
def test_postgres_and_psql(presenters, certificates, run_probe, name, host, cause):
    """Goal: psql with the same URL logs in where probe is healthy."""
    server = presenters["postgres"].present(name)
    url = f"{server.url(bracketed(host))}&sslrootcert={certificates.ca}"
    url += "" if host == "::1" else "&hostaddr=127.0.0.1"
    found = ask(run_probe, url)
    is_served, said = clients.psql(url)
    assert (found, is_served) == (cause, cause is None), said


@pytest.mark.parametrize("name, host, cause", CACHE, ids=map(name_of, CACHE))
def test_redis_and_its_clients(presenters, certificates, run_probe, name, host, cause):
    """Goal: redis-py that looks at the name is served where probe is healthy, redis-cli also where only the name is wrong."""
    server = presenters["redis"].present(name)
    found = ask(run_probe, "--cacert", certificates.ca, server.url(bracketed(host)))
    options = {"ssl_ca_certs": str(certificates.ca), "ssl_cert_reqs": "required", "ssl_check_hostname": True}
    is_served, said = clients.redis_py(host, server.port, password=server.password, **options)
    assert (found, is_served) == (cause, cause is None), said
    is_served, said = clients.redis_cli(host, server.port, "--cacert", certificates.ca, "-a", server.password)
    assert is_served == (cause in (None, OTHER)), said
