"""The fixtures of the tests over TLS: certificates, and servers that have them. The others are tests/e2e's."""
import subprocess
from pathlib import Path

import pytest

import runner
from services import Services
from authority import Certificates
from presenters import Presenters

pytest_plugins = ["shared_fixtures"]
runner.DEFAULT_BINARY = Path(__file__).resolve().parents[2] / "build" / "tls" / "probe"


def pytest_collection_modifyitems(items):
    """Tests of one server go to one worker, so that few servers are started (pytest-xdist's --dist loadgroup)."""
    for item in items:
        words = getattr(item, "callspec", None) and [item.callspec.params.get(name) for name in ("kind", "name", "line")]
        if "presenters" in item.fixturenames:
            item.add_marker(pytest.mark.xdist_group(item.originalname))
        elif words and any(words):
            item.add_marker(pytest.mark.xdist_group(" ".join(str(word) for word in words if word)))


@pytest.fixture(scope="session")
def certificates(stage):
    """One of each kind, made once for all workers."""
    folder = stage.shared / "certificates"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    return Certificates(folder)


@pytest.fixture(scope="session")
def presenters(services):
    """A server of each kind, which shows the certificate that it is told to: presenters["http"].present("good")"""
    presenters = Presenters(services)
    yield presenters
    presenters.close()


@pytest.fixture(scope="session")
def services(stage, certificates, registry):
    """The servers, shared by the tests that only ask them."""
    services = Services(stage, certificates, registry)
    yield services
    services.close()


@pytest.fixture(scope="session")
def files(stage, certificates):
    """Paths that the tables name in braces: bundles, and clients' certificates with their keys."""
    folder = stage.new_folder("bundles")
    ours, strangers = certificates.ca.read_text(), certificates.stranger.file.read_text()
    with open("/etc/ssl/certs/ca-certificates.crt") as file:
        system = file.read()
    texts = {
        "many": system + strangers + ours,
        "commented": f"# the authority of the tests\nCN=probe's test authority\n{ours}\n# its end\n",
        "crlf": ours.replace("\n", "\r\n"),
        "twice": ours + ours,
        "broken_first": f"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n{ours}",
        "empty": "",
        "no_pem": "authority\n",
        "both": certificates.client[0].read_text() + certificates.client[1].read_text(),
    }
    paths = {"ca": certificates.ca, "stranger": certificates.stranger.file, "missing": folder / "missing", "folder": folder}
    paths.update(leaf=certificates.good[0], middle=certificates.middle.file, none="/nonexistent")
    for name, text in texts.items():
        paths[name] = folder / f"{name}.pem"
        paths[name].write_text(text)
    for name in ("client", "other_client", "locked"):
        paths[name], paths[f"{name}_key"] = getattr(certificates, name)
    for name, text in (("hashed", ours), ("unhashed", ours), ("hashed_stranger", strangers)):
        paths[name] = folder / name
        paths[name].mkdir()
        (paths[name] / "authority.pem").write_text(text)
        if name != "unhashed":
            subprocess.run(["openssl", "rehash", paths[name]], check=True)
    return paths
