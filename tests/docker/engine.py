"""A Docker engine of the tests' own, and what they do with it: images, containers, their health.

It runs as root beside nothing else: with its own socket, its own bridge, no rules in the firewall. What it has pulled in
and built stays in the project's cache folder, so that the next session starts in a second. It is stopped by its pid.
"""
import fcntl
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import processes

HERE = Path(__file__).resolve().parent
DOCKER = "/usr/bin/docker"
DOCKERD = "/usr/sbin/dockerd"
CGROUP = "probe-tests"
START_SECONDS = 30
LOCK_SECONDS = 300


# Enters the container as `docker exec` does, its namespaces and its groups, at a tenth of the cost.
ENTER = """
pid=$1; count=$2; shift 2
cat "/proc/$pid/cgroup" | while IFS=: read -r _ names path; do
  for folder in "/sys/fs/cgroup/${names#name=}$path"; do
    [ ! -w "$folder/cgroup.procs" ] || echo $$ >"$folder/cgroup.procs"
  done
done
while [ "$count" -gt 0 ]; do
  nsenter -t "$pid" -m -u -i -n -p -r -w "$@" || exit 1
  count=$((count - 1))
done
"""


class Unavailable(Exception):
    """Why there can be no engine here."""


def cache_folder():
    """As probe/deps/common.sh finds it."""
    named = os.environ.get("PROBE_CACHE")
    return Path(named) if named else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "probe"


def run(*command, check=True, timeout=60, **options):
    """Runs a command; text in, text out; raises with all it said."""
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, timeout=timeout, **options)
    if check and done.returncode != 0:
        raise RuntimeError(f"$ {' '.join(words)}\n{done.stdout}{done.stderr}(exit status {done.returncode})")
    return done


def obstacle():
    """What forbids an engine here; None when nothing does."""
    if os.geteuid() != 0:
        return "an engine needs root"
    for program in (DOCKER, DOCKERD, "/usr/sbin/debootstrap"):
        if not os.access(program, os.X_OK):
            return f"no {program}"
    return None


def program(pid):
    try:
        return Path(f"/proc/{pid}/comm").read_text(errors="replace").strip()
    except OSError:
        return ""


def other_engine():
    """An engine that is at work here already: the two would share a bridge."""
    programs = {program(pid) for pid, *_ in processes.table()}
    return "dockerd" in programs and Path("/sys/class/net/docker0").exists()


def drops_between_containers():
    """Whether this machine's firewall forbids what one container says to another: ours leaves it as it is."""
    switch = Path("/proc/sys/net/bridge/bridge-nf-call-iptables")
    asked = switch.exists() and switch.read_text().strip() == "1"
    return asked and "-P FORWARD DROP" in run("iptables", "-S", "FORWARD", check=False).stdout


class Engine:
    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="probe-docker-"))
        self.data = cache_folder() / "docker-data"
        self.log_file = self.folder / "log"
        self.exec_root = self.folder / "exec"
        self.socket = f"unix://{self.folder}/socket"
        self.env = {**os.environ, "DOCKER_HOST": self.socket, "DOCKER_BUILDKIT": "1", "DOCKER_CONFIG": str(self.folder)}
        self.env.pop("DOCKER_CONTEXT", None)
        self.process = None
        self.lock = None

    # Starting and stopping -------------------------------------------------------------------------------------------

    def start(self):
        """Raises Unavailable when it cannot be."""
        reason = obstacle()
        if reason:
            raise Unavailable(reason)
        self.take_lock()
        if other_engine():
            raise Unavailable("another engine is at work on this machine, docker0 is its")
        processes.become_subreaper()
        if not self.try_start():
            # What an earlier session left may be broken; it costs a minute to make anew.
            shutil.rmtree(self.data, ignore_errors=True)
            if not self.try_start():
                raise Unavailable(f"dockerd does not start: {self.log()[-600:]}")
        self.remove_containers()

    def try_start(self):
        command = [DOCKERD, "--data-root", self.data, "--exec-root", self.exec_root, "-p", self.folder / "pid"]
        command += ["-H", self.socket, "--iptables=false", "--ip-masq=false", "--ip-forward=false"]
        command += ["--cgroup-parent", CGROUP]
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        answers = processes.wait_until(lambda: self.process.poll() is not None or self.answers(), START_SECONDS, 0.1)
        if answers and self.process.poll() is None:
            return True
        self.stop_process()
        return False

    def answers(self):
        return self.docker("version", check=False).returncode == 0

    def take_lock(self):
        """One session at a time has the cached images."""
        cache_folder().mkdir(parents=True, exist_ok=True)
        self.lock = open(cache_folder() / "docker-lock", "w")

        def taken():
            try:
                fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            except BlockingIOError:
                return False

        if not processes.wait_until(taken, LOCK_SECONDS, 1):
            raise Unavailable("another session has the engine")

    def stop(self):
        """Leaves nothing behind but the images in the cache."""
        if self.process is not None and self.process.poll() is None:
            self.remove_containers()
            self.docker("network", "prune", "--force", check=False)
            self.docker("image", "prune", "--force", check=False)
            self.docker("builder", "prune", "--force", "--keep-storage", "2GB", check=False)
        self.stop_process()
        processes.reap()
        if self.lock:
            self.lock.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def stop_process(self):
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None
        for mount in sorted(mounts_below(self.exec_root) + mounts_below(self.data), reverse=True):
            run("umount", "--lazy", mount, check=False)
        run("ip", "link", "del", "docker0", check=False)
        remove_cgroups()

    def log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    # The client ------------------------------------------------------------------------------------------------------

    def docker(self, *arguments, **options):
        return run(DOCKER, *arguments, env=self.env, **options)

    def remove_containers(self):
        found = self.docker("ps", "--all", "--quiet", check=False).stdout.split()
        if found:
            self.docker("rm", "--force", "--volumes", *found, check=False)

    def build(self, folder, tag, *options, file=None, timeout=600):
        """Builds an image from a folder; `options` are --build-arg and the like."""
        where = ["--file", file] if file else []
        self.docker("build", "--network", "none", "--tag", tag, *where, *options, folder, timeout=timeout)
        return tag

    def has_image(self, tag):
        return self.docker("image", "inspect", tag, check=False).returncode == 0

    def run(self, image, *command, options=()):
        """A running container, in the background and without a network unless the options say otherwise."""
        network = [] if "--network" in options else ["--network", "none"]
        done = self.docker("run", "--detach", *network, *options, image, *command)
        return Container(self, done.stdout.strip())


def mounts_below(folder):
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return [path for path in (line.split()[4] for line in lines) if path.startswith(f"{folder}/")]


def remove_cgroups():
    """Those of the containers, in every hierarchy, wherever the engine's own group is."""
    for group in list(Path("/sys/fs/cgroup").glob(f"**/{CGROUP}")):
        for folder in sorted((path for path in [group, *group.rglob("*")] if path.is_dir()), reverse=True):
            try:
                folder.rmdir()
            except OSError:
                pass


class Container:
    def __init__(self, engine, identity):
        self.engine = engine
        self.identity = identity

    def inspect(self):
        return json.loads(self.engine.docker("inspect", self.identity).stdout)[0]

    @property
    def pid(self):
        return self.inspect()["State"]["Pid"]

    def health(self):
        """State.Health: Status, FailingStreak, Log."""
        return self.inspect()["State"]["Health"]

    def wait_health(self, status, seconds=30):
        """The health, as soon as its status is that."""
        if processes.wait_until(lambda: self.health()["Status"] == status, seconds, 0.1):
            return self.health()
        raise AssertionError(f"not {status} after {seconds} s: {json.dumps(self.health(), indent=1)}\n{self.logs()}")

    def wait_log(self, matches, seconds=30):
        """The first entry of the health's log that matches."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for entry in self.health()["Log"]:
                if matches(entry):
                    return entry
            time.sleep(0.1)
        raise AssertionError(f"no such entry after {seconds} s: {json.dumps(self.health(), indent=1)}")

    def cgroup(self, controller, file):
        """What the kernel says of the container in a file of version 1 of the hierarchy, or of version 2."""
        for line in Path(f"/proc/{self.pid}/cgroup").read_text().splitlines():
            _, names, path = line.split(":", 2)
            if controller in names.split(","):
                return Path(f"/sys/fs/cgroup/{controller}{path}/{file}").read_text().strip()
        return Path(f"/sys/fs/cgroup{path}/{file}").read_text().strip()

    def memory(self):
        """Bytes in use, and allowed."""
        names = ("memory.usage_in_bytes", "memory.limit_in_bytes")
        if not Path("/sys/fs/cgroup/memory").is_dir():
            names = ("memory.current", "memory.max")
        return tuple(int(self.cgroup("memory", name)) for name in names)

    def exec(self, *command, options=(), check=False, **more):
        """Asked again where the engine itself failed: what enters a container of few processes for a moment is several,
        and a health check may be there too."""
        for _ in range(20):
            done = self.engine.docker("exec", *options, self.identity, *command, check=check, **more)
            if "OCI runtime exec failed" not in done.stdout + done.stderr:
                break
        return done

    def enter(self, *command, times=1):
        """What runs in the container without the engine, whose own start in it takes more than probe does."""
        return run("sh", "-c", ENTER, "sh", self.pid, times, *command)

    def signal(self, name):
        self.engine.docker("kill", "--signal", name, self.identity)

    def top(self):
        """The processes as `docker top` shows them: state and command line."""
        lines = self.engine.docker("top", self.identity, "-eo", "pid,stat,args").stdout.splitlines()
        return [line.split(None, 1)[1] for line in lines[1:]]

    def pids(self):
        """The same processes by their numbers outside."""
        return {int(line) for line in self.engine.docker("top", self.identity, "-eo", "pid").stdout.split()[1:]}

    def logs(self):
        done = self.engine.docker("logs", self.identity, check=False)
        return done.stdout + done.stderr

    def remove(self):
        self.engine.docker("rm", "--force", "--volumes", self.identity, check=False)
