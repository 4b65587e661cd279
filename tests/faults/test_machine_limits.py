"""Little of everything: descriptors, address space, threads, stack, file size, processor time.

A row goes through the steps of one limit, from nothing to where the run is as it should be. Where the kernel does not
let the program start there is nothing to say; from then on it is right, or says that resources are what it lacks.
"""
import os

import pytest

import namespaces
import table
from addresses import free_port
from machine import ROOM
from memory import read_text
from runner import binary_path, is_asan
from table import HEALTHY

pytestmark = pytest.mark.skipif(is_asan(binary_path()), reason="AddressSanitizer needs what is taken away here")
SECTION = "limits"
PRLIMIT = "/usr/bin/prlimit"
# Users that have no other process.
LONELY_USER = 54331 + os.getpid() % 10000  # nobody else's: a test beside this one has a process too
NO_RESOURCES = "no-resources"
KIB = 1024


@pytest.fixture
def targets(healthy_app, deployment, stage):
    """What to ask of each kind: targets("redis") gives the words of a command."""
    postgres, redis = deployment

    def ask(kind):
        url = healthy_app.url("/api/v1/health/")
        if kind == "file":
            beat = stage.new_folder("beat") / "beat"
            beat.write_text("")
            return ["live", f"file://{beat}"]
        if kind == "side by side":
            return ["ready", url, redis.url(), postgres.url()]
        return {
            "http": lambda: ["live", url],
            "http refused": lambda: ["live", f"http://127.0.0.1:{free_port()}/"],
            "tcp": lambda: ["live", f"tcp://127.0.0.1:{healthy_app.port}"],
            "redis": lambda: ["ready", redis.url()],
            "postgres": lambda: ["ready", postgres.url()],
            "doctor": lambda: ["doctor", url],
            "--wait": lambda: ["live", "--wait", "210ms", "--interval", "10ms", url],
            "--env-file": lambda: ["live", "--env-file", env_file(stage, url)],
        }[kind]()

    return ask


def env_file(stage, url):
    file = stage.new_folder("env") / "env"
    file.write_text(f"PROBE_LIVE={url}\n")
    return file


@pytest.fixture
def steps(run_probe, record_property, request):
    """One row: steps(["live", url], HEALTHY, "nofile", range(10), "descriptor")"""

    def run(arguments, cause, limit, values, word):
        late = []
        outcome = [SECTION, request.node.name.removeprefix("test_"), late]
        record_property(table.PROPERTY, outcome)
        began = None
        for value in values:
            through = [PRLIMIT, f"--{limit}={value}"]
            if began is None and not starts(run_probe, through):
                continue
            began = value if began is None else began
            result = run_probe(*arguments, through=through, limit=None)
            late.append(result.seconds - 3)
            verdict, causes = read_text(result)
            story = f"{limit} {value}:\n{result}"
            if verdict == "healthy":
                assert (result.status, cause) == (0, HEALTHY), story
                continue
            assert result.status == 1, story
            if verdict == "misconfigured":
                assert word in result.out, story
                continue
            assert causes and set(causes) <= {NO_RESOURCES, cause}, story
            assert set(causes) == {cause} or word in result.out, story
        assert (verdict == "healthy") if cause is HEALTHY else causes == [cause], f"at its end, {story}"
        assert late and max(late) < ROOM
        outcome[1] += f": {len(late)} steps from {began} to {value}"

    return run


def starts(run_probe, through):
    """Whether the kernel lets the program start at all: --version needs nothing else."""
    process = run_probe.start(["--version"], through=through)
    out, _ = process.communicate(timeout=5)
    return process.returncode == 0 and out.startswith(b"probe ")


KINDS = ["http", "tcp", "file", "redis", "postgres", "side by side", "doctor", "--wait", "--env-file"]


@pytest.mark.parametrize("kind", [*KINDS, "http refused"])
def test_descriptors(targets, steps, kind):
    """Goal: RLIMIT_NOFILE: a service that listens is not said to refuse, and four descriptors are enough for one."""
    cause = "refused" if kind == "http refused" else HEALTHY
    steps(targets(kind), cause, "nofile", range(10 if kind == "side by side" else 5), "descriptor")


def test_descriptors_for_a_name(targets, steps, stage, run_probe):
    """Goal: a name that is not resolved for want of a descriptor is not an unknown name."""
    arguments = ["live", "-t", "500ms", "--allow-remote", "http://nobody.invalid:1/"]
    for count in range(4):
        result = run_probe(*arguments, through=[PRLIMIT, f"--nofile={count}"])
        assert read_text(result)[1] == [NO_RESOURCES], str(result)
        assert "No file descriptors available" in result.first, str(result)


@pytest.mark.parametrize("kind", [*KINDS, "http refused"])
def test_address_space(targets, steps, kind):
    """Goal: RLIMIT_AS: a right verdict, or that memory is what it lacks."""
    cause = "refused" if kind == "http refused" else HEALTHY
    most, step = (8192, 512) if kind == "side by side" else (2560, 128)  # threads have stacks
    steps(targets(kind), cause, "as", range(512 * KIB, most * KIB + 1, step * KIB), "memory")


@pytest.mark.parametrize("kind", KINDS)
def test_data(targets, steps, kind):
    """Goal: RLIMIT_DATA, the same for what is written to."""
    most, step = (4096, 256) if kind == "side by side" else (1280, 64)
    steps(targets(kind), HEALTHY, "data", range(256 * KIB, most * KIB + 1, step * KIB), "memory")


def limited(trial, arguments, *limits, says=(), **options):
    command, *words = arguments
    trial(SECTION, command, *words, cause=HEALTHY, says=says, through=[PRLIMIT, *limits], timeout=3.0, **options)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("--wait", "doctor")])
def test_stack_of_64_kB(targets, trial, kind):
    """Goal: a stack of 64 kB is enough for every kind."""
    limited(trial, targets(kind), f"--stack={64 * KIB}")


def test_stack_of_64_kB_refused(trial):
    """Goal: the same where it is looked up who listens instead."""
    through = [PRLIMIT, f"--stack={64 * KIB}"]
    trial(SECTION, "live", f"http://127.0.0.1:{free_port()}/", cause="refused", says=["refused by"], through=through)


@pytest.mark.parametrize("limit", ["fsize=0", "memlock=0", "locks=0", "sigpending=0", "msgqueue=0", "rtprio=0", "core=0"])
def test_limits_that_change_nothing(targets, trial, limit):
    """Goal: what it does not use may be taken away."""
    limited(trial, targets("side by side"), f"--{limit}", says=["http 200", "redis ok", "postgres ok"])


# Threads ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def without_threads():
    if not namespaces.may_unshare():
        pytest.skip("only root may become another user")
    return namespaces.without_threads(LONELY_USER)


def test_no_threads(targets, trial, without_threads):
    """Goal: at the pids limit the checks run one after the other, and the verdict is the same."""
    command, *words = targets("side by side")
    says = ["http 200", "redis ok", "postgres ok"]
    trial(SECTION, command, *words, cause=HEALTHY, says=says, through=without_threads, timeout=3.0)


def test_no_threads_and_one_refused(targets, trial, without_threads):
    """Goal: the same beside one that is unhealthy."""
    command, *words = targets("side by side")
    says = ["refused by", "http 200", "redis ok", "postgres ok"]
    words.append(f"tcp://localhost:{free_port()}")
    trial(SECTION, command, *words, cause="refused", says=says, through=without_threads, timeout=3.0)


def test_no_threads_and_no_time_left(targets, trial, peer, without_threads):
    """Goal: when the first one used up the time, the next says that it was not begun, not that nobody took it."""
    words = [peer("silent").url(), targets("http")[1]]
    causes = ["timeout-answer", "timeout"]
    says = ["not started"]
    trial(SECTION, "live", *words, cause=causes, says=says, timeout=table.SHORT, through=without_threads)


# Processor time -----------------------------------------------------------------------------------------------------


@pytest.fixture
def endless_login(deployment, secret):
    """The URL of a PostgreSQL whose password takes minutes to be proven."""
    server, password = deployment[0], secret()
    server.sql("DROP ROLE IF EXISTS slow")
    verifier = "SCRAM-SHA-256$999999999:MDEyMzQ1Njc4OWFiY2RlZg==$" + "A" * 43 + "=:" + "A" * 43 + "="
    server.sql("CREATE ROLE slow LOGIN")
    # CREATE ROLE itself would try whether this is the verifier of an empty password
    server.sql(f"UPDATE pg_authid SET rolpassword = '{verifier}' WHERE rolname = 'slow'")
    return server.url("slow", password)


def test_login_that_takes_minutes_of_work(endless_login, trial):
    """Goal: SCRAM with a billion rounds: libpq does not look at the clock, the run does."""
    says = ["connected, but the login did not finish within 500 ms"]
    trial(SECTION, "ready", endless_login, cause="timeout-login", says=says)


def test_login_that_takes_minutes_of_work_and_no_threads(endless_login, run_probe, without_threads):
    """Goal: where it has to be done by the one that looks at the clock, the watchdog ends it."""
    result = run_probe("ready", "-t", "500ms", endless_login, through=without_threads)
    assert (result.status, result.first[:10]) == (1, "unhealthy "), str(result)
    assert "login" in result.first and result.seconds < 0.5 + ROOM, str(result)


def test_processor_time(endless_login, run_probe):
    """Goal: RLIMIT_CPU: SIGXCPU ends it with a word."""
    result = run_probe("ready", "-t", "5s", endless_login, through=[PRLIMIT, "--cpu=1:5"])
    assert (result.status, result.first) == (1, "unhealthy: its limit of processor time is used up"), str(result)
