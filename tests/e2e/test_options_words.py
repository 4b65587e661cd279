"""Words of the command line and variables: where they belong, what they need, and in which forms they are taken."""
import json

import pytest

from addresses import free_port
from peers import answer_each, response


# --db and its target ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["url", "env", "keywords"])
def test_target_behind_db(peer, postgres, verdict, form):
    """Goal: --db U is --db=U, and the default HTTP target is asked beside it."""
    service, database = peer(answer_each(response(b"", status=b"503 Down"))), postgres()
    keywords = f"host={database.host} port={database.port} user=postgres password={database.password} dbname=postgres"
    word = {"url": database.url(), "env": "env:OTHER", "keywords": keywords}[form]
    env = {"PORT": str(service.port), "OTHER": database.url(), "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}
    verdict.unhealthy("ready", "--db", word, env=env, cause="http-unavailable", says=["http 503", "postgres ok"])


def test_target_behind_redis(peer, redis, verdict):
    """Goal: the same for --redis."""
    service, cache = peer(answer_each(response(b"", status=b"503 Down"))), redis()
    env = {"PORT": str(service.port), "REDIS_URL": "redis://127.0.0.1:1"}
    verdict.unhealthy("ready", "--redis", cache.url(), env=env, cause="http-unavailable", says=["http 503", "redis ok"])


def test_other_target_behind_db(peer, postgres, verdict):
    """Goal: --db /health is two things, in either order."""
    service, database = peer(answer_each(response(b""))), postgres()
    env = {"PORT": str(service.port), "DATABASE_URL": database.url()}
    for words in (["--db", "/health"], ["/health", "--db"]):
        verdict.healthy("ready", *words, env=env, says=["http 200", "postgres ok"])
    assert any(data.startswith(b"GET /health ") for data in service.received)


def test_target_that_is_not_behind_db(postgres, verdict):
    """Goal: a database's URL elsewhere is a target of its own."""
    one, two = postgres(), postgres()
    env = {"DATABASE_URL": one.url()}
    verdict.healthy("ready", two.url(), "--db", env=env, says=[f":{one.port}", f":{two.port}"])


# -- -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["-o", "json"], ["--output=json"], ["-h"], ["--help"], ["-q"], ["--nonsense"]])
def test_words_of_the_command(verdict, words):
    """Goal: what stands behind -- is the command's alone."""
    url = f"http://localhost:{free_port()}/"
    verdict.unhealthy("ready", url, "--", "echo", *words, cause="refused", says=["refused by"], once=True)
    verdict.misconfigured("ready", "--nonsense", "--", "echo", *words, says=["unknown option '--nonsense'"])


def test_the_first_two_dashes_count(run_probe, peer):
    """Goal: a command may have a -- of its own."""
    service = peer(answer_each(response(b"")))
    result = run_probe("ready", "-q", service.url(), "--", "/bin/echo", "a", "--", "b", becomes_command=True)
    assert result.lines[-1] == "a -- b"


# Forms --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["1", "true", "TRUE", "yes", "Yes", "on", "ON"])
@pytest.mark.parametrize("name", ["PROBE_VERBOSE", "PROBE_FOLLOW", "PROBE_ALLOW_REMOTE", "PROBE_NO_HTTP", "PROBE_BACKOFF", "PROBE_DB_WRITABLE"])
def test_switch_that_is_on(run_probe, name, word):
    """Goal: every switch takes what people write."""
    assert "misconfigured: PROBE" not in run_probe("ready", ":1/", env={name: word}).out


@pytest.mark.parametrize("word", ["0", "false", "No", "off", ""])
@pytest.mark.parametrize("name", ["PROBE_QUIET", "PROBE_NO_HTTP", "PROBE_DB", "PROBE_REDIS", "PROBE_VERBOSE"])
def test_switch_that_is_off(run_probe, peer, name, word):
    """Goal: off is off, and empty is not set."""
    service = peer(answer_each(response(b"")))
    result = run_probe("ready", env={name: word, "PORT": str(service.port)})
    assert result.first.startswith("healthy in ") and "\n  http " not in result.out


@pytest.mark.parametrize("words, env", [(["-oJSON"], {}), (["-o", "Json"], {}), (["--output=JSON"], {}), ([], {"PROBE_OUTPUT": "JSON"})])
def test_format_in_any_case(run_probe, words, env):
    """Goal: the name of a format in capitals, for verdicts and for mistakes."""
    assert json.loads(run_probe("live", ":1/", *words, env=env).out)["status"] == "unhealthy"
    assert json.loads(run_probe("live", "--nonsense", *words, env=env).out)["status"] == "misconfigured"


# What needs something else ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words, says",
    [
        (["-i", "1s"], ["--interval needs --wait"]),
        (["--interval=1s", "--watch"], ["--interval needs --wait", "--watch=DUR"]),
        (["--backoff"], ["--backoff needs --wait"]),
        (["--docker-retries=3"], ["--docker-retries needs --watch or --wait"]),
        (["--docker-interval=3s"], ["--docker-interval needs --watch or --wait"]),
        (["--docker-start-period=3s"], ["--docker-start-period needs --watch or --wait"]),
        (["-X", "HEAD", "--expect-body=x"], ["--expect-body needs a body, and HEAD has none"]),
        (["-X", "HEAD", "--expect-json=/a=1"], ["--expect-json needs a body, and HEAD has none"]),
        (["-X", "HEAD", "--data=x"], ["--data needs a body, and HEAD has none"]),
        (["-H", "Authorization: Bearer env:TOK"], ["--header 'Authorization' has env:NAME or @FILE behind other words"]),
        (["-H", "Authorization: Bearer @/run/secrets/token"], ["--header 'Authorization' has env:NAME or @FILE behind"]),
        (["--expect-body="], ["--expect-body '' is empty: write --expect-body=TEXT"]),
        (["--expect-body", ""], ["--expect-body '' is empty"]),
        (["--env-file="], ["--env-file '' is empty: write --env-file=FILE"]),
        (["-H", ": x"], ["--header is not 'NAME: VALUE'"]),
        (["--expect-header", "A"], ["--expect-header is not 'NAME: VALUE'"]),
        (["--expect-header", "A: "], ["--expect-header 'A' has no value"]),
        (["--connect-to", "a:b"], ["--connect-to 'a:b' is not HOST[:PORT]"]),
        (["--connect-to", "a:70000"], ["is not HOST[:PORT]"]),
        (["--connect-to", "::1"], ["is not HOST[:PORT]", "[::1]:8443"]),
        (["--connect-to", "http://a"], ["is not HOST[:PORT]"]),
    ],
)
def test_useless_or_empty(verdict, words, says):
    """Goal: an option that would do nothing is a mistake, and the line says what was meant."""
    verdict.misconfigured("live", *words, ":1/", says=says)


@pytest.mark.parametrize("words", [["--db-query="], ["--db-migration=a."], ["--db-migration=.a"]])
def test_empty_demand_of_a_database(verdict, words):
    """Goal: the same for those of a database."""
    verdict.misconfigured("ready", "--db", *words, says=[words[0].split("=")[0]])


def test_useless_variable(run_probe):
    """Goal: a variable may be there for another run of the same image."""
    env = {"PROBE_INTERVAL": "1s", "PROBE_BACKOFF": "1", "PROBE_DOCKER_RETRIES": "5"}
    assert run_probe("live", ":1/", env=env).first.startswith("unhealthy")


# Variables that are nearly an option's ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, meant",
    [("PROBE_TIMOUT", "PROBE_TIMEOUT"), ("PROBE_EXPECTED_STATUS", "PROBE_EXPECT_STATUS"), ("PROBE_REDY", "PROBE_READY"),
     ("PROBE_LIFE", "PROBE_LIVE"),
     ("PROBE_HEADERS", "PROBE_HEADER"), ("PROBE_ALOW_REMOTE", "PROBE_ALLOW_REMOTE")],
)
@pytest.mark.parametrize("where", ["environment", "file"])
def test_variable_with_a_slip(verdict, stage, name, meant, where):
    """Goal: a variable that is nearly an option's is told, wherever it is set."""
    file = stage.new_folder("env") / ".env"
    file.write_text(f"{name}=sesame7\n")
    words, env = (["--env-file", file], {}) if where == "file" else ([], {name: "sesame7"})
    result = verdict.misconfigured("ready", *words, ":1/", env=env, says=[f"{name} is not one of probe's variables: did you mean {meant}?"])
    assert "sesame7" not in result.out


def test_variables_of_others(run_probe):
    """Goal: Kubernetes and Docker's links set variables for a service called probe; they are not ours."""
    host = "10.0.0.3"
    names = {"PROBE_PORT": f"tcp://{host}:80", "PROBE_SERVICE_HOST": host, "PROBE_SERVICE_PORT": "80", "PROBE_SERVICE_PORT_HTTP": "80"}
    links = {f"PROBE_PORT_80_TCP{end}": value for end, value in {"": f"tcp://{host}:80", "_ADDR": host, "_PORT": "80", "_PROTO": "tcp"}.items()}
    others = {"PROBE_NAME": "/app/probe", "PROBE_ENV_PATH": "/bin", "PROBE_VERSION": "1.2", "PROBE_HOST": "a", "PROBE_URL": "b", "PROBE_TIMOUT": ""}
    result = run_probe("ready", ":1/", env={**names, **links, **others})
    assert result.first.startswith("unhealthy"), result


# -q -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["--nonsense"], ["ftp://localhost/"], ["-t", "x"], ["-i", "1s"], ["--env-file", "/nowhere"]])
@pytest.mark.parametrize("command", ["live", "ready"])
def test_quiet_hides_no_mistake(verdict, command, words):
    """Goal: -q hides verdicts, never what is misconfigured."""
    verdict.misconfigured(command, "-q", *words)


def test_quiet_doctor(run_probe):
    """Goal: the same for doctor, which is quiet about all that it found."""
    assert run_probe("doctor", "-q", "--env-file", "/nowhere").first.startswith("misconfigured: cannot read '/nowhere'")
    assert run_probe("doctor", "-q", ":1/").out == ""


def test_quiet_verdict(run_probe):
    """Goal: nothing is printed for a verdict."""
    assert run_probe("live", "-q", ":1/").out == ""
