"""A certificate or key itself where the name of its file is wanted: refused with the way out, and shown nowhere."""
import base64
from urllib.parse import quote

import pytest

COMMANDS = [("ready", "--no-http"), ("ready", "--no-http", "-vv"), ("ready", "--no-http", "-o", "json"), ("doctor",)]
SAYS = "holds a PEM text: write the name of a file that has it"


@pytest.fixture(params=["PEM", "base64"])
def key(request, certificates):
    """A client's key as a variable may have it."""
    text = certificates.client[1].read_text()
    return text if request.param == "PEM" else base64.b64encode(text.encode()).decode()


@pytest.fixture
def expect_hidden(certificates, run_probe):
    """Each way to ask says so, and shows no line of the key, in no form."""

    def ask(*words, env=None):
        lines = certificates.client[1].read_text().splitlines()[1:-1]
        whole = base64.b64encode(certificates.client[1].read_bytes()).decode()
        pieces = [*lines, *(quote(line, safe="") for line in lines), whole[60:100]]
        for command in COMMANDS:
            result = run_probe(*command, *words, env=env, limit=None)
            assert result.status == 1 and SAYS in " ".join(result.out.split()), str(result)
            assert not [piece for piece in pieces if piece in result.out.replace("\n", "")], str(result)

    return ask


@pytest.mark.parametrize("option", ["cacert", "cert", "key"])
def test_option(services, certificates, key, expect_hidden, option):
    """Goal: an option, and its variable, which often is set from a secret."""
    more = ["--cert", certificates.client[0]] if option == "key" else []
    expect_hidden(f"--{option}", key, *more, services.url("http", "good"))
    expect_hidden(*more, services.url("http", "good"), env={f"PROBE_{option.upper()}": key})


@pytest.mark.parametrize("name", ["sslkey", "sslcert", "sslrootcert", "sslcrl", "sslcrldir"])
def test_postgres(services, key, expect_hidden, name):
    """Goal: libpq's parameters, and its variables."""
    url = services.url("postgres", "good")
    expect_hidden(f"{url}&{name}={quote(key, safe='')}")
    expect_hidden(url, env={f"PG{name.upper()}": key})


@pytest.mark.parametrize("name", ["ssl_keyfile", "ssl_certfile", "ssl_ca_certs", "ssl_ca_path"])
def test_redis(services, key, expect_hidden, name):
    """Goal: redis-py's parameters."""
    expect_hidden(f"{services.url('redis', 'good')}?{name}={quote(key, safe='')}")


def test_machine_bundle(services, certificates, key, verdict):
    """Goal: SSL_CERT_FILE is shown when it cannot be read, unless it is such a text."""
    verdict.unhealthy("live", services.url("http", "good"), env={"SSL_CERT_FILE": key}, cause="tls-no-bundle", says=["SSL_CERT_FILE", "'***'"])
