"""probe ready as a deployment uses it: Gunicorn, PostgreSQL and Redis at once, and what must not leak meanwhile."""
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

import processes
from addresses import free_port
from namespaces import NEEDS_ROOT
from runner import binary_path, is_asan

READY = "/api/v1/ready/"
UNLIMITED_CORE = ["/usr/bin/prlimit", "--core=unlimited"]
RELEASE_ONLY = pytest.mark.skipif(is_asan(binary_path()), reason="AddressSanitizer is larger, and handles SIGSEGV")


@pytest.fixture
def deployment(gunicorn, postgres, redis, secret):
    """The service with its database and its Redis, and the environment of its container."""
    database, cache = postgres(), redis(password=secret())
    app = gunicorn(workers=2, **database.settings(), REDIS_URL=cache.url())
    app.database, app.cache = database, cache
    app.container = {"PORT": str(app.port), "DATABASE_URL": database.url(), "REDIS_URL": cache.url()}
    return app


# One line for all ---------------------------------------------------------------------------------------------------


def test_all_three_are_ready(deployment, verdict):
    """Goal: one line tells of the service, its database and its Redis."""
    says = ["http 200 (", "postgres ok (", "redis ok ("]
    result = verdict.healthy("ready", "--db", "--redis", env=deployment.container, says=says)
    assert len(result.lines) == 1
    variables = {**deployment.container, "PROBE_DB": "1", "PROBE_REDIS": "yes"}
    assert verdict.healthy("ready", env=variables, says=says).lines[1:] == []


def test_each_of_the_three_may_fail(deployment, verdict):
    """Goal: whoever fails stands first, and the others are told too; the service's own words beside the probe's."""
    deployment.cache.stop()
    words = ["ready", "--db", "--redis"]
    says = ["http 503", '"redis": {"status": "disconnected"}', "redis refused by 127.0.0.1", "postgres ok ("]
    result = verdict.unhealthy(*words, env=deployment.container, cause=["http-unavailable", "refused"], says=says)
    assert result.first.index("redis refused") < result.first.index("postgres ok")
    deployment.database.stop()
    causes = ["http-unavailable", "refused", "refused"]
    verdict.unhealthy(*words, env=deployment.container, cause=causes, says=["postgres refused by", "redis refused by"])
    deployment.stop()
    verdict.unhealthy(*words, env=deployment.container, cause=["refused"] * 3, says=["http refused by"])


def test_it_takes_as_long_as_the_slowest(deployment, verdict):
    """Goal: side by side: a slow view, a slow query and a Redis take the time of the slowest, not of all."""
    options = ["--db", "--redis", "--db-query", "SELECT pg_sleep(0.6)"]
    words = ["ready", *options, deployment.url("/sleep/0.5/")]
    result = verdict.healthy(*words, env=deployment.container, says=["http 200", "postgres ok", "redis ok"], once=True)
    assert 0.6 <= result.seconds < 1


def test_times_in_the_line_are_those_of_each(deployment, verdict):
    """Goal: the time behind each check is its own."""
    words = ["ready", "--db", "--redis", deployment.url("/sleep/0.3/")]
    report = verdict.as_json(words, {"env": deployment.container}, 0, "healthy")
    took = {check["type"]: check["duration_ms"] for check in report["checks"]}
    assert 300 <= took["http"] <= report["duration_ms"]
    assert took["postgres"] < 300 and took["redis"] < 300


def test_without_http(deployment, verdict):
    """Goal: a worker without a port: --no-http leaves the default target out, and nothing else."""
    env = {**deployment.container, "PORT": str(free_port())}
    result = verdict.healthy("ready", "--no-http", "--db", "--redis", env=env, says=["postgres ok", "redis ok"])
    assert "http" not in result.first
    verdict.healthy("ready", env={**env, "PROBE_NO_HTTP": "1", "PROBE_DB": "1"}, says=["postgres ok"])
    verdict.misconfigured("ready", "--no-http", says=["--no-http leaves nothing to ask", "--db or --redis"])
    given = ["ready", "--no-http", deployment.url(READY)]
    verdict.healthy(*given, env=env, says=["http 200"])


def test_switched_off_by_value(deployment, verdict):
    """Goal: PROBE_DB=0 and --db=0 are no."""
    env = {**deployment.container, "DATABASE_URL": "nonsense", "PROBE_DB": "0"}
    assert "postgres" not in verdict.healthy("ready", env=env).first
    assert "postgres" not in verdict.healthy("ready", "--db=0", env={**env, "PROBE_DB": "1"}).first


def test_targets_of_every_kind(deployment, verdict, stage):
    """Goal: all kinds in one run, each with its name; two of a kind are told apart."""
    beat = stage.new_folder("worker") / "heartbeat"
    beat.write_text("")
    targets = [f":{deployment.port}{READY}", f"tcp://localhost:{deployment.port}", f"file://{beat}"]
    targets += ["env:DATABASE_URL", "env:REDIS_URL", f"tcp://localhost:{deployment.cache.port}"]
    env = {key: value for key, value in deployment.container.items() if key != "PORT"}
    says = [f"tcp :{deployment.port} accepted", f"tcp :{deployment.cache.port} accepted", "file written", "postgres ok"]
    verdict.healthy("ready", *targets, env=env, says=says)


# TCP and heartbeat files --------------------------------------------------------------------------------------------


def test_tcp(healthy_app, gunicorn, verdict):
    """Goal: a connection that is accepted, by address, by name and by unix socket; and one that is refused."""
    for host in ("127.0.0.1", "localhost"):
        verdict.healthy("live", f"tcp://{host}:{healthy_app.port}", says=["tcp accepted"])
    app = gunicorn(at="unix")
    verdict.healthy("live", f"tcp://unix:{app.address.path}", says=["tcp accepted"])
    port = free_port()
    verdict.unhealthy("live", f"tcp://127.0.0.1:{port}", cause="refused", says=[f"refused by 127.0.0.1:{port}"])


@pytest.fixture
def heartbeat(stage):
    file = stage.new_folder("worker") / "heart beat"
    file.write_text("")
    return file


def target(file):
    return f"file://{str(file).replace(' ', '%20')}"


def beat(file, seconds_ago):
    at = time.time() - seconds_ago
    os.utime(file, (at, at))
    return target(file)


def test_heartbeat_is_fresh(heartbeat, verdict):
    """Goal: a file that was written within max-age, which is a minute unless it is set."""
    verdict.healthy("live", beat(heartbeat, 0), says=["file written"])
    verdict.healthy("live", beat(heartbeat, 50), says=["file written 50", "ago"])
    verdict.healthy("ready", beat(heartbeat, 200) + "?max-age=5m", says=["file written 3 min"])


def test_heartbeat_is_stale(heartbeat, verdict):
    """Goal: a worker that hangs: how old its file is, and how old it may be."""
    says = ["stale: written 1 min 30 s ago", "max-age is 1 min", "worker hangs or died"]
    verdict.unhealthy("live", beat(heartbeat, 90), cause="file-stale", says=says)
    verdict.unhealthy("live", beat(heartbeat, 2) + "?max-age=1s", cause="file-stale", says=["max-age is 1 s"])


def test_heartbeat_is_missing(heartbeat, verdict):
    """Goal: a worker that never wrote: which file."""
    heartbeat.unlink()
    says = [str(heartbeat), "No such file", "has the worker started"]
    verdict.unhealthy("live", target(heartbeat), cause="file-missing", says=says)


@NEEDS_ROOT
def test_heartbeat_is_denied(heartbeat, verdict):
    """Goal: a folder that the probe's user may not enter."""
    heartbeat.parent.chmod(0o700)
    says = [str(heartbeat), "Permission denied", "as the worker's user"]
    verdict.unhealthy("live", target(heartbeat), cause="file-denied", says=says, user=12345)


# While it runs ------------------------------------------------------------------------------------------------------


@pytest.fixture
def running(run_probe, peer):
    """Starts a probe that waits for a silent peer, and gives its process; then: words behind the target."""
    started = []
    silent = peer("silent")

    def start(*words, then=(), **options):
        process = run_probe.start([*words, silent.url(), *then], **options)
        started.append(process)
        assert processes.wait_until(lambda: silent.connections >= len(started), 5)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("way", ["variable", "variable's file", "--env-file", "header"])
def test_no_secret_in_the_arguments(running, redis, secret, stage, way):
    """Goal: incident 16, who may list processes sees no password that came by a variable or a file."""
    password = secret()
    url = f"redis://:{password}@127.0.0.1:{free_port()}"
    file = stage.new_folder("secret") / "file"
    file.write_text(f"REDIS_URL={url}\n" if way == "--env-file" else url)
    words, env = {
        "variable": (["ready", "--redis", "env:REDIS_URL"], {"REDIS_URL": url}),
        "variable's file": (["ready", "--redis"], {"REDIS_URL_FILE": str(file)}),
        "--env-file": (["ready", "--redis", "--env-file", file], {}),
        "header": (["live", "-H", "Authorization: env:TOKEN", "-H", f"X-Token: @{file}"], {"TOKEN": password}),
    }[way]
    process = running(*words, "-t", "5s", env=env)
    arguments = Path(f"/proc/{process.pid}/cmdline").read_bytes()
    assert b"-t\x005s" in arguments
    assert password.encode() not in arguments


@NEEDS_ROOT
def test_others_may_not_read_its_memory(running):
    """Goal: incident 16, the process is not dumpable: its /proc belongs to root, whoever it runs as."""
    process = running("live", "-t", "5s", user=12345)
    assert os.stat(f"/proc/{process.pid}/mem").st_uid == 0
    assert os.stat(f"/proc/{process.pid}/environ").st_uid == 0


def status_of(process, name):
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith(f"{name}:"))


def test_no_new_privileges(running):
    """Goal: nothing that could be made of the process has more rights than it."""
    assert status_of(running("live", "-t", "5s"), "NoNewPrivs") == "1"


def test_privileges_of_a_command_are_its_own(running):
    """Goal: incident 7, who waits for a command leaves its rights alone: its setuid programs must work."""
    words = ["ready", "-w", "5s", "-t", "5s"]
    assert status_of(running(*words, then=["--", "/bin/true"]), "NoNewPrivs") == "0"


@RELEASE_ONLY
@pytest.mark.parametrize("death", [signal.SIGSEGV, signal.SIGABRT, signal.SIGQUIT])
def test_no_core_with_a_password_in_it(running, stage, secret, death):
    """Goal: incident 16, a crash leaves no core file, however large it may be and wherever it would go."""
    pattern = Path("/proc/sys/kernel/core_pattern").read_text().strip()
    if pattern.startswith(("|", "/")):
        pytest.skip(f"a core would go to {pattern!r}, not where this test looks")
    folder = stage.new_folder("crash")
    if not leaves_a_core(folder):
        pytest.skip("no program leaves a core file here")
    env = {"TOKEN": secret()}
    words = ["live", "-t", "5s", "-H", "Authorization: env:TOKEN"]
    process = running(*words, env=env, cwd=folder, through=UNLIMITED_CORE)
    process.send_signal(death)
    assert process.wait(5) == (1 if death == signal.SIGQUIT else -death)  # SIGQUIT is no crash: it is asked to end
    assert list(folder.iterdir()) == [], "it left a core"


def leaves_a_core(folder):
    """Whether another program's crash leaves a core there: only then the test proves something."""
    sleeper = subprocess.Popen([*UNLIMITED_CORE, "/bin/sleep", "5"], cwd=folder)
    time.sleep(0.1)
    sleeper.send_signal(signal.SIGSEGV)
    sleeper.wait(5)
    cores = list(folder.iterdir())
    for core in cores:
        core.unlink()
    return bool(cores)


@RELEASE_ONLY
def test_memory_is_small(running):
    """Goal: a check every few seconds must not need what the service lacks: less than 8 MB resident."""
    process = running("live", "-t", "5s")
    resident = int(status_of(process, "VmHWM"))
    assert resident < 8 * 1024, f"{resident} kB"


def test_many_runs_at_once(deployment, run_probe):
    """Goal: ten probes at a time, as after a machine's start, do not disturb each other."""
    words = ["ready", "--db", "--redis", "-t", "5s", "--no-http"]
    started = [run_probe.start(words, env=deployment.container) for _ in range(10)]
    lines = [process.communicate(timeout=10)[0] for process in started]
    assert [process.returncode for process in started] == [0] * 10, lines
