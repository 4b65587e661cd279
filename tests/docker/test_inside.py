"""What a person finds in a container from scratch, and the names that its engine gave it."""
import json

import pytest

# Docker takes IPv6 away from a container without an IPv6 network, from the loopback too.
SIX = ["--sysctl", "net.ipv6.conf.all.disable_ipv6=0"]
HOSTS = [*SIX, "--add-host", "database:127.0.0.1", "--add-host", "six:::1"]


def test_doctor_in_scratch(start, scratch):
    """Goal: docker exec tells all there is to know, in an image without a shell."""
    container = start(scratch(), options=["--memory", "64m", "--pids-limit", "50"])
    done = container.exec("/probe", "doctor", "/health")
    assert done.returncode == 0, done
    assert "healthy" in done.stdout.splitlines()[0]
    assert "8000" in done.stdout
    assert done.stderr == ""


def test_doctor_sees_the_limits(start, scratch):
    """Goal: the limits are the container's own, not the machine's."""
    container = start(scratch(), options=["--memory", "64m", "--pids-limit", "50"])
    machine = json.loads(container.exec("/probe", "doctor", "-o", "json", "/health").stdout)
    text = json.dumps(machine)
    assert str(64 * 1024 * 1024) in text, text
    assert "50" in text


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
