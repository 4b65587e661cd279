"""Who is running: what the tests must know to leave nothing behind."""
import ctypes
import os
import signal
import time
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36


def become_subreaper():
    """From now on an orphan among our descendants becomes our child, so that it can be found."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def pids():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def look(pid):
    """(pid, state, parent, session) of a process; None when it has gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    state, parent, _group, session = text[text.rindex(")") + 2 :].split()[:4]
    return pid, state, int(parent), int(session)


def table():
    """look() at every process."""
    return [seen for seen in map(look, pids()) if seen]


def session_of(pid):
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None


def in_session(session):
    """The living processes of a session: a server, or a probe, and what it started. Asked after every run, so that
    only what belongs to it is looked at."""
    members = [look(pid) for pid in pids() if session_of(pid) == session]
    return [seen[0] for seen in members if seen and seen[1] != "Z"]


def children():
    """Our living children."""
    return [pid for pid, state, parent, _ in table() if parent == os.getpid() and state != "Z"]


def describe(pid):
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return f"{pid} (gone)"
    return f"{pid} ({b' '.join(words).decode(errors='replace').strip()})"


def kill_all(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def reap():
    """Takes the exit statuses of our children that have ended, orphans that we adopted among them."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0] != 0:
            pass
    except ChildProcessError:
        pass


def wait_until(condition, seconds, interval=0.02):
    """True as soon as condition() is, False when the time is over."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(interval)
    return True
