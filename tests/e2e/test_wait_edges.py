"""The edges of a wait: its last attempt, and the orphans that process 1 is given meanwhile."""
import re
import time

import pytest

import namespaces
import processes
from addresses import free_port
from peers import pause, request, response, send

# Process 1 is the probe that waits; before it, a shell that leaves an orphan which ends soon.
AS_FIRST = [namespaces.UNSHARE, "--pid", "--fork", "--kill-child", "--mount-proc", "/bin/sh", "-c"]


def refused():
    return f"redis://127.0.0.1:{free_port()}"


@pytest.mark.parametrize("wait, interval", [(1.0, 0.1), (1.0, 0.3), (1.5, 1.0), (0.4, 2.0)])
def test_last_attempt_is_as_late_as_it_can_be(run_probe, wait, interval):
    """Goal: whatever the interval, it asks until shortly before the end, and not beyond it."""
    words = ["ready", "--no-http", "-w", f"{wait}s", "-i", f"{interval}s", refused()]
    result = run_probe(*words)
    assert wait - 0.06 <= result.seconds <= wait + 0.2, str(result)
    attempts = int(re.search(r"and (\d+) attempts", result.out)[1])
    assert attempts == pytest.approx((wait - 0.05) / interval + 2, abs=1.5), str(result)


def test_service_that_comes_in_the_last_moment(run_probe, redis):
    """Goal: what is up before the end is seen: it gave up a fifth of the time too early."""
    server = redis()
    url = server.url()
    server.stop()
    process = run_probe.start(["ready", "--no-http", "-w", "3s", "-i", "100ms", url])
    time.sleep(2.3)
    server.start()
    out, _ = process.communicate(timeout=5)
    assert process.returncode == 0, out


def test_last_attempt_leaves_time_for_an_answer(run_probe, peer):
    """Goal: a server that takes its time to say no is not asked in so little time that it would seem to say nothing."""
    slow = peer(request(), pause(0.08), send(response(b"", status=b"503 Service Unavailable")))
    result = run_probe("live", "-w", "1s", "-i", "100ms", slow.url())
    assert "503 Service Unavailable" in result.out.partition("unhealthy after")[2], str(result)
    assert "no answer" not in result.out, str(result)


@pytest.mark.skipif(not namespaces.may_unshare(), reason="no namespaces: not root, or the kernel forbids it")
@pytest.mark.parametrize("command", [[], ["--", "/bin/echo", "ran"]])
def test_orphans_are_reaped_while_it_waits(run_probe, stage, command):
    """Goal: process 1 that waits takes the status of every orphan, of those too that ended before."""
    log = stage.new_folder("wait") / "log"
    script = '(sleep 0.3 & sleep 0.6 & true) ; sleep 0.1 & sleep 0.2; exec "$@"'
    words = ["ready", "--no-http", "-w", "9s", "-i", "100ms", refused(), *command]
    with open(log, "wb") as file:
        process = run_probe.start(words, through=[*AS_FIRST, script, "sh"], stdout=file)
    try:
        assert processes.wait_until(lambda: "attempt 1" in log.read_text(), 5)
        first = next(pid for pid, _, parent, _ in processes.table() if parent == process.pid)
        time.sleep(1)
        assert [pid for pid, _, parent, _ in processes.table() if parent == first] == []
    finally:
        process.kill()  # unshare passes no other signal on
        process.communicate(timeout=5)


CHILD = """
import os, signal, sys
assert signal.getsignal(signal.SIGCHLD) == signal.SIG_DFL
child = os.fork()
if child == 0:
    os._exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_command_has_its_children_again(run_probe, redis):
    """Goal: the command finds SIGCHLD as it was, and takes its children's status itself."""
    words = ["ready", "--no-http", "-w", "5s", redis().url(), "--", "/usr/bin/python3", "-c", CHILD]
    result = run_probe(*words, becomes_command=True)
    assert (result.status, result.lines[-1]) == (0, "7"), str(result)
