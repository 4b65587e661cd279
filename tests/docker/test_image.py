"""docker/Dockerfile: the image that others copy from."""
import json
import re

import pytest

from engine import run
from runner import REPOSITORY, binary_path


@pytest.fixture(scope="session")
def config(engine, probe_image):
    return json.loads(engine.docker("image", "inspect", probe_image).stdout)[0]


def test_holds_the_binary_and_the_licences(engine, probe_image, start, tmp_path):
    """Goal: nothing else is in it, no shell above all."""
    container = start(probe_image, "live", "--wait", "20s", "tcp://localhost:1")
    tar = tmp_path / "image.tar"
    engine.docker("export", "--output", tar, container.identity)
    names = {name.rstrip("/") for name in run("tar", "-tf", tar).stdout.split()}
    engine_s = {name for name in names if re.match(r"(\.dockerenv|dev|etc|proc|sys)(/|$)", name)}
    libraries = ["cjson", "curl", "hiredis", "musl", "pq", "probe"]
    assert names - engine_s == {"probe", "licenses", *(f"licenses/{name}" for name in libraries)}


def test_is_small(config):
    """Goal: a health check costs an image half a megabyte, and the licences."""
    assert config["Size"] <= (512 + 24) * 1024


def test_is_labelled(config):
    """Goal: who finds it knows what it is; the version is the program's."""
    labels = config["Config"]["Labels"]
    version = run(binary_path(), "--version").stdout.split()[1]
    assert labels["org.opencontainers.image.title"] == "probe"
    assert labels["org.opencontainers.image.version"] == version
    for library in (REPOSITORY / "build" / "release" / "deps").glob("*/record"):
        spdx = re.search(r"^license=(.*)$", library.read_text(), re.MULTILINE)[1]
        assert spdx in labels["org.opencontainers.image.licenses"].split()


def test_runs_as_nobody(config):
    """Goal: not as root, and without a shell between the engine and probe."""
    assert config["Config"]["User"] == "65534:65534"
    assert config["Config"]["Entrypoint"] == ["/probe"]


@pytest.mark.parametrize("command, words", [(["--version"], "probe "), ([], "usage: "), (["--licenses"], "hiredis")])
def test_runs(engine, probe_image, command, words):
    """Goal: the image alone is of use."""
    done = engine.docker("run", "--rm", "--network", "none", "--read-only", "--cap-drop", "ALL", probe_image, *command)
    assert words in done.stdout


def test_is_the_release_build(engine, probe_image):
    """Goal: what is built in the image has the versions of what is built outside of it."""
    done = engine.docker("run", "--rm", "--network", "none", probe_image, "--version")
    assert done.stdout == run(binary_path(), "--version").stdout
