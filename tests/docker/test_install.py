"""`probe install` and its examples: into a volume, for an image that is another's."""
import json
import re
import shutil

import pytest
import yaml

from engine import HERE, run
from test_examples import EXAMPLES, Compose

FOLDER = EXAMPLES / "install"
IMAGE = 'FROM scratch\nCOPY probe /\nUSER 65534:65534\nENTRYPOINT ["/probe"]\n'


@pytest.fixture(scope="session")
def bare(engine, parts):
    """An image as docker/Dockerfile's last stage, of the release that is here."""
    (parts / "Dockerfile").write_text(IMAGE)
    return engine.build(parts, "probe-test-bare")


@pytest.fixture
def volume(engine):
    name = engine.docker("volume", "create").stdout.strip()
    yield name
    engine.docker("volume", "rm", "--force", name, check=False)


def install(engine, image, *words, options=()):
    return engine.docker("run", "--rm", "--network", "none", *options, image, "install", *words, check=False)


def test_into_a_volume(engine, bare, start, base, volume):
    """Goal: one command, and a container of another image can run it; a second time changes nothing."""
    root = ["--user", "0", "--volume", f"{volume}:/to"]
    for _ in range(2):
        done = install(engine, bare, "/to", options=[*root, "--read-only", "--cap-drop", "ALL"])
        assert (done.returncode, done.stdout) == (0, "installed /to/probe\n"), done
    other = start(base, "sleep", "600", options=["--volume", f"{volume}:/probe:ro"])
    assert other.exec("/probe/probe", "live", "process://sleep").stdout.startswith("healthy in ")
    assert other.exec("ls", "/probe").stdout == "probe\n"


def test_mounts_that_will_not_do(engine, bare, volume):
    """Goal: one line with what to do, and nothing left."""
    done = install(engine, bare, "/to", options=["--volume", f"{volume}:/to:ro", "--user", "0"])
    assert done.returncode == 1
    assert re.fullmatch(r"misconfigured: cannot create '/to/probe\.\w+': Read-only file system: mount .*\n", done.stdout)
    done = install(engine, bare, "/to", options=["--volume", f"{volume}:/to"])
    assert "Permission denied: run it as a user who may write there" in done.stdout
    done = install(engine, bare, "/to", options=["--tmpfs", "/to:rw,size=64k,mode=777"])
    assert "No space left on device: make room for a megabyte" in done.stdout
    done = install(engine, bare, "/to", options=["--tmpfs", "/to:rw,noexec,mode=777"])
    assert done.stdout == "installed /to/probe; note: it is mounted noexec here, and cannot be run\n"
    done = install(engine, bare, "/to", options=["--tmpfs", "/to:rw,exec,mode=777"])
    assert done.stdout == "installed /to/probe\n"


def test_compose_example(engine, bare, base, tmp_path):
    """Goal: the example as it is: the third party's container is healthy by a probe that its image has not."""
    shutil.copytree(FOLDER, tmp_path / "install")
    file = tmp_path / "install" / "docker-compose.yml"
    file.write_text('version: "3.8"\n' + file.read_text().replace("interval: 10s", "interval: 1s"))
    redis = engine.build(HERE / "stand_ins" / "redis", "probe-test-redis", "--build-arg", f"BASE={base}")
    compose = Compose(engine, tmp_path / "install", {"PROBE_IMAGE": bare, "REDIS_IMAGE": redis})
    try:
        compose("up", "--detach")
        container = compose.container("cache")["Id"]
        for _ in range(60):
            state = json.loads(engine.docker("inspect", container).stdout)[0]["State"]
            if state["Health"]["Status"] != "starting":
                break
            run("sleep", "0.5")
        assert state["Health"]["Status"] == "healthy", state
        assert "redis ok" in state["Health"]["Log"][-1]["Output"]
    finally:
        compose("down", "--volumes", "--timeout", "1", check=False)


def test_manifests():
    """Goal: both pods ask the same, above probe's own timeout; the copy is where the other looks for it."""
    pods = [yaml.safe_load((FOLDER / name).read_text())["spec"] for name in ("init-container.yaml", "image-volume.yaml")]
    probes = [pod["containers"][0]["readinessProbe"] for pod in pods]
    assert probes[0] == probes[1] and probes[0]["timeoutSeconds"] >= 4
    assert probes[0]["exec"]["command"][0] == "/probe/probe"
    init = pods[0]["initContainers"][0]
    assert init["args"] == ["install", init["volumeMounts"][0]["mountPath"]]
    names = {volume["name"] for pod in pods for volume in pod["volumes"]}
    assert names == {"probe"} == {mount["name"] for pod in pods for mount in pod["containers"][0]["volumeMounts"]}
