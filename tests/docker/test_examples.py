"""docker/examples: each is run, or where its engine cannot be had, held against what is known of it."""
import json
import re
import shutil

import pytest
import yaml

from engine import drops_between_containers, run
from runner import REPOSITORY

EXAMPLES = REPOSITORY / "docker" / "examples"
OURS = 3.0  # --timeout's default, in seconds; a longer one of the engine's must leave probe the time to speak


def seconds(text):
    return float(re.fullmatch(r"(\d+)s", text)[1])


def engine_timeouts():
    """(where, seconds) of every health check in the examples."""
    for file in sorted(EXAMPLES.rglob("Dockerfile")):
        for value in re.findall(r"^HEALTHCHECK.*--timeout=(\S+)", file.read_text(), re.MULTILINE):
            yield file, seconds(value)
    compose = EXAMPLES / "compose" / "docker-compose.yml"
    for service in yaml.safe_load(compose.read_text())["services"].values():
        if "healthcheck" in service:
            yield compose, seconds(service["healthcheck"]["timeout"])
    for name, check in kubernetes_probes().items():
        yield name, check["timeoutSeconds"]
    yield "ecs", ecs_check()["timeout"]


def kubernetes_container():
    deployment = yaml.safe_load((EXAMPLES / "kubernetes" / "deployment.yaml").read_text())
    assert (deployment["apiVersion"], deployment["kind"]) == ("apps/v1", "Deployment")
    template = deployment["spec"]["template"]
    assert deployment["spec"]["selector"]["matchLabels"].items() <= template["metadata"]["labels"].items()
    return template["spec"]["containers"][0]


def kubernetes_probes():
    container = kubernetes_container()
    return {name: container[name] for name in ("startupProbe", "livenessProbe", "readinessProbe")}


def ecs_check():
    task = json.loads((EXAMPLES / "ecs" / "task-definition.json").read_text())
    return task["containerDefinitions"][0]["healthCheck"]


@pytest.mark.parametrize("where, timeout", [pytest.param(*row, id=f"{row[0]}"[-40:]) for row in engine_timeouts()])
def test_our_timeout_is_below_the_engine_s(where, timeout):
    """Goal: in no example is probe killed before it has named the cause."""
    assert timeout >= OURS + 1


def test_kubernetes_probes_ask_what_they_should():
    """Goal: what restarts a pod asks no database; what takes it out of rotation does."""
    probes = kubernetes_probes()
    assert probes["startupProbe"]["exec"]["command"] == ["probe", "live"]
    assert probes["livenessProbe"]["exec"]["command"] == ["probe", "live"]
    assert probes["readinessProbe"]["exec"]["command"] == ["probe", "ready", "--db", "--redis"]


def test_ecs_keeps_to_its_limits():
    """Goal: the values are within what ECS takes."""
    check = ecs_check()
    assert check["command"][0] == "CMD"
    assert 5 <= check["interval"] <= 300
    assert 2 <= check["timeout"] <= 60
    assert 1 <= check["retries"] <= 10
    assert 0 <= check["startPeriod"] <= 300


# A service from scratch ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def scratch_example(engine, base, probe_image):
    arguments = ["--build-arg", f"BASE={base}", "--build-arg", f"PROBE={probe_image}"]
    return engine.build(EXAMPLES / "scratch", "probe-test-example", *arguments)


def test_scratch_example(engine, start, scratch_example):
    """Goal: the example as it is, whose check we do not wait half a minute for but run as the engine will."""
    container = start(scratch_example, options=["--read-only", "--cap-drop", "ALL"])
    check = container.inspect()["Config"]["Healthcheck"]
    assert check["Test"][0] == "CMD"
    done = container.exec(*check["Test"][1:])
    assert done.stdout.startswith("healthy in "), done


# Compose -------------------------------------------------------------------------------------------------------------


class Compose:
    """The example under a project's name of its own, with the images that there are here."""

    def __init__(self, engine, folder, images):
        self.engine = engine
        self.folder = folder
        # The client of Debian's, not another one that PATH may find first.
        self.env = {**engine.env, **images, "PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "COMPOSE_DOCKER_CLI_BUILD": "1"}

    def __call__(self, *arguments, check=True, **variables):
        command = ["docker-compose", "--project-name", "probetest", *arguments]
        return run(*command, cwd=self.folder, env={**self.env, **variables}, check=check, timeout=200)

    def container(self, service):
        identity = self("ps", "--quiet", service).stdout.strip()
        return json.loads(self.engine.docker("inspect", identity).stdout)[0]

    def started(self, service):
        return self.container(service)["State"]["StartedAt"]


@pytest.fixture(scope="session")
def images(engine, base, probe_image):
    names = {"BASE_IMAGE": base, "PROBE_IMAGE": probe_image}
    for name in ("postgres", "redis"):
        folder = REPOSITORY / "tests" / "docker" / "stand_ins" / name
        names[f"{name.upper()}_IMAGE"] = engine.build(folder, f"probe-test-{name}", "--build-arg", f"BASE={base}")
    return names


@pytest.fixture
def compose(engine, images, tmp_path):
    if drops_between_containers():
        pytest.skip("this machine's firewall drops what containers say to each other (iptables: FORWARD DROP)")
    shutil.copytree(EXAMPLES / "compose", tmp_path / "compose")
    compose = Compose(engine, tmp_path / "compose", images)
    yield compose
    compose("down", "--volumes", "--timeout", "1", check=False)


def test_compose_example(compose):
    """Goal: one command, and all of it serves, in the right order."""
    compose("up", "--detach", "--build")
    web = compose.container("web")["State"]
    assert web["Health"]["Status"] == "healthy"
    assert "postgres ok" in web["Health"]["Log"][-1]["Output"]
    assert "redis ok" in web["Health"]["Log"][-1]["Output"]
    # The entrypoint has become the command, and has told what it waited for.
    assert "gunicorn" in compose.engine.docker("top", web_id(compose), "-eo", "pid,args").stdout.splitlines()[1]
    assert "healthy" in compose("logs", "--no-color", "web").stdout
    first_healthy = next(entry["End"] for entry in web["Health"]["Log"] if entry["ExitCode"] == 0)
    assert compose.started("db") < compose.started("web") < first_healthy < compose.started("client")
    assert compose.engine.docker("wait", compose.container("client")["Id"]).stdout.strip() == "0"
    assert compose.container("worker")["Config"]["Healthcheck"]["Test"] == ["CMD", "probe", "live"]
    asked = compose("exec", "-T", "worker", "probe", "live")
    assert asked.stdout.startswith("healthy in ")


def web_id(compose):
    return compose.container("web")["Id"]


def test_compose_database_goes(compose):
    """Goal: without its database the service is not ready and still alive, and the cause is in the log."""
    compose("up", "--detach", "--build", "web")
    wait_ready = compose("exec", "-T", "web", "probe", "ready", "--db", "--redis", "--wait", "30s")
    assert wait_ready.returncode == 0
    compose("stop", "--timeout", "1", "db")
    ready = compose("exec", "-T", "web", "probe", "ready", "--db", "--redis", check=False)
    assert ready.returncode == 1
    assert re.search("postgres (?!ok)", ready.stdout.splitlines()[0]), ready.stdout
    assert "redis ok" in ready.stdout.splitlines()[0]
    assert compose("exec", "-T", "web", "probe", "live").stdout.startswith("healthy in ")


def test_compose_reports_an_unhealthy_dependency(compose):
    """Goal: a wrong password: what depends on the service does not start, and compose names the service."""
    file = compose.folder / "docker-compose.yml"
    # The entrypoint would wait for a minute, and this test will not. 0s would be the image's own, a minute again.
    file.write_text(
        file.read_text().replace("start_period: 60s", "start_period: 1s").replace("interval: 2s", "interval: 1s")
    )
    override = compose.folder / "override.yml"
    override.write_text(
        'version: "3.8"\nservices:\n  web:\n    entrypoint: ["gunicorn", "--bind", "0.0.0.0:8000", "service"]\n'
        "    environment:\n      DB_PASSWORD: not-the-password\n"
    )
    done = compose("-f", "docker-compose.yml", "-f", "override.yml", "up", "--detach", "--build", check=False)
    assert done.returncode != 0
    assert "unhealthy" in done.stderr
    entry = compose.container("web")["State"]["Health"]["Log"][-1]
    assert "28P01" in entry["Output"].splitlines()[0]
    assert "not-the-password" not in entry["Output"]
