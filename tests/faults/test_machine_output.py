"""Nobody listens, or nobody can: stdout closed, full, broken or stuck. The exit status is the verdict all the same."""
import contextlib
import fcntl
import os
import pty
import socket
import time

import pytest

import processes
import table
from addresses import free_port
from machine import ROOM
from runner import binary_path, is_asan

RELEASE_ONLY = pytest.mark.skipif(is_asan(binary_path()), reason="AddressSanitizer needs what is taken away here")
SECTION = "output"
TIMEOUT = 1.0


@pytest.fixture
def mute(run_probe, record_property, request):
    """One row whose words cannot be read: mute(["live", url], 0, stdout=pipe)"""

    def run(arguments, status, **options):
        late = []
        record_property(table.PROPERTY, [SECTION, request.node.name.removeprefix("test_"), late])
        start = time.monotonic()
        process = run_probe.start([arguments[0], "-t", f"{TIMEOUT}s", *arguments[1:]], **options)
        out, err = process.communicate(timeout=10)
        late.append(time.monotonic() - start - TIMEOUT)
        assert (process.returncode, out or b"", err) == (status, b"", b"")
        assert late[0] < ROOM

    return run


CASES = ["healthy", "unhealthy", "healthy json", "misconfigured", "no such option", "doctor", "wait"]


@pytest.fixture(params=CASES)
def question(request, healthy_app):
    """(arguments, exit status)"""
    healthy, refused = healthy_app.url("/api/v1/health/"), f":{free_port()}/"
    return {
        "healthy": (["live", healthy], 0),
        "unhealthy": (["live", refused], 1),
        "healthy json": (["live", "-o", "json", healthy], 0),
        "misconfigured": (["live", "ftp://x/"], 1),
        "no such option": (["live", "--nonsense"], 1),
        "doctor": (["doctor", refused], 1),
        "wait": (["live", "--wait", "500ms", "--interval", "50ms", refused], 1),
    }[request.param]


CLOSED = [">&-", ">/dev/full", "<&-", "<&- >&- 2>&-", "2>&-", "<&- >/dev/full 2>&-", "1</dev/null", "2>/dev/full >&-"]


@RELEASE_ONLY
@pytest.mark.parametrize("where", [where for where in CLOSED if where not in ("<&-", "2>&-")])
def test_stdout_that_takes_nothing(mute, question, where):
    """Goal: the exit status tells the verdict even if stdout is closed or full; no socket becomes stdout."""
    mute(*question, through=["/bin/sh", "-c", f'exec "$@" {where}', "sh"])


@RELEASE_ONLY
@pytest.mark.parametrize("where", [">&-", "<&- >&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("scheme", ["http", "redis", "postgres"])
def test_closed_stdout_is_no_connection(run_probe, peer, secret, scheme, where):
    """Goal: who is ended while it waits for an answer does not say so to the service."""
    server = peer("silent")
    login = f"app:{secret()}@" if scheme == "postgres" else ""
    words = ["ready", "-t", "20s", f"{scheme}://{login}127.0.0.1:{server.port}"]
    process = run_probe.start(words, through=["/bin/sh", "-c", f'exec "$@" {where}', "sh"])
    assert processes.wait_until(lambda: server.received and server.received[0], 5)
    process.terminate()
    process.communicate(timeout=5)
    for thread in server.threads[1:]:  # what was sent has come when the conversation is over
        thread.join(5)
    assert process.returncode == 1
    assert not [talk for talk in server.received if b"unhealthy" in talk], server.log()


@RELEASE_ONLY
@pytest.mark.parametrize("where", ["<&-", "2>&-", "<&- 2>&-", "<>/dev/null", "</"])
def test_other_streams_closed(trial, healthy_app, where):
    """Goal: stdin and stderr are not missed."""
    through = ["/bin/sh", "-c", f'exec "$@" {where}', "sh"]
    trial(SECTION, "live", healthy_app.url("/api/v1/health/"), cause=table.HEALTHY, says=["http 200"], through=through)


@contextlib.contextmanager
def closing(*descriptors):
    try:
        yield
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def fill(descriptor):
    """Fills a pipe or a terminal, and leaves it in the mode in which writing to it blocks."""
    os.set_blocking(descriptor, False)
    try:
        while True:
            os.write(descriptor, b"x" * 4096)
    except BlockingIOError:
        pass
    try:
        while True:
            os.write(descriptor, b"x")
    except BlockingIOError:
        os.set_blocking(descriptor, True)


def test_pipe_that_nobody_reads(mute, question):
    """Goal: a full pipe blocks it until its deadline at most."""
    reading, writing = os.pipe()
    fill(writing)
    with closing(reading, writing):
        mute(*question, stdout=writing)


def test_full_pipe_that_does_not_block(mute, question):
    """Goal: EAGAIN is the end of what can be said."""
    reading, writing = os.pipe()
    fill(writing)
    os.set_blocking(writing, False)
    with closing(reading, writing):
        mute(*question, stdout=writing)


def test_pipe_whose_reader_has_gone(mute, question):
    """Goal: a broken pipe is no signal."""
    reading, writing = os.pipe()
    os.close(reading)
    with closing(writing):
        mute(*question, stdout=writing)


def test_socket_that_nobody_reads(mute, question):
    """Goal: the same with a socket as stdout."""
    reading, writing = socket.socketpair()
    fill(writing.fileno())
    with reading, writing:
        mute(*question, stdout=writing)


def test_socket_whose_reader_has_gone(mute, question):
    """Goal: no signal either."""
    reading, writing = socket.socketpair()
    reading.close()
    with writing:
        mute(*question, stdout=writing)


def test_terminal_that_hung_up(mute, question):
    """Goal: writing to it fails, and that is all."""
    master, slave = pty.openpty()
    os.close(master)
    with closing(slave):
        mute(*question, stdout=slave)


def test_terminal_that_is_stopped(mute, question):
    """Goal: a terminal on which somebody has pressed control-S takes nothing."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, 0x540A, 0)  # TCXONC, TCOOFF
    with closing(slave, master):
        mute(*question, stdout=slave)


@RELEASE_ONLY
def test_file_that_may_not_grow(mute, question, stage):
    """Goal: RLIMIT_FSIZE of 0 and a file as stdout: SIGXFSZ ends nothing."""
    with open(stage.new_folder("output") / "file", "wb") as file:
        mute(*question, stdout=file, through=["/usr/bin/prlimit", "--fsize=0"])


def test_watch_whose_reader_goes(run_probe, healthy_app):
    """Goal: a watch ends when nobody is left to watch."""
    process = run_probe.start(["live", "--watch=100ms", healthy_app.url("/api/v1/health/")])
    assert process.stdout.readline().startswith(b"healthy")
    process.stdout.close()
    assert process.wait(timeout=5) == 1
    process.stderr.close()
