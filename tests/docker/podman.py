"""Podman, as root, with a storage of the tests' own: what engine.py is for Docker.

It has no daemon. Without systemd nothing starts the checks but `podman healthcheck run`.
"""
import os
import shutil
import tempfile
from pathlib import Path

import processes
from engine import Engine, Unavailable, run

PODMAN = "/usr/bin/podman"
RUNTIMES = "runc", "crun"  # Debian's crun refuses a hierarchy of control groups of both versions
# Where limits cannot be raised, those that Podman would raise are named.
LIMITS = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000"]


def obstacle():
    """What forbids Podman here; None when nothing does."""
    if os.geteuid() != 0:
        return "its containers are run as root here"
    if not os.access(PODMAN, os.X_OK):
        return f"no {PODMAN}"
    if not any(map(shutil.which, RUNTIMES)):
        return f"none of {', '.join(RUNTIMES)}"
    return None


class Podman(Engine):
    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="probe-podman-"))
        runtime = next(filter(None, map(shutil.which, RUNTIMES)), "")
        places = [word for name in ("root", "runroot", "tmpdir") for word in (f"--{name}", self.folder / name)]
        self.command = [PODMAN, *places, "--runtime", runtime, "--cgroup-manager", "cgroupfs", "--events-backend", "file"]

    def start(self):
        """Raises Unavailable when it cannot be."""
        reason = obstacle()
        if reason:
            raise Unavailable(reason)
        processes.become_subreaper()
        done = self.docker("info", check=False)
        if done.returncode != 0:
            raise Unavailable(f"podman info: {done.stderr[-600:]}")

    def stop(self):
        if os.access(PODMAN, os.X_OK):
            self.docker("rm", "--force", "--all", check=False)
            self.docker("rmi", "--force", "--all", check=False)
        for line in Path("/proc/self/mountinfo").read_text().splitlines():
            if line.split()[4].startswith(f"{self.folder}/"):
                run("umount", "--lazy", line.split()[4], check=False)
        processes.reap()
        shutil.rmtree(self.folder, ignore_errors=True)

    def docker(self, *arguments, **options):
        return run(*self.command, *arguments, **options)

    def run(self, image, *command, options=()):
        try:
            return super().run(image, *command, options=[*LIMITS, *options])
        except RuntimeError as error:
            raise Unavailable(f"no container: {str(error)[-600:]}") from None
