"""What --db and --redis ask without a target: the variables of real projects, and what must be asked for each."""
import pytest

from runner import has_tls

LINK = "tcp://10.0.0.3:{}"  # as Kubernetes sets for each service of a namespace
RAILS = {"RAILS_ENV": "production", "RAILS_MASTER_KEY": "x"}

DATABASES = [
    # the whole URL: Heroku, Render, Fly, Railway, dj-database-url, Prisma, Rails
    ({"DATABASE_URL": "postgres://app:{}@db:5432/app"}, "postgres://app:***@db:5432/app"),
    ({"DATABASE_URL": "postgresql://app:{}@db/app?schema=public&connection_limit=5"}, "postgresql://app:***@db:5432/app"),
    ({"DATABASE_URL": "postgresql+asyncpg://app:{}@db/app"}, "postgresql+asyncpg://app:***@db:5432/app"),
    ({"DATABASE_URL": "postgres://app:{}@db/app", "PGHOST": "other", "PGUSER": "x"}, "postgres://app:***@db:5432/app"),
    ({"DATABASE_URL": "postgres://app:{}@db/app", "DB_HOST": "other", "POSTGRES_USER": "x"}, "postgres://app:***@db:5432/app"),
    ({**RAILS, "DATABASE_URL": "postgresql://app:{}@db/app_production?pool=5"}, "postgresql://app:***@db:5432/app_production"),
    # the parts: Django tutorials, compose files
    ({"DB_HOST": "db", "DB_PORT": "5432", "DB_NAME": "app", "DB_USER": "app", "DB_PASSWORD": "{}"}, "postgres://app:***@db:5432/app"),
    ({"DB_HOST": "db", "DB_USER": "app"}, "postgres://app@db:5432"),
    ({"DB_HOST": "db", "DB_USER": "app", "DB_NAME": "main"}, "postgres://app@db:5432/main"),
    ({"DB_HOST": "db", "PGUSER": "app", "PGPASSWORD": "{}", "PGDATABASE": "main"}, "postgres://app:***@db:5432/main"),
    ({"DB_HOST": "db", "DB_USER": "app", "PGPORT": "5433"}, "postgres://app@db:5433"),
    ({"DB_HOST": "db:5433", "DB_USER": "app"}, "postgres://app@db:5433"),
    ({"DB_HOST": "db:5433", "DB_PORT": "5432", "DB_USER": "app"}, "postgres://app@db:5433"),
    ({"DB_HOST": "::1", "DB_PORT": "1", "DB_USER": "app"}, "postgres://app@[::1]:1"),
    ({"DB_HOST": "[::1]", "DB_PORT": "1", "DB_USER": "app"}, "postgres://app@[::1]:1"),
    ({"DB_HOST": "[::1]:1", "DB_USER": "app"}, "postgres://app@[::1]:1"),
    ({"DB_HOST": "a,b", "DB_PORT": "5432", "DB_USER": "app"}, "postgres://app@a:5432,b:5432"),
    ({"DB_HOST": "a,b", "DB_PORT": "1,2", "DB_USER": "app"}, "postgres://app@a:1,b:2"),
    ({"DB_HOST": "a:1,b", "DB_PORT": "2", "DB_USER": "app"}, "postgres://app@a:1,b:2"),
    ({"DB_HOST": "/cloudsql/p:r:i", "DB_USER": "app"}, "postgres://app@unix:/cloudsql/p:r:i"),
    ({"DB_HOST": "db", "DB_USER": "app", "DB_SSLMODE": "prefer", "DB_SSL": "false"}, "postgres://app@db:5432"),
    ({"DB_HOST": "db", "DB_USER": "app", "DB_ENGINE": "django.db.backends.postgresql"}, "postgres://app@db:5432"),
    ({"DB_HOST": "db", "DB_USER": "app", "DB_CONNECTION": "pgsql"}, "postgres://app@db:5432"),
    ({"DATABASE_URL": "", "DB_HOST": "db", "DB_USER": "app"}, "postgres://app@db:5432"),
    ({"DB_HOST": "", "PGHOST": "db", "PGUSER": "app"}, "postgres://app@db:5432"),
    ({"DB_HOST": "db", "DB_USER": "app", "DB_PORT": ""}, "postgres://app@db:5432"),
    # Kubernetes, with services called db and postgres
    ({"DB_HOST": "db", "DB_USER": "app", "DB_PORT": LINK.format(5433), "DB_SERVICE_HOST": "10.0.0.3"}, "postgres://app@db:5433"),
    ({"POSTGRES_HOST": "postgres", "POSTGRES_PORT": LINK.format(5433), "POSTGRES_PASSWORD": "{}"}, "postgres://postgres:***@postgres:5433/postgres"),
    ({"POSTGRES_USER": "app", "POSTGRES_PORT": LINK.format(5433), "POSTGRES_SERVICE_HOST": "10.0.0.3"}, "postgres://app@localhost:5432/app"),
    # libpq's own
    ({"PGHOST": "db", "PGUSER": "app", "PGPASSWORD": "{}", "PGDATABASE": "main", "PGPORT": "5433"}, "postgres://app:***@db:5433/main"),
    ({"PGHOST": "a,b", "PGPORT": "1,2", "PGUSER": "app"}, "postgres://app@a:1,b:2"),
    ({"PGHOST": "/run/x", "PGUSER": "app"}, "postgres://app@unix:/run/x"),
    ({"PGHOSTADDR": "127.0.0.1", "PGPORT": "1", "PGUSER": "app"}, "postgres://app@127.0.0.1:1"),
    ({"PGUSER": "app", "PGDATABASE": "main"}, "postgres://app@:5432/main"),
    ({"DB_USER": "app", "DB_NAME": "main"}, "postgres://app@:5432/main"),
    # the official image, and those who use its variables elsewhere
    ({"POSTGRES_PASSWORD": "{}"}, "postgres://postgres:***@localhost:5432/postgres"),
    ({"POSTGRES_USER": "app", "POSTGRES_PASSWORD": "{}", "PGDATA": "/var/lib/postgresql/data", "PG_MAJOR": "17"}, "postgres://app:***@localhost:5432/app"),
    ({"POSTGRES_USER": "app", "POSTGRES_PASSWORD": "{}", "POSTGRES_DB": "main"}, "postgres://app:***@localhost:5432/main"),
    ({"POSTGRES_PASSWORD": "{}", "POSTGRES_DB": "main"}, "postgres://postgres:***@localhost:5432/main"),
    ({"POSTGRES_USER": "app", "PGUSER": "app", "PGDATABASE": "other"}, "postgres://app@localhost:5432/app"),
    ({"POSTGRES_USER": "app", "PGPORT": "5433"}, "postgres://app@localhost:5433/app"),
    ({"POSTGRES_USER": "app", "POSTGRES_PORT": "5433"}, "postgres://app@localhost:5432/app"),
    ({"POSTGRES_HOST": "db", "POSTGRES_PORT": "5433", "POSTGRES_USER": "app", "POSTGRES_DB": "main"}, "postgres://app@db:5433/main"),
    ({"POSTGRES_USER": "app", "DB_HOST": "db", "DB_USER": "u"}, "postgres://u@db:5432"),
]
REDISES = [
    ({"REDIS_URL": "redis://cache:6379/0"}, "redis://cache:6379/0"),
    ({"REDIS_URL": "redis://default:{}@cache:6379"}, "redis://default:***@cache:6379"),
    ({"REDIS_URL": "redis://cache", "REDIS_HOST": "other"}, "redis://cache:6379"),
    ({"REDIS_URL": "", "REDIS_HOST": "cache"}, "redis://cache:6379"),
    ({"REDIS_URL": "valkey://cache/1"}, "valkey://cache:6379/1"),
    ({"REDIS_HOST": "cache"}, "redis://cache:6379"),
    ({"REDIS_HOST": "cache", "REDIS_PORT": "6380", "REDIS_DB": "2"}, "redis://cache:6380/2"),
    ({"REDIS_HOST": "cache:6380", "REDIS_PORT": "6379"}, "redis://cache:6380"),
    ({"REDIS_HOST": "::1", "REDIS_PORT": "1"}, "redis://[::1]:1"),
    ({"REDIS_HOST": "[::1]", "REDIS_PORT": "1"}, "redis://[::1]:1"),
    ({"REDIS_HOST": "cache", "REDIS_USERNAME": "app", "REDIS_PASSWORD": "{}"}, "redis://app:***@cache:6379"),
    ({"REDIS_HOST": "cache", "REDIS_USER": "app", "REDIS_USERNAME": "x", "REDIS_PASSWORD": "{}"}, "redis://app:***@cache:6379"),
    ({"REDIS_HOST": "cache", "REDIS_USER": "", "REDIS_USERNAME": "app", "REDIS_PASSWORD": "{}"}, "redis://app:***@cache:6379"),
    ({"REDIS_HOST": "/run/redis.sock", "REDIS_PORT": "6379", "REDIS_DB": "1"}, "unix:///run/redis.sock?db=1"),
    ({"REDIS_HOST": "cache", "REDIS_TLS": "false", "REDIS_SCHEME": "tcp"}, "redis://cache:6379"),
    ({"REDIS_HOST": "cache", "REDIS_PORT": LINK.format(6380), "REDIS_SERVICE_HOST": "10.0.0.3"}, "redis://cache:6380"),
    ({"REDIS_PASSWORD": "{}"}, "redis://:***@localhost:6379"),
    ({"REDIS_PASSWORD": "{}", "REDIS_PORT": "6380"}, "redis://:***@localhost:6380"),
    ({"REDIS_PASSWORD": "{}", "REDIS_PORT": LINK.format(6380)}, "redis://:***@localhost:6379"),
]
WRONG = [
    ("--db", {}, "--db: no database is configured: set DATABASE_URL, DB_HOST or PGHOST, or write --db=postgres://..."),
    ("--db", {"DB_PORT": LINK.format(5432), "DB_SERVICE_HOST": "10.0.0.3"}, "no database is configured"),
    ("--db", {"PGDATA": "/x", "PGPORT": "1", "PGPASSWORD": "{}"}, "no database is configured"),
    ("--db", {"DATABSE_URL": "x"}, "did you mean DATABSE_URL?"),
    ("--redis", {}, "--redis: no Redis is configured: set REDIS_URL or REDIS_HOST, or write --redis=redis://..."),
    ("--redis", {"REDIS_PORT": LINK.format(6379), "REDIS_SERVICE_HOST": "10.0.0.3"}, "no Redis is configured"),
    ("--db", {"DATABASE_URL": "mongodb://db/app"}, "DATABASE_URL has the scheme mongodb; --db asks PostgreSQL only"),
    ("--db", {"DATABASE_URL": "mongodb+srv://db/app"}, "DATABASE_URL has the scheme mongodb+srv; --db"),
    ("--db", {"DATABASE_URL": "jdbc:mysql://db/app"}, "DATABASE_URL has the scheme jdbc:mysql; --db"),
    ("--db", {"DATABASE_URL": "sqlite:db.sqlite3"}, "DATABASE_URL has the scheme sqlite; --db"),
    ("--db", {"DATABASE_URL": "file:./dev.db"}, "DATABASE_URL has the scheme file; --db"),
    ("--db", {"DATABASE_URL": "redis://cache"}, "DATABASE_URL has the scheme redis; --db"),
    ("--redis", {"REDIS_URL": "postgres://db"}, "REDIS_URL has the scheme postgres; --redis asks Redis only"),
    ("--redis", {"REDIS_URL": "memcached://db"}, "REDIS_URL has the scheme memcached; --redis"),
    ("--redis", {"REDIS_URL": "redis+sentinel://db"}, "REDIS_URL is for Sentinel (redis+sentinel)"),
    ("--db", {"DB_HOST": "db", "DB_USER": "u", "DB_CONNECTION": "mysql"}, "DB_CONNECTION says mysql; --db asks PostgreSQL only"),
    ("--db", {"DB_HOST": "db", "DB_USER": "u", "DB_ENGINE": "django.db.backends.sqlite3"}, "DB_ENGINE says sqlite; --db"),
    ("--redis", {"REDIS_HOST": "tls://cache"}, "REDIS_HOST is a URL: write the host alone, or set REDIS_URL"),
    ("--db", {"DB_HOST": "postgres://db", "DB_USER": "u"}, "DB_HOST is a URL: write the host alone, or set DATABASE_URL"),
    ("--db", {"DB_HOST": "db"}, "DB_USER is not set"),
    ("--db", {"DB_HOST": "db", "DB_USER": "u", "DB_PORT": "abc"}, "DB_PORT is not a number from 1 to 65535"),
    ("--db", {"DB_HOST": "db", "DB_USER": "u", "DB_PORT": "70000"}, "DB_PORT is not a number from 1 to 65535"),
    ("--db", {"DB_HOST": "db", "DB_USER": "u", "DB_PORT": "udp://10.0.0.3:53"}, "DB_PORT is not a number"),
    ("--db", {"DB_HOST": "a,b", "DB_USER": "u", "DB_PORT": "1,2,3"}, "DB_HOST names 2 hosts and 3 ports"),
    ("--redis", {"REDIS_HOST": "cache", "REDIS_DB": "x"}, "REDIS_DB is not the number of a database"),
    ("--redis", {"REDIS_HOST": "cache/0"}, "REDIS_HOST"),
    ("--redis", {"REDIS_HOST": "u@cache"}, "REDIS_HOST has a host with a character that no name has"),
    ("--db", {"DATABASE_URL_FILE": "/nope"}, "cannot read '/nope': No such file or directory (DATABASE_URL_FILE names it)"),
    ("--db", {"DB_HOST": "db", "DB_USER": "u", "DB_PASSWORD_FILE": "/nope"}, "(DB_PASSWORD_FILE names it)"),
    ("--db", {"POSTGRES_PASSWORD_FILE": "/nope"}, "(POSTGRES_PASSWORD_FILE names it)"),
    ("--redis", {"REDIS_HOST": "cache", "REDIS_PASSWORD_FILE": "/nope"}, "(REDIS_PASSWORD_FILE names it)"),
    ("--db", {"DB_HOST": "db", "DB_USER": "u", "DB_PASSWORD": 3000 * "x"}, "longer than 2048 bytes"),
]

NEEDS_TLS = [
    ("--redis", {"REDIS_URL": "rediss://cache"}, "REDIS_URL needs TLS: use probe"),
    ("--db", {"DB_HOST": "db", "DB_USER": "u", "DB_SSLMODE": "require"}, "DB_SSLMODE asks for TLS, and that needs TLS: use"),
    ("--db", {"DB_HOST": "db", "DB_USER": "u", "DB_SSL": "True"}, "DB_SSL asks for TLS"),
    ("--db", {"POSTGRES_HOST": "db", "POSTGRES_USER": "u", "POSTGRES_SSLMODE": "verify-full"}, "POSTGRES_SSLMODE asks for TLS"),
    ("--redis", {"REDIS_HOST": "cache", "REDIS_TLS": "1"}, "REDIS_TLS asks for TLS"),
    ("--redis", {"REDIS_HOST": "cache", "REDIS_SCHEME": "rediss"}, "REDIS_SCHEME asks for TLS"),
]


def with_secrets(env, secret):
    return {name: value.replace("{}", secret()) for name, value in env.items()}


def asked(run_probe, service, env):
    """The target that is asked; that nothing answers there is no matter."""
    result = run_probe("ready", "--no-http", "-t", "500ms", "-o", "json", service, env=env)
    report = result.json()
    return report["checks"][0]["target"] if "checks" in report else report["message"]


@pytest.mark.parametrize("env, target", DATABASES)
def test_database(run_probe, secret, env, target):
    """Goal: what is asked is what the application asks."""
    assert asked(run_probe, "--db", with_secrets(env, secret)).split("?")[0] == target


@pytest.mark.parametrize("env, target", REDISES)
def test_redis(run_probe, secret, env, target):
    """Goal: the same for Redis."""
    assert asked(run_probe, "--redis", with_secrets(env, secret)) == target


@pytest.mark.parametrize("service, env, says", WRONG)
def test_what_is_wrong(verdict, secret, service, env, says):
    """Goal: which variable is wrong, and why; nothing is asked."""
    verdict.misconfigured("ready", "--no-http", service, env=with_secrets(env, secret), says=[says])


@pytest.mark.parametrize("service, env, says", NEEDS_TLS)
def test_what_needs_tls(verdict, service, env, says):
    """Goal: a variable that wants TLS is obeyed by the build that has it, and named by the other one."""
    verdict.needs_tls("ready", "--no-http", "-t", "500ms", service, env=env, says=[says])


@pytest.mark.parametrize(
    "password",
    ["pass word", "pass'word", "pass\\word", "p@:/?#[]w", 9 * "'", "password\\'\\", "p=w user=x", "%41%42%43", "pässwörd €", "------- "],
)
def test_parts_arrive_as_they_are(stage, postgres, redis, verdict, registry, password):
    """Goal: whatever is in a value, the server gets that; by a variable and by the file that it names."""
    password = registry.secret(password)
    database = postgres()
    database.sql('CREATE ROLE "a \'b\\@" LOGIN PASSWORD %s', password)
    file = stage.new_folder("secret") / "password"
    file.write_text(password + "\n")
    parts = {"DB_HOST": "127.0.0.1", "DB_PORT": str(database.port), "DB_USER": "a 'b\\@", "DB_NAME": "postgres"}
    for more in ({"DB_PASSWORD": password}, {"DB_PASSWORD_FILE": str(file)}):
        verdict.healthy("ready", "--no-http", "--db", env={**parts, **more}, says=["postgres ok"])
    verdict.unhealthy("ready", "--no-http", "--db", env={**parts, "DB_PASSWORD": password + "x"}, cause="pg-wrong-password")
    cache = redis()
    cache.command("ACL", "SETUSER", "a:b@", "on", f">{password}", "+@all")
    parts = {"REDIS_HOST": "127.0.0.1", "REDIS_PORT": str(cache.port), "REDIS_USER": "a:b@"}
    for more in ({"REDIS_PASSWORD": password}, {"REDIS_PASSWORD_FILE": str(file)}):
        verdict.healthy("ready", "--no-http", "--redis", env={**parts, **more}, says=["redis ok"])


def test_empty_variable_does_not_hide_a_file(postgres, verdict, stage):
    """Goal: compose passes an empty variable for one that is not set: the file beside it counts."""
    database = postgres()
    file = stage.new_folder("secret") / "url"
    file.write_text(database.url() + "\n")
    verdict.healthy("ready", "--no-http", "--db", env={"DATABASE_URL": "", "DATABASE_URL_FILE": str(file)})
    verdict.healthy("ready", "env:MAIN", env={"MAIN": "", "MAIN_FILE": str(file)})
    verdict.misconfigured("ready", "env:MAIN", env={"MAIN": "", "MAIN_FILE": ""}, says=["MAIN is empty"])
    file.write_text("\n")
    says = ["DATABASE_URL_FILE names an empty file"]
    verdict.misconfigured("ready", "--no-http", "--db", env={"DATABASE_URL_FILE": str(file)}, says=says)


def test_server_that_the_image_runs_while_it_initialises(postgres, verdict):
    """Goal: on its socket alone, it does not count."""
    database = postgres(listen_addresses="")
    env = {"POSTGRES_USER": "postgres", "POSTGRES_PASSWORD": database.password, "PGPORT": str(database.port)}
    verdict.unhealthy("ready", "--no-http", "--db", env=env, cause="refused", says=[f"refused by localhost:{database.port}"])


@pytest.mark.parametrize(
    "env, type, says",
    [
        ({"DATABASE_URL_FILE": "/nope"}, "postgres", "cannot read '/nope'"),
        ({"DB_HOST": "db", "DB_USER": "u", "DB_PORT": "abc"}, "postgres", "DB_PORT is not a number"),
        ({"DB_HOST": "db"}, "postgres", "DB_USER is not set"),
        ({"DATABASE_URL": "postgres://u@db:abc/x"}, "postgres", "DATABASE_URL has a port"),
        ({"DATABASE_URL": "postgress://u@db/x"}, "postgres", "DATABASE_URL has another scheme than postgres"),
        ({"REDIS_URL": "redis+sentinel://cache"}, "redis", "REDIS_URL is for Sentinel"),
        ({"REDIS_HOST": "cache", "REDIS_DB": "x"}, "redis", "REDIS_DB is not the number"),
    ],
)
def test_doctor_says_what_is_wrong(container, run_probe, validate, env, type, says):
    """Goal: doctor fails the check of a variable that is wrong, in the words of ready, and asks the others."""
    doctor_says(container, run_probe, validate, env, type, says)


@pytest.mark.parametrize(
    "env, says",
    [
        ({"REDIS_URL": "rediss://cache"}, "REDIS_URL needs TLS"),
        ({"REDIS_HOST": "cache", "REDIS_SSL": "1"}, "REDIS_SSL asks for TLS"),
    ],
)
def test_doctor_needs_tls(container, run_probe, validate, env, says):
    """Goal: the same for what the build without TLS cannot ask; the one with TLS does."""
    if not has_tls(run_probe.binary):
        return doctor_says(container, run_probe, validate, env, "redis", says)
    report = run_probe("doctor", "-t", "1s", "-o", "json", env=env, through=container().enter).json()
    check = next(check for check in report["checks"] if check["type"] == "redis")
    assert check["target"].startswith("rediss://cache:6379") and check["cause"] != "usage"


def doctor_says(container, run_probe, validate, env, type, says):
    service = "--db" if type == "postgres" else "--redis"
    ready = run_probe("ready", "--no-http", service, env=env).first
    box = container()
    asked_too = {**env, "PROBE_LIVE": "tcp://localhost:1"}
    result = run_probe("doctor", "-t", "1s", "-o", "json", env=asked_too, through=box.enter)
    report = result.json()
    validate(report)
    check = next(check for check in report["checks"] if check["type"] == type)
    assert (result.status, report["status"], check["status"], check["cause"]) == (1, "unhealthy", "unhealthy", "usage")
    assert says in check["message"] and check["message"] in ready
    assert "refused" in [check["cause"] for check in report["checks"]]
    text = run_probe("doctor", "-t", "1s", env=env, through=box.enter)
    assert says in " ".join(text.out.split())


@pytest.mark.parametrize(
    "env, words",
    [
        ({"DATABASE_URL": "mongodb://db/x"}, ["DATABASE_URL has the scheme mongodb; --db asks PostgreSQL only"]),
        ({"DATABASE_URL": "jdbc:oracle:thin:@db"}, ["DATABASE_URL has the scheme jdbc:oracle; --db asks PostgreSQL only"]),
        ({"DB_HOST": "db", "DB_CONNECTION": "mysql"}, ["DB_CONNECTION says mysql; --db asks PostgreSQL only"]),
        ({"DB_PORT": LINK.format(5432), "REDIS_PORT": LINK.format(6379)}, None),
    ],
)
def test_doctor_sets_aside(container, run_probe, validate, env, words):
    """Goal: another kind of database, and the links of Kubernetes, are no mistakes: noted, or nothing."""
    report = run_probe("doctor", "-t", "1s", "-o", "json", env=env, through=container().enter).json()
    validate(report)
    assert not {"postgres", "redis"} & {check["type"] for check in report["checks"]}
    assert report["machine"]["variables"].get("set_aside") == words


def test_doctor_beside_a_service_of_somebody_else(container, run_probe):
    """Goal: where what listens is another user's, doctor asks the defaults, and does not speak of --no-http."""
    box = container('serve("127.0.0.1", 9000)')
    through = [*box.enter, "/usr/bin/setpriv", "--reuid=12345", "--clear-groups"]
    report = run_probe("doctor", "-t", "1s", "-o", "json", env={}, through=through).json()
    assert (report["status"], [check["target"] for check in report["checks"]]) == (
        "unknown",
        ["http://localhost:8000/api/v1/health/", "http://localhost:8000/api/v1/ready/"],
    )
