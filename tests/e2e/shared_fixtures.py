"""The fixtures of the tests that run the probe: real servers, hostile peers, the probe, and secrets that must not show.

A server's fixture is a function that starts one: gunicorn(DEBUG="1"). What a test has started is stopped after it,
the last one first; when the test fails its log is shown.
"""
import json
import os
import shutil
import signal
import tempfile
from pathlib import Path

import jsonschema
import pytest

import cgroups
import containers
import peers
import processes
import secret_registry
import servers
from runner import Runner, stage_binary
from terminal import Terminal
from verdict import Verdict

# Whoever started the tests in the background, or by nohup, may have had these ignored; what is started inherits it.
for number in (signal.SIGHUP, signal.SIGQUIT):
    signal.signal(number, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)

SCHEMA = Path(__file__).parent / "schema.json"
LEAKS = pytest.StashKey()


# Servers ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def stage():
    """The folder of this session."""
    stage = servers.Stage(shared=secret_registry.folder())
    yield stage
    stage.close()


@pytest.fixture
def started():
    """What this test has started, to be stopped."""
    everything = []
    yield everything
    for server in reversed(everything):
        server.stop()


def factory(start):
    """A fixture, named like the function, that starts servers with it."""

    @pytest.fixture(name=start.__name__)
    def fixture(stage, started):
        def start_and_keep(*arguments, **options):
            server = start(stage, *arguments, **options)
            started.append(server)
            return server

        return start_and_keep

    return fixture


gunicorn = factory(servers.gunicorn)
nginx = factory(servers.nginx)
busybox_httpd = factory(servers.busybox_httpd)
redis = factory(servers.redis)
peer = factory(peers.peer)
container = factory(containers.container)


@pytest.fixture
def postgres(stage, started, registry):
    """Starts PostgreSQL; the superuser's password is one for the session, and a registered secret."""

    def start(**options):
        password = stage.postgres_password or registry.secret()
        server = servers.postgres(stage, password, **options)
        started.append(server)
        return server

    return start


@pytest.fixture
def cgroup():
    """A cgroup of the test's own."""
    made = cgroups.Cgroup.__new__(cgroups.Cgroup)
    try:
        made.__init__()
    except OSError as error:
        pytest.skip(f"no cgroup can be made here ({error}); tests/unit/test_procfs.c reads those of each version")
    yield made
    made.remove()


@pytest.fixture(scope="session")
def healthy_app(stage):
    """The Django service with nothing wrong, shared by the tests that only ask it."""
    server = servers.gunicorn(stage)
    yield server
    server.stop()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    if report.failed:
        for server in item.funcargs.get("started", []):
            report.sections.append((f"log of {server.address.listen}", server.log()))


# The probe ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def probe_binary(stage):
    return stage_binary(stage)


@pytest.fixture
def bare_root(stage, probe_binary):
    """Options of run_probe: in a root that holds nothing else."""
    return containers.bare_root(stage.new_folder("root"), probe_binary)


@pytest.fixture
def run_probe(probe_binary, registry, request):
    """Runs the probe and holds the run against the contract: run_probe("live", url).status"""
    return Runner(probe_binary, registry, request.node.nodeid)


@pytest.fixture
def terminal(probe_binary, registry, request):
    """Runs the probe in a pseudo-terminal: terminal("ready", "--watch", url).wait_for("refused")"""
    opened = []

    def run(*arguments, **options):
        opened.append(Terminal([probe_binary, *arguments], **options))
        return opened[-1]

    yield run
    for one in opened:
        one.stop()
        registry.record(request.node.nodeid, one.raw.decode(errors="replace"))


@pytest.fixture(scope="session")
def validate():
    """Holds an object against the schema of -o json: validate(run_probe("live", "-o", "json").json())"""
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))

    def validate(report):
        error = jsonschema.exceptions.best_match(validator.iter_errors(report))
        if error:  # its own words would show the whole schema
            raise jsonschema.ValidationError(f"{error.json_path}: {error.message}")

    return validate


@pytest.fixture
def verdict(run_probe, validate):
    """Asks the probe as text and as JSON: verdict.unhealthy("live", url, cause="refused", says=["127.0.0.1"])"""
    return Verdict(run_probe, validate)


# Secrets ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def registry():
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    return secret_registry.SecretRegistry(secret_registry.folder(), worker)


@pytest.fixture
def secret(registry):
    """Every password and token of a test is made by it: secret(), or secret("p@ss#word")."""
    return registry.secret


def is_worker(config):
    return hasattr(config, "workerinput")


def pytest_configure(config):
    # A runner that is told to stop must still stop its servers.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if not is_worker(config):
        folder = tempfile.mkdtemp(prefix="probe-e2e-record-")
        os.chmod(folder, 0o711)  # the servers' user passes through
        os.environ[secret_registry.FOLDER_VARIABLE] = folder


def pytest_sessionfinish(session):
    """Holds every output of the suite against every secret of the suite."""
    if is_worker(session.config):
        return
    leaks = secret_registry.leaks(secret_registry.folder())
    shutil.rmtree(secret_registry.folder(), ignore_errors=True)
    session.config.stash[LEAKS] = leaks
    if leaks:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config):
    for leak in config.stash.get(LEAKS, []):
        terminalreporter.write_line(f"LEAK {leak}", red=True)


# Nothing is left behind ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def nothing_left_behind():
    """After the last test no process may be left of all that the tests have started."""
    processes.become_subreaper()
    before = set(processes.children())
    yield
    processes.wait_until(lambda: set(processes.children()) <= before, 3)
    left = set(processes.children()) - before
    names = [processes.describe(pid) for pid in left]
    processes.kill_all(left)
    processes.wait_until(lambda: not left & set(processes.children()), 1)
    processes.reap()
    assert not left, f"the tests left processes behind: {names}"
