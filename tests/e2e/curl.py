"""curl, as the health checks of the incidents used it."""
import subprocess
from dataclasses import dataclass

# curl obeys proxy variables; the tests give it none, unless that is what they are about.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
SECONDS = 5


@dataclass
class Response:
    exit: int
    status: int
    headers: dict
    body: str
    error: str


def get(url, *options, env=None, seconds=SECONDS):
    """One request: curl.get(url, "-f", "-H", "Host: example.com").status"""
    command = ["curl", "-sS", "-i", "--max-time", str(seconds), *options, url]
    environment = {**ENVIRONMENT, **(env or {})}
    done = subprocess.run(command, env=environment, capture_output=True, timeout=seconds + 5)
    head, _, body = done.stdout.decode(errors="replace").partition("\r\n\r\n")
    status, headers = parse_head(head)
    return Response(done.returncode, status, headers, body, done.stderr.decode(errors="replace").strip())


def parse_head(head):
    status_line, *lines = head.split("\r\n")
    words = status_line.split(" ")
    status = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
    pairs = (line.partition(":") for line in lines)
    return status, {name.strip().lower(): value.strip() for name, _, value in pairs}
