"""What -v and doctor show of a session: its version and cipher, and a line for each certificate that the server sends."""
import re

import pytest

KINDS = ["http", "postgres", "redis"]
DATES = r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ to 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ"
TLS_1_3 = {"http": {"conf": "ssl_protocols TLSv1.3;"}, "redis": {}, "postgres": {}}  # nginx 1.22 takes 1.2 unless told
LEAF = rf"chained for localhost, 127\.0\.0\.1, ::1; by an intermediate; {DATES}; EC 256 bits"
MIDDLE = rf"an intermediate; by probe's test authority; {DATES}; EC 256 bits"


def rows(result):
    """The lines of the report's "tls" row, as one text; doctor's are wrapped."""
    found = re.search(r"^  tls +(.*?)\n(?=  [a-z]|            [a-z]+ +\||\Z)", result.out, re.M | re.S)
    return " ".join(found[1].split()) if found else None


@pytest.mark.parametrize("words", [("ready", "-v"), ("doctor",)], ids=lambda words: words[0])
@pytest.mark.parametrize("kind", KINDS)
def test_healthy(services, certificates, run_probe, kind, words):
    """Goal: protocol, cipher, and of each certificate its name, its hosts, its issuer, its dates and its key."""
    url = services.url(kind, "chained", **TLS_1_3[kind])
    result = run_probe(*words, *(["--no-http"] if words[0] == "ready" else []), "--cacert", certificates.ca, url, limit=None)
    assert re.fullmatch(f"TLSv1\\.3, TLS_[A-Z0-9_]+ {LEAF} {MIDDLE}", rows(result) or ""), str(result)


@pytest.mark.parametrize("kind", KINDS)
def test_rsa_and_old_version(services, certificates, run_probe, kind):
    """Goal: the kind of the key is its own, and TLS 1.2 is told."""
    conf = {"http": {"conf": "ssl_protocols TLSv1.2;"}, "redis": {"tls_protocols": "TLSv1.2"},
            "postgres": {"ssl_max_protocol_version": "TLSv1.2"}}[kind]
    url = services.url(kind, "rsa", **conf)
    result = run_probe("ready", "-v", "--no-http", "--cacert", certificates.ca, url)
    assert re.match(r"TLSv1\.2, ECDHE-RSA-[A-Z0-9-]+ rsa for ", rows(result) or ""), str(result)
    assert "; RSA 2048 bits" in rows(result), str(result)


@pytest.mark.parametrize("kind", KINDS)
def test_json(services, certificates, verdict, kind):
    """Goal: the same for programs, a line each, and nothing of it without -v."""
    words = ["ready", "--no-http", "--cacert", certificates.ca, services.url(kind, "chained", **TLS_1_3[kind])]
    lines = verdict.as_json([*words, "-v"], {}, 0, "healthy")["checks"][0]["tls"].splitlines()
    assert lines[0].startswith("TLSv1.3, TLS_") and re.fullmatch(LEAF, lines[1]) and re.fullmatch(MIDDLE, lines[2]), lines
    assert "tls" not in verdict.as_json(words, {}, 0, "healthy")["checks"][0]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name, cause", [("elsewhere", "tls-wrong-host"), ("unchained", "tls-unknown-ca"), ("expired", "tls-expired")])
def test_refused(services, certificates, verdict, kind, name, cause):
    """Goal: a certificate that is refused is shown without -v: there is no session."""
    result = verdict.unhealthy("ready", "--no-http", "--cacert", certificates.ca, services.url(kind, name), cause=cause)
    assert re.search(rf"\b{name} for .*; by .*; {DATES}; EC 256 bits", rows(result) or ""), str(result)


def test_plain_connections(services, run_probe, busybox_httpd):
    """Goal: what is asked without TLS has no such row."""
    url = services.url("postgres", None, hba=("host all all all scram-sha-256",)).replace("verify-full", "disable")
    for target in (f"http://localhost:{busybox_httpd().port}/", url):
        result = run_probe("ready", "-v", "--no-http", target)
        assert "connect |" in result.out and rows(result) is None, str(result)


def test_no_session_of_a_failed_attempt(services, certificates, run_probe):
    """Goal: sslmode=prefer that went on without TLS shows no session."""
    url = services.url("postgres", "strange", hba=("host all all all scram-sha-256",)).replace("verify-full", "disable")
    result = run_probe("ready", "-v", "--no-http", f"{url}&sslrootcert={certificates.ca}")
    assert result.status == 0 and rows(result) is None, str(result)
