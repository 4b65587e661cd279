"""docker/Dockerfile: the images that others copy from, without TLS and with it."""
import json
import re

import pytest

from engine import run
from runner import REPOSITORY


class Image:
    def __init__(self, engine, flavour, name):
        self.engine, self.name = engine, name
        self.binary = REPOSITORY / "build" / flavour / "probe"
        self.records = sorted((REPOSITORY / "build" / flavour / "deps").glob("*/record"))
        self.config = json.loads(engine.docker("image", "inspect", name).stdout)[0]

    def run(self, *command):
        return self.engine.docker("run", "--rm", "--network", "none", "--read-only", "--cap-drop", "ALL", self.name, *command)


@pytest.fixture(scope="session", params=["release", "tls"])
def image(request, engine):
    name = {"release": "probe_image", "tls": "tls_image"}[request.param]
    image = Image(engine, request.param, request.getfixturevalue(name))
    if not image.binary.is_file():
        pytest.skip(f"no build to compare with: cmake --preset {request.param} && cmake --build --preset {request.param}")
    return image


def test_holds_the_binary_and_the_licences(engine, image, start, tmp_path):
    """Goal: nothing else is in it, no shell above all, and no authorities: those are the service's own."""
    container = start(image.name, "live", "--wait", "20s", "tcp://localhost:1")
    tar = tmp_path / "image.tar"
    engine.docker("export", "--output", tar, container.identity)
    names = {name.rstrip("/") for name in run("tar", "-tf", tar).stdout.split()}
    engine_s = {name for name in names if re.match(r"(\.dockerenv|dev|etc|proc|sys)(/|$)", name)}
    assert not [name for name in engine_s if name.startswith(("etc/ssl", "etc/pki"))]
    contents = {f"licenses/{record.parent.name}" for record in image.records}
    assert names - engine_s == {"probe", "licenses", "licenses/probe", *contents}


def test_is_small(image):
    """Goal: a health check costs an image half a megabyte, with TLS two, and the licences."""
    budget = 2200000 if image.name.endswith(":tls") else 512 * 1024
    assert image.config["Size"] <= budget + 36 * 1024


def test_is_labelled(image):
    """Goal: who finds it knows what it is; the version is the program's, and no licence is left out."""
    labels = image.config["Config"]["Labels"]
    version = run(image.binary, "--version").stdout.split()[1]
    assert labels["org.opencontainers.image.title"] == "probe"
    assert labels["org.opencontainers.image.version"] == version
    spdx = {re.search(r"^license=(.*)$", record.read_text(), re.MULTILINE)[1] for record in image.records}
    assert set(labels["org.opencontainers.image.licenses"].split(" AND ")) == {"MIT", *spdx}


def test_runs_as_nobody(image):
    """Goal: not as root, and without a shell between the engine and probe."""
    assert image.config["Config"]["User"] == "65534:65534"
    assert image.config["Config"]["Entrypoint"] == ["/probe"]


@pytest.mark.parametrize("command, words", [(["--version"], "probe "), ([], "usage: "), (["--licenses"], "hiredis")])
def test_runs(image, command, words):
    """Goal: the image alone is of use."""
    assert words in image.run(*command).stdout


def test_is_the_build_of_its_flavour(image):
    """Goal: what is built in the image has the versions of what is built outside of it, and TLS only where it is asked for."""
    versions = image.run("--version").stdout
    assert versions == run(image.binary, "--version").stdout
    assert ("OpenSSL" in versions) == image.name.endswith(":tls")


def test_is_reproducible(engine, image, start, tmp_path):
    """Goal: the same bytes as outside, from another folder and with libraries that were built anew."""
    container = start(image.name, "live", "--wait", "20s", "tcp://localhost:1")
    engine.docker("cp", f"{container.identity}:/probe", tmp_path / "probe")
    assert (tmp_path / "probe").read_bytes() == image.binary.read_bytes()
