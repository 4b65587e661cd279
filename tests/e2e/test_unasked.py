"""Nothing that somebody wrote goes unasked: a second target, a database under another name, a variable's file."""
import pytest

from peers import answer_each, response


@pytest.fixture
def anything(peer):
    """An application that answers every path with 200, as those of one page do."""
    return peer(answer_each(response(b"ok")))


@pytest.mark.parametrize("between", [",", ";"])
@pytest.mark.parametrize("second", [":9/", "/ready", "http://localhost:9/", "tcp://localhost:9", "redis+socket:///s", "env:OTHER", ""])
@pytest.mark.parametrize("first", [":{port}/", "http://localhost:{port}/a", "http://localhost:{port}/a,b;v=1"])
def test_targets_without_a_space_between(anything, verdict, first, second, between):
    """Goal: two targets with a comma between are not one long path, which a service may answer."""
    word = f"{first.format(port=anything.port)}{between}{second}"
    says = ["has a comma or semicolon where another target begins: separate targets by spaces"]
    verdict.misconfigured("ready", env={"PROBE_READY": word}, says=says)
    verdict.misconfigured("live", word, says=says)
    assert anything.connections == 0


@pytest.mark.parametrize("path", ["/a,b", "/a;v=1/b", "/a,b:c", "/x?list=1,/2&u=;http://h/", "/a%2C/b", "/a,env", "/a,b/c://d"])
def test_comma_of_a_path(anything, verdict, path):
    """Goal: a path may have commas and semicolons of its own."""
    verdict.healthy("live", anything.url(path), once=True)
    assert anything.received[0].startswith(f"GET {path} ".encode())


@pytest.mark.parametrize(
    "service, other, missing",
    [
        ("db", "DB_DATABASE", "DB_NAME"), ("db", "DB_USERNAME", "DB_USER"), ("db", "DB_PASS", "DB_PASSWORD"),
        ("db", "POSTGRES_DATABASE", "POSTGRES_DB"), ("db", "POSTGRES_USERNAME", "POSTGRES_USER"),
        ("redis", "REDIS_DATABASE", "REDIS_DB"), ("redis", "REDIS_PASS", "REDIS_PASSWORD"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("suffix", ["", "_FILE"])
def test_part_under_a_name_that_is_not_read(verdict, stage, service, other, missing, suffix):
    """Goal: DB_DATABASE of another framework is not passed over, so that the user's own database is asked."""
    prefix = other.split("_")[0]
    names = {"DB": ["USER", "PASSWORD", "NAME"], "POSTGRES": ["USER", "PASSWORD", "DB"], "REDIS": ["PASSWORD", "DB"]}[prefix]
    env = {f"{prefix}_HOST": "127.0.0.1", f"{prefix}_PORT": "9", **{f"{prefix}_{name}": "7" for name in names}}
    del env[missing]
    file = stage.new_folder("part") / "part"
    file.write_text("7")
    env[other + suffix] = str(file) if suffix else "7"
    words = ["ready", "--no-http", f"--{service}"]
    verdict.misconfigured(*words, env=env, says=[f"{missing} is not set, and {other} is not read: set {missing}"])
    verdict.unhealthy(*words, env={**env, missing: "7"}, cause="refused")


@pytest.mark.parametrize("known", ["LIVE", "READY", "DB", "EXPECT_BODY", "HEADER"])
def test_file_of_our_own_variable(anything, verdict, known):
    """Goal: PROBE_LIVE_FILE, which is not read, is not passed over."""
    env = {f"PROBE_{known}_FILE": "/run/secrets/x", "PORT": str(anything.port)}
    verdict.misconfigured("ready", env=env, says=[f"PROBE_{known}_FILE", f"did you mean PROBE_{known}?"])


def test_database_of_a_celery_socket(verdict):
    """Goal: of redis+socket the broker reads virtual_host alone, and the result backend db: db is not passed over."""
    for query in ("db=9", "virtual_host=9&db=9"):
        verdict.misconfigured("ready", "--no-http", f"redis+socket:///run/r.sock?{query}", says=["'db'", "write virtual_host"])


@pytest.mark.parametrize("word", ["False", "FALSE", "no", "No", "n", "off", "OFF", "F", "f", "false"])
def test_words_for_false(postgres, verdict, word):
    """Goal: what PostgreSQL takes for false is false, as SHOW ssl gives it."""
    database = postgres()
    query = f"SELECT '{word}'"
    assert database.sql(f"SELECT '{word}'::boolean") == [(False,)]
    verdict.unhealthy("ready", "--no-http", database.url(), "--db-query", query, cause="pg-query-false", says=["query gave "])
    verdict.healthy("ready", "--no-http", database.url(), "--db-query", "SELECT 'none'")


@pytest.mark.parametrize("parameter", ["schema=s", "currentSchema=s", "search_path=s", "schema_search_path=s,public"])
@pytest.mark.parametrize("demand", [["--db-query", "SELECT 1 FROM django_migrations"], ["--db-migration", "a.0001"]])
def test_schema_of_another_driver(postgres, verdict, parameter, demand):
    """Goal: a query does not find in public what the application looks for in its own schema."""
    database = postgres()
    database.sql("CREATE TABLE django_migrations AS SELECT 'a' AS app, '0001' AS name")
    database.sql("CREATE SCHEMA s CREATE TABLE django_migrations (app text, name text)")
    url = f"{database.url()}?{parameter}"
    says = ["names a schema in another driver's words", "options=-csearch_path%3DSCHEMA"]
    verdict.misconfigured("ready", "--no-http", url, *demand, says=says)
    own = f"{database.url()}?options=-csearch_path%3Ds&{parameter.split('=')[0]}=public"
    assert verdict.run_probe("ready", "--no-http", own, *demand).status == 1
    verdict.healthy("ready", "--no-http", url)
    verdict.healthy("ready", "--no-http", f"{database.url()}?schema=public", *demand)
