"""The fixtures of the tests against a real engine. Without one the tests are skipped, and say why."""
import os
import secrets
import shutil
import signal
import subprocess

import pytest

import processes
from addresses import free_port
from cri import CONTAINERD, Containerd
from engine import HERE, Engine, Unavailable, cache_folder, run
from runner import REPOSITORY, binary_path

MUSL_GCC = REPOSITORY / "build" / "release" / "deps" / "musl" / "bin" / "musl-gcc"


def pytest_configure():
    # A runner that is told to stop must still stop the engine.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def engine():
    engine = Engine()
    try:
        engine.start()
        yield engine
    except Unavailable as reason:
        pytest.skip(f"no Docker engine: {reason}")
    finally:
        engine.stop()
        left = processes.wait_until(lambda: not processes.children(), 5) or processes.children()
        assert left is True, [processes.describe(pid) for pid in left]


@pytest.fixture
def start(engine):
    """Runs containers, and removes them after the test: start(IMAGE, COMMAND..., options=[...])"""
    containers = []

    def start_and_keep(image, *command, options=()):
        containers.append(engine.run(image, *command, options=options))
        return containers[-1]

    yield start_and_keep
    for container in containers:
        container.remove()


@pytest.fixture(scope="session")
def base(engine):
    """The name of an image of Debian 12 with the packages that the Dockerfiles want; made where it is not there."""
    name = run(HERE / "base.sh", "name").stdout.strip()
    tag = f"probe-test-base:{name}"
    if engine.has_image(tag):
        return tag
    tree = cache_folder() / name
    if not tree.is_dir():
        done = run(HERE / "base.sh", "make", tree, check=False, timeout=900)
        if done.returncode != 0:
            pytest.skip(f"no Debian can be made here: {(done.stdout + done.stderr)[-400:]}")
    tar = subprocess.Popen(["tar", "-C", str(tree), "-c", "."], stdout=subprocess.PIPE)
    engine.docker("import", "-", tag, stdin=tar.stdout, timeout=300)
    assert tar.wait() == 0
    return tag


@pytest.fixture(scope="session")
def parts(tmp_path_factory):
    """A folder with what images from scratch are made of: probe, and the smallest service."""
    if not MUSL_GCC.exists() or not binary_path().is_file():
        pytest.skip("no release build: cmake --preset release && cmake --build --preset release")
    folder = tmp_path_factory.mktemp("parts")
    shutil.copy(binary_path(), folder / "probe")
    run(MUSL_GCC, "-Os", "-static", "-s", "-o", folder / "service", HERE / "service.c")
    return folder


SCRATCH = """FROM scratch
COPY service probe /
{healthcheck}
ENTRYPOINT ["/service"]
"""


@pytest.fixture(scope="session")
def scratch(engine, parts):
    """Makes images of the service and probe: scratch("--interval=1s", command=["/probe", "live"])"""
    made = {}

    def make(*options, command=None):
        words = ", ".join(f'"{word}"' for word in command or ())
        healthcheck = f"HEALTHCHECK {' '.join(options)} CMD [{words}]" if command else ""
        if healthcheck not in made:
            file = parts / "Dockerfile"
            file.write_text(SCRATCH.format(healthcheck=healthcheck))
            made[healthcheck] = engine.build(parts, f"probe-test-scratch:{len(made)}")
        return made[healthcheck]

    return make


@pytest.fixture
def secret():
    return "secret-" + secrets.token_hex(8)


# Images ---------------------------------------------------------------------------------------------------------------


def copy_sources(target):
    """The files that the recipes pin, out of the cache; the names of those that it does not have. Not cmocka's, which is for tests."""
    missing = []
    for recipe in sorted((REPOSITORY / "probe" / "deps" / "recipes").glob("*.sh")):
        if recipe.stem == "cmocka":
            continue
        file = run("sh", "-c", '. "$0"; echo "$file"', recipe).stdout.strip()
        kept = cache_folder() / "sources" / file
        if kept.is_file():
            shutil.copy(kept, target)
        else:
            missing.append(file)
    return missing


@pytest.fixture(scope="session")
def build_image(engine, base, tmp_path_factory):
    """Builds an image of docker/Dockerfile from the sources as they are here and without a network: build_image(TAG, OPTION...)"""
    context = tmp_path_factory.mktemp("context") / "probe"
    shutil.copytree(REPOSITORY, context, ignore=shutil.ignore_patterns("build", ".git", "__pycache__"))
    missing = copy_sources(context / "docker" / "sources")
    if missing:
        pytest.skip(f"the cache does not have the files that the recipes pin: {missing}")

    def build(tag, *options):
        file = context / "docker" / "Dockerfile"
        return engine.build(context, tag, "--build-arg", f"BASE={base}", *options, file=file, timeout=900)

    return build


@pytest.fixture(scope="session")
def probe_image(build_image):
    """The image that a build without options makes."""
    return build_image("probe-test")


@pytest.fixture(scope="session")
def tls_image(build_image):
    """The image of the flavour with TLS."""
    return build_image("probe-test:tls", "--target", "tls")


# Kubernetes -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def containerd(engine, scratch, parts):
    if not os.access(CONTAINERD, os.X_OK):
        pytest.skip(f"no {CONTAINERD}")
    pytest.importorskip("grpc", reason="no python3-grpcio")
    image = scratch()
    # On a port that the kernel finds: a pod is in the machine's own network.
    (parts / "Dockerfile").write_text('FROM scratch\nCOPY service /\nENV PORT=0\nENTRYPOINT ["/service"]\n')
    containerd = Containerd(engine, image, engine.build(parts, "probe-test-pause:1"))
    try:
        yield containerd.start()
    finally:
        containerd.stop()


class Pod:
    def __init__(self, containerd):
        self.containerd = containerd
        self.container = containerd.pod(f"pod-{free_port()}", {"PORT": str(free_port())})
        self.pid = containerd.pid(self.container)

    def exec(self, *command, timeout=4):
        return self.containerd.exec(self.container, command, timeout)

    def signal(self, number):
        os.kill(self.pid, number)


@pytest.fixture
def pod(containerd):
    return Pod(containerd)
