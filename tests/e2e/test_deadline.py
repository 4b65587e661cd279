"""Incident 24: whatever hangs, the run is over in time, and says in which phase the time was used up.

The other half is what a container may lack: threads, descriptors, somebody who reads what is printed.
"""
import fcntl
import os
import time

import pytest

import namespaces
from addresses import free_port
from peers import BLOCK, FLOOD_SECONDS, STATUS, drip, hold, read, repeat, request, send
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

# What PostgreSQL sends when a login is accepted, and when it is ready for a query.
LOGGED_IN = b"R\0\0\0\x08\0\0\0\0"
READY_FOR_QUERY = LOGGED_IN + b"Z\0\0\0\x05I"
ENDLESS_ROW = b"D" + (len(BLOCK) + 4).to_bytes(4, "big") + BLOCK


def late(verdict, command, target, cause, says):
    """One run that must end at its deadline, as text only: asking twice would take twice as long."""
    result = verdict.unhealthy(command, "-t", TIMEOUT, target, cause=cause, says=says, once=True)
    assert 0.8 < result.seconds < LATEST, str(result)
    return result


# Each kind in each phase --------------------------------------------------------------------------------------------

HTTP = {
    "silent": ("timeout-answer", ["connected, no answer in 1 s", "it was accepted, so whoever took it hangs"]),
    "drips headers for ever": ("timeout-receive", ["answer not complete in 1 s", "200"]),
    "no end of the chunks": ("timeout-receive", ["answer not complete in 1 s", "200, then 2 bytes of body"]),
    "drips the body for ever": ("timeout-receive", ["answer not complete in 1 s", "200, then"]),
    "body too short, holds": ("timeout-receive", ["answer not complete in 1 s", "200, then 2 bytes of body"]),
    "early hints without end": ("timeout-receive", ["answer not complete in 1 s"]),
}


@pytest.mark.parametrize("script", HTTP)
def test_http_phases(peer, verdict, script):
    """Goal: an HTTP answer that does not come, or does not end, with the phase in words."""
    cause, says = HTTP[script]
    late(verdict, "live", peer(script).url(), cause, says)


def test_http_status_line_that_drips(peer, verdict):
    """Goal: a status line whose bytes come one by one, and are not all there in time."""
    server = peer(request(), drip(STATUS, every=0.1), hold())
    says = ["answer not complete in 1 s", "its first line dripped in"]
    late(verdict, "live", server.url(), "timeout-receive", says)


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


POSTGRES = {
    "silent": ((hold(),), "timeout-login", ["connected, no end of the login in 1 s"]),
    "accepts the login and no more": (
        (read(), send(LOGGED_IN), hold()),
        "timeout-login",
        ["connected, no end of the login in 1 s"],
    ),
    "drips the login": ((read(), drip(READY_FOR_QUERY, every=0.2), hold()), "timeout-login", ["the login"]),
    "ignores the query": (
        (read(), send(READY_FOR_QUERY), hold()),
        "timeout-query",
        ["logged in, no answer to the query in 1 s"],
    ),
    "drips the answer": (
        (read(), send(READY_FOR_QUERY), read(), drip(b"T\0\0\0\x28" + b"\0" * 40, every=0.1), hold()),
        "timeout-query",
        ["the query in 1 s"],
    ),
    "endless answer": (
        (read(), send(READY_FOR_QUERY), read(), repeat(ENDLESS_ROW, every=FLOOD_SECONDS)),
        "timeout-query",
        ["the query in 1 s"],
    ),
}


@pytest.mark.parametrize("script", POSTGRES)
def test_postgres_phases(peer, verdict, secret, script):
    """Goal: a PostgreSQL that hangs in the login or in the query, with the phase in words."""
    steps, cause, says = POSTGRES[script]
    late(verdict, "ready", f"postgres://app:{secret()}@127.0.0.1:{peer(*steps).port}/db", cause, says)


def test_postgres_that_breaks_the_protocol_after_the_login(peer, verdict, secret):
    """Goal: what is no PostgreSQL after the login either: the query was asked, and the answer is not its protocol."""
    server = peer(read(), send(READY_FOR_QUERY), read(), send(b"T" + b"\0" * 40), hold())
    url = f"postgres://app:{secret()}@127.0.0.1:{server.port}/db"
    verdict.unhealthy("ready", "-t", TIMEOUT, url, cause="pg-protocol", says=["lost synchronization"])


@pytest.mark.parametrize("kind", [b"D", b"E", b"N", b"A", b"T"])
def test_postgres_message_without_end(peer, verdict, secret, kind):
    """Goal: a message that claims 1 GB is refused at once: no memory for it, however fast its bytes come."""
    claim = kind + (1 << 30).to_bytes(4, "big")
    server = peer(read(), send(READY_FOR_QUERY), read(), send(claim), repeat(BLOCK, every=FLOOD_SECONDS))
    url = f"postgres://app:{secret()}@127.0.0.1:{server.port}/db"
    says = ["lost synchronization with server: got message type", "length 1073741824"]
    result = verdict.unhealthy("ready", "--no-http", "-t", "8s", url, cause="pg-protocol", says=says)
    assert result.seconds < 4


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


REDIS = {
    "silent": ((hold(),), "timeout-answer", ["connected, no answer in 1 s"]),
    "drips": ((read(), drip(b"+PO", every=0.1), hold()), "timeout-receive", ["answer not complete in 1 s"]),
    "drips for ever": ((read(), repeat(b"+P", every=0.05)), "timeout-receive", ["answer not complete in 1 s"]),
}


@pytest.mark.parametrize("script", REDIS)
def test_redis_phases(peer, verdict, script):
    """Goal: a Redis that does not answer, or not to the end, with the phase in words."""
    steps, cause, says = REDIS[script]
    late(verdict, "ready", f"redis://127.0.0.1:{peer(*steps).port}", cause, says)


@pytest.mark.parametrize("script", ["silent", "drips"])
def test_hint_for_a_silent_redis_is_about_redis(peer, verdict, script):
    """Goal: what mends a silent Redis is not a cheaper health endpoint."""
    steps, cause, says = REDIS[script]
    result = late(verdict, "ready", f"redis://127.0.0.1:{peer(*steps).port}", cause, says)
    assert "health endpoint" not in result.first


def test_redis_that_sleeps(redis, verdict):
    """Goal: the real thing, a Redis that is busy with one slow command answers nobody else."""
    cache = redis(enable_debug_command="yes")
    with cache.address.connect() as busy:
        busy.sendall(b"DEBUG SLEEP 2.5\r\n")
        time.sleep(0.1)
        late(verdict, "ready", cache.url(), "timeout-answer", ["connected, no answer in 1 s"])


def test_redis_answer_without_end(peer, verdict):
    """Goal: a Redis reply that never ends is not Redis's, and nobody has reset anything."""
    server = peer(read(), repeat(b"+" + BLOCK, every=FLOOD_SECONDS))
    url = f"redis://127.0.0.1:{server.port}"
    verdict.unhealthy("ready", "-t", TIMEOUT, url, cause="redis-protocol", says=["not Redis"])


@pytest.mark.parametrize("scheme", ["http", "tcp", "redis", "postgres"])
def test_connection_that_is_never_made(peer, verdict, secret, scheme):
    """Goal: a queue that is full: no connection, in every kind of check."""
    server = peer(accept=False)
    server.fill_queue()
    login = f"app:{secret()}@" if scheme == "postgres" else ""
    target = f"{scheme}://{login}127.0.0.1:{server.port}"
    cause = "workers-busy" if scheme == "http" else "timeout-connect"
    late(verdict, "ready", target, cause, ["no connection in 1 s", "queue is full"])


@pytest.mark.parametrize("scheme", ["tcp", "redis", "postgres"])
def test_connection_to_localhost_that_is_never_made(peer, verdict, secret, scheme):
    """Goal: the same by the name localhost: what 127.0.0.1 does counts, not that ::1 refuses."""
    server = peer(accept=False)
    server.fill_queue()
    login = f"app:{secret()}@" if scheme == "postgres" else ""
    target = f"{scheme}://{login}localhost:{server.port}"
    verdict.unhealthy("ready", "-t", TIMEOUT, target, cause="timeout-connect", says=["no connection"], once=True)


def test_tcp_asks_for_no_answer(peer, verdict):
    """Goal: for a TCP target it is enough that the connection is accepted."""
    verdict.healthy("live", f"tcp://127.0.0.1:{peer('silent').port}", says=["tcp accepted"])


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


def test_request_that_is_not_read(peer, verdict):
    """Goal: a peer that takes the request and stops reading holds nobody up beyond the deadline."""
    server = peer(request(), hold())
    late(verdict, "live", server.url(), "timeout-answer", ["connected, no answer in 1 s"])
