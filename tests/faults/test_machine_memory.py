"""No memory: the nth allocation of a run fails, for every n, and the run still tells the truth.

What a library fails to get is that check's cause, or it does without. What the program itself fails to get ends it, with
one line that says so. Nothing else is said, least of all that a service is healthy which is not.
"""
import base64
import hashlib
import hmac

import pytest

import memory
from namespaces import NEEDS_NAMESPACES
from runner import binary_path, is_asan
from table import HEALTHY

pytestmark = [
    pytest.mark.skipif(not memory.FAILING.exists(), reason="no plain build: cmake --build --preset plain"),
    pytest.mark.skipif(is_asan(binary_path()), reason="what is preloaded is for the plain build, whichever is tested"),
]

SERVICE = """
location = /ok { return 200 ok; }
location = /down { return 503 '{"status": "down"}'; }
location = /moved { return 302 https://example.org/; }
location = /again { return 302 /ok; }
location = /json { return 200 '{"a": {"b": [1, {"status": "ok"}]}}'; }
location = /put { if ($request_method != PUT) { return 405; } if ($http_x_token = "") { return 401; } return 200 ok; }
"""
# Fewer rounds than a server would make, each of which allocates.
SCRAM_ROUNDS = 4


@pytest.fixture(params=[False, True], ids=["once", "for ever"])
def for_ever(request):
    return request.param


@pytest.fixture
def sweep(stage, validate, registry, record_property, request, for_ever):
    """sweep(["live", url], HEALTHY): see memory.Sweep"""

    def record(out):
        registry.record(request.node.nodeid, out)

    row = memory.Sweep(stage.new_folder("memory"), validate, record, record_property)

    def run(arguments, cause, **options):
        row(request.node.callspec.id, arguments, cause, for_ever=for_ever, **options)

    return run


@pytest.fixture
def service(nginx):
    return nginx(SERVICE)


HTTP = {
    "healthy": (["live"], "/ok", HEALTHY),
    "healthy, -o json": (["live", "-o", "json"], "/ok", HEALTHY),
    "healthy, -vv": (["live", "-vv"], "/ok", HEALTHY),
    "503": (["live"], "/down", "http-unavailable"),
    "503, -o json": (["live", "-o", "json", "-v"], "/down", "http-unavailable"),
    "302": (["live"], "/moved", "http-redirect"),
    "302, --follow": (["live", "--follow"], "/again", HEALTHY),
    "--expect-json met": (["live", "--expect-json", "/a/b/1/status=ok"], "/json", HEALTHY),
    "--expect-json not met": (["live", "--expect-json", "/a/b/1/status=down"], "/json", "json-mismatch"),
    "--expect-json of no JSON": (["live", "--expect-json", "/a=1"], "/ok", "json-invalid"),
    "--method and a secret header": (["live", "-X", "PUT", "-H", "X-Token: env:TOKEN"], "/put", HEALTHY),
    "--wait": (["live", "--wait", "210ms", "--interval", "10ms"], "/ok", HEALTHY),
    "--wait for what is down": (["live", "--wait", "100ms", "-i", "30ms"], "/down", "http-unavailable"),
}


@pytest.mark.parametrize("case", HTTP)
def test_http(service, sweep, secret, case):
    """Goal: HTTP in every form: no crash, no lie, one line, healthy only if it is."""
    words, path, cause = HTTP[case]
    sweep([*words, service.url(path)], cause, env={"TOKEN": secret()})


@pytest.mark.parametrize("case", ["--watch"])
def test_watch(service, sweep, case):
    """Goal: the first round of a watch."""
    sweep(["live", "--watch", "-o", "json", service.url("/ok")], HEALTHY, ends_itself=False)


@pytest.mark.parametrize("case", ["--env-file"])
def test_env_file(service, sweep, stage, case):
    """Goal: a variable that could not be kept ends the run; it is not one that is not set."""
    file = stage.new_folder("env") / "env"
    file.write_text(f"PROBE_LIVE={service.url('/ok')}\nPROBE_EXPECT_BODY=ok\nOTHER=1\n")
    sweep(["live", "--env-file", file], HEALTHY)


@pytest.mark.parametrize("case", ["tcp and a file"])
def test_side_by_side(service, sweep, stage, case):
    """Goal: a thread that cannot be started is done without."""
    beat = stage.new_folder("beat") / "beat"
    beat.write_text("")
    sweep(["live", f"tcp://127.0.0.1:{service.port}", f"file://{beat}"], HEALTHY)


def scram_verifier(password):
    """As PostgreSQL keeps it, of few rounds (RFC 5803)."""
    salt = b"0123456789abcdef"
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, SCRAM_ROUNDS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    words = [base64.b64encode(value).decode() for value in (salt, stored, hmac.digest(salted, b"Server Key", "sha256"))]
    return f"SCRAM-SHA-256${SCRAM_ROUNDS}:{words[0]}${words[1]}:{words[2]}"


@pytest.fixture
def database(postgres, secret):
    """PostgreSQL with a user app whose login takes few rounds; .app_url"""
    server = postgres()
    password = secret()
    server.sql(f"CREATE ROLE app LOGIN PASSWORD '{scram_verifier(password)}'")
    server.app_url = server.url("app", password)
    return server


@pytest.mark.parametrize("case", ["--db and --redis beside HTTP"])
def test_deployment(service, database, redis, sweep, secret, case):
    """Goal: SCRAM, AUTH and a request side by side."""
    env = {"DATABASE_URL": database.app_url, "REDIS_URL": redis(password=secret()).url()}
    sweep(["ready", "--db", "--redis", service.url("/ok")], HEALTHY, env=env)


@pytest.mark.parametrize("case", ["--db", "--db -o json", "--db-query", "--db, wrong password"])
def test_postgres(database, sweep, secret, case):
    """Goal: PostgreSQL alone; whom it refuses is not let in for want of memory.

    libpq itself may lose the server's words then, and what is left is that the server reports an error.
    """
    url, cause = database.app_url, HEALTHY
    if "wrong" in case:
        url, cause = database.url("app", secret()), ("pg-wrong-password", "pg-login-refused", "pg-error")
    more = {"--db -o json": ["-o", "json"], "--db-query": ["--db-query", "SELECT true"]}.get(case, [])
    sweep(["ready", "--no-http", "--db", *more], cause, env={"DATABASE_URL": url})


@pytest.mark.parametrize("case", ["--redis", "--redis, wrong password"])
def test_redis(redis, sweep, secret, case):
    """Goal: Redis alone, and whom it refuses."""
    server = redis(password=secret())
    url, cause = server.url(3), HEALTHY
    if "wrong" in case:
        url, cause = f"redis://:{secret()}@127.0.0.1:{server.port}", "redis-wrong-password"
    sweep(["ready", "--no-http", "--redis"], cause, env={"REDIS_URL": url})


@NEEDS_NAMESPACES
@pytest.mark.parametrize("case", ["doctor", "doctor -o json"])
def test_doctor(container, sweep, case):
    """Goal: doctor's report is whole, or it says that there was no memory for it."""
    box = container('serve("127.0.0.1", 8000)')
    sweep([*case.split(), ":8000/"], HEALTHY, env={"PORT": "8000", "DB_NAME": "x"}, through=box.enter)
