"""Checks over TLS under valgrind, which sees what OpenSSL and the libraries do as well: build/plain-tls, with glibc."""
import shutil

import pytest

from runner import REPOSITORY, binary_path, is_asan
from test_valgrind import VALGRIND

PLAIN = REPOSITORY / "build" / "plain-tls" / "probe"

pytestmark = [
    pytest.mark.skipif(is_asan(binary_path()), reason="once is enough: the run of build/tls has it"),
    pytest.mark.skipif(not shutil.which(VALGRIND[0]), reason="no valgrind"),
    pytest.mark.skipif(not PLAIN.is_file(), reason="not built: cmake --preset plain-tls && cmake --build --preset plain-tls"),
]
KINDS = ["http", "postgres", "redis"]


@pytest.fixture
def checked(run_probe):
    """checked(STATUS, WORD...) runs the probe under valgrind, whose findings would be another exit status and stderr."""

    def check(status, *words, **options):
        result = run_probe("ready", "--no-http", "-t", "30s", *words, through=VALGRIND, binary=PLAIN, timeout=50, **options)
        assert result.status == status, str(result)
        return result

    return check


@pytest.mark.parametrize("kind", KINDS)
def test_bundle(services, certificates, checked, stage, kind):
    """Goal: the machine's bundle, which is searched, with the authority in it and without."""
    bundle = stage.new_folder("bundle") / "bundle.pem"
    with open("/etc/ssl/certs/ca-certificates.crt") as system:
        bundle.write_text(system.read() + certificates.ca.read_text())
    checked(0, services.url(kind, "good"), env={"SSL_CERT_FILE": str(bundle)})
    result = checked(1, "-vv", services.url(kind, "strange"), env={"SSL_CERT_FILE": str(bundle)})
    assert "unknown authority" in result.first


@pytest.mark.parametrize("kind", KINDS)
def test_refused_certificate(services, certificates, checked, kind):
    """Goal: a file that the user names, loaded whole, and a certificate that is refused: of it no name, no date is lost."""
    checked(0, "--cacert", certificates.ca, services.url(kind, "good"))
    result = checked(1, "-o", "json", "--cacert", certificates.ca, services.url(kind, "elsewhere"))
    assert result.json()["checks"][0]["cause"] == "tls-wrong-host"


def test_client_certificate(services, certificates, checked):
    """Goal: our own certificate and key, wanted and shown, and wanted and missing."""
    url = services.url("redis", "good", auth_clients="yes")
    own = ["--cert", certificates.client[0], "--key", certificates.client[1]]
    checked(0, "--cacert", certificates.ca, *own, url)
    result = checked(1, "--cacert", certificates.ca, url)
    assert "client certificate" in result.first
