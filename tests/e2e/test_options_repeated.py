"""An option that is given several times: every demand must hold, everything added counts; of the rest the last counts."""
import pytest

from peers import answer_each, response

BODY = b'{"a": false, "b": true, "status": "yellow", "list": [1]}'


@pytest.fixture
def service(peer):
    """Answers 200 with BODY."""
    return peer(answer_each(response(BODY)))


@pytest.mark.parametrize(
    "demands, cause, says",
    [
        (["--expect-json=/a=true", "--expect-json=/b=true"], "json-mismatch", ["JSON /a is false, not true"]),
        (["--expect-json=/b=true", "--expect-json=/a=true"], "json-mismatch", ["JSON /a is false, not true"]),
        (["--expect-json=/b=true", "--expect-json=/a=false"], None, ["http 200"]),
        (["--expect-json=/a=true", "--expect-json=/b=false"], "json-mismatch", ["JSON /a is false, not true"]),
        (["--expect-json=/status=green", "--expect-json=/status=yellow"], None, ["http 200"]),
        (["--expect-json=/status=yellow", "--expect-json=/status=green"], None, ["http 200"]),
        (["--expect-json=/status=green", "--expect-json=/status=red"], "json-mismatch", ["/status is \"yellow\", not green or red"]),
        (
            ["--expect-json=/status=green", "--expect-json=/a=true", "--expect-json=/status=yellow"],
            "json-mismatch",
            ["JSON /a is false, not true"],
        ),
        (["--expect-json=/b=true", "--expect-json=/bb=true"], "json-mismatch", ["JSON has no /bb"]),
        (["--expect-body=yellow", "--expect-body=purple"], "body-mismatch", ["the body lacks 'purple'"]),
        (["--expect-body=purple", "--expect-body=yellow"], "body-mismatch", ["the body lacks 'purple'"]),
        (["--expect-body=yellow", "--expect-body=list"], None, ["http 200"]),
        (["--expect-body=purple", "--expect-json=/a=true"], "body-mismatch", ["the body lacks 'purple'"]),
    ],
)
def test_every_demand_holds(service, verdict, demands, cause, says):
    """Goal: one demand of the body that does not hold is enough; of one pointer's values one must hold."""
    if cause:
        verdict.unhealthy("live", *demands, service.url(), cause=cause, says=says)
    else:
        verdict.healthy("live", *demands, service.url(), says=says)


@pytest.mark.parametrize(
    "status, options, is_healthy",
    [
        (b"200 OK", ["-s", "404"], False),
        (b"404 Not Found", ["-s", "404"], True),
        (b"404 Not Found", ["-s", "404", "-s", "500-599"], True),
        (b"503 Unavailable", ["-s", "404", "-s", "500-599"], True),
        (b"200 OK", ["-s", "404", "-s", "200"], True),
        (b"302 Found", ["-s", "404", "-s", "200"], False),
    ],
)
def test_statuses_add_up(peer, verdict, run_probe, status, options, is_healthy):
    """Goal: the first list takes the place of the default, further ones are added."""
    service = peer(answer_each(response(b"", status=status)))
    assert run_probe("live", *options, service.url()).status == (0 if is_healthy else 1)


def test_headers_are_all_sent(service, verdict):
    """Goal: each header goes out."""
    verdict.healthy("live", "-H", "A: 1", "--header=B: 2", "-H", "A: 3", service.url(), once=True)
    for line in (b"A: 1\r\n", b"B: 2\r\n", b"A: 3\r\n"):
        assert line in service.received[0]


def test_of_the_rest_the_last_counts(peer, verdict):
    """Goal: as everywhere: --timeout, --method."""
    silent = peer("silent")
    verdict.unhealthy("live", "-t", "9s", "-t", "200ms", silent.url(), cause="timeout-answer", says=["200 ms"])
    service = peer(answer_each(response(b"")))
    verdict.healthy("live", "-X", "DELETE", "-X", "OPTIONS", service.url(), once=True)
    assert service.received[0].startswith(b"OPTIONS ")


@pytest.mark.parametrize(
    "option", ["-s200", "-HA:b", "--expect-body=x", "--expect-json=/a=1", "--expect-header=A: b", "--db=env:A", "--redis=env:A",
               "--db-query=SELECT 1", "--db-migration=a.b", "--env-file=/dev/null"]
)
def test_one_too_many(verdict, option):
    """Goal: what cannot be kept is refused, not left out."""
    verdict.misconfigured("ready", *[option] * 17, says=["is one too many: at most 16 are taken"])


def test_databases_are_all_asked(postgres, verdict):
    """Goal: --db and --redis may name several; the bare one is what the environment names."""
    one, two = postgres(), postgres()
    env = {"DATABASE_URL": one.url(), "SECOND": two.url()}
    words = ["ready", "--no-http", "--db", "--db=env:SECOND"]
    verdict.healthy(*words, env=env, says=[f"{one.port}", f"{two.port}"])
    two.stop()
    verdict.unhealthy(*words, env=env, cause="refused", says=[f"refused by 127.0.0.1:{two.port}"])


@pytest.mark.parametrize("queries", [["SELECT true", "SELECT false"], ["SELECT false", "SELECT true"]])
def test_queries_are_all_asked(postgres, verdict, queries):
    """Goal: every query must hold, and every migration."""
    server = postgres()
    words = ["ready", "--no-http", server.url()]
    demands = [f"--db-query={query}" for query in queries]
    verdict.unhealthy(*words, *demands, cause="pg-query-false", says=["query gave false"])
    verdict.healthy(*words, "--db-query=SELECT true", "--db-query=SELECT 1", says=["postgres ok"])


@pytest.mark.parametrize("first", ["orders.0001_initial", "orders.0009_missing"])
def test_migrations_are_all_asked(postgres, verdict, first):
    """Goal: the same for migrations."""
    server = postgres()
    server.sql("CREATE TABLE django_migrations (app text, name text)")
    server.sql("INSERT INTO django_migrations VALUES ('orders', '0001_initial')")
    second = "orders.0009_missing" if first.endswith("initial") else "orders.0001_initial"
    words = ["ready", "--no-http", server.url(), f"--db-migration={first}"]
    says = ["migration orders.0009_missing has not run"]
    verdict.unhealthy(*words, f"--db-migration={second}", cause="pg-migration-missing", says=says)


def test_doctor_shows_all(run_probe, service):
    """Goal: doctor shows each demand, in its place; a secret of several is none the less one."""
    words = ["--expect-json=/a=true", "--expect-json=/b=true", "-s404", "-s2xx", "-HA: sesame7", "-HB: sesame8"]
    shown = run_probe("doctor", "-o", "json", *words, service.url(), limit=None).json()["machine"]["configuration"]
    assert shown["expect-json"] == {"value": "/a=true, /b=true", "source": "option"}
    assert shown["expect-status"] == {"value": "404,200-299", "source": "option"}
    assert shown["header"] == {"value": "***", "source": "option"}


def test_env_files_are_all_read(run_probe, stage, service):
    """Goal: a later file wins over an earlier one, and the real environment over both; PROBE_ENV_FILE names one too."""
    folder = stage.new_folder("env")
    one, two = folder / "one", folder / "two"
    one.write_text(f"PROBE_LIVE={service.url()}\nPROBE_EXPECT_STATUS=404\n")
    two.write_text("PROBE_EXPECT_STATUS=200\n")
    assert run_probe("live", f"--env-file={one}", f"--env-file={two}").status == 0
    assert run_probe("live", f"--env-file={two}", f"--env-file={one}").status == 1
    assert run_probe("live", f"--env-file={one}", env={"PROBE_EXPECT_STATUS": "200"}).status == 0
    assert run_probe("live", env={"PROBE_ENV_FILE": str(one), "PROBE_EXPECT_STATUS": "200"}).status == 0
