"""Incident 24: whatever hangs, the run is over in time, and says in which phase the time was used up.

Real services here; what scripted ones can do is in tests/faults.

The other half is what a container may lack: threads, descriptors, somebody who reads what is printed.
"""
import fcntl
import os
import time

import pytest

import namespaces
from addresses import free_port
from runner import binary_path, is_asan

TIMEOUT = "1s"
LATEST = 2 if is_asan(binary_path()) else 1.5
# Users that have no other process.
LONELY_USER = 54321
NEEDS_NAMESPACES = pytest.mark.skipif(
    not namespaces.may_unshare(), reason="no namespaces: not root, or the kernel forbids it"
)
RELEASE_ONLY = pytest.mark.skipif(is_asan(binary_path()), reason="AddressSanitizer needs what is taken away here")
NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")


def late(verdict, command, target, cause, says):
    """One run that must end at its deadline, as text only: asking twice would take twice as long."""
    result = verdict.unhealthy(command, "-t", TIMEOUT, target, cause=cause, says=says, once=True)
    assert 0.8 < result.seconds < LATEST, str(result)
    return result


# Each kind in each phase --------------------------------------------------------------------------------------------


def test_accepted_and_silent(peer, verdict):
    """Goal: nobody waits in the queue, so whoever accepted the connection is to blame."""
    says = ["connected, no answer in 1 s", "it was accepted, so whoever took it hangs"]
    late(verdict, "live", peer("silent").url(), "timeout-answer", says)


def test_gunicorn_drips(gunicorn, verdict):
    """Goal: the real thing, a view that sends a byte at a time for ever."""
    app = gunicorn()
    says = ["answer not complete in 1 s", "200, then", "short"]
    late(verdict, "live", app.url("/drip/0.05/"), "timeout-receive", says)


def test_gunicorn_with_all_workers_busy(gunicorn, verdict):
    """Goal: incident 17, the real thing: connected, no answer, and the workers are named."""
    app = gunicorn()
    with app.address.connect() as busy:
        busy.sendall(b"GET /sleep/20/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        time.sleep(0.2)
        says = ["connected, no answer in 1 s", "1 connection waits to be accepted", "workers"]
        late(verdict, "live", f":{app.port}/api/v1/health/", "workers-busy", says)


def test_postgres_that_waits_for_a_lock(postgres, verdict):
    """Goal: the real thing, a query that waits for a lock: the login succeeded, and the lock is asked about."""
    database = postgres()
    database.sql("CREATE TABLE orders ()")
    locker = database.connect()
    locker.cursor().execute("LOCK TABLE orders")
    options = ["--db-query", "SELECT count(*) >= 0 FROM orders", "-t", TIMEOUT]
    says = ["logged in, no answer to the query in 1 s", "lock"]
    result = verdict.unhealthy("ready", *options, database.url(), cause="timeout-query", says=says, once=True)
    locker.close()
    assert result.seconds < LATEST


def test_redis_that_sleeps(redis, verdict):
    """Goal: the real thing, a Redis that is busy with one slow command answers nobody else."""
    cache = redis(enable_debug_command="yes")
    with cache.address.connect() as busy:
        busy.sendall(b"DEBUG SLEEP 2.5\r\n")
        time.sleep(0.1)
        late(verdict, "ready", cache.url(), "timeout-answer", ["connected, no answer in 1 s"])


def test_postgres_with_a_hanging_first_host(peer, postgres, verdict):
    """Goal: several hosts, the first hangs in the login: the second is tried, as libpq would with a time limit."""
    database, hanging = postgres(), peer("silent")
    hosts = f"127.0.0.1:{hanging.port},127.0.0.1:{database.port}"
    url = database.url().replace(f"127.0.0.1:{database.port}", hosts)
    verdict.healthy("ready", "-t", "2s", url, says=["postgres ok"], once=True)


# Side by side -------------------------------------------------------------------------------------------------------


def test_others_complete_beside_a_silent_one(healthy_app, peer, postgres, redis, verdict):
    """Goal: one that hangs takes nothing from the others: their results are in the line, and the time is the limit."""
    targets = [peer("silent").url(), healthy_app.url("/api/v1/health/"), postgres().url(), redis().url()]
    says = ["connected, no answer in 1 s", "200 (", "postgres ok (", "redis ok ("]
    result = verdict.unhealthy("ready", "-t", TIMEOUT, *targets, cause="timeout-answer", says=says, once=True)
    assert result.seconds < LATEST


def test_all_of_them_late(peer, verdict, secret):
    """Goal: one deadline for all; each says its own phase."""
    port = peer("silent").port
    targets = [f"http://127.0.0.1:{port}/", f"redis://127.0.0.1:{port}", f"postgres://a:{secret()}@127.0.0.1:{port}/d"]
    says = ["http connected, no answer", "redis connected, no answer", "postgres connected, no end of the login"]
    causes = ["timeout-answer", "timeout-answer", "timeout-login"]
    result = verdict.unhealthy("ready", "-t", TIMEOUT, *targets, cause=causes, says=says, once=True)
    assert result.seconds < LATEST


@RELEASE_ONLY
@pytest.mark.parametrize("timeout, latest", [("100ms", 0.35), ("300ms", 0.55), ("2s", 2.2)])
def test_deadlines_of_every_length(peer, verdict, timeout, latest):
    """Goal: over within the deadline, and not long before it."""
    result = verdict.unhealthy("live", "-t", timeout, peer("silent").url(), cause="timeout-answer", once=True)
    assert result.seconds < latest
    assert result.seconds > latest / 4


def test_report_is_written_before_the_deadline(peer, run_probe):
    """Goal: an engine that kills at the same deadline has the line already."""
    process = run_probe.start(["live", "-t", TIMEOUT, peer("silent").url()])
    start = time.monotonic()
    line = process.stdout.readline()
    assert (line.startswith(b"unhealthy"), time.monotonic() - start < 1) == (True, True)
    process.communicate()


# Names that are not resolved ----------------------------------------------------------------------------------------


@NEEDS_NAMESPACES
def test_silent_name_server(verdict, stage, secret):
    """Goal: a name server that never answers: every kind says so in time, and localhost needs no name server."""
    through = namespaces.silent_name_server(stage.new_folder("names"))
    targets = ["http://db/", f"postgres://app:{secret()}@db/d", "redis://cache", "tcp://localhost:9"]
    says = ["http name not resolved in 1 s", "postgres name not resolved", "redis name not resolved", "refused by"]
    result = verdict.unhealthy(
        "ready",
        "-t",
        TIMEOUT,
        "--allow-remote",
        *targets,
        cause=["timeout-resolve"] * 3 + ["refused"],
        says=[*says, "/etc/resolv.conf"],
        through=through,
        once=True,
    )
    assert result.seconds < LATEST + 0.2  # the namespace and the name server take their time


@NEEDS_NAMESPACES
def test_silent_name_server_alone(verdict, stage):
    """Goal: the same for one target, as JSON too."""
    through = namespaces.silent_name_server(stage.new_folder("names"))
    says = ["name not resolved in 1 s"]
    verdict.unhealthy("ready", "-t", TIMEOUT, "redis://cache", cause="timeout-resolve", says=says, through=through)


@RELEASE_ONLY
@NEEDS_NAMESPACES
@pytest.mark.parametrize("output", ["text", "json"])
def test_silent_name_server_and_no_threads(verdict, stage, output):
    """Goal: even where no thread can be had, the line names the name that is not resolved, and JSON is JSON."""
    through = namespaces.silent_name_server(stage.new_folder("names")) + namespaces.without_threads(LONELY_USER)
    targets = ["tcp://localhost:9", "http://db/"]
    words = ["-t", TIMEOUT, "--allow-remote", *targets]
    if output == "json":
        verdict.as_json(["live", *words], {"through": through}, 1, "unhealthy")
    else:
        result = verdict.run_probe("live", *words, through=through)
        assert "name not resolved" in result.first and "refused" in result.first, str(result)


@RELEASE_ONLY
@NEEDS_NAMESPACES
def test_silent_name_server_and_no_threads_is_over_in_time(run_probe, stage):
    """Goal: even then the run is over in time, unhealthy and with a line."""
    through = namespaces.silent_name_server(stage.new_folder("names")) + namespaces.without_threads(LONELY_USER)
    result = run_probe("ready", "-t", TIMEOUT, "redis://cache", "tcp://localhost:9", through=through)
    assert (result.status, result.first[:9], result.seconds < LATEST + 0.2) == (1, "unhealthy", True)


# What a container may lack ------------------------------------------------------------------------------------------


@RELEASE_ONLY
@NEEDS_ROOT
def test_no_threads(healthy_app, redis, verdict):
    """Goal: at the pids limit the checks run one after the other, and the verdict is the same."""
    through = namespaces.without_threads(LONELY_USER + 1)
    targets = [healthy_app.url("/api/v1/health/"), redis().url()]
    verdict.healthy("ready", *targets, says=["http 200", "redis ok"], through=through)
    targets.append(f"tcp://localhost:{free_port()}")
    verdict.unhealthy("ready", *targets, cause="refused", says=["refused", "http 200"], through=through)


@RELEASE_ONLY
@NEEDS_ROOT
def test_no_threads_and_no_time_left(healthy_app, peer, verdict):
    """Goal: when the first one used up the time, the next says that it was not begun, not that nobody took it."""
    through = namespaces.without_threads(LONELY_USER + 2)
    targets = [peer("silent").url(), healthy_app.url("/api/v1/health/")]
    causes = ["timeout-answer", "timeout"]
    says = ["not even begun"]
    verdict.unhealthy("live", "-t", TIMEOUT, *targets, cause=causes, says=says, through=through, once=True)


def few_descriptors(count):
    return ["/usr/bin/prlimit", f"--nofile={count}"]


@RELEASE_ONLY
@pytest.mark.parametrize("scheme", ["tcp", "redis"])
def test_no_descriptor_left(verdict, scheme):
    """Goal: a limit of descriptors that leaves none for a connection is named."""
    target = f"{scheme}://127.0.0.1:{free_port()}"
    says = ["No file descriptors available", "nofile"]
    verdict.unhealthy("ready", target, cause="no-resources", says=says, through=few_descriptors(3))


@RELEASE_ONLY
@pytest.mark.parametrize("scheme", ["http", "postgres"])
def test_no_descriptor_left_for_libraries(peer, verdict, secret, scheme):
    """Goal: the same where a library makes the connection: a service that listens is not said to refuse."""
    login = f"app:{secret()}@" if scheme == "postgres" else ""
    target = f"{scheme}://{login}127.0.0.1:{peer('silent').port}/x"
    says = ["descriptor"]
    verdict.unhealthy("ready", "-t", "1s", target, cause="no-resources", says=says, through=few_descriptors(3))


@RELEASE_ONLY
def test_few_descriptors_are_enough(healthy_app, redis, verdict):
    """Goal: two checks need no more than two connections and the three that every process has."""
    targets = [healthy_app.url("/api/v1/health/"), redis().url()]
    verdict.healthy("ready", *targets, through=few_descriptors(8))


# Nobody listens to it -----------------------------------------------------------------------------------------------


@RELEASE_ONLY
@pytest.mark.parametrize("where", [">&-", ">/dev/full", "<&- >&- 2>&-"])
@pytest.mark.parametrize("healthy", [True, False])
def test_stdout_that_takes_nothing(healthy_app, run_probe, where, healthy):
    """Goal: the exit status tells the verdict even if stdout is closed or full; no socket becomes stdout."""
    url = healthy_app.url("/api/v1/health/") if healthy else f":{free_port()}/"
    through = ["/bin/sh", "-c", f'exec "$@" {where}', "sh"]
    process = run_probe.start(["live", url], through=through)
    out, err = process.communicate(timeout=5)
    assert (process.returncode, out, err) == (0 if healthy else 1, b"", b"")


@pytest.mark.parametrize("healthy", [True, False])
def test_pipe_that_nobody_reads(healthy_app, run_probe, healthy):
    """Goal: a full pipe blocks it until its deadline at most, and the exit status is still the verdict."""
    url = healthy_app.url("/api/v1/health/") if healthy else f":{free_port()}/"
    reading, writing = os.pipe()
    fill(writing)
    start = time.monotonic()
    process = run_probe.start(["live", "-t", TIMEOUT, url], stdout=writing)
    assert process.wait(timeout=5) == (0 if healthy else 1)
    assert time.monotonic() - start < LATEST
    process.communicate()
    os.close(reading)
    os.close(writing)


def fill(pipe):
    """Fills a pipe, and leaves it in the mode in which writing to it blocks."""
    flags = fcntl.fcntl(pipe, fcntl.F_GETFL)
    fcntl.fcntl(pipe, fcntl.F_SETFL, flags | os.O_NONBLOCK)
    try:
        while True:
            os.write(pipe, b"x" * 4096)
    except BlockingIOError:
        fcntl.fcntl(pipe, fcntl.F_SETFL, flags)


@pytest.mark.parametrize("healthy", [True, False])
def test_pipe_whose_reader_has_gone(healthy_app, run_probe, healthy):
    """Goal: a broken pipe is no signal: the exit status is the verdict."""
    url = healthy_app.url("/api/v1/health/") if healthy else f":{free_port()}/"
    reading, writing = os.pipe()
    os.close(reading)
    process = run_probe.start(["live", url], stdout=writing)
    os.close(writing)
    assert process.wait(timeout=5) == (0 if healthy else 1)
    process.communicate()


