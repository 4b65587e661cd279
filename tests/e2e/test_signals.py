"""What ends the probe, and what does not: signals, pipes that nobody reads, terminals; in every mode."""
import calendar
import json
import os
import re
import signal
import time

import pytest

import processes
from addresses import free_port
from runner import binary_path, is_asan

MODES = {
    "live": ["live", "-t", "30s"],
    "ready": ["ready", "-t", "30s"],
    "wait": ["ready", "-w", "30s"],
    "watch": ["ready", "--watch"],
    "doctor": ["doctor", "-t", "30s"],
}
ENDS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT]
WIPE = b"\r\033[K"
AT_ONCE = 1.5 if is_asan(binary_path()) else 0.5


def refused():
    return f"redis://127.0.0.1:{free_port()}"


@pytest.fixture
def asking(peer, run_probe):
    """Starts a mode, and gives its process once it waits for an answer that does not come."""

    def start(mode, *options, **more):
        silent = peer("silent")
        process = run_probe.start([*MODES[mode], *options, silent.url()], **more)
        assert processes.wait_until(lambda: silent.connections, 5), "it asks nobody"
        return process

    return start


# Signals -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("number", ENDS, ids=lambda number: number.name)
def test_signal_ends_it_at_once(asking, mode, number):
    """Goal: these signals end any mode at once, with a line that says so and exit status 1."""
    process = asking(mode)
    start = time.monotonic()
    process.send_signal(number)
    out = process.communicate(timeout=5)[0].decode()
    assert process.returncode == 1 and time.monotonic() - start < AT_ONCE
    assert out.splitlines()[-1] == f"unhealthy: ended by {number.name}"


@pytest.mark.parametrize("mode", MODES)
def test_signal_s_line_as_json(asking, validate, mode):
    """Goal: with -o json the last line too is an object, with the cause's name."""
    process = asking(mode, "-o", "json")
    process.terminate()
    lines = process.communicate(timeout=5)[0].decode().splitlines()
    report = json.loads(lines[-1])
    for line in lines:
        validate(json.loads(line))
    assert (report["cause"], report["message"]) == ("ended", "ended by SIGTERM")
    assert report["command"] == MODES[mode][0] and abs(seconds_of(report["time"]) - time.time()) < 10


def seconds_of(moment):
    return calendar.timegm(time.strptime(moment, "%Y-%m-%dT%H:%M:%SZ"))


@pytest.mark.parametrize("mode", MODES)
def test_signal_without_a_word(asking, mode):
    """Goal: --quiet is quiet to the end."""
    process = asking(mode, "-q")
    process.terminate()
    assert (process.communicate(timeout=5)[0], process.returncode) == (b"", 1)


@pytest.mark.parametrize("mode", MODES)
def test_signals_that_end_nothing(asking, mode):
    """Goal: SIGPIPE and an alarm of somebody else end nothing, and a probe that was started by nohup outlives its terminal."""
    process = asking(mode, through=["/usr/bin/env", "--ignore-signal=HUP,QUIT"])
    for number in (signal.SIGPIPE, signal.SIGALRM, signal.SIGHUP, signal.SIGQUIT):
        process.send_signal(number)
        time.sleep(0.1)
        assert process.poll() is None, number
    process.terminate()
    assert process.communicate(timeout=5)[0].endswith(b"unhealthy: ended by SIGTERM\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signal_before_the_command(healthy_app, run_probe, number):
    """Goal: whenever it comes, it ends the probe with its line or the command: it never ends as if all were done."""
    for ms in range(2, 27):
        process = run_probe.start(["ready", "-w", "5s", healthy_app.url("/api/v1/health/live/"), "--", "/bin/sleep", "9"])
        time.sleep(ms / 1000)
        process.send_signal(number)
        out = process.communicate(timeout=5)[0].decode()
        is_ours = process.returncode == 1 and out.endswith(f"unhealthy: ended by {number.name}\n")
        assert is_ours or process.returncode == -number, (process.returncode, out)


def full_pipe():
    """The two ends of a pipe that takes nothing more."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        while True:
            os.write(writer, b"x" * 4096)
    except BlockingIOError:
        os.set_blocking(writer, True)
    return reader, writer


@pytest.mark.parametrize("words", [["-w", "30s", "--", "/bin/true"], ["-w", "30s"], ["--watch"]], ids=str)
def test_signal_while_nobody_reads(healthy_app, run_probe, words):
    """Goal: a pipe that is full keeps nobody: not the healthy line, and then the command has not run."""
    reader, writer = full_pipe()
    process = run_probe.start(["ready", healthy_app.url("/api/v1/health/"), *words], stdout=writer)
    os.close(writer)
    stat = f"/proc/{process.pid}/wchan"
    processes.wait_until(lambda: "pipe_write" in open(stat).read(), 2)
    process.terminate()
    status = process.wait(5)
    os.close(reader)
    process.stderr.close()
    # without a command to come, the verdict was known: healthy
    assert status == (0 if words == ["-w", "30s"] else 1)


def test_full_pipe_does_not_outlast_the_deadline(peer, run_probe):
    """Goal: incident 24, a stdout that takes nothing is no reason to stay."""
    reader, writer = full_pipe()
    start = time.monotonic()
    process = run_probe.start(["ready", "-t", "500ms", peer("silent").url()], stdout=writer)
    os.close(writer)
    assert process.wait(5) == 1 and time.monotonic() - start < 0.5 + AT_ONCE
    os.close(reader)
    process.stderr.close()


# Nobody reads --------------------------------------------------------------------------------------------------------

CLOSED = ["/bin/sh", "-c", 'exec "$@" >&-', "sh"]


def to_nobody(run_probe, *words, through=()):
    """The exit status when the other end of the pipe is closed."""
    reader, writer = os.pipe()
    os.close(reader)
    process = run_probe.start(words, stdout=writer, through=through)
    os.close(writer)
    err = process.communicate(timeout=10)[1]
    assert err == b""
    return process.returncode


@pytest.mark.parametrize("through", [[], CLOSED], ids=["nobody reads", "closed"])
@pytest.mark.parametrize("words", [["live"], ["ready"], ["ready", "-w", "1s", "-i", "100ms"], ["doctor"]], ids=" ".join)
@pytest.mark.parametrize("output", ["text", "json"])
def test_closed_stdout_changes_no_verdict(healthy_app, run_probe, words, output, through):
    """Goal: the exit status is the verdict's, whether or not there is somebody to read it."""
    good, bad = healthy_app.url("/api/v1/health/"), f"http://127.0.0.1:{free_port()}/"
    assert to_nobody(run_probe, *words, "-o", output, good, through=through) == 0
    assert to_nobody(run_probe, *words, "-o", output, bad, through=through) == 1


@pytest.mark.parametrize("through", [[], CLOSED], ids=["nobody reads", "closed"])
def test_command_without_a_reader(healthy_app, run_probe, stage, through):
    """Goal: the command runs all the same; one that is not there is exit status 1, not a SIGPIPE."""
    mark = stage.new_folder("mark") / "ran"
    words = ["ready", "-w", "5s", healthy_app.url("/api/v1/health/"), "--"]
    assert to_nobody(run_probe, *words, "/bin/touch", str(mark), through=through) == 0
    assert mark.exists()
    assert to_nobody(run_probe, *words, "/no/such", through=through) == 1


@pytest.mark.parametrize("output", ["text", "json"])
def test_watch_ends_when_nobody_reads(run_probe, output):
    """Goal: what is watched by nobody ends, with exit status 1."""
    assert to_nobody(run_probe, "ready", "--watch=100ms", "-o", output, refused()) == 1


# Terminals -----------------------------------------------------------------------------------------------------------


def test_one_line_on_a_terminal(terminal):
    """Goal: a person sees one line that is drawn anew, and then the verdict in its place."""
    run = terminal("ready", "-w", "3s", "-i", "200ms", refused())
    run.wait_for("attempt 4: redis refused")
    assert [line for line in run.lines if line] == [run.lines[0]] and len(run.lines[0]) <= 80, run.text
    assert run.wait() == 1
    assert run.lines[0].startswith("unhealthy after ") and b"\n" in run.raw, run.text


def test_time_goes_on_between_two_attempts(terminal):
    """Goal: the line is drawn anew each second, so that a person sees it is alive."""
    run = terminal("ready", "-w", "30s", "-i", "20s", refused())
    assert processes.wait_until(lambda: re.match(r"[23]\d{3} ms .* attempt 1: redis refused", run.lines[0]), 8), run.text
    assert 2 <= run.raw.count(WIPE) <= 5, run.raw
    run.end()


@pytest.mark.parametrize("columns", [10, 20, 40])
def test_one_line_on_a_narrow_terminal(terminal, columns):
    """Goal: the line that is drawn anew never wraps."""
    run = terminal("ready", "-w", "2s", "-i", "100ms", refused(), columns=columns)
    processes.wait_until(lambda: run.raw.count(WIPE) > 5, 5)
    assert [line for line in run.lines if line] == [run.lines[0]], run.text
    run.end()


@pytest.mark.parametrize("number", ENDS, ids=lambda number: number.name)
def test_drawn_line_is_wiped_before_the_signal_s(terminal, number):
    """Goal: what is drawn does not run into what is said at the end."""
    run = terminal("ready", "-w", "30s", "-i", "200ms", refused())
    run.wait_for("attempt 2: redis refused")
    assert run.end(number) == 1
    assert run.lines[0] == f"unhealthy: ended by {number.name}" and not any(run.lines[1:]), run.text


def test_json_on_a_terminal(terminal, validate):
    """Goal: objects, and nothing of a terminal's commands, also at the end and when it is ended."""
    for end in (lambda run: run.wait(), lambda run: run.end()):
        run = terminal("ready", "-w", "1500ms", "-i", "200ms", "-o", "json", refused(), columns=4000)
        processes.wait_until(lambda: b"}" in run.raw, 5)
        assert end(run) == 1
        assert b"\033" not in run.raw and run.raw.count(b"\r") == run.raw.count(b"\r\n"), run.raw
        lines = run.raw.decode().splitlines()
        assert len(lines) >= 2
        for line in lines:
            validate(json.loads(line))


@pytest.mark.parametrize("words", [["-w", "2s", "-i", "100ms"], ["--watch=100ms"]], ids=["wait", "watch"])
def test_dumb_terminal(terminal, words):
    """Goal: a terminal that understands no commands gets lines."""
    run = terminal("ready", *words, refused(), env={"TERM": "dumb"}, columns=1000)
    run.wait_for("refused")
    assert run.end() == 1
    assert b"\033" not in run.raw and run.raw.count(b"\r") == run.raw.count(b"\r\n"), run.raw


@pytest.mark.parametrize("words", [["-w", "2s", "-i", "100ms"], ["--watch=100ms"]], ids=["wait", "watch"])
@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "xterm-256color"}], ids=str)
def test_no_colour(terminal, words, env):
    """Goal: neither needs colour, so NO_COLOR has nothing to forbid."""
    run = terminal("ready", *words, refused(), env=env)
    run.wait_for("refused")
    run.end()
    assert not re.search(rb"\033\[[0-9;]*m", run.raw), run.raw
