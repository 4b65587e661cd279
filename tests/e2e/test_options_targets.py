"""A word that is no target: the nearest form is said, what may be a secret is not shown."""
import pytest


@pytest.mark.parametrize(
    "word, says",
    [
        ("localhost:8080/x", ["'localhost:8080/x' is not a target: write http://localhost:8080/x"]),
        ("8080", ["'8080' is not a target: write :8080/path"]),
        ("db:5432", ["'db:5432' is not a target: write http://db:5432/path, or tcp://db:5432"]),
        ("localhost", ["write http://localhost/path"]),
        ("localhost/health", ["write http://localhost/health"]),
        ("example.com/health", ["write http://example.com/health"]),
        ("health", ["'health' is not a target: write /health"]),
        ("api/v1/health/", ["write /api/v1/health/"]),
        ("<x>", ["is not a target: write /path, :PORT/path, http://HOST:PORT/path, tcp://HOST:PORT"]),
        (":abc/", ["':abc/' has a port that is not a number from 1 to 65535"]),
        ("mssql://app:sesame7@db:1433/app", ["'mssql://***@db:1433/app' has a scheme that no check knows: write tcp://db:1433 to see"]),
        ("mongodb://db/app", ["no check knows: write tcp://db:PORT to see whether it accepts connections"]),
        ("amqp://", ["has a scheme that no check knows: write http, tcp"]),
        ("htp://localhost/", ["has a scheme that no check knows: did you mean http://?"]),
        ("redsi://localhost/", ["no check knows: write tcp://localhost:PORT"]),
        ("postgress://localhost/", ["did you mean postgres://?"]),
    ],
)
@pytest.mark.parametrize("where", ["argument", "variable"])
def test_nearest_form(verdict, word, says, where):
    """Goal: who writes a port, HOST:PORT or another server's URL is told what to write, with the word."""
    words, env = (["ready", word], {}) if where == "argument" else (["ready"], {"PROBE_READY": word})
    result = verdict.misconfigured(*words, env=env, says=says)
    assert "sesame7" not in result.out


@pytest.mark.parametrize("word", ["<x>", "redis", "db:5432", "amqp://", "8080"])
def test_no_database_for_live(verdict, word):
    """Goal: live is not told to ask what it refuses."""
    result = verdict.misconfigured("live", word)
    assert not any(scheme in result.first for scheme in ("postgres", "redis:"))


@pytest.mark.parametrize("option, form", [("--db", "--db=postgres://"), ("--redis", "--redis=redis://HOST")])
@pytest.mark.parametrize("word", ["cache", "cache.internal", "cache:6379"])
def test_host_behind_a_service(verdict, option, form, word):
    """Goal: --redis HOST is told where HOST belongs."""
    verdict.misconfigured("ready", option, word, says=[f"'{word}' behind {option} is not a target: write {form}"])


@pytest.mark.parametrize(
    "words, env",
    [
        (["--db=sesame7"], {}),
        (["--redis=sesame7"], {}),
        (["--db=Server=h;Password=sesame7"], {}),
        (["--db=host=h passwd=sesame7"], {}),
        (["Server=h;Password=sesame7"], {}),
        (["--db=postgres://app:sesame7@h/x"] * 17, {}),
        (["--redis=redis://:sesame7@h"] * 17, {}),
        (["-H", "sesame7"], {}),
        (["-H", "Authorization Bearer sesame7"], {}),
        (["--expect-header", "sesame7"], {}),
        (["-u", "app:sesame7"], {}),
        (["-a", "sesame7"], {}),
        (["-asesame7"], {}),
        (["-hsesame7", "/x"], {}),
        (["-Vsesame7"], {}),
        (["--password=sesame7"], {}),
        (["--nonsense=sesame7"], {}),
        (["mssql://app:sesame7@h/x"], {}),
        (["a:sesame7"], {}),
        (["app:sesame7@h/x"], {}),
        ([], {"PROBE_DB": "sesame7"}),
        ([], {"PROBE_DB": "host=h passwd=sesame7"}),
        ([], {"PROBE_REDIS": "sesame7"}),
        ([], {"PROBE_HEADER": "sesame7"}),
        ([], {"PROBE_READY": "env:X", "X": "sesame7"}),
        (["--db"], {"DATABASE_URL": "sesame7"}),
    ],
)
@pytest.mark.parametrize("form", [[], ["-o", "json"]])
def test_what_may_be_a_secret(run_probe, words, env, form):
    """Goal: a text that cannot be taken apart is not shown."""
    result = run_probe("ready", *form, *words, env=env)
    assert result.status == 1 and "misconfigured" in result.out
    assert "sesame7" not in result.out
