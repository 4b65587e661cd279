"""How a bundle may be written, named by --cacert and by SSL_CERT_FILE: curl with the same file is served exactly where probe is healthy."""
import subprocess

import pytest

import clients


def trusted(*words):
    """An authority with what it may be used for: openssl x509 -trustout."""

    def make(certificates, _text):
        return subprocess.run(["openssl", "x509", "-in", certificates.ca, "-trustout", *words], check=True, capture_output=True).stdout.decode()

    return make


def written(change):
    return lambda certificates, text: change(text, certificates.stranger.file.read_text())


# The form, and whether curl takes it.
FORMS = {
    "trusted": (trusted("-addtrust", "serverAuth"), True),
    "trusted for clients": (trusted("-addtrust", "clientAuth"), False),
    "rejected": (trusted("-addreject", "serverAuth"), False),
    "old label": (written(lambda text, _: text.replace("CERTIFICATE", "X509 CERTIFICATE")), True),
    "mark of byte order": (written(lambda text, _: "\ufeff" + text), True),
    "mark in a comment": (written(lambda text, _: "# begins with -----BEGIN CERTIFICATE----- lines\n" + text), True),
    "spaces behind": (written(lambda text, _: text.replace("\n", "  \n")), True),
    "one long line": (written(lambda text, _: text.replace("\n", "").replace("E-----", "E-----\n", 1).replace("-----END", "\n-----END") + "\n"), True),
    "no last newline": (written(lambda text, _: text.rstrip("\n")), True),
    "key before": (lambda certificates, text: certificates.client[1].read_text() + text, True),
    "another before": (written(lambda text, other: other + text), True),
    "indented": (written(lambda text, _: "".join(f"  {line}\n" for line in text.splitlines())), False),
    "spaces for newlines": (written(lambda text, _: text.replace("\n", " ")), False),
    "escaped newlines": (written(lambda text, _: text.replace("\n", "\\n")), False),
    "old newlines": (written(lambda text, _: text.replace("\n", "\r")), False),
    "commented out": (written(lambda text, _: "".join(f"#{line}\n" for line in text.splitlines())), False),
    "no PEM": (written(lambda text, _: "authority\n"), False),
}


@pytest.fixture
def file(request, stage, certificates):
    path = stage.new_folder("form") / "bundle.pem"
    path.write_text(FORMS[request.param][0](certificates, certificates.ca.read_text()), newline="")
    return path


@pytest.mark.parametrize("file, healthy", [(name, form[1]) for name, form in FORMS.items()], indirect=["file"], ids=list(FORMS))
def test_form(services, run_probe, file, healthy):
    """Goal: as OpenSSL reads it, by each way to name it."""
    url = services.url("http", "good")
    for words, env in ((["--cacert", file], {}), ([], {"SSL_CERT_FILE": str(file)})):
        result = run_probe("live", *words, url, env=env)
        assert (result.status == 0) == healthy, str(result)
        assert clients.curl(*words, url, env=env)[0] == healthy


@pytest.mark.parametrize("file", ["indented", "no PEM", "old newlines"], indirect=True)
def test_file_without_certificate(services, verdict, file):
    """Goal: a bundle of which nothing can be read is the cause, not an authority that is unknown."""
    says = ["SSL_CERT_FILE names a file without a certificate: '"]
    verdict.unhealthy("live", services.url("http", "good"), env={"SSL_CERT_FILE": str(file)}, cause="tls-no-bundle", says=says)


def test_expired_authority(services, certificates, verdict, stage):
    """Goal: of an authority that has expired it is told that it is the authority's certificate, which the server cannot renew."""
    url = services.url("http", "middle_expired")
    says = ["the authority's certificate 'an intermediate, middle_expired' has expired: it ended at 20"]
    verdict.unhealthy("live", "--cacert", certificates.ca, url, cause="tls-expired", says=says)


@pytest.mark.parametrize("kind", ["http", "redis", "postgres"])
def test_authority_that_is_sent_along(services, certificates, verdict, kind):
    """Goal: a chain that is sent up to its root names the server's certificate, and the root as what is not known."""
    says = ["the certificate 'strange_to_the_root' has an unknown authority: 'an authority nobody knows'"]
    verdict.unhealthy("ready", "--no-http", "--cacert", certificates.ca, services.url(kind, "strange_to_the_root"), cause="tls-unknown-ca", says=says)
