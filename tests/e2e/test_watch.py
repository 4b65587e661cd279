"""Incident 29: --watch, for a person at a terminal who would have run watch -n 2 docker compose ps."""
import json
import os
import re
import signal
import time

import pytest

from addresses import free_port

DOCKER = ["--docker-interval", "1s", "--docker-retries", "2"]
LEAVE = b"\033[?25h\033[?1049l"


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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_terminal_is_left_as_found(terminal, number):
    """Goal: the other screen is left and the cursor is shown, whatever ends it."""
    run = watch(terminal, refused())
    run.wait_for("redis refused")
    assert run.end(number) == 1
    assert LEAVE in run.raw[-100:] and not run.screen.cursor.hidden, run.raw[-200:]
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
