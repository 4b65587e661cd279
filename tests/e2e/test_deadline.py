"""Incident 24: whatever hangs, the run is over in time, and says in which phase the time was used up.

Real services here; what scripted ones can do, and what a machine may lack, is in tests/faults.
"""
import time

import pytest

from runner import binary_path, is_asan

TIMEOUT = "1s"
LATEST = 2 if is_asan(binary_path()) else 1.5
RELEASE_ONLY = pytest.mark.skipif(is_asan(binary_path()), reason="AddressSanitizer needs what is taken away here")

def late(verdict, command, target, cause, says):
    """One run that must end at its deadline, as text only: asking twice would take twice as long."""
    result = verdict.unhealthy(command, "-t", TIMEOUT, target, cause=cause, says=says, once=True)
    assert 0.8 < result.seconds < LATEST, str(result)
    return result


# Each kind in each phase --------------------------------------------------------------------------------------------


def test_accepted_and_silent(peer, verdict):
    """Goal: nobody waits in the queue, so whoever accepted the connection is to blame."""
    says = ["connected, no answer in 1 s", "it was accepted: it is busy, hangs, or waits for what is behind it"]
    late(verdict, "live", peer("silent").url(), "timeout-answer", says)


def test_gunicorn_drips(gunicorn, verdict):
    """Goal: the real thing, a view that sends a byte at a time for ever."""
    app = gunicorn()
    says = ["answer not complete in 1 s", "200, then", "short"]
    late(verdict, "live", app.url("/drip/0.05/"), "timeout-receive", says)


def test_gunicorn_with_all_workers_busy(gunicorn, verdict):
    """Goal: incident 17, the real thing: connected, no answer, and the workers are named."""
    app = gunicorn()
    with app.busy_worker():
        says = ["connected, no answer in 1 s", "1 connection waits to be accepted", "workers"]
        late(verdict, "live", f":{app.port}/api/v1/health/", "workers-busy", says)


def test_postgres_that_waits_for_a_lock(postgres, verdict):
    """Goal: the real thing, a query that waits for a lock: the login succeeded, and the lock is asked about."""
    database = postgres()
    options = ["--db-query", "SELECT count(*) >= 0 FROM orders", "-t", TIMEOUT]
    says = ["logged in, no answer to the query in 1 s", "lock"]
    with database.locked_table("orders"):
        result = verdict.unhealthy("ready", *options, database.url(), cause="timeout-query", says=says, once=True)
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
    says = ["http connected, no answer", "redis connected, no answer", "postgres connected, but the login did not finish"]
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
    """Goal: an engine that kills at the same deadline has the line already. The margin is 50 ms, for which a busy
    machine may keep one reader waiting, but not three in a row."""

    def is_in_time():
        process = run_probe.start(["live", "-t", TIMEOUT, peer("silent").url()])
        start = time.monotonic()
        line = process.stdout.readline()
        seconds = time.monotonic() - start
        process.communicate()
        assert line.startswith(b"unhealthy"), line
        return seconds < 1

    assert any(is_in_time() for _ in range(3))
