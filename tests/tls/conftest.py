"""The fixtures of the tests over TLS: certificates, and servers that have them. The others are tests/e2e's."""
from pathlib import Path

import pytest

import runner
from services import Services
from authority import Certificates

pytest_plugins = ["shared_fixtures"]
runner.DEFAULT_BINARY = Path(__file__).resolve().parents[2] / "build" / "tls" / "probe"


@pytest.fixture(scope="session")
def certificates(stage):
    """One of each kind, made once."""
    folder = stage.new_folder("certificates")
    folder.chmod(0o755)
    return Certificates(folder)


@pytest.fixture(scope="session")
def services(stage, certificates, registry):
    """The servers, shared by the tests that only ask them."""
    services = Services(stage, certificates, registry)
    yield services
    services.close()
