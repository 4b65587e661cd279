"""HTTP: what a server, or whatever took its port, can do to a GET."""
import pytest

from peers import STATUS, drip, hold, request, reset
from table import ids, row

ROWS = [
    row("silent", "timeout-answer", ["connected, no answer in 300 ms"], hold()),
    row("closes after the request", "http-empty", ["closed without an answer"], request()),
    row("resets after the request", "reset", ["connection reset before an answer"], request(), reset()),
    row("drips the status line", "timeout-receive", ["its first line dripped in"], request(), drip(STATUS), hold()),
]


@pytest.mark.parametrize("row", ROWS, ids=ids(ROWS))
def test_http(against, row):
    """Goal: the right verdict, cause and words, in time."""
    against("HTTP", row, "live", "http://{place}/")
