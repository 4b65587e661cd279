"""Which statuses are healthy: to the number."""
import re

import pytest

from peers import request, send

# What is written, and the first and last number of each range of it.
RANGES = {
    None: [(200, 299)],
    "204": [(204, 204)],
    "200-204,301": [(200, 204), (301, 301)],
    "4xx": [(400, 499)],
    "500..502": [(500, 502)],
}


def answer_as_asked(talk):
    """/204 is answered with 204."""
    status = re.match(rb"GET /(\d+) ", talk.received)[1]
    send(b"HTTP/1.1 %s Whatever\r\nContent-Length: 0\r\n\r\n" % status)(talk)


@pytest.mark.parametrize("written", RANGES, ids=str)
def test_bounds(run_probe, peer, written):
    """Goal: the ends of a range are healthy, and their neighbours are not."""
    server = peer(request(), answer_as_asked)
    options = ["-s", written] if written else []
    for first, last in RANGES[written]:
        healthy = {first, last}
        neighbours = {first - 1, last + 1}
        for status in sorted(healthy | neighbours):
            if status >= 200:  # a 1xx answer is followed by another
                result = run_probe("live", *options, server.url(f"/{status}"))
                assert result.status == (0 if status in healthy else 1), str(result)
