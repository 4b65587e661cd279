"""Incidents 4, 7 and 28: waiting until a service is healthy, with what is seen meanwhile, and becoming the command."""
import re
import subprocess
import threading

import pytest

import namespaces
import processes
from addresses import free_port
from namespaces import NEEDS_NAMESPACES
from peers import request, response
from runner import binary_path, is_asan

CAT_STATUS = ["--", "/bin/cat", "/proc/self/status"]
SLOW = 3 if is_asan(binary_path()) else 1


def later(seconds, function):
    timer = threading.Timer(seconds, function)
    timer.start()
    return timer


def wait(run_probe, target, *options, limit="30s", interval="300ms", **more):
    return run_probe("ready", "--wait", limit, "-i", interval, *options, target, timeout=40, **more)


def final(result):
    """The line of the verdict, and what stands below it."""
    found = [i for i, line in enumerate(result.lines) if re.match(r"(un)?healthy (after|in) ", line)]
    assert found, f"no verdict:\n{result}"
    return "\n".join(result.lines[found[0] :])


def refused():
    return f"redis://127.0.0.1:{free_port()}"


# 4, 7, 28: late, never, restarted ------------------------------------------------------------------------------------


def test_gunicorn_starts_late(gunicorn, run_probe):
    """Goal: incident 4, the causes in order, the attempts, and a start_period to set."""
    app = gunicorn(wait=False, options=["--preload"], START_DELAY="1.5")
    result = wait(run_probe, app.url("/api/v1/health/"))
    assert result.status == 0, str(result)
    assert re.match(r"waiting for .*, attempt 1: http refused by ", result.first), str(result)
    assert re.search(r"healthy after .* and \d+ attempts: http 200", final(result)), str(result)
    assert re.search(r"seen +refused x\d+, (.*, )?ok\n", final(result)), str(result)
    assert re.search(r"start +took .*: use start_period \d+s, or 3 retries of 30 s$", final(result)), str(result)


def test_postgres_starts_late_and_the_command_runs(postgres, run_probe):
    """Goal: incident 7, the entrypoint: waits for the database, says why, then becomes the command."""
    database = postgres()
    url = database.url()
    database.stop()
    timer = later(1, lambda: database.start(wait=False))
    words = ["ready", "--wait", "30s", "-i", "300ms", "--db", "--no-http", "--", "/bin/echo", "the command"]
    result = run_probe(*words, env={"DATABASE_URL": url}, becomes_command=True, timeout=40)
    timer.join()
    assert result.status == 0 and result.lines[-1] == "the command", str(result)
    assert "postgres refused" in result.first and "healthy after" in result.out, str(result)


def test_restarted_in_the_middle(postgres, redis, run_probe, stage):
    """Goal: incident 28, of three services two come and go: each change of each is a line, in order."""
    database, cache, log = postgres(), redis(), stage.new_folder("wait") / "log"
    words = ["ready", "--wait", "60s", "-i", "200ms", f"http://127.0.0.1:{free_port()}/"]
    words += [f"--db={database.url()}", f"--redis={cache.url()}", "--", "/bin/echo", "the command"]
    seen = []

    def expect(pattern):
        """A line further down than those expected before."""
        found = processes.wait_until(lambda: re.search(pattern, "\n".join(log.read_text().splitlines()[len(seen) :])), 15)
        assert found, f"no {pattern!r} below {seen} in:\n{log.read_text()}"
        while not seen or not re.search(pattern, seen[-1]):
            seen.append(log.read_text().splitlines()[len(seen)])

    with open(log, "wb") as file:
        process = run_probe.start(words, stdout=file)
    try:
        expect(r"http refused .*; postgres ok \(.*\), redis ok ")
        for server, down in (
            (cache, r"http refused .*; redis refused .*; postgres ok "),
            (database, r"http refused .*; postgres refused .*; redis ok "),
        ):
            server.stop()
            expect(down)
            server.start()
            expect(r"http refused .*; postgres ok \(.*\), redis ok ")
    finally:
        process.terminate()
        process.communicate(timeout=5)
    lines = log.read_text().splitlines()
    assert lines.pop() == "unhealthy: ended by SIGTERM" and process.returncode == 1
    assert len(lines) < 20 and all(line.startswith("waiting for ") for line in lines), lines


def test_never(run_probe, validate):
    """Goal: incident 28, not healthy in time: exit status 1, the last cause, the attempts, in time."""
    result = wait(run_probe, refused(), limit="2s")
    assert result.status == 1 and 1.9 < result.seconds < 2.5, str(result)
    number = re.match(r"unhealthy after 1\d{3} ms and (\d+) attempts: redis refused by 127", final(result))
    assert number and 5 <= int(number[1]) <= 8, str(result)
    assert f"seen      refused x{number[1]}\n" in final(result), str(result)
    assert len([line for line in result.lines if line.startswith("waiting for ")]) == 1, str(result)
    assert "\r" not in result.out
    report = wait(run_probe, refused(), "-o", "json", limit="1s").reports()
    for line in report:
        validate(line)
    assert report[-1]["attempts"] == report[-1]["seen"][0]["attempts"] and "attempts" not in report[0]
    assert report[-1]["seen"][0]["cause"] == "refused" and "start_ms" not in report[-1]


def test_silent_with_quiet(run_probe):
    """Goal: --quiet prints nothing, whatever happens."""
    assert wait(run_probe, refused(), "-q", limit="500ms").out == ""


def test_json_of_a_start(gunicorn, run_probe, validate):
    """Goal: a line per change, each valid, and the last with what a program wants to know."""
    app = gunicorn(wait=False, options=["--preload"], START_DELAY="1")
    reports = wait(run_probe, app.url("/api/v1/health/"), "-o", "json").reports()
    for report in reports:
        validate(report)
    last = reports[-1]
    assert last["status"] == "healthy" and last["attempts"] == sum(spell["attempts"] for spell in last["seen"])
    assert abs(last["start_ms"] - last["waited_ms"]) < 200 and last["start_period_ms"] == 5000
    assert (last["retries"], last["interval_ms"]) == (3, 30000)


def test_misconfiguration_ends_it_at_once(run_probe):
    """Goal: waiting mends no mistake of the configuration, and the command does not run."""
    for words in (["--db"], ["postgres://h:x"], ["--interval", "soon"]):
        result = run_probe("ready", "--wait", "30s", "--no-http", *words, "--", "/bin/echo", "ran")
        assert result.status == 1 and result.seconds < 1 and result.first.startswith("misconfigured: "), str(result)
        assert len(result.lines) == 1, str(result)


# Time ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit, timeout", [(1.0, 3.0), (2.0, 0.7)])
def test_attempts_are_cut_to_what_is_left(peer, run_probe, limit, timeout):
    """Goal: a silent service, whose attempts would take longer than there is time."""
    result = wait(run_probe, peer("silent").url(), "-t", f"{int(timeout * 1000)}ms", limit=f"{int(limit)}s")
    assert result.status == 1 and limit - 0.5 < result.seconds < limit + 0.5, str(result)
    assert "timeout-answer" in final(result) and "the check itself" not in result.out, str(result)


def test_backoff(run_probe):
    """Goal: with --backoff the pauses grow: far fewer attempts in the same time."""
    counts = []
    for words in ([], ["--backoff"]):
        result = wait(run_probe, refused(), "-o", "json", *words, interval="50ms", limit="2s")
        counts.append(result.reports()[-1]["attempts"])
    assert 3 <= counts[1] <= 8 < counts[0], counts


def test_line_each_ten_seconds(run_probe):
    """Goal: incident 28, no silence: after 10 s a line although nothing changed."""
    result = wait(run_probe, refused(), interval="500ms", limit="12s")
    assert len([line for line in result.lines if line.startswith("waiting for ")]) == 2, str(result)


def test_line_each_ten_seconds_between_two_attempts(run_probe):
    """Goal: incident 28, no silence either while the next attempt is far."""
    result = wait(run_probe, refused(), interval="1m", limit="12s")
    told = [line for line in result.lines if re.match(r"waiting for (<?\d+ ms|10\.\d s), attempt 1: redis refused ", line)]
    assert len(told) == 2 and re.search(r"after 1\d\.\d s and 2 attempts", final(result)), str(result)
    assert [line.count("; nothing listens on ") for line in told] == [1, 1], str(result)


def test_line_each_attempt_when_they_are_rare(run_probe):
    """Goal: incident 28, as the deploy script: --interval 5s shows every attempt."""
    result = wait(run_probe, refused(), interval="5s", limit="11s")
    assert len([line for line in result.lines if line.startswith("waiting for ")]) == 3, str(result)


# The command ---------------------------------------------------------------------------------------------------------


def status_of(result):
    rows = dict(re.findall(r"^(\w+):\s+(.*)$", result.out, re.M))
    return {name: rows[name] for name in ("SigBlk", "SigIgn", "SigCgt")}


@pytest.mark.parametrize(
    "through",
    [
        [],
        ["/usr/bin/env", "--ignore-signal=PIPE"],
        ["/usr/bin/env", "--ignore-signal=INT,TERM,ALRM"],
        ["/usr/bin/env", "--block-signal=USR1,TERM,INT,ALRM"],
    ],
    ids=["as usual", "SIGPIPE ignored", "INT, TERM, ALRM ignored", "blocked"],
)
def test_signals_are_as_they_were(healthy_app, run_probe, through):
    """Goal: the command's signals, ignored and blocked, are those that the probe was started with."""
    target = healthy_app.url("/api/v1/health/")
    result = run_probe("ready", "-w", "5s", target, *CAT_STATUS, through=through, becomes_command=True)
    done = subprocess.run([*through, "/bin/cat", "/proc/self/status"], env={}, capture_output=True, text=True)
    expected = dict(re.findall(r"^(\w+):\s+(.*)$", done.stdout, re.M))
    assert status_of(result) == {name: expected[name] for name in ("SigBlk", "SigIgn", "SigCgt")}, str(result)


@pytest.mark.skipif(is_asan(binary_path()), reason="AddressSanitizer's memory is more than a limit, and is not limited")
@pytest.mark.parametrize("through", [[], ["/usr/bin/prlimit", "--data=9000000000"]], ids=["none", "soft"])
def test_limit_of_memory_is_as_it_was(healthy_app, run_probe, through):
    """Goal: what the probe allows itself is not what the command may have."""
    cat = ["/bin/cat", "/proc/self/limits"]
    words = ["ready", "-w", "5s", healthy_app.url("/api/v1/health/"), "--", *cat]
    result = run_probe(*words, through=through, becomes_command=True)
    done = subprocess.run([*through, *cat], capture_output=True, text=True)
    assert re.findall("^Max data size.*$", result.out, re.M) == re.findall("^Max data size.*$", done.stdout, re.M)


def test_same_process_environment_and_descriptors(healthy_app, run_probe, stage):
    """Goal: same PID, not what --env-file loaded, and no descriptor more."""
    file = stage.new_folder("env") / ".env"
    file.write_text("LOADED=1\nPROBE_TIMEOUT=2s\n")
    words = ["ready", "-w", "5s", "--env-file", str(file), healthy_app.url("/api/v1/health/"), "--", "/bin/sh", "-c"]
    # no pipes: the shell would have descriptors of its own
    words += ["echo PID $$; tr '\\0' '\\n' </proc/$$/environ; echo DESCRIPTORS; ls /proc/$$/fd; true"]
    env = {"KEPT": "yes", "PATH": "/usr/bin:/bin"}
    process = run_probe.start(words, env=env)
    out = process.communicate(timeout=10)[0].decode().splitlines()
    at = out.index(f"PID {process.pid}")
    assert out[at + 1 : at + 4] == ["KEPT=yes", "PATH=/usr/bin:/bin", "DESCRIPTORS"], out
    assert out[at + 4 :] == ["0", "1", "2"], out


def test_command_that_is_not_there(healthy_app, run_probe):
    """Goal: what cannot be run is named, with exit status 1."""
    result = run_probe("ready", "-w", "5s", healthy_app.url("/api/v1/health/"), "--", "/no/such")
    assert result.status == 1 and "cannot run '/no/such': No such file" in result.lines[-1], str(result)


@NEEDS_NAMESPACES
def test_start_period_counts_from_the_container_s_start(gunicorn, run_probe, validate):
    """Goal: incident 4, the start is the container's, not the wait's, where PID 1 is young."""
    app = gunicorn(wait=False, options=["--preload"], START_DELAY="2")
    through = namespaces.young_container(1)
    report = wait(run_probe, app.url("/api/v1/health/"), "-o", "json", through=through).reports()[-1]
    validate(report)
    assert 900 < report["start_ms"] - report["waited_ms"] < 2500, report


def test_redirect_with_a_query_at_each_attempt(peer, run_probe):
    """Goal: what a Location holds is forgotten with its answer, and what a later answer says is still shown."""
    redirect = response(b"", status=b"302 Found", headers=b"Location: http://u:pass-word@h/login?next=/api/v1/health/\r\n")
    answers = iter([redirect, redirect])
    other = response(b"no /api/v1/health/ and no pass-word here", status=b"503 Service Unavailable")
    server = peer(request(), lambda talk: talk.send(next(answers, other)))
    result = wait(run_probe, server.url("/ok"), limit="2s", interval="200ms")
    assert "302 to http://u:***@h/login?next=***" in result.out, str(result)
    assert "503 Service Unavailable: no /api/v1/health/ and no pass-word here" in final(result), str(result)
