"""--log: the reason of a failed check in the container's own log, in the ways in which process 1 may have its stderr."""
import re

import pytest

import processes
from engine import run
from test_healthcheck import OFTEN

FAILING = ["/probe", "live", "--log", ":9/"]
LINE = re.compile(r"^probe: unhealthy in .*: http refused .*127\.0\.0\.1:9.*$", re.MULTILINE)


@pytest.fixture
def debian(start, base, parts):
    """Runs the service in an image with a shell: debian(COMMAND..., options=[...])"""

    def start_there(*command, options=()):
        volumes = [f"--volume={parts / name}:/{name}:ro" for name in ("service", "probe")]
        return start(base, *command, options=[*volumes, *options])

    return start_there


def fail(container, *options):
    """What a failing check prints."""
    done = container.exec(*FAILING, options=options)
    assert (done.returncode, done.stderr) == (1, "")
    return done.stdout


def logged(container):
    """The lines of ours in the log. The engine has them a moment later."""
    processes.wait_until(lambda: LINE.search(container.logs()), 2)
    return LINE.findall(container.logs())


def expect_line(container, *options):
    """One line more: the first one of the report."""
    before = len(LINE.findall(container.logs()))
    said = fail(container, *options)
    assert processes.wait_until(lambda: len(LINE.findall(container.logs())) > before, 5), (said, container.logs())
    lines = LINE.findall(container.logs())
    assert lines[before:] == ["probe: " + said.splitlines()[0]]
    assert "note" not in said


def expect_note(container, words, *options):
    """Nothing in the log, and why in the report: the verdict is the same."""
    said = fail(container, *options)
    assert said.startswith("unhealthy in ") and "cause     refused" in said
    (note,) = [line for line in said.splitlines() if line.startswith("  note ")]
    assert words in note, said
    assert not LINE.search(container.logs())
    return said


def test_health_check(start, scratch):
    """Goal: PROBE_LOG=1 in the image: docker logs has every failed check's first line on stderr, and no healthy one's."""
    container = start(scratch(*OFTEN, command=["/probe", "live", "/health"]), options=["--env", "PROBE_LOG=1"])
    container.wait_health("healthy")
    assert container.logs() == ""
    container.signal("USR1")
    entry = container.wait_health("unhealthy")["Log"][-1]
    assert processes.wait_until(lambda: "probe: " + entry["Output"].splitlines()[0] in container.logs().splitlines(), 5)
    done = container.engine.docker("logs", container.identity)
    assert done.stdout == "" and set(line[:17] for line in done.stderr.splitlines()) == {"probe: unhealthy "}


WAYS = {
    "plain": [],
    "terminal": ["--tty"],
    "init": ["--init"],
    "user": ["--user", "1000:1000"],
    "read-only": ["--read-only"],
    "no capabilities": ["--cap-drop", "ALL"],
    "no new privileges": ["--security-opt", "no-new-privileges", "--user", "1000"],
    "stdin": ["--interactive"],
    "local driver": ["--log-driver", "local"],
}


@pytest.mark.parametrize("options", WAYS.values(), ids=WAYS)
def test_line_is_in_the_log(start, scratch, options):
    """Goal: one line, the report's first, however the container is run."""
    expect_line(start(scratch(), options=options))


def test_no_driver(start, scratch):
    """Goal: without a log nothing is there to be read, and the verdict is the same."""
    container = start(scratch(), options=["--log-driver", "none"])
    assert fail(container).startswith("unhealthy in ")


def test_line_of_the_deadline(start, scratch):
    """Goal: the line that a check which uses its time up ends with."""
    container = start(scratch())
    container.signal("HUP")
    done = container.exec("/probe", "live", "--log", "-t", "300ms", "/health")
    assert done.returncode == 1
    assert processes.wait_until(lambda: container.logs() == "probe: " + done.stdout.splitlines()[0] + "\n", 5), done


def test_mistake(start, scratch):
    """Goal: a mistake in the check's own command line is a failed check, whatever form the report has."""
    container = start(scratch(), options=["--env", "PROBE_LOG=1"])
    for form in ("text", "json"):
        container.exec("/probe", "live", "-o", form, "--tiemout=1s")
    line = "probe: misconfigured: unknown option '--tiemout': did you mean --timeout?"
    assert processes.wait_until(lambda: container.logs().splitlines() == [line, line], 5), container.logs()


def test_json_and_quiet(start, scratch):
    """Goal: the log is for people: the line is text whatever the report is, and -q silences stdout alone."""
    container = start(scratch())
    assert container.exec(*FAILING, "-o", "json").stdout.startswith("{")
    assert container.exec(*FAILING, "--quiet").stdout == ""
    assert processes.wait_until(lambda: len(LINE.findall(container.logs())) == 2, 5), container.logs()
    assert len(container.logs().splitlines()) == 2


def test_entrypoint_that_gives_root_up(debian):
    """Goal: gosu and its kin: process 1 is another user's, and the check is root's, as in the images of databases."""
    container = debian("setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", "/service")
    expect_line(container)
    assert run("stat", "-c", "%u", f"/proc/{container.pid}").stdout.strip() == "1000"


def test_entrypoint_that_gives_root_up_and_a_poor_check(debian):
    """Goal: the same where the check may be nobody else, or is another user: the note names what is missing."""
    entrypoint = ["setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", "/service"]
    container = debian(*entrypoint)
    said = expect_note(container, "process 1's stderr is closed to uid 1000", "--user", "1000:1000")
    assert "the user that the container was started as" in said
    said = expect_note(container, "process 1 is closed to uid 1001: run the check as its user", "--user", "1001:1001")
    assert "SYS_PTRACE" not in said


def test_check_of_another_user(start, scratch):
    """Goal: process 1 is root's, the check is not."""
    expect_note(start(scratch()), "process 1 is closed to uid 1000: run the check as its user", "--user", "1000")


def test_file(debian):
    """Goal: a file gets the line at its end."""
    container = debian("sh", "-c", "echo before >/tmp/log; exec /service 2>>/tmp/log")
    said = fail(container)
    assert container.exec("cat", "/tmp/log").stdout == f"before\nprobe: {said.splitlines()[0]}\n"


CLOSED = ["sh", "-c", "exec sleep 600 2>&-"]  # the service's socket would take its place


def test_closed(debian):
    """Goal: no stderr at all."""
    expect_note(debian(*CLOSED), "process 1 has closed its stderr: leave it open")


PYTHON = """
import os, socket, sys
{setup}
os.execv("/service", ["/service"])
"""


def test_full_pipe(debian):
    """Goal: a log that nobody reads delays nothing."""
    setup = """
reading, writing = os.pipe()
os.set_inheritable(reading, True)
os.set_blocking(writing, False)
try:
    while True: os.write(writing, b"x" * 4096)
except BlockingIOError: pass
os.set_blocking(writing, True)
os.dup2(writing, 2)
"""
    container = debian("python3", "-c", PYTHON.format(setup=setup))
    said = expect_note(container, "process 1's stderr is full: nobody reads it")
    assert re.match(r"unhealthy in (<1|\d+) ms: ", said)


def test_socket(debian):
    """Goal: what cannot be opened anew is said to be so."""
    setup = "kept = socket.socketpair(); os.dup2(kept[1].fileno(), 2); os.set_inheritable(kept[0].fileno(), True)"
    expect_note(debian("python3", "-c", PYTHON.format(setup=setup)), "process 1's stderr is a socket")


def test_doctor_tells_in_advance(start, scratch, debian):
    """Goal: whether it would work, before anything fails, and nothing is written by that."""
    container = start(scratch())
    for user, words in [("0", "open to --log"), ("1000", "process 1 is closed to uid 1000")]:
        done = container.exec("/probe", "doctor", "/health", options=["--user", user])
        assert f"  container log       {words}" in done.stdout, done
    assert container.logs() == ""
    done = debian(*CLOSED).exec("/probe", "doctor", "/health")
    assert "  container log       process 1 has closed its stderr" in done.stdout, done


COMPOSE = """
version: "3.8"
services:
  web:
    image: {image}
    environment: {{PROBE_LOG: "1", PORT: "8001"}}
    healthcheck:
      test: ["CMD", "/probe", "live", ":8000/health"]
      interval: 500ms
      timeout: 4s
      retries: 2
  client:
    image: {image}
    depends_on: {{web: {{condition: service_healthy}}}}
"""


def test_compose(engine, scratch, tmp_path):
    """Goal: compose says that the service is unhealthy; its log says why."""
    (tmp_path / "docker-compose.yml").write_text(COMPOSE.format(image=scratch()))

    def compose(*words):
        env = {**engine.env, "PATH": "/usr/bin:/bin:/usr/sbin:/sbin"}
        return run("docker-compose", "--project-name", "probelog", *words, cwd=tmp_path, env=env, check=False, timeout=100)

    try:
        done = compose("up", "--detach")
        assert done.returncode != 0 and "unhealthy" in done.stderr
        said = compose("logs", "--no-color", "web").stdout
        assert re.search(r"^web_1 .*\| probe: unhealthy in .*: http refused .*; listening: \[::\]:8001", said, re.MULTILINE), said
    finally:
        compose("down", "--timeout", "1")
