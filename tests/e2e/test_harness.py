"""The helpers of the tests hold what they promise: the contract of every run, the secrets, the JSON schema.

Shell scripts stand in for the probe, each with one fault that the runner must see.
"""
import base64
import copy
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest

import processes
import secret_registry
from runner import Runner

pytestmark = pytest.mark.stage


@pytest.fixture
def records(tmp_path):
    """A registry of its own, so that faults made on purpose are not counted as the suite's."""
    return secret_registry.SecretRegistry(tmp_path)


@pytest.fixture
def run_script(records, tmp_path):
    """Runs a shell script in the probe's place."""

    def run(text, *arguments, **options):
        script = tmp_path / "probe"
        script.write_text(f"#!/bin/sh\n{text}\n")
        script.chmod(0o755)
        return Runner(script, records, "test")(*arguments, **options)

    return run


def test_good_run_is_handed_over(run_script):
    """Goal: status, lines and time of a run that keeps the contract."""
    result = run_script("echo 'unhealthy in 1 ms: http refused'; echo '  detail'; exit 1", "live")
    assert result.status == 1
    assert result.first == "unhealthy in 1 ms: http refused"
    assert len(result.lines) == 2
    assert 0 < result.seconds < 5


def test_environment_is_only_what_is_given(run_script):
    """Goal: nothing of this machine's environment reaches the probe."""
    result = run_script("/usr/bin/env | /usr/bin/sort", env={"PROBE_LIVE": "/x"})
    assert set(result.lines) <= {"PROBE_LIVE=/x", "PWD=/"}


FAULTS = {
    "exit status": "echo ok; exit 2",
    "something on stderr": "echo ok; echo oops >&2",
    "UTF-8": r"printf '\303\n'",
    "control characters": r"printf '\033[31mred\n'",
    "control characters .*x9b": r"printf '\302\233\n'",
    "no newline": "printf ok",
    "first line is too long": "printf '%501s\\n' x",
    "bytes of output": "for i in 1 2 3 4 5 6 7 8 9; do printf '%499s\\n' x; done",
}


@pytest.mark.parametrize("words", FAULTS)
def test_broken_contract_is_seen(run_script, words):
    """Goal: every single clause of the contract is held against every run."""
    with pytest.raises(AssertionError, match=words):
        run_script(FAULTS[words], "live")


def test_help_may_be_long_and_quiet_may_be_empty(run_script):
    """Goal: the two exceptions of the contract."""
    run_script("for i in 1 2 3 4 5 6 7 8 9; do printf '%499s\\n' x; done", "help")
    assert run_script("exit 1", "live", "--quiet").out == ""


def test_signal_is_a_broken_contract(run_script):
    """Goal: a crash is not taken for an exit status."""
    with pytest.raises(AssertionError, match="exit status"):
        run_script("echo ok; kill -SEGV $$", "live")


def test_probe_that_hangs_is_ended(run_script):
    """Goal: a run without end fails the test in time, and what was running is gone."""
    before = set(processes.children())  # servers that tests share
    start = time.monotonic()
    with pytest.raises(AssertionError, match="not over after 0.3 s"):
        run_script("/usr/bin/sleep 20; echo late", "live", timeout=0.3)
    assert time.monotonic() - start < 3
    processes.wait_until(lambda: set(processes.children()) <= before, 1)
    assert set(processes.children()) <= before


def test_probe_that_leaves_a_child_is_seen(run_script):
    """Goal: incident 25, a process left behind fails the run and is ended."""
    with pytest.raises(AssertionError, match="left processes behind.*sleep 20"):
        run_script("/usr/bin/sleep 20 >/dev/null 2>&1 & echo ok", "live")


def test_command_may_say_what_it_likes(run_script):
    """Goal: after `-- COMMAND` status and output are the command's."""
    assert run_script("printf command; exit 7", becomes_command=True).status == 7


@pytest.mark.parametrize("form", ["{0}", "redis://:{1}@h", "Basic {2}"])
def test_leak_fails_the_run(run_script, records, form):
    """Goal: incident 16, a secret in the output is seen, as it is or as a URL or a header writes it."""
    password = records.secret("p@ss#word/1")
    coded = base64.b64encode(password.encode()).decode()
    with pytest.raises(AssertionError, match="holds the secret"):
        run_script(f"echo '{form.format(password, 'p%40ss%23word%2F1', coded)}'")


def test_leak_of_a_secret_registered_later_is_found_at_the_end(run_script, records, tmp_path):
    """Goal: the session's end looks for every secret in every output, of other workers too."""
    run_script("echo token-of-another-worker")
    assert secret_registry.leaks(tmp_path) == []
    secret_registry.SecretRegistry(tmp_path, "gw1").secret("token-of-another-worker")
    assert len(secret_registry.leaks(tmp_path)) == 1


def test_short_secret_is_refused(records):
    """Goal: a secret that is found everywhere proves nothing."""
    with pytest.raises(ValueError):
        records.secret("pw")


# The session --------------------------------------------------------------------------------------------------------

LEAKING = """
def test_output(registry):
    registry.record("an early test", "a line with token-registered-late")

def test_secret(secret):
    secret("token-registered-late")
"""
LEAVING = """
import subprocess

def test_leaves_a_child():
    subprocess.Popen(["sh", "-c", "sleep 30 & sleep 0.1"], start_new_session=True).wait()
"""


@pytest.mark.parametrize(
    "text, words",
    [(LEAKING, "LEAK an early test: the output holds the secret"), (LEAVING, "left processes behind: .*sleep 30")],
    ids=["leak", "orphan"],
)
@pytest.mark.parametrize("workers", ["0", "2"])
def test_session_fails_at_its_end(tmp_path, text, words, workers):
    """Goal: a late leak and an orphan fail the whole session, with one worker or several."""
    (tmp_path / "test_it.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-p", "conftest", "-p", "no:cacheprovider", "-n", workers, "."]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parent), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert re.search(words, done.stdout), done.stdout


# The schema ---------------------------------------------------------------------------------------------------------

CHECK = {
    "type": "http",
    "target": "http://localhost:8000/api/v1/health/",
    "status": "unhealthy",
    "cause": "http-status",
    "message": "http 503 from /api/v1/health/",
    "detail": '{"status":"unhealthy"}',
    "hint": "the application answers and says itself that it is not well",
    "note": "the application listens on 127.0.0.1 only",
    "duration_ms": 3.2,
    "phases_ms": {"connect": 0.1, "answer": 3},
}
VERDICT = {
    "status": "unhealthy",
    "command": "ready",
    "time": "2026-01-31T23:59:59.123Z",
    "duration_ms": 3.4,
    "timeout_ms": 3000,
    "checks": [CHECK],
    "version": "0.1.0",
}
MISCONFIGURED = {"status": "misconfigured", "cause": "usage", "message": "unknown option '--x'", "version": "0.1.0"}


def changed(path, value):
    """VERDICT with one field set, or with None taken out."""
    verdict = copy.deepcopy(VERDICT)
    place = verdict["checks"][0] if path.startswith("check.") else verdict
    name = path.rpartition(".")[2]
    place[name] = value
    if value is None:
        del place[name]
    return verdict


@pytest.mark.parametrize("value", [VERDICT, MISCONFIGURED, changed("check.detail", None), changed("check.phases_ms", None)])
def test_schema_takes_what_is_right(validate, value):
    """Goal: the objects of the design are valid."""
    validate(value)


@pytest.mark.parametrize(
    "path, value",
    [
        ("status", "healthy"),
        ("status", "ok"),
        ("command", "doctor"),
        ("time", "2026-01-31 23:59:59"),
        ("time", "2026-01-31T23:59:59+01:00"),
        ("timeout_ms", 0),
        ("timeout_ms", 2.5),
        ("duration_ms", "3"),
        ("duration_ms", -1),
        ("checks", []),
        ("version", "v1"),
        ("version", None),
        ("surprise", 1),
        ("check.cause", "ok"),
        ("check.cause", "Http Status"),
        ("check.status", "healthy"),
        ("check.type", "smtp"),
        ("check.note", ""),
        ("check.message", None),
        ("check.surprise", 1),
        ("check.phases_ms", {"connect": "1"}),
        ("check.phases_ms", {"lunch": 1}),
    ],
)
def test_schema_refuses_what_is_wrong(validate, path, value):
    """Goal: the schema is strict: no other field, no other word, no contradiction."""
    with pytest.raises(jsonschema.ValidationError):
        validate(changed(path, value))
