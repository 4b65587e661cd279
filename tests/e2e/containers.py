"""Containers as the tests need them: process 1, network, mounts and /proc are its own, the files are this machine's.

A probe enters one as `docker exec` does: run_probe("doctor", through=container(...).enter). They need root.
"""
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import processes
from namespaces import UNSHARE
from servers import ENVIRONMENT, START_SECONDS, Server

GUEST = Path(__file__).resolve().parent / "guest.py"
NSENTER = "/usr/bin/nsenter"

# An interface with an address that others could reach, as a container's eth0 has it.
WITH_ETH0 = (
    "ip link add eth0 type veth peer name peer0 && ip addr add 10.9.0.2/24 dev eth0 && "
    "ip link set eth0 up && ip link set peer0 up"
)


class _Nowhere:
    """A container has no address of its own that the tests would ask."""

    listen = "a container"


class Container(Server):
    def is_ready(self):
        return "ready" in self.log_file.read_text()

    @property
    def init(self):
        """What is process 1 to those inside, as it is numbered outside."""
        return next(pid for pid, _, parent, _ in processes.table() if parent == self.pid)

    @property
    def enter(self):
        """The command that runs another inside."""
        return [NSENTER, f"--target={self.init}", "--pid", "--mount", "--net"]

    def run(self, *command):
        """What a tool says inside."""
        done = subprocess.run([*self.enter, *command], capture_output=True, text=True, timeout=10, env=ENVIRONMENT)
        assert done.returncode == 0, done
        return done.stdout


def container(stage, *calls, command=None, setup="true", env=None):
    """Starts one whose process 1 is guest.py with these calls, or another command that says when it is ready.

    setup: shell commands that run first, inside; env: what process 1 has besides the usual variables.
    """
    folder = stage.new_folder("container")
    command = command or [sys.executable, GUEST, *calls]
    script = f'ip link set lo up && {setup} && exec "$@"'
    namespaces = ["--pid", "--fork", "--kill-child", "--mount", "--mount-proc", "--net"]
    argv = [UNSHARE, *namespaces, "/bin/sh", "-c", script, "sh", *command]
    server = Container("container", folder, _Nowhere, argv, env=env)
    server.stop_signal = 9  # unshare passes no other on
    server.start(wait=False)
    server.wait(START_SECONDS)
    return server


def aged(file):
    """A setup by which process 1 is as old as age() has it then, not as it is."""
    return f"cat /proc/1/stat > {file} && {bind(file, '/proc/1/stat')}"


def age(file, seconds):
    if time.clock_gettime(time.CLOCK_BOOTTIME) <= seconds:
        pytest.skip("this machine itself is younger")
    name, fields = file.read_text().rsplit(")", 1)
    fields = fields.split(" ")  # from " S" on: the 22nd of all is the 20th of these, proc_pid_stat(5)
    started = time.clock_gettime(time.CLOCK_BOOTTIME) - seconds
    fields[20] = str(int(started * os.sysconf("SC_CLK_TCK")))
    with file.open("r+") as stat:  # the file itself is what stands there
        stat.truncate()
        stat.write(f"{name}){' '.join(fields)}")


def bind(file, instead_of):
    """A setup that puts a file in the place of another."""
    return f"mount --bind {file} {instead_of}"


def bare_root(folder, binary, proc=False):
    """How a probe is run that finds no file but itself, and /proc when asked for: options of run_probe."""
    (folder / "probe").write_bytes(binary.read_bytes())
    (folder / "probe").chmod(0o755)
    through = ["/usr/sbin/chroot", folder]
    if proc:
        (folder / "proc").mkdir()
        script = f'mount -t proc proc {folder}/proc && exec "$@"'
        through = [UNSHARE, "--mount", "/bin/sh", "-c", script, "sh", *through]
    return {"through": through, "binary": "/probe"}
