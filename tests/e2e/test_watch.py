"""Incident 29: --watch, for a person at a terminal who would have run watch -n 2 docker compose ps."""
import json
import os
import re
import signal
import time

import pytest

import processes
from addresses import free_port
from terminal import Terminal

DOCKER = ["--docker-interval", "1s", "--docker-retries", "2"]
LEAVE = b"\033[?25h\033[?1049l"
ENTER = b"\033[?1049h\033[?25l"


def watch(terminal, target, *options, **more):
    return terminal("ready", "--watch=300ms", *DOCKER, *options, target, **more)


def refused():
    return f"redis://127.0.0.1:{free_port()}"


def test_service_stopped_and_started(redis, terminal):
    """Goal: incident 29, both changes with their times, and what Docker makes of them."""
    cache = redis()
    run = watch(terminal, cache.url())
    run.wait_for("redis healthy: ok")
    run.wait_for("Docker: healthy")
    cache.stop()
    run.wait_for("redis refused")
    run.wait_for("Docker: unhealthy")
    cache.start()
    run.wait_for("unhealthy", 2)
    changes = ["Docker: healthy", "redis healthy", "Docker: unhealthy", "redis refused", "Docker: healthy"]
    pattern = ".*".join(rf"\d\d:\d\d:\d\d {words}" for words in changes)
    end = time.monotonic() + 8
    while not re.search(pattern, run.text, re.S) and time.monotonic() < end:
        time.sleep(0.05)
    assert re.search(pattern, run.text, re.S), run.text
    assert run.end() == 1


def test_database_restarted_while_watched(postgres, redis, terminal, run_probe):
    """Goal: incident 29, a real database and a cache are restarted in turn: each change has its time, the latest first."""
    database, cache = postgres(), redis()
    env = {"DATABASE_URL": database.url(), "REDIS_URL": cache.url()}
    run = terminal("ready", "--watch=200ms", "--no-http", "--db", "--redis", env=env)
    changes = ["redis healthy: ok", "postgres healthy: ok"]

    def shown():  # the checks' changes; Docker's state has one of its own, whenever its interval is over
        lines = re.findall(r"^  \d\d:\d\d:\d\d (.*)$", run.text, re.M)
        return [line for line in lines if not line.startswith("Docker: ")]

    def expect(change):
        changes.insert(0, change)
        assert processes.wait_until(lambda: change in shown()[0], 10), run.text

    run.wait_for(changes[0])
    for server, name in ((database, "postgres"), (cache, "redis")):
        server.stop()
        expect(f"{name} refused by ")
        server.start()
        expect(f"{name} healthy: ok")
    assert len(shown()) >= len(changes)
    assert all(change.startswith(("postgres ", "redis ")) for change in shown())
    assert run.end() == 1


def printed_lines(raw):
    """What was written between two ends of lines, without the terminal's commands."""
    return re.sub(r"\033\[[?0-9;]*[A-Za-z]", "", raw.decode()).replace("\r", "").split("\n")


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_nothing_is_wider_than_the_terminal(healthy_app, terminal, columns):
    """Goal: no line wraps, whatever is said."""
    run = watch(terminal, healthy_app.url("/api/v1/health/"), f"--redis={refused()}", columns=columns)
    run.wait_for("Docker: unhealthy")
    assert run.end() == 1
    wide = [line for line in printed_lines(run.raw) if len(line) > columns]
    assert not wide, wide


def test_title_stays_when_everything_fails(terminal):
    """Goal: sixteen failures in 24 rows do not push the title out."""
    run = watch(terminal, refused(), *[refused() for _ in range(15)])
    run.wait_for("changes")
    time.sleep(0.7)
    assert re.match(r"\d\d:\d\d:\d\d UTC", run.lines[0]), run.text


def test_resize_is_followed(terminal):
    """Goal: a wider window shows more from the next look on."""
    run = watch(terminal, refused(), columns=80)
    run.wait_for("redis refused")
    run.resize(140, 30)
    time.sleep(1)
    assert max(len(line) for line in run.lines) > 85, run.text
    run.resize(70, 20)
    start = len(run.raw)
    time.sleep(1)
    assert max(len(line) for line in printed_lines(run.raw[start:])[1:-1]) <= 70, run.text


def test_resize_draws_at_once(terminal):
    """Goal: a person who drags the window does not look at what is left of the old one."""
    run = terminal("ready", "--watch=1m", refused(), columns=80)
    run.wait_for("redis refused")
    run.resize(40, 10)
    assert processes.wait_until(lambda: run.raw.count(b"\033[H") == 2, 3), run.raw
    run.wait_for("...")
    assert max(len(line) for line in run.lines) <= 40 and re.match(r"\d\d:\d\d:\d\d UTC", run.lines[0]), run.text


@pytest.mark.parametrize("columns, rows", [(20, 5), (40, 10), (59, 4), (20, 24), (80, 3), (5, 2), (1, 1)])
def test_small_window(healthy_app, terminal, columns, rows):
    """Goal: what has no room is cut: nothing wraps and nothing scrolls, however small the window."""
    targets = [refused(), healthy_app.url("/api/v1/health/")]
    run = watch(terminal, *targets, columns=columns, rows=rows)
    assert processes.wait_until(lambda: run.raw.count(b"\033[H") > 4, 8), run.raw
    assert run.end() == 1
    frames = run.raw.split(b"\033[H")[1:-1]
    for frame in frames:
        lines = printed_lines(frame)
        assert len(lines) <= rows and max(len(line) for line in lines) <= columns, lines
    clock = printed_lines(frames[-1])[0]
    assert re.match(r"\d\d:\d\d:\d\d UTC"[: columns * 2], clock) or columns < 12, clock


def test_small_window_says_what_matters(terminal):
    """Goal: in 20 columns and 5 rows, which check it is, its state, why, and the last change."""
    run = watch(terminal, refused(), columns=20, rows=5)
    run.wait_for("unhealthy")
    shown = run.lines
    assert shown[1] == "redis    unhealthy" and shown[2].startswith("  refused by"), shown
    assert re.match(r"  \d\d:\d\d:\d\d redi", shown[3]), shown


SHELL = ["/bin/bash", "--norc", "--noprofile", "-i"]


def test_stopped_and_continued_by_a_person(terminal, probe_binary):
    """Goal: Ctrl-Z gives the shell its screen back, and fg draws the table again."""
    run = Terminal(SHELL, env={"PS1": "shell> ", "PATH": "/usr/bin:/bin"})
    try:
        run.wait_for("shell>")
        run.type(f"{probe_binary} ready --watch=1m {refused()}\n")
        run.wait_for("redis refused")
        run.type("\x1a")
        assert processes.wait_until(lambda: b"Stopped" in run.raw, 5), run.raw
        assert LEAVE in run.raw[: run.raw.index(b"Stopped")]
        stopped = len(run.raw)
        run.type("fg\n")
        assert processes.wait_until(lambda: b"redis refused" in run.raw[stopped:], 5), run.raw[stopped:]
        assert ENTER in run.raw[stopped:]
        run.type("\x03")
        assert processes.wait_until(lambda: b"ended by SIGINT" in run.raw, 5), run.raw
        assert not run.screen.cursor.hidden
    finally:
        run.stop()


def test_continued_after_a_stop_that_none_can_catch(terminal):
    """Goal: after SIGSTOP, or where nobody could continue it, the table is drawn again at once."""
    run = terminal("ready", "--watch=1m", refused())
    run.wait_for("redis refused")
    for numbers in ([signal.SIGSTOP, signal.SIGCONT], [signal.SIGTSTP]):
        start = len(run.raw)
        for number in numbers:
            run.process.send_signal(number)
            time.sleep(0.1)
        assert processes.wait_until(lambda: b"redis refused" in run.raw[start:], 5), (numbers, run.raw[start:])
        assert ENTER in run.raw[start:]
    assert run.end() == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_terminal_is_left_as_found(terminal, number):
    """Goal: the other screen is left and the cursor is shown, whatever ends it."""
    run = watch(terminal, refused())
    run.wait_for("redis refused")
    assert run.end(number) == 1
    assert LEAVE in run.raw[-100:] and not run.screen.cursor.hidden, run.raw[-200:]
    assert run.raw.endswith(b"unhealthy: ended by %s\r\n" % number.name.encode()), run.raw[-200:]
    assert run.lines and b"\033[?1049h" in run.raw[:100]


def test_window_closed(terminal):
    """Goal: no probe is left behind a window that was closed."""
    run = watch(terminal, refused())
    run.wait_for("redis refused")
    run.hang_up()
    run.process.wait(3)


@pytest.mark.parametrize("output", ["text", "json"])
def test_lines_without_a_terminal(run_probe, validate, output):
    """Goal: in a pipe each look is a report, and no terminal's commands; it ends when nobody reads."""
    reader, writer = os.pipe()
    process = run_probe.start(["ready", "--watch=100ms", "-o", output, refused()], stdout=writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        lines = [pipe.readline().decode() for _ in range(6)]
    process.communicate(timeout=3)
    assert process.returncode == 1 and not re.search("[\r\033]", "".join(lines)), lines
    if output == "json":
        for line in lines:
            validate(json.loads(line))
    else:
        assert len([line for line in lines if line.startswith("unhealthy in ")]) >= 1, lines
