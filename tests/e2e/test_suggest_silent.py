"""`probe suggest` where a port says nothing, or is the first to speak."""
import re

import pytest

from namespaces import NEEDS_NAMESPACES
from suggesting import Suggestion

pytestmark = NEEDS_NAMESPACES

NOBODY = "serve_nobody('0.0.0.0', {})"
NOT_HTTP = "; if it is no HTTP: probe live tcp://localhost:8000"
MYSQL_ERROR = b"\x48\0\0\0\xff\x69\x04Host '10.9.0.3' is blocked because of many connection errors; unblock it"


@pytest.fixture
def enter(container):
    return lambda *calls: container(*calls).enter


@pytest.mark.parametrize("call, cause, words", [
    pytest.param(NOBODY.format(8000), "timeout-answer", r"connected, no answer in \d+ m?s", id="no answer"),
    pytest.param("listen('0.0.0.0', 8000)", "workers-busy", r".* to be accepted on ", id="nobody accepts"),
])
def test_hung_service(enter, run_probe, validate, call, cause, words):
    """Goal: no suggestion that would call it healthy, in time, with the cause and the fix; and it is not called http."""
    through = enter(call)
    found = run_probe("suggest", through=through, limit=None)
    assert found.status == 1 and found.seconds < 4, found
    assert re.match("nothing to suggest: no path was answered: " + words, found.first), found
    assert "; hint: " in found.first and found.first.endswith(NOT_HTTP), found
    assert "  port      :8000: no answer\n" in found.out and "left out" not in found.out, found
    assert "HEALTHCHECK" not in found.out
    report = run_probe("suggest", "-o", "json", through=through, limit=None)
    validate(report.json())
    assert (report.status, report.json()["status"], report.json()["cause"]) == (1, "unhealthy", cause), report


def test_port_that_answers_wins(enter, run_probe, validate):
    """Goal: what hangs is told beside it, and is nothing to suggest."""
    found = Suggestion(run_probe, validate, enter(NOBODY.format(7000), "reply('0.0.0.0', 9000, b'220 mail ESMTP\\r\\n')"))
    assert (found.text.status, found.live) == (0, ["live", "tcp://localhost:9000"])
    assert "  port      :7000: no answer\n" in found.text.out
    found.ask()


def test_only_the_root_hangs(enter, run_probe, validate):
    """Goal: a service that is slow at / and quick at its health path is HTTP."""
    found = Suggestion(run_probe, validate, enter("serve_one_path('0.0.0.0', 8000, '/healthz')"))
    assert (found.text.status, found.live) == (0, ["live", ":8000/healthz"])
    assert "  port      :8000: http\n" in found.text.out
    found.ask()


def test_mysql_that_refuses(enter, run_probe, validate):
    """Goal: an error instead of the greeting is MySQL's too; what is not healthy is left out, live makes no connection."""
    found = Suggestion(run_probe, validate, enter(f"greet('0.0.0.0', 7000, {MYSQL_ERROR!r})"))
    assert found.live == ["live", "listen://localhost:7000"]
    assert found.ready == ["ready", "listen://localhost:7000"]
    assert found.first.endswith("live proves only that it listens: it asks no database"), found.first
    assert "  port      :7000: MySQL\n" in found.text.out
    assert "  left out  mysql://localhost:7000: " in found.text.out
    found.ask()


@pytest.mark.parametrize("data", [b"\x0a\xff\x0a\xff\x0a\xff", b"\x05\0\0\0\0hello", b"\x01\0\0\0"])
def test_first_words_of_something_else(enter, run_probe, data):
    """Goal: bytes that are no first packet of MySQL's are not taken for it."""
    found = run_probe("suggest", through=enter(f"greet('0.0.0.0', 7000, {data!r})"), limit=None)
    assert "probe live tcp://localhost:7000" in found.first
    assert "  port      :7000: tcp\n" in found.out
