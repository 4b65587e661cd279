"""Probe as the health check of Podman's containers, started by `podman healthcheck run`."""
import json

import pytest

import processes
from engine import Unavailable
from podman import Podman

LIVE = ["/probe", "live", "/health"]
KEPT = 500  # characters of a check's output
DOCKERFILE = """FROM scratch
COPY service probe /
HEALTHCHECK {options} CMD {words}
ENTRYPOINT ["/service"]
"""
OPTIONS = "--interval=30s --timeout=4s --retries=2"


@pytest.fixture(scope="session")
def podman():
    podman = Podman()
    others = set(processes.children())  # a Docker engine of this session
    try:
        podman.start()
        yield podman
    except Unavailable as reason:
        pytest.skip(f"no Podman: {reason}")
    finally:
        podman.stop()
        left = lambda: set(processes.children()) - others
        assert processes.wait_until(lambda: not left(), 5), [processes.describe(pid) for pid in left()]


@pytest.fixture(scope="session")
def image(podman, parts):
    """The same Dockerfile in a format: image("docker"), image("oci")"""

    def build(form):
        file = parts / "Dockerfile"
        file.write_text(DOCKERFILE.format(options=OPTIONS, words=json.dumps(LIVE)))
        return podman.build(parts, f"probe-test-{form}", "--format", form)

    return build


@pytest.fixture
def start(podman, image):
    """A container: start("docker"), start("oci", "--health-cmd", ...)"""
    containers = []

    def start_and_keep(form, *options):
        try:
            containers.append(podman.run(image(form), options=options))
        except Unavailable as reason:
            pytest.skip(f"no Podman: {reason}")
        return containers[-1]

    yield start_and_keep
    for container in containers:
        container.remove()


def check(container):
    """Podman's exit status, and the entry that it has made."""
    done = container.engine.docker("healthcheck", "run", container.identity, check=False)
    return done.returncode, container.health()["Log"][-1]


def test_healthy_broken_healthy(start):
    """Goal: a HEALTHCHECK in Docker's format: the status follows the service, and the log says why."""
    container = start("docker")
    status, entry = check(container)
    assert (status, entry["ExitCode"], container.health()["Status"]) == (0, 0, "healthy")
    assert entry["Output"].startswith("healthy in ")
    container.signal("USR1")
    for expected in ("healthy", "unhealthy"):  # two retries
        status, entry = check(container)
        assert (status, entry["ExitCode"]) == (1, 1)
        assert "http 503" in entry["Output"].splitlines()[0]
        assert entry["Output"].startswith("unhealthy in ")
        assert container.health()["Status"] == expected
    container.signal("USR2")
    assert check(container)[0] == 0
    assert container.health()["Status"] == "healthy"


def test_oci_format_has_none(start):
    """Goal: podman build makes an OCI image unless told otherwise, and that has no HEALTHCHECK."""
    assert start("oci").inspect()["Config"].get("Healthcheck") is None


def test_given_to_run(start):
    """Goal: a JSON array as --health-cmd needs no shell in the image; plain words do."""
    container = start("oci", "--health-cmd", json.dumps(LIVE))
    assert container.inspect()["Config"]["Healthcheck"]["Test"] == ["CMD", *LIVE]
    status, entry = check(container)
    assert status == 0
    assert entry["Output"].startswith("healthy in ")
    container = start("oci", "--health-cmd", " ".join(LIVE))
    status, entry = check(container)
    assert (status, entry["ExitCode"], entry["Output"]) == (1, 1, "")


def test_output_is_cut(start):
    """Goal: Podman keeps 500 characters; the first line is among them, whole."""
    container = start("oci", "--health-cmd", json.dumps([LIVE[0], LIVE[1], "-vv", *LIVE[2:]]))
    container.signal("USR1")
    said = container.exec(LIVE[0], LIVE[1], "-vv", *LIVE[2:]).stdout
    assert len(said) > KEPT
    kept = check(container)[1]["Output"]
    assert len(kept) == KEPT
    first = kept.splitlines()[0]
    assert first.startswith("unhealthy in ")
    assert first.partition(": ")[2] == said.splitlines()[0].partition(": ")[2]


def test_our_timeout_ends_first(start):
    """Goal: a service that says nothing: our line is kept, with our exit status."""
    container = start("oci", "--health-timeout", "4s", "--health-cmd", json.dumps(["/probe", "live", "-t", "1s"]))
    container.signal("HUP")
    status, entry = check(container)
    assert (status, entry["ExitCode"]) == (1, 1)
    assert "connected, no answer in 1 s" in entry["Output"].splitlines()[0]


def test_its_timeout_kills_nothing(start):
    """Goal: a check that takes longer than Podman's limit ends by itself: it is a failure, and the line is kept."""
    container = start("oci", "--health-timeout", "1s", "--health-cmd", json.dumps(["/probe", "live", "-t", "2s"]))
    container.signal("HUP")
    status, entry = check(container)
    assert (status, entry["ExitCode"]) == (125, -1)
    assert "connected, no answer in 2 s" in entry["Output"].splitlines()[0]


def test_restarts_on_failure(start):
    """Goal: --health-on-failure=restart, which is why `live` asks nothing but the service."""
    options = ["--health-retries", "1", "--health-on-failure", "restart"]
    container = start("oci", "--health-cmd", json.dumps(LIVE), *options)
    before = container.pid
    container.signal("USR1")
    assert check(container)[0] == 1
    assert processes.wait_until(lambda: container.pid not in (0, before), 10)
    assert processes.wait_until(lambda: check(container)[0] == 0, 10)
