"""What is in effect without an option is what help and README say: the defaults are measured, not read."""
import re
import time

import pytest

from addresses import free_port
from peers import hold, read, request, send

DOWN = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
SLACK = 0.35
SECONDS = {"ms": 0.001, "s": 1, "m": 60}
DEFAULTS = {"timeout": "2.5s", "interval": "1s", "expect-status": "200-299", "method": "GET", "watch": "2s", "output": "text",
            "docker-interval": "30s", "docker-retries": "3", "docker-start-period": "0s"}


@pytest.fixture
def default(run_probe):
    """default("--timeout"): its seconds, as help has it"""
    text = " ".join(run_probe("help").out.split())

    def find(option):
        number, unit = re.search(rf"{option}\b.*?\(default ([0-9.]+)(ms|s|m)\)", text).groups()
        return float(number) * SECONDS[unit]

    return find


@pytest.fixture
def asked(peer):
    """A service that is down, and the times at which it was asked"""
    times = []
    server = peer(request(), lambda talk: times.append(time.monotonic()), send(DOWN))
    return f"http://localhost:{server.port}/", times


def gap(times, process):
    """The time between the first two questions; ends the process"""
    end = time.monotonic() + 8
    while len(times) < 2 and time.monotonic() < end:
        time.sleep(0.02)
    process.terminate()
    process.communicate(timeout=5)
    assert len(times) >= 2
    return times[1] - times[0]


def test_defaults_are_a_promise(run_probe):
    """Goal: a default is what people have built on; timeout lies below the 3 s that many give their engine."""
    rows = re.split(r"\n +(?:-\w, )?--", run_probe("help").out)
    found = [re.match(r"([a-z-]+).*\(default (\S+)\)", row, re.DOTALL) for row in rows]
    assert dict(match.groups() for match in found if match) == DEFAULTS


def test_default_target_decides(verdict):
    """Goal: what nobody wrote is asked all the same, and its failure is one."""
    port = free_port()
    verdict.unhealthy("live", cause="refused", says=[f"refused by 127.0.0.1:{port}"], env={"PORT": str(port)})


def test_timeout(default, peer, run_probe):
    """Goal: a service that says nothing is given as long as help says, no longer and no shorter."""
    result = run_probe("live", f"http://localhost:{peer(read(), hold()).port}/")
    assert result.status == 1
    assert result.seconds == pytest.approx(default("--timeout"), abs=SLACK)


def test_interval(default, asked, run_probe):
    """Goal: of the attempts of a wait."""
    target, times = asked
    process = run_probe.start(["live", "--wait", "20s", target])
    assert gap(times, process) == pytest.approx(default("--interval"), abs=SLACK)


def test_watch(default, asked, run_probe):
    """Goal: of the rounds of --watch without a duration."""
    target, times = asked
    process = run_probe.start(["live", "--watch", target])
    assert gap(times, process) == pytest.approx(default("--watch"), abs=SLACK)
