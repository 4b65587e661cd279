"""A cgroup of a test's own, in whichever version of the hierarchy this machine has and lets us write."""
import os
import time
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
NAMES = {
    "memory.limit": ("memory", "memory.limit_in_bytes", "memory.max"),
    "memory.used": ("memory", "memory.usage_in_bytes", "memory.current"),
    "memory.events": ("memory", "memory.oom_control", "memory.events"),
    "pids.limit": ("pids", "pids.max", "pids.max"),
    "pids.used": ("pids", "pids.current", "pids.current"),
    "cpu.stat": ("cpu", "cpu.stat", "cpu.stat"),
}


class Cgroup:
    """.folders has one folder for each controller; in version 2 they are the same."""

    def __init__(self):
        self.is_version_2 = (ROOT / "cgroup.controllers").exists()
        name = f"probe-e2e-{os.getpid()}-{time.monotonic_ns()}"
        controllers = ["memory", "pids", "cpu"]
        self.folders = {word: ROOT / ("" if self.is_version_2 else word) / name for word in controllers}
        if self.is_version_2:
            (ROOT / "cgroup.subtree_control").write_text("+memory +pids +cpu")
        for folder in set(self.folders.values()):
            folder.mkdir()

    def file(self, what):
        controller, version_1, version_2 = NAMES[what]
        return self.folders[controller] / (version_2 if self.is_version_2 else version_1)

    def read(self, what):
        return self.file(what).read_text().strip()

    def value(self, what, key):
        """The number behind a key."""
        return int(dict(line.split() for line in self.read(what).splitlines())[key])

    def throttled_us(self):
        if self.is_version_2:
            return self.value("cpu.stat", "throttled_usec")
        return self.value("cpu.stat", "throttled_time") // 1000

    def limit_cpu(self, percent):
        """None is no limit."""
        if self.is_version_2:
            (self.folders["cpu"] / "cpu.max").write_text(f"{percent}000 100000" if percent else "max 100000")
        else:
            (self.folders["cpu"] / "cpu.cfs_quota_us").write_text(f"{percent}000" if percent else "-1")

    @property
    def enter(self):
        """The command that runs another in it."""
        joins = "".join(f"echo $$ > {folder}/cgroup.procs && " for folder in sorted(set(self.folders.values())))
        return ["/bin/sh", "-c", f'{joins}exec "$@"', "sh"]

    def remove(self):
        for folder in set(self.folders.values()):
            if folder.exists():
                remove_soon(folder)


def remove_soon(folder):
    """What has just ended in it may still be there."""
    for _ in range(50):
        try:
            folder.rmdir()
            return
        except OSError:
            time.sleep(0.02)
    folder.rmdir()
