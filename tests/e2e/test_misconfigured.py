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
        (["ready", "--no-http", "postgres://u@db/app?port=1,2"], ["names 1 hosts and 2 ports"]),
        (["ready", "--no-http", "unix://?db=0"], ["names no socket: write unix:///run/redis.sock?db=0"]),
        (["ready", "--"], ["no command stands behind --"]),
        (["ready", "--watch", "--wait", "3s"], ["--watch never ends: leave out --wait"]),
        (["live", f"--{40 * 'x'}"], ["unknown option '--xxxx", "see probe --help"]),
        ([":8000/health"], ["unknown command ':8000/health': write probe live, ready or doctor"]),
        (["live", ":$PORT/health"], ["has a port that is not a number", "exec form expands no $VARIABLE: write env:NAME"]),
        (["live", "$PROBE_TARGET"], ["'$PROBE_TARGET' is not a target: ", "exec form expands no $VARIABLE: write env:NAME"]),
        (["live", "env:"], ["target 'env:' is not a target: write /path"]),
        (["ready", "--db=redis://h"], ["--db 'redis://h' has another scheme than postgres: write postgres://"]),
        (["ready", "--redis=postgres://h/app"], ["--redis 'postgres://h/app' has another scheme than redis: write redis://"]),
        (["ready", "--db-query", "select 1"], ["--db-query needs a postgres target: add one"]),
        (["ready", "--db-migration", "orders.0001"], ["--db-migration needs a postgres target: add one"]),
        (["ready", "--redis-writable"], ["--redis-writable needs a redis target: add one"]),
        (["live", "--expect-body", "up", "tcp://localhost:1"], ["--expect-body needs an http target: add one"]),
        (["live", "--expect-header", "A: b", "tcp://localhost:1"], ["--expect-header needs an http target: add one"]),
        (["live", "--header", "A: b", "tcp://localhost:1"], ["--header needs an http target: add one"]),
        (["live", "--method", "HEAD", "tcp://localhost:1"], ["--method needs an http target: add one"]),
        (["live", "--data", "x", "tcp://localhost:1"], ["--data needs an http target: add one"]),
        (["live", "--connect-to", "localhost", "tcp://localhost:1"], ["--connect-to needs an http target: add one"]),
        (["live", "--follow", "file:///tmp/beat"], ["--follow needs an http target: add one"]),
        (["help", "nonsense"], ["no help on 'nonsense': write probe help, or probe help causes"]),
    ],
)
def test_words(verdict, words, says):
    """Goal: a word that cannot be right is said, with what is."""
    verdict.misconfigured(*words, says=says)


@pytest.mark.parametrize(
    "service, env, says",
    [
        ("--redis", {"REDIS_URL": "http://h"}, ["REDIS_URL has the scheme http; --redis asks Redis only"]),
        ("--db", {"DATABASE_URL": "sqlite:///db.sqlite3"}, ["DATABASE_URL has the scheme sqlite; --db asks PostgreSQL only"]),
        ("--db=env:URL", {"URL": "redis://h"}, ["URL has another scheme than postgres: write postgres://"]),
        ("--db", {"DATABASE_URL": ""}, ["--db: no database is configured: set DATABASE_URL, DB_HOST or PGHOST, or write --db=postgres://... (DATABASE_URL is empty)"]),
        ("--redis", {}, ["--redis: no Redis is configured: set REDIS_URL or REDIS_HOST, or write --redis=redis://..."]),
    ],
)
def test_variable_of_a_service(verdict, service, env, says):
    """Goal: incident 14, a variable that names no service of that kind is told which kind it must name."""
    verdict.misconfigured("ready", "--no-http", service, env=env, says=says)


def test_what_a_variable_asks_of_nobody(run_probe, healthy_app):
    """Goal: what an image sets for its check of the database does not fail its check without one."""
    env = {"PROBE_DB_MIGRATION": "orders.0001", "PROBE_EXPECT_STATUS": "200"}
    assert run_probe("ready", healthy_app.url("/api/v1/health/"), env=env).status == 0


def test_options_of_doctor(run_probe):
    """Goal: doctor does not wait, and says so instead of speaking of another command."""
    assert "misconfigured: --wait is not for probe doctor, which asks once" in run_probe("doctor", "--wait", "3s", limit=None).out


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


SOCKET_PATH_MAX = 107
TOO_LONG = "has a socket whose path is longer than the kernel's 107 bytes"
TOO_LONG_DIRECTORY = TOO_LONG + ", with its /.s.PGSQL.PORT"


@pytest.mark.parametrize("form", ["http://unix:{}:/health", "tcp://unix:{}", "unix://{}?db=1", "redis+socket://{}"])
def test_path_that_no_socket_can_have(verdict, stage, form):
    """Goal: a path that is too long for the kernel is a mistake in the target; the longest one is asked."""
    folder = str(stage.new_folder("deep"))
    path = folder + "/" + (SOCKET_PATH_MAX - len(folder) - 1) * "s"
    verdict.unhealthy("ready", form.format(path), cause="socket-missing", says=[f"no connection to {path}: "])
    verdict.misconfigured("ready", form.format(path + "s"), says=[TOO_LONG])


@pytest.fixture
def directory(stage):
    """One that leaves room for a PostgreSQL's socket with a port of three digits, and not of four."""
    folder = str(stage.new_folder("deep"))
    return folder + "/" + (SOCKET_PATH_MAX - len(folder) - len("//.s.PGSQL.543")) * "d"


@pytest.mark.parametrize("url", ["postgres://u@{}/app?port={}", "postgres://u@/app?host={}&port={}"])
def test_directory_that_is_too_long_for_a_socket(verdict, directory, url):
    """Goal: the same for PostgreSQL, whose URL names the directory; the port is in the file's name."""
    encoded = directory.replace("/", "%2F")
    longest = f"no connection to {directory}/.s.PGSQL.543: "
    verdict.unhealthy("ready", url.format(encoded, 543), cause="socket-missing", says=[longest])
    verdict.misconfigured("ready", url.format(encoded, 5433), says=[TOO_LONG_DIRECTORY])


def test_directory_of_a_list_or_a_variable(verdict, directory):
    """Goal: wherever libpq would take it from."""
    verdict.misconfigured("ready", f"postgres://u@/app?host=localhost,{directory}", says=[TOO_LONG_DIRECTORY])
    verdict.misconfigured("ready", "postgres://u@/app", env={"PGHOST": directory}, says=[TOO_LONG_DIRECTORY])
    says = ["DB_HOST " + TOO_LONG_DIRECTORY]
    verdict.misconfigured("ready", "--db", env={"DB_HOST": directory, "DB_USER": "u"}, says=says)


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
