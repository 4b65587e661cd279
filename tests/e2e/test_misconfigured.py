"""What is wrong before anything is sent: one line that names the word and what is right."""
import itertools

import pytest

from addresses import free_port
from peers import read, reset, send


@pytest.mark.parametrize(
    "words, says",
    [
        (["live", "http:///x"], ["'http:///x'", "names no host, or several"]),
        (["live", "http://a,b/"], ["names no host, or several"]),
        (["live", "http://0.0.0.0:8000/"], ["is an address to listen on, not to ask: write localhost"]),
        (["live", "http://[::]:8000/"], ["is an address to listen on, not to ask: write localhost"]),
        (["live", "http://%zz@localhost/"], ["has a % without two hexadecimal digits"]),
        (["live", "http://unix:/run/app.sock:health"], ["has a path that does not begin with a slash"]),
        (["live", *[f"/{n}" for n in range(17)]], ["more than 16 targets"]),
        (["live", *["-HA:b"] * 17], ["--header 'A' is one too many: at most 16"]),
        (["live", "--watch", "--docker-retries", "0"], ["--docker-retries '0' is not a number from 1 to 1000"]),
        (["live", "--watch", "--docker-start-period", "25h"], ["--docker-start-period '25h' is not a duration"]),
        (["ready", "--no-http", "postgres://u@db/app?host=other"], ["names a host twice"]),
        (["ready", "--no-http", "unix://?db=0"], ["names no socket: write unix:///run/redis.sock?db=0"]),
        (["ready", "--"], ["no command stands behind --"]),
        (["ready", "--watch", "--wait", "3s"], ["--watch never ends: leave out --wait"]),
        (["live", f"--{40 * 'x'}"], ["unknown or ambiguous option '--xxxx", "see probe --help"]),
        (["help", "nonsense"], ["no help on 'nonsense': write probe help, or probe help causes"]),
    ],
)
def test_words(verdict, words, says):
    """Goal: a word that cannot be right is said, with what is."""
    verdict.misconfigured(*words, says=says)


def test_targets_of_a_variable(verdict):
    """Goal: what is too much is counted wherever it is written."""
    verdict.misconfigured("live", env={"PROBE_LIVE": " ".join(f"/{n}" for n in range(17))}, says=["PROBE_LIVE: more than 16"])


def test_help_by_its_letter(run_probe):
    """Goal: -h is help, as everywhere."""
    assert run_probe("-h", limit=None).lines == run_probe("help").lines


def test_help_on_causes(run_probe):
    """Goal: every cause with its meaning and its mend, for who has no README."""
    lines = run_probe("help", "causes").lines
    assert "refused: nothing listens there" in lines
    assert lines[lines.index("refused: nothing listens there") + 1].startswith("    has the service")


def test_defaults_of_a_watch(terminal, healthy_app):
    """Goal: a start period may be none at all."""
    terminal("live", "--watch=100ms", "--docker-start-period", "0s", healthy_app.url("/api/v1/health/")).wait_for("healthy")


def test_path_that_no_socket_can_have(verdict):
    """Goal: the kernel's limit of a socket's path is told as what it is."""
    path = "/" + 120 * "a"
    verdict.unhealthy("live", f"tcp://unix:{path}", cause="unreachable", says=[f"no connection to {path}: ", "name too long"])


def test_ipv6_address_of_a_database(verdict):
    """Goal: where nobody listens is written as in a URL."""
    port = free_port()
    url = f"postgres://u@[::1]:{port}/app"
    verdict.unhealthy("ready", "--no-http", url, cause="refused", says=[f"refused by [::1]:{port}"])


def test_redis_on_its_usual_port(verdict):
    """Goal: a URL without a port means 6379, and one without a host this machine."""
    verdict.unhealthy("ready", "--no-http", "redis://127.0.0.77", cause="refused", says=["refused by 127.0.0.77:6379"])
    result = verdict.run_probe("ready", "--no-http", "-v", "redis://")
    assert "redis://localhost:6379" in result.out


def test_redis_error_of_one_word(peer, verdict):
    """Goal: a refusal without a reason is a refusal."""
    server = peer(read(), send(b"-NOPERM\r\n"))
    verdict.unhealthy("ready", "--no-http", server.url("", "redis"), cause="redis-noperm", says=["(NOPERM)"])


def test_redis_that_says_why_only_to_who_listens(peer, verdict):
    """Goal: incident 12, a server that is full hangs up on what it is sent: a second connection hears its reason."""
    scripts = itertools.cycle([(read(), reset()), (send(b"-ERR max number of clients reached\r\n"),)])
    server = peer(lambda talk: [step(talk) for step in next(scripts)])
    verdict.unhealthy("ready", "--no-http", server.url("", "redis"), cause="redis-max-clients", says=["(maxclients)"])


@pytest.mark.parametrize("value, says", [("Wed, 21 Oct 2026 07:28:00 GMT", "Retry-After Wed, 21 Oct 2026"), (None, "429")])
def test_retry_after(nginx, verdict, value, says):
    """Goal: incident 18, a date is shown as the service wrote it."""
    header = f"add_header Retry-After '{value}' always;" if value else ""
    front = nginx("location / { %s return 429; }" % header)
    verdict.unhealthy("live", front.url(), cause="http-too-many-requests", says=[says])


def test_env_file_with_a_mark_of_its_encoding(run_probe, stage, healthy_app):
    """Goal: incident 15, what an editor of another system put in front is no part of the first name."""
    file = stage.new_folder("env") / ".env"
    file.write_bytes(b"\xef\xbb\xbfPROBE_LIVE=" + healthy_app.url("/api/v1/health/").encode() + b"\n")
    assert run_probe("live", "--env-file", file).status == 0
