"""process:// and pid://: whether a process runs, by its name, its command line or a file with its number."""
import contextlib
import os
import shutil
import signal
import subprocess
import sys

import pytest

import containers
import namespaces
from processes import look, wait_until
from runner import binary_path, is_asan

RELEASE_ONLY = pytest.mark.skipif(is_asan(binary_path()), reason="only a static program runs where there are no files")
SLEEP = shutil.which("sleep")


@pytest.fixture
def worker(stage):
    """Starts a worker that does nothing, whose program has a name of its own: worker("name", "argument"...)"""
    started = []

    def start(name, *arguments):
        program = stage.new_folder("worker") / name
        shutil.copy(SLEEP, program)
        started.append(subprocess.Popen([program, "600", *arguments]))
        assert wait_until(lambda: os.readlink(f"/proc/{started[-1].pid}/exe") == str(program), 5)
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


@contextlib.contextmanager
def running(command, **options):
    """A command, killed at the end with what it has started."""
    with subprocess.Popen(command, process_group=0, **options) as process:
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture
def name():
    """A name that no other process has, nor the beginning of one; the kernel keeps 15 bytes of one."""
    return f"wk{os.getpid()}y"


def test_by_name(worker, name, verdict):
    """Goal: one runs, several do, none does."""
    says = [f"process does not run: {name}", "has it started"]
    verdict.unhealthy("live", f"process://{name}", cause="process-missing", says=says)
    first = worker(name)
    verdict.healthy("live", f"process://{name}", says=[f"process runs (pid {first.pid}) ("])
    worker(name)
    verdict.healthy("ready", f"process://{name}", says=["process runs, 2 processes ("])


def test_long_name(worker, name, verdict):
    """Goal: a name of which the kernel keeps the beginning alone."""
    worker(name + "-with-a-long-name")
    verdict.healthy("live", f"process://{name}-with-a-long-name")
    verdict.unhealthy("live", f"process://{name}-with-a-long", cause="process-missing")


MATCHES = [
    ("{program} 600 0", True), ("*{name} 600 0", True), ("*{name}*", True), ("*{name} 6*0 0", True), ("/*{name} *", True),
    ("*{name}*600*0*", True), ("*{name} 600", False), ("{name} 600 0", False), ("*{name} 700*", False), ("{name}x", False),
    ("{program}", False), ("*{name} 600 0 *", False), ("*{upper}*", False),
]  # fmt: skip


@pytest.mark.parametrize("pattern, is_match", MATCHES)
def test_by_command_line(worker, name, verdict, pattern, is_match):
    """Goal: the whole of it, a * being anything; spaces as they are, or percent-encoded."""
    process = worker(name, "0")
    pattern = pattern.format(name=name, upper=name.upper(), program=process.args[0])
    for target in (f"process://{pattern}", f"process://{pattern.replace(' ', '%20')}"):
        if is_match:
            verdict.healthy("live", target, says=[f"runs (pid {process.pid})"], once=True)
        else:
            verdict.unhealthy("live", target, cause="process-missing", once=True)


def test_interpreter(name, stage, verdict):
    """Goal: a script has the name of its interpreter, and its own in the command line."""
    script = stage.new_folder("worker") / f"{name}.py"
    script.write_text("import signal\nsignal.pause()\n")
    process = subprocess.Popen([sys.executable, script])
    try:
        verdict.healthy("live", f"process://*/{name}.py", says=[f"runs (pid {process.pid})"])
    finally:
        process.kill()
        process.wait()


def test_not_ourselves(name, verdict):
    """Goal: neither the check, nor the shell that starts it, nor another check of the same."""
    target = f"process://*{name}*"
    verdict.unhealthy("live", target, cause="process-missing")
    shell = ["/bin/sh", "-c", f'"$@"; exit $? # {name}', "sh"]
    verdict.unhealthy("live", target, cause="process-missing", through=shell)
    # Named by a variable, the pattern is not in the shell's own words.
    verdict.unhealthy("live", cause="process-missing", through=shell, env={"PROBE_LIVE": target})
    other = subprocess.Popen(["/bin/sh", "-c", f"read ever # probe live {target}", name], stdin=subprocess.PIPE)
    try:
        verdict.unhealthy("live", target, cause="process-missing")
    finally:
        other.communicate(b"")


def test_script_that_has_the_name(stage, name, verdict):
    """Goal: a script that starts the check, and is named after what it checks, is not the worker."""
    script = stage.new_folder("script") / name
    script.write_text('#!/bin/sh\n"$@"\nexit $?\n')
    script.chmod(0o755)
    for pattern in (name, f"*{name}*"):
        env = {"PROBE_LIVE": f"process://{pattern}"}
        verdict.unhealthy("live", cause="process-missing", through=[str(script)], env=env)


def test_stopped(worker, name, verdict):
    """Goal: one that is stopped does nothing; another of the name may run."""
    process = worker(name)
    process.send_signal(signal.SIGSTOP)
    assert wait_until(lambda: look(process.pid)[1] == "T", 5)
    says = [f"process is stopped (pid {process.pid})", "kill -CONT PID"]
    verdict.unhealthy("live", f"process://{name}", cause="process-stopped", says=says)
    verdict.healthy("live", f"process://{name}", says=[f"runs (pid {worker(name).pid})"])


def test_zombie(worker, name, verdict):
    """Goal: one that has ended, and whose parent does not take its status."""
    process = worker(name)
    process.kill()
    assert wait_until(lambda: look(process.pid)[1] == "Z", 5)
    says = [f"has ended, and is a zombie (pid {process.pid})"]
    verdict.unhealthy("live", f"process://{name}", cause="process-missing", says=says)


@pytest.mark.parametrize("shell", ["/bin/sh", "/bin/bash"])
@pytest.mark.parametrize("option", ["-c", "-ec"])
def test_shell_that_names_it(name, verdict, shell, option):
    """Goal: the words of sh -c are what it may run later, and no process that runs."""
    with running([shell, option, f"sleep 600; {name} -A app worker"]):
        verdict.unhealthy("live", f"process://*{name}*worker*", cause="process-missing", says=["does not run"])
        verdict.healthy("live", f"process://{os.path.basename(shell)}")


def test_shell_behind_another_program(name, verdict):
    """Goal: the same where tini, or another that starts the shell, has its words too."""
    code = "import time; time.sleep(600)"
    with running([sys.executable, "-c", code, "--", "/bin/sh", "-c", f"sleep 600; {name} -A app worker"]):
        verdict.unhealthy("live", f"process://*{name}*worker*", cause="process-missing", says=["does not run"])
    with running([sys.executable, "-c", code, "push", "-c", f"{name} worker"]) as process:
        verdict.healthy("live", f"process://*{name}*worker*", says=[f"runs (pid {process.pid})"])


def test_long_command_line(worker, name, verdict):
    """Goal: Java's class path stands in front of the class."""
    code = "import time; time.sleep(600)"
    with running([sys.executable, "-c", code, *["x" * 4000] * 4, f"{name}.Main"]) as process:
        verdict.healthy("live", f"process://*{name}.Main", says=[f"runs (pid {process.pid})"])


def test_processes_of_others_hidden(container, verdict):
    """Goal: what is not seen is not said to be missing."""
    box = container(setup="mount -o remount,hidepid=2 /proc")
    through = [*box.enter, "/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    says = ["the processes of others are not seen", "without hidepid"]
    verdict.unhealthy("live", "process://python3", cause="not-seen", says=says, through=through)
    verdict.healthy("live", "process://python3", through=box.enter)


# Files with a number -------------------------------------------------------------------------------------------------


@pytest.fixture
def file(stage):
    return stage.new_folder("run") / "worker pid"


def pid_target(file):
    return f"pid://{str(file).replace(' ', '%20')}"


@pytest.mark.parametrize("form", ["{}", "{}\n", "{}\n/var/lib/postgresql\n1700000000\n", "{} \r\n"])
def test_pid_file(worker, name, file, verdict, form):
    """Goal: the number that it begins with, as daemons and PostgreSQL write it."""
    process = worker(name)
    file.write_text(form.format(process.pid))
    verdict.healthy("live", pid_target(file), says=[f"process runs (pid {process.pid})"])
    process.send_signal(signal.SIGSTOP)
    assert wait_until(lambda: look(process.pid)[1] == "T", 5)
    verdict.unhealthy("live", pid_target(file), cause="process-stopped")
    process.kill()
    assert wait_until(lambda: look(process.pid)[1] == "Z", 5)
    verdict.unhealthy("live", pid_target(file), cause="process-missing", says=["zombie"])
    process.wait()
    says = [f"process does not run: {process.pid}"]
    verdict.unhealthy("live", pid_target(file), cause="process-missing", says=says)


def test_pid_that_is_our_own(file, verdict):
    """Goal: a number that was given to the check, or to the shell that starts it, is no worker's."""
    file.write_text("")
    shell = ["/bin/sh", "-c", f"echo $$ > '{file}'; \"$@\"; exit $?", "sh"]
    verdict.unhealthy("live", pid_target(file), cause="process-missing", through=shell)
    verdict.unhealthy("live", pid_target(file), cause="process-missing", through=[*shell[:2], f"echo $$ > '{file}'; exec \"$@\"", "sh"])


def test_pid_of_a_thread(file, verdict):
    """Goal: a thread has a number too, and is no worker."""
    code = "import threading, time; t = threading.Thread(target=time.sleep, args=(600,)); t.start(); print(t.native_id, flush=True)"
    with running([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        thread = process.stdout.readline().strip()
        file.write_text(thread)
        verdict.unhealthy("live", pid_target(file), cause="process-missing", says=[f"does not run: {thread}"])
        file.write_text(f" {process.pid}")
        verdict.healthy("live", pid_target(file), says=[f"runs (pid {process.pid})"])


def test_pid_of_another_hidden(container, file, verdict):
    """Goal: one that is not seen is not said to be missing."""
    box = container(setup="mount -o remount,hidepid=2 /proc")
    file.write_text("1")
    through = [*box.enter, "/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    verdict.unhealthy("live", pid_target(file), cause="not-seen", says=["the processes of others are not seen"], through=through)


@pytest.mark.parametrize("text", ["", "x", "-1", "0", "12x", "4194305", "99999999999999999999", " ", "12" * 40], ids=repr)
def test_no_number(file, verdict, text):
    """Goal: what is no number of a process is not taken for one."""
    file.write_text(text)
    verdict.unhealthy("live", pid_target(file), cause="file-unusable", says=[f"no number begins {file}"])


def test_no_file(file, verdict):
    """Goal: it is not there, a folder, or closed to us."""
    verdict.unhealthy("live", pid_target(file), cause="file-missing", says=[f"cannot look at {file}: No such file"])
    verdict.unhealthy("live", pid_target(file.parent), cause="file-unusable", says=["Is a directory"])
    os.mkfifo(file)
    verdict.unhealthy("live", pid_target(file), cause="file-unusable", says=["no number begins"])


@namespaces.NEEDS_ROOT
def test_closed_file(file, verdict):
    """Goal: a file that this user may not read."""
    file.write_text("1\n")
    file.chmod(0o600)
    verdict.unhealthy("live", pid_target(file), cause="file-denied", says=["Permission denied: it is closed to uid 65534"], user=65534)


@RELEASE_ONLY
@namespaces.NEEDS_ROOT
def test_without_proc(stage, probe_binary, verdict):
    """Goal: no /proc: not known, and not healthy."""
    root = containers.bare_root(stage.new_folder("root"), probe_binary)
    (root["through"][-1] / "pid").write_text("1\n")
    verdict.unhealthy("live", "pid:///pid", cause="not-seen", says=["there is no /proc"], **root)
    verdict.unhealthy("live", "process://x", cause="not-seen", says=["are not seen"], **root)


@pytest.mark.parametrize("target, says", [
    ("process://", "would be any process"), ("process://*", "would be any process"), ("process://%2A", "would be any process"),
    ("process://50%", "%25"), ("pid://run/x.pid", "three slashes"), ("pid://", "three slashes"),
])  # fmt: skip
def test_wrong_targets(verdict, target, says):
    """Goal: what proves nothing, or names no file, is refused."""
    verdict.misconfigured("live", target, says=[says])
