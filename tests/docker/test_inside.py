"""What a person finds in a container from scratch, and the names that its engine gave it."""
import json
import os
import re
from pathlib import Path

import pytest

from engine import run

# Docker takes IPv6 away from a container without an IPv6 network, from the loopback too.
SIX = ["--sysctl", "net.ipv6.conf.all.disable_ipv6=0"]
HOSTS = [*SIX, "--add-host", "database:127.0.0.1", "--add-host", "six:::1"]


LIMITS = ["--memory", "64m", "--pids-limit", "50", "--ulimit", "nofile=100:200", "--env", "DB_HOST=db"]
SECTIONS = ["configuration", "process", "memory", "cpu", "pids", "listening", "resolver", "variables"]


@pytest.fixture
def machine(start, scratch):
    """A container from scratch, and what doctor tells in it."""
    container = start(scratch(), options=LIMITS)
    done = container.exec("/probe", "doctor", "-o", "json", "/health")
    assert done.returncode == 0, done
    return container, json.loads(done.stdout)["machine"]


def test_doctor_in_scratch(start, scratch):
    """Goal: docker exec tells all there is to know, in an image without a shell, in sections, the verdict last."""
    container = start(scratch(), options=LIMITS)
    done = container.exec("/probe", "doctor", "/health")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    named = [line for line in lines if line and not line.startswith(" ")]
    assert [name for name in named if name != "start"] == [*SECTIONS, "checks"]
    assert max(map(len, lines)) <= 80
    verdict = lines[lines.index("checks") + 1]
    assert verdict.startswith("  verdict   healthy in ") and "http 200" in verdict, done.stdout


def test_doctor_sees_the_processes(machine):
    """Goal: process 1 and the others, as /proc and `docker top` show them from outside."""
    container, found = machine
    found, proc = found["process"], Path(f"/proc/{container.pid}")
    assert (found["pid"], found["belongs_to"]) == (1, "this container")
    assert found["name"] == (proc / "comm").read_text().strip() == "service"
    assert found["command"].split() == (proc / "cmdline").read_text().strip("\0").split("\0")
    assert found["open_files"] == len(list((proc / "fd").iterdir()))
    assert found["open_files_limit"] == 100
    assert found["processes"] == len(container.top()) == 1
    assert (found["threads"], found["zombies"]) == (1, 0)
    started = int((proc / "stat").read_text().rsplit(")", 1)[1].split()[19]) / os.sysconf("SC_CLK_TCK")
    assert 0 <= found["up_ms"] <= (float(Path("/proc/uptime").read_text().split()[0]) - started) * 1000


def test_doctor_sees_the_limits(machine):
    """Goal: memory, throttling and pids are the container's own, as its cgroup's files say outside."""
    container, found = machine
    used, limit = container.memory()
    assert found["memory"]["limit_bytes"] == limit == 64 * 1024 * 1024
    assert 0 < found["memory"]["used_bytes"] < limit and abs(found["memory"]["used_bytes"] - used) < 8 * 1024 * 1024
    assert found["memory"]["oom_kills"] == 0
    throttled = re.search(r"^nr_throttled (\d+)$", container.cgroup("cpu", "cpu.stat"), re.MULTILINE)
    assert found["cpu"]["throttled_periods"] == int(throttled[1])
    assert found["pids"] == {"used": int(container.cgroup("pids", "pids.current")) + 1, "limit": 50}


def test_doctor_sees_the_network(machine):
    """Goal: who listens, as ss shows it in the container's network; the resolver and the variables that Docker gave it."""
    container, found = machine
    rows = run("nsenter", f"--target={container.pid}", "--net", "ss", "-Hltn").stdout.splitlines()
    ((_, waiting, backlog, place, _),) = [row.split() for row in rows]
    port = int(place.rsplit(":", 1)[1])
    (listener,) = found["listening"]
    assert (listener["port"], listener["waiting"], listener["backlog"]) == (port, int(waiting), int(backlog))
    assert (listener["port"], listener["pid"], listener["name"]) == (8000, 1, "service")
    resolver = Path(f"/proc/{container.pid}/root/etc/resolv.conf").read_text().splitlines()
    assert found["resolver"] == [line.split("#")[0].strip() for line in resolver if line.split("#")[0].strip()]
    assert found["variables"] == {"set": ["DB_HOST"], "only_pid_1_has": []}


NOTHING_THERE = [":9000/health", "tcp://localhost:9000", "redis://localhost:9000", "postgres://app@localhost:9000/app"]


@pytest.mark.parametrize("target", NOTHING_THERE)
def test_nothing_listens(start, scratch, target):
    """Goal: the wrong port, where Docker has taken IPv6 away: who does listen is found in the container's own tables."""
    done = start(scratch()).exec("/probe", "ready", "--no-http", target)
    assert done.returncode == 1
    assert "refused" in done.stdout.splitlines()[0]
    assert "8000" in done.stdout


@pytest.mark.parametrize("host", ["database", "six"])
def test_extra_hosts(start, scratch, host):
    """Goal: names of /etc/hosts (extra_hosts in compose) work in the static binary."""
    container = start(scratch(), options=HOSTS)
    done = container.exec("/probe", "live", "--allow-remote", f"http://{host}:8000/")
    assert done.stdout.startswith("healthy in "), done


def test_extra_hosts_of_a_database(start, scratch):
    """Goal: the same for libpq's and hiredis's names: it is the port that refuses, not the name."""
    container = start(scratch(), options=HOSTS)
    done = container.exec("/probe", "ready", "--no-http", "postgres://app@database:5432/app", "redis://database:6379")
    assert done.returncode == 1
    assert done.stdout.count("refused") >= 2, done.stdout


def test_name_that_nobody_knows(start, scratch):
    """Goal: without a network a name cannot be asked for, which is said before the deadline."""
    container = start(scratch())
    done = container.exec("/probe", "ready", "--no-http", "-t", "1s", "redis://cache:6379")
    assert done.returncode == 1
    assert "cache" in done.stdout
