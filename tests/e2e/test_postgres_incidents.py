"""The incidents of PostgreSQL, each against a real server; where pg_isready is content, it is asked beside.

A test that is expected to fail (xfail) is a known mistake: it turns red when it is mended, and its mark goes.
"""
import os
import shutil
import signal
import subprocess
import time
from urllib.parse import quote

import pytest

import namespaces
import processes
import servers
from addresses import free_port
from namespaces import NEEDS_NAMESPACES, NEEDS_ROOT
from peers import hold, read, send
from runner import has_tls


# What the roles of the login tests meet; the lines that come first count.
HBA = [
    "local all all trust",
    "host all open all trust",
    "host all ghost all trust",
    "host all sleeper all trust",
    "host all crowded all trust",
    "host all barred all reject",
    "hostssl all tlsonly all scram-sha-256",
    "host all md5er all md5",
    "host all plain all password",
    "host all identy all ident",
    "host all postgres,scram,nobody_there all scram-sha-256",
]


@pytest.fixture(scope="module")
def logins(stage, registry):
    """A server with a role for each way to log in, and each way to be refused."""
    password = registry.secret()
    database = servers.postgres(stage, stage.postgres_password or registry.secret(), hba=HBA)
    database.role_password = password
    for role in ("open", "barred", "tlsonly", "identy"):
        database.sql(f"CREATE ROLE {role} LOGIN")
    database.sql("CREATE ROLE sleeper NOLOGIN")
    database.sql("CREATE ROLE crowded LOGIN CONNECTION LIMIT 0")
    for role, encryption in [("scram", "scram-sha-256"), ("md5er", "md5"), ("plain", "scram-sha-256")]:
        create = f"SET password_encryption = '{encryption}'; CREATE ROLE {role} LOGIN PASSWORD '{password}'"
        database.sql(create)
    yield database
    database.stop()


def pg_isready(server):
    """What PostgreSQL's own tool says: 0 is ready."""
    command = [servers.postgres_program("pg_isready"), "-h", server.host, "-p", str(server.port)]
    return subprocess.run(command, env=servers.ENVIRONMENT, capture_output=True, timeout=10).returncode


def ready(verdict, target, *options, **more):
    return verdict.healthy("ready", *options, target, says=["postgres ok"], **more)


def not_ready(verdict, target, cause, says, *options, **more):
    return verdict.unhealthy("ready", *options, target, cause=cause, says=says, **more)


# 6: the database does not decide on life -----------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgis", "psql", "pgsql", "postgresql+psycopg2"])
def test_live_refuses_databases(peer, verdict, secret, scheme):
    """Goal: incident 6, live refuses a database in every spelling, and says why; nothing is sent."""
    server = peer("silent")
    target = f"{scheme}://app:{secret()}@127.0.0.1:{server.port}/db"
    says = ["not for probe live", "a database outage must not restart every container", "probe ready"]
    verdict.misconfigured("live", target, says=says)
    verdict.misconfigured("live", "env:DATABASE_URL", env={"DATABASE_URL": target}, says=["DATABASE_URL", *says])
    verdict.misconfigured("live", env={"PROBE_LIVE": target}, says=["PROBE_LIVE", *says])
    assert server.connections == 0


@pytest.mark.parametrize("options", [["--db"], ["--db-writable"], ["--db-query", "SELECT 1"], ["--db-migration=a.b"]])
def test_live_refuses_the_options_of_databases(verdict, options):
    """Goal: incident 6, as options too."""
    says = [options[0].split("=")[0], "not for probe live", "probe ready"]
    verdict.misconfigured("live", *options, ":9/", says=says)


def test_live_does_not_touch_the_database(healthy_app, peer, verdict, secret):
    """Goal: incident 6, variables that ready would use make live ask nobody."""
    server = peer("silent")
    env = {"DATABASE_URL": f"postgres://app:{secret()}@127.0.0.1:{server.port}/db", "PROBE_DB": "1"}
    verdict.healthy("live", healthy_app.url("/api/v1/health/"), env=env)
    assert server.connections == 0


# 8: too many connections --------------------------------------------------------------------------------------------


def test_too_many_connections(postgres, verdict):
    """Goal: incident 8, every connection is taken: SQLSTATE and what it means; pg_isready calls that ready."""
    database = postgres(max_connections=5, superuser_reserved_connections=0, max_wal_senders=0)
    held = [database.connect() for _ in range(5)]
    says = ["too many connections (53300)", "max_connections", "workers x replicas"]
    result = not_ready(verdict, database.url(), "pg-too-many-connections", says)
    assert "sorry, too many clients already" in result.out
    assert pg_isready(database) == 0
    held.pop().close()
    time.sleep(0.1)
    ready(verdict, database.url(), once=True)


def test_connections_reserved_for_superusers(logins, verdict, postgres):
    """Goal: incident 8, the last places are the superuser's: the same for everybody else."""
    database = postgres(hba=HBA, max_connections=5, superuser_reserved_connections=3, max_wal_senders=0)
    database.sql("CREATE ROLE open LOGIN")
    held = [database.connect() for _ in range(2)]
    says = ["too many connections (53300)"]
    not_ready(verdict, database.url(user="open", password="unused-password"), "pg-too-many-connections", says)
    assert len(held) == 2


def test_connection_limit_of_a_role(logins, verdict):
    """Goal: incident 8, a role with a limit of its own: another mend than max_connections."""
    says = ["CONNECTION LIMIT", "crowded", "53300"]
    result = not_ready(verdict, logins.url(user="crowded"), "pg-connection-limit", says)
    assert "max_connections" not in result.first


def test_probe_leaves_cleanly(postgres, verdict):
    """Goal: incident 8, after a run no session of the probe is left, and the server's log has no complaint."""
    database = postgres()
    for _ in range(5):
        ready(verdict, database.url())
    not_ready(verdict, database.url(database="missing"), "pg-no-database", [])
    not_ready(verdict, database.url(), "pg-query-false", [], "--db-query", "SELECT false")
    assert sessions_of_the_probe(database) == 0
    for complaint in ("unexpected EOF", "reset by peer", "Broken pipe", "could not"):
        assert complaint not in database.log()


def sessions_of_the_probe(database):
    processes.wait_until(lambda: count_sessions(database) == 0, 1)
    return count_sessions(database)


def count_sessions(database):
    return database.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'probe'")[0][0]


def test_one_connection_a_run(postgres, verdict):
    """Goal: incident 8, all that is asked of a database is asked in one session."""
    database = postgres(log_connections="on")
    servers.manage("migrate", "orders", **database.settings())
    before = database.log_file.read_text().count("connection authorized")
    options = ["--db-writable", "--db-migration", "orders.0001_initial", "--db-query", "SELECT true"]
    ready(verdict, database.url(), *options, once=True)
    assert database.log_file.read_text().count("connection authorized") == before + 1


def test_late_query_leaves_no_session_behind(postgres, verdict):
    """Goal: incident 8, a query that waits for a lock is given up by the server too, or the checks pile up."""
    database = postgres()
    options = ["-t", "1s", "--db-query", "SELECT count(*) >= 0 FROM orders"]
    with database.locked_table("orders"):
        for _ in range(3):
            not_ready(verdict, database.url(), "timeout-query", ["no answer to the query"], *options, once=True)
        assert sessions_of_the_probe(database) == 0


# 9: configuration that pg_isready calls ready -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "user, cause, says",
    [
        ("postgres", "pg-wrong-password", ["wrong password for user 'postgres' (28P01)", "does the role exist"]),
        ("md5er", "pg-wrong-password", ["wrong password for user 'md5er' (28P01)"]),
        ("plain", "pg-wrong-password", ["wrong password for user 'plain' (28P01)"]),
        ("nobody_there", "pg-wrong-password", ["user 'nobody_there' (28P01)"]),
        ("ghost", "pg-no-role", ["no such role", "'ghost'", "28000", "CREATE ROLE"]),
        ("stranger", "pg-no-hba-entry", ["no pg_hba.conf entry for user 'stranger' (28000)", "reload"]),
        ("tlsonly", "pg-no-hba-entry", ["no pg_hba.conf entry for user 'tlsonly' (28000)", "hostssl", "TLS"]),
        ("identy", "pg-peer-refused", ["ident authentication failed for user 'identy' (28000)", "pg_hba.conf"]),
    ],
)
def test_logins_that_are_refused(logins, verdict, secret, user, cause, says):
    """Goal: incident 9, each refusal in plain words with its SQLSTATE, where pg_isready says ready."""
    result = not_ready(verdict, logins.url(user=user, password=secret()), cause, says)
    assert "FATAL" in result.out
    assert pg_isready(logins) == 0


def test_role_that_may_not_log_in(logins, verdict):
    """Goal: incident 9, the role is there and may not log in: whoever looks for it must not be told it is missing."""
    result = not_ready(verdict, logins.url(user="sleeper"), "pg-no-role", ["sleeper", "28000"])
    assert "no such role" not in result.first


def test_role_that_pg_hba_rejects(logins, verdict):
    """Goal: incident 9, an entry that rejects is not an entry that lacks: adding one behind it would change nothing."""
    result = not_ready(verdict, logins.url(user="barred"), "pg-login-refused", ["barred", "28000", "pg_hba.conf"])
    assert "no pg_hba.conf entry" not in result.first


def test_missing_role_looks_like_a_wrong_password(logins, verdict, secret):
    """Goal: incident 9, with SCRAM PostgreSQL does not tell a missing role from a wrong password: the hint must."""
    url = logins.url(user="nobody_there", password=secret())
    not_ready(verdict, url, "pg-wrong-password", ["exist"])


def test_no_password_at_all(logins, verdict):
    """Goal: incident 9, a password is wanted and none given: the line says where to write it."""
    target = f"postgres://scram@127.0.0.1:{logins.port}/postgres"
    not_ready(verdict, target, "pg-no-password", ["wants a password, none was given", "URL", "PGPASSWORD"])


def test_missing_database(logins, verdict):
    """Goal: incident 9, the database's name, and that it does not exist."""
    not_ready(verdict, logins.url(database="orders"), "pg-no-database", ["no such database 'orders' (3D000)", "CREATE"])
    assert pg_isready(logins) == 0


def test_database_that_takes_no_connections(logins, verdict):
    """Goal: an SQLSTATE without a cause of its own is told in the server's words."""
    logins.sql("CREATE DATABASE shut ALLOW_CONNECTIONS false")
    not_ready(verdict, logins.url(database="shut"), "pg-error", ["55000", '"shut" is not currently accepting'])


def test_password_that_is_like_the_user(logins, verdict, secret):
    """Goal: incident 16, a password in a refusal's detail is hidden, and everything else can be read."""
    user = secret("likewise")
    logins.sql(f"CREATE ROLE {user} LOGIN PASSWORD 'something else'")
    result = verdict.run_probe("ready", logins.url(user=user, password=user))
    assert (result.status, "pg_hba.conf" in result.first) == (1, True)


def test_password_that_is_an_ordinary_word(logins, run_probe):
    """Goal: incident 16, the default of many a compose file, postgres:postgres: the line still says who is ill."""
    result = run_probe("ready", f"postgres://postgres:postgres@127.0.0.1:{logins.port}/postgres")
    assert "postgres wrong password" in result.first, str(result)


@pytest.mark.parametrize("user", ["scram", "md5er", "plain", "open"])
def test_every_way_to_log_in(logins, verdict, user):
    """Goal: SCRAM-SHA-256, md5, password and trust."""
    ready(verdict, logins.url(user=user, password=logins.role_password))


@pytest.mark.parametrize(
    "stored, given",
    [
        ("so\u00adft hyphen \u00aa", "so\u00adft hyphen \u00aa"),
        ("so\u00adft hyphen \u00aa", "soft hyphen a"),
        ("\ufb01ne ligature \u2168", "fine ligature IX"),
        ("a\u00a0space as wide", "a space as wide"),
        ("P\u00e4\u00dfw\u00f6rt \u4f60\u597d", "P\u00e4\u00dfw\u00f6rt \u4f60\u597d"),
        ("all of ASCII !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", "all of ASCII !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
    ],
)
def test_passwords_that_need_saslprep(logins, verdict, secret, stored, given):
    """Goal: SCRAM prepares a password (soft hyphen, ligatures, spaces) as the server does, and hides it."""
    logins.sql("ALTER ROLE scram PASSWORD %s", secret(stored))
    url = logins.url(user="scram", password=quote(secret(given), safe=""))
    ready(verdict, url, "-v")
    not_ready(verdict, url + "_missing", "pg-no-database", ["3D000"])
    logins.sql("ALTER ROLE scram PASSWORD %s", logins.role_password)


# 10: starting, stopping, standby ------------------------------------------------------------------------------------


def recovering(**settings):
    """A server that waits for an archive which has nothing: it stays in recovery before it takes logins."""
    return {"prepare": lambda data: (data / "standby.signal").touch(), "wait": False, "hot_standby": "off", **settings}


def test_starting_up(postgres, verdict):
    """Goal: incident 10, a server in recovery takes no logins (57P03): its own words, and where it says why."""
    database = postgres(**recovering(restore_command="sleep 1; false"))
    processes.wait_until(lambda: pg_isready(database) == 1, 10)
    says = ["57P03", "the database system is starting up", "its log says what it does or waits for"]
    not_ready(verdict, database.url(), "pg-not-accepting", says)


def test_not_yet_consistent(postgres, verdict):
    """Goal: incident 10, after a crash: a server that recovers is not ready, and becomes ready."""
    database = postgres(max_wal_size="1GB", restart_after_crash="on")
    database.sql("CREATE TABLE filler AS SELECT repeat('x', 500) FROM generate_series(1, 60000)")
    postmaster = database.pid
    backend = database.connect()
    os.kill(backend.get_backend_pid(), signal.SIGKILL)
    seen = set()
    end = time.monotonic() + 10
    while time.monotonic() < end and "ok" not in seen:
        report = verdict.run_probe("ready", "-o", "json", database.url()).json()["checks"][0]
        seen.add(report["cause"])
    assert "ok" in seen and seen <= {"ok", "pg-not-accepting", "pg-shut-down", "reset"}, seen
    assert database.pid == postmaster


def test_shutting_down(postgres, verdict):
    """Goal: incident 10, a smart shutdown waits for a session: no new one is taken, and the line says so, and not
    to wait: it may wait for ever."""
    database = postgres()
    held = database.connect()
    database.process.send_signal(signal.SIGTERM)
    processes.wait_until(lambda: pg_isready(database) == 1, 5)
    says = ["57P03", "the database system is shutting down", "or waits for"]
    assert "wait until" not in not_ready(verdict, database.url(), "pg-not-accepting", says).first
    held.close()


def test_shut_down_in_the_middle_of_a_query(postgres, run_probe):
    """Goal: incident 10, a fast shutdown ends the query: 57P01, and not a broken connection."""
    database = postgres()
    words = ["ready", "-t", "5s", "--db-query", "SELECT pg_sleep(4)", database.url()]
    process = run_probe.start(words)
    processes.wait_until(lambda: count_sessions(database) == 1, 2)
    time.sleep(0.2)
    database.process.send_signal(signal.SIGINT)
    out = process.communicate(timeout=5)[0].decode()
    assert (process.returncode, "57P01" in out.splitlines()[0], "pg-shut-down" in out) == (1, True, True), out


@pytest.mark.parametrize(
    "sqlstate, cause, says",
    [
        ("08006", "pg-connection", ["connection broken (08006): as the server puts it"]),
        ("08P01", "pg-error", ["(08P01): as the server puts it"]),
        ("57P02", "pg-shut-down", ["(57P02)"]),
        ("XX000", "pg-error", ["error (XX000): as the server puts it"]),
    ],
)
def test_errors_that_a_server_is_hard_to_get_to_give(peer, verdict, secret, sqlstate, cause, says):
    """Goal: incident 10, what a crash or a pooler between may say in the login."""
    fields = f"SFATAL\0VFATAL\0C{sqlstate}\0Mas the server puts it\0\0".encode()
    server = peer(read(), send(b"E" + (len(fields) + 4).to_bytes(4, "big") + fields), hold())
    not_ready(verdict, f"postgres://app:{secret()}@127.0.0.1:{server.port}/db", cause, says)


def test_stopped_server_refuses(postgres, verdict):
    """Goal: incident 10, nothing listens any more."""
    database = postgres()
    database.stop()
    not_ready(verdict, database.url(), "refused", [f"refused by 127.0.0.1:{database.port}"])


def test_standby_is_ready_and_not_writable(postgres, verdict):
    """Goal: incident 10, a real standby answers queries; --db-writable fails on it, and not on its primary."""
    primary = postgres(hba=["host all all all scram-sha-256", "local replication postgres trust"], max_wal_senders=4)
    standby = postgres(prepare=lambda data: copy_primary(primary, data))
    ready(verdict, standby.url())
    ready(verdict, primary.url(), "--db-writable")
    says = ["standby in recovery, takes no writes", "primary"]
    not_ready(verdict, standby.url(), "pg-not-writable", says, "--db-writable")
    assert pg_isready(standby) == 0


def test_server_of_the_kind_that_is_wanted(postgres, verdict):
    """Goal: incident 10, after a failover: target_session_attrs is obeyed, host after host, as the application does."""
    primary = postgres(hba=["host all all all scram-sha-256", "local replication postgres trust"], max_wal_senders=4)
    standby = postgres(prepare=lambda data: copy_primary(primary, data))
    for attribute in ("read-write", "primary"):
        ready(verdict, several(standby, primary, attribute))
        says = ["takes no writes", "name the primary"]
        not_ready(verdict, f"{standby.url()}?target_session_attrs={attribute}", "pg-not-writable", says)
    for attribute in ("read-only", "standby"):
        ready(verdict, several(primary, standby, attribute))
        says = ["a standby is wanted", "name the standby"]
        not_ready(verdict, f"{primary.url()}?target_session_attrs={attribute}", "pg-not-standby", says)


def several(first, second, attribute):
    url = first.url(database=f",127.0.0.1:{second.port}/postgres").replace("/,", ",")
    return f"{url}?target_session_attrs={attribute}"


def copy_primary(primary, data):
    shutil.rmtree(data)
    source = ["-h", primary.folder, "-p", str(primary.port), "-U", "postgres"]
    options = ["-D", data, "-R", "-X", "stream", "--no-sync", "-c", "fast"]
    command = [servers.postgres_program("pg_basebackup"), *source, *options]
    subprocess.run(command, check=True, env=servers.ENVIRONMENT, timeout=30, **servers.unprivileged_user())
    (data / "pg_hba.conf").write_text("local all postgres trust\nhost all all all scram-sha-256\n")


def test_read_only_by_configuration(logins, verdict):
    """Goal: incident 10, a role or a database that is read-only by its settings: told apart from a standby."""
    logins.sql("CREATE ROLE reader LOGIN")
    logins.sql("ALTER ROLE open SET default_transaction_read_only = on")
    ready(verdict, logins.url(user="open"))
    says = ["read-only by default_transaction_read_only"]
    not_ready(verdict, logins.url(user="open"), "pg-not-writable", says, "--db-writable")
    logins.sql("ALTER ROLE open RESET default_transaction_read_only")


# 11: the schema is out of date --------------------------------------------------------------------------------------


def test_migrations_half_run(postgres, verdict):
    """Goal: incident 11, real Django migrations: none, half and all of them run."""
    database = postgres()
    last = ["--db-migration", "orders.0002_order_note"]
    says = ["42P01", "django_migrations", "run the migrations"]
    not_ready(verdict, database.url(), "pg-no-table", says, *last)
    servers.manage("migrate", "orders", "0001", **database.settings())
    says = ["migration orders.0002_order_note has not run", "manage.py migrate"]
    not_ready(verdict, database.url(), "pg-migration-missing", says, *last)
    ready(verdict, database.url(), "--db-migration", "orders.0001_initial")
    servers.manage("migrate", "orders", **database.settings())
    ready(verdict, database.url(), *last)


@pytest.mark.parametrize("migration", ["orders", "orders.", ".0001", ""])
def test_migration_without_its_name(peer, verdict, secret, migration):
    """Goal: incident 11, what is not APP.NAME is found before anything is sent."""
    server = peer("silent")
    target = f"postgres://app:{secret()}@127.0.0.1:{server.port}/db"
    says = ["--db-migration", "APP.NAME"]
    verdict.misconfigured("ready", "--db-migration", migration, target, says=says)
    assert server.connections == 0


def test_migration_name_is_not_sql(logins, verdict):
    """Goal: incident 11, a migration's name with a quote in it is a name."""
    logins.sql("CREATE TABLE IF NOT EXISTS django_migrations (app text, name text)")
    logins.sql("INSERT INTO django_migrations VALUES ('orders', 'y')")  # as SQL it would be found
    migration = "orders.x' OR 'a' = 'a"
    not_ready(verdict, logins.url(), "pg-migration-missing", ["has not run"], "--db-migration", migration)


@pytest.mark.parametrize(
    "query",
    ["SELECT true", "SELECT 1", "SELECT 'text'", "VALUES (true), (false)", "SELECT true;", "TABLE pg_am"],
)
def test_queries_that_pass(logins, verdict, query):
    """Goal: incident 11, a first row that is not false passes."""
    ready(verdict, logins.url(), "--db-query", query)


@pytest.mark.parametrize(
    "query, cause, says",
    [
        ("SELECT false", "pg-query-false", ["query gave false", "by hand"]),
        ("SELECT NULL", "pg-query-false", ["query gave NULL"]),
        ("SELECT 1 WHERE false", "pg-query-false", ["query gave no row"]),
        ("SET work_mem = '1MB'", "pg-query-false", ["query gave no row"]),
        ("SELECT * FROM missing", "pg-no-table", ['(42P01): relation "missing" does not exist', "migrations"]),
        ("nonsense", "pg-error", ['(42601): syntax error at or near "nonsense"']),
        ("SELECT 1/0", "pg-error", ["(22012): division by zero"]),
    ],
)
def test_queries_that_fail(logins, verdict, query, cause, says):
    """Goal: incident 11, a query's row that is false or missing, and its error with the SQLSTATE."""
    not_ready(verdict, logins.url(), cause, says, "--db-query", query)


def test_query_without_the_privilege(logins, verdict):
    """Goal: incident 11, a table that is there and not for this role."""
    says = ["no privilege (42501)", "pg_authid", "GRANT"]
    query = ["--db-query", "SELECT true FROM pg_authid"]
    not_ready(verdict, logins.url(user="open"), "pg-no-privilege", says, *query)


@pytest.mark.parametrize("query", ["SELECT 1/(2 - x) FROM generate_series(1, 3) x", "SELECT true; SELECT 1/0"])
def test_query_that_fails_behind_its_first_row(logins, verdict, query):
    """Goal: incident 11, a query that ends in an error has not succeeded."""
    not_ready(verdict, logins.url(), "pg-error", ["division by zero"], "--db-query", query)


@pytest.mark.parametrize("query", ["", " ", "-- nothing", "COPY pg_am TO STDOUT"])
def test_query_that_is_none(logins, verdict, query):
    """Goal: incident 11, PostgreSQL is PostgreSQL, whatever is wrong with the query."""
    result = verdict.run_probe("ready", "--db-query", query, logins.url())
    assert result.status == 1 and "not PostgreSQL" not in result.out and "right port" not in result.out


def test_password_file_of_libpq(logins, stage, verdict):
    """Goal: a container has no home: no password comes from there, and no complaint of the file's mode to stderr."""
    home = stage.new_folder("home")
    file = home / ".pgpass"
    file.write_text(f"*:*:*:*:{logins.role_password}\n")
    for mode in (0o644, 0o600):
        file.chmod(mode)
        for env in ({"HOME": str(home)}, {"PGPASSFILE": str(file)}):
            says = ["wants a password, none was given"]
            not_ready(verdict, logins.url(user="scram", password=""), "pg-no-password", says, env=env)


# 14: the variables --------------------------------------------------------------------------------------------------


def db(verdict, env, says):
    return verdict.misconfigured("ready", "--no-http", "--db", env=env, says=says)


def test_variable_that_is_not_set(verdict):
    """Goal: incident 14, nothing names a database: which variables were looked for."""
    db(verdict, {}, ["--db: no database is configured: set DATABASE_URL, DB_HOST or PGHOST", "--db=postgres://"])
    says = ["no database is configured", "did you mean DATABSE_URL?"]
    db(verdict, {"DATABSE_URL": "x"}, says)
    db(verdict, {"DATABASE_URI": "x"}, ["did you mean DATABASE_URI?"])
    says = ["OTHER_DB is not set", "OTHER_DB_FILE"]
    verdict.misconfigured("ready", "--db=env:OTHER_DB", says=says)


@pytest.mark.parametrize(
    "url, says",
    [
        ("", ["empty"]),
        ("postgres://app:{}@tail@db/d", ["more than one @", "%40"]),
        ("postgres://app:{}/tail@db/d", ["%2F"]),
        ("postgres://app:{}@tail/tail@db/d", ["%40", "%2F"]),
        ("postgres://app:{} tail@db/d", ["space", "%20"]),
        ("postgres://app:{}%zz@db/d", ["%", "%25"]),
        ('"postgres://app:{}@db/d"', ["quotes", "docker run --env-file keeps them"]),
        ("'postgres://app:{}@db/d'", ["quotes"]),
        ("postgres://app:{}@db:port/d", ["port"]),
        ("postgres://{}@[::1/d", ["[ without a ]"]),
        ("mysql://app:{}@db/d", ["has the scheme mysql; --db asks PostgreSQL only"]),
        ("ftp://app:{}@db/d", ["has the scheme ftp; --db asks PostgreSQL only"]),
        ("postgres://db/d", ["names no user", "PGUSER"]),
    ],
)
def test_variable_that_is_wrong(verdict, secret, url, says):
    """Goal: incident 14, which variable, and what is wrong with it; nothing of it is printed."""
    password = secret()
    result = db(verdict, {"DATABASE_URL": url.format(password)}, ["DATABASE_URL", *says])
    assert "tail" not in result.out and "app:" not in result.out


def test_variable_that_needs_tls(verdict, secret):
    """Goal: a URL that wants TLS is asked by the build that has it, and refused by its variable's name by the other one."""
    env = {"DATABASE_URL": f"postgres://app:{secret()}@db/d?sslmode=require"}
    says = ["DATABASE_URL", "sslmode require", "needs TLS"]
    verdict.needs_tls("ready", "--no-http", "-t", "500ms", "--db", env=env, says=says)


@pytest.mark.parametrize(
    "url, says", [("app:{}@db/d", "postgres://"), ("postgres://app:12345/{}@db/d", "%2F"), ("{}", "postgres://")]
)
def test_variable_that_is_wrong_in_another_way(verdict, secret, url, says):
    """Goal: incident 14, a URL without its scheme, and a password of digits with a slash in it."""
    db(verdict, {"DATABASE_URL": url.format(secret())}, ["DATABASE_URL", says])


@pytest.mark.parametrize(
    "env, name",
    [
        ({"DB_HOST": "db", "DB_PORT": "five", "DB_USER": "app"}, "DB_PORT"),
        ({"DB_HOST": "db", "DB_PORT": "5432"}, "DB_USER"),
    ],
)
def test_parts_that_are_wrong(verdict, env, name):
    """Goal: incident 14, the part that is wrong is the one that is named."""
    db(verdict, env, [name])


def test_host_parts_as_people_write_them(logins, verdict):
    """Goal: incident 14, host:port in DB_HOST, and a list in PGHOST: taken, or told in words that fit."""
    port = str(logins.port)
    several = {"PGHOST": "127.0.0.1,127.0.0.1", "PGPORT": port, "PGUSER": "open", "PGDATABASE": "postgres"}
    verdict.healthy("ready", "--no-http", "--db", env=several)
    result = verdict.run_probe("ready", "--no-http", "--db", env={"DB_HOST": f"127.0.0.1:{port}", "DB_USER": "open"})
    assert "IPv6" not in result.first


def test_variable_of_libpq_that_refuses(logins, verdict):
    """Goal: incident 14, a variable that the application's libpq obeys too: PostgreSQL is PostgreSQL all the same."""
    result = verdict.run_probe("ready", logins.url(user="open"), env={"PGREQUIREAUTH": "md5"})
    assert "not PostgreSQL" not in result.out
    env = {"PGTARGETSESSIONATTRS": "standby"}
    result = verdict.run_probe("ready", "--no-http", logins.url(user="open"), env=env)
    assert "a standby is wanted" in result.first


def test_empty_variable_beside_the_parts(logins, verdict):
    """Goal: incident 14, compose files pass an empty variable for one that is not set: the parts count."""
    env = {"DATABASE_URL": "", "DB_HOST": "127.0.0.1", "DB_PORT": str(logins.port), "DB_USER": "open",
           "DB_NAME": "postgres"}
    verdict.healthy("ready", "--no-http", "--db", env=env)


def test_file_that_holds_the_url(logins, verdict, stage):
    """Goal: incident 14, a mounted secret: NAME_FILE is read when NAME is absent, its line break is not counted."""
    file = stage.new_folder("secret") / "database_url"
    file.write_text(logins.url() + "\n")
    verdict.healthy("ready", "--no-http", "--db", env={"DATABASE_URL_FILE": str(file)})
    verdict.healthy("ready", "env:DATABASE_URL", env={"DATABASE_URL_FILE": str(file)})
    verdict.healthy("ready", "--db=env:MAIN", "--no-http", env={"MAIN_FILE": str(file)})
    both = {"DATABASE_URL_FILE": "/no/such/file", "DATABASE_URL": logins.url()}
    verdict.healthy("ready", "--no-http", "--db", env=both)
    says = ["/no/such/file", "No such file", "DATABASE_URL_FILE"]
    db(verdict, {"DATABASE_URL_FILE": "/no/such/file"}, says)


@NEEDS_ROOT
def test_file_of_the_url_that_is_denied(verdict, stage, secret):
    """Goal: incident 14, a mounted secret of another user: owner, mode and who the probe is."""
    file = stage.new_folder("secret") / "database_url"
    file.write_text(f"postgres://app:{secret()}@db/d")
    os.chown(file, 0, 0)
    file.chmod(0o600)
    says = [str(file), "Permission denied", "owner uid 0", "mode 600", "uid 12345", "DATABASE_URL_FILE"]
    words = ["ready", "--no-http", "--db"]
    verdict.misconfigured(*words, env={"DATABASE_URL_FILE": str(file)}, says=says, user=12345)


def test_parts_instead_of_a_url(logins, verdict):
    """Goal: incident 14, DB_* and PG* name the same database; any character may be in a part."""
    host, port = "127.0.0.1", str(logins.port)
    password = logins.role_password
    parts = {"DB_HOST": host, "DB_PORT": port, "DB_NAME": "postgres", "DB_USER": "scram", "DB_PASSWORD": password}
    verdict.healthy("ready", "--no-http", "--db", env=parts)
    libpq = {"PGHOST": host, "PGPORT": port, "PGUSER": "scram", "PGPASSWORD": password, "PGDATABASE": "postgres"}
    verdict.healthy("ready", "--no-http", "--db", env=libpq)
    verdict.healthy("ready", "--no-http", "--db", env={**libpq, "PGHOST": str(logins.folder), "PGUSER": "open"})
    url_first = {**parts, "DB_PORT": "1", "DATABASE_URL": logins.url()}
    verdict.healthy("ready", "--no-http", "--db", env=url_first)


def test_parts_with_strange_characters(logins, verdict, secret):
    """Goal: incident 14, a password given as a part needs no encoding."""
    password = secret("p@ss:w/o#r?d%41 &=")
    logins.sql("ALTER ROLE scram PASSWORD %s", password)
    parts = {"DB_HOST": "127.0.0.1", "DB_PORT": str(logins.port), "DB_NAME": "postgres", "DB_USER": "scram"}
    verdict.healthy("ready", "--no-http", "--db", "-v", env={**parts, "DB_PASSWORD": password})
    wrong = {**parts, "DB_PASSWORD": password + "x"}
    verdict.unhealthy("ready", "--no-http", "--db", "-vv", env=wrong, cause="pg-wrong-password")
    logins.sql("ALTER ROLE scram PASSWORD %s", logins.role_password)


def test_password_from_a_file(logins, verdict, stage):
    """Goal: incident 14, DB_PASSWORD_FILE, as Docker mounts a secret."""
    file = stage.new_folder("secret") / "password"
    file.write_text(logins.role_password + "\n")
    parts = {"DB_HOST": "127.0.0.1", "DB_PORT": str(logins.port), "DB_NAME": "postgres", "DB_USER": "scram"}
    verdict.healthy("ready", "--no-http", "--db", env={**parts, "DB_PASSWORD_FILE": str(file)})


# 15: .env files -----------------------------------------------------------------------------------------------------


@NEEDS_ROOT
def test_env_file_of_another_user(verdict, stage, secret):
    """Goal: incident 15, the file is root's with mode 600: owner, mode, and the uid that the probe runs as."""
    file = stage.new_folder("app") / ".env"
    file.write_text(f"DATABASE_URL=postgres://app:{secret()}@db/d\n")
    os.chown(file, 0, 0)
    file.chmod(0o600)
    says = [str(file), "Permission denied", "owner uid 0", "mode 600", "probe runs as uid 65534"]
    words = ["ready", "--db", "--env-file", file]
    verdict.misconfigured(*words, says=says, user=servers.unprivileged_user()["user"])


@NEEDS_ROOT
def test_env_file_in_a_closed_directory(verdict, stage):
    """Goal: incident 15, the directory is the reason, not the file."""
    folder = stage.new_folder("app")
    (folder / ".env").write_text("")
    os.chown(folder, 0, 0)
    folder.chmod(0o700)
    says = ["Permission denied", "a directory above it is closed to uid 12345"]
    verdict.misconfigured("ready", "--env-file", folder / ".env", says=says, user=12345)


def test_env_file_names_the_database(logins, verdict, stage):
    """Goal: incident 15, variables of the file are used, those of the real environment win."""
    file = stage.new_folder("app") / ".env"
    file.write_text(f"# the database\n\nDATABASE_URL={logins.url()}\r\nPROBE_NO_HTTP=1\n")
    verdict.healthy("ready", "--db", "--env-file", file, says=["postgres ok"])
    dead = logins.url().replace(str(logins.port), str(free_port()))
    env = {"DATABASE_URL": dead, "PROBE_ENV_FILE": str(file)}
    verdict.unhealthy("ready", "--no-http", "--db", f"--env-file={file}", env=env, cause="refused")


@pytest.mark.parametrize(
    "text, says",
    [
        ("A=1\nPROBE_TIMEOUT: value\n", ["line 2", "is not NAME=VALUE"]),
        ("\n\nexport PROBE_EXPECT_JSON /status=value\n", ["line 3", "is not NAME=VALUE"]),
        ("A=1\x00\n", ["NUL byte", "UTF-8"]),
    ],
)
def test_env_file_that_is_wrong(verdict, stage, text, says):
    """Goal: incident 15, the line that is wrong by its number, without its value."""
    file = stage.new_folder("app") / ".env"
    file.write_text(text)
    result = verdict.misconfigured("ready", "--env-file", file, says=[str(file), *says])
    assert "value" not in result.out.replace("NAME=VALUE", "")


def test_env_file_with_a_line_that_the_application_passes_over(verdict, stage):
    """Goal: incident 15, python-dotenv goes on behind what it cannot read: so does probe, and says so where it matters."""
    file = stage.new_folder("app") / ".env"
    file.write_text("A B=1\nDATABASE_URL: postgres://db/app\n")
    says = ["no database is configured", "line 1 of the .env file is not NAME=VALUE"]
    verdict.misconfigured("ready", "--no-http", "--db", "--env-file", file, says=says)


def test_env_file_that_is_missing(verdict):
    """Goal: incident 15, the file is not there."""
    verdict.misconfigured("ready", "--env-file", "/no/such/.env", says=["/no/such/.env", "No such file"])
    verdict.misconfigured("ready", "--env-file", "/", says=["'/'", "directory"])


# 16: no secret ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("output", [[], ["-v"], ["-vv"], ["-o", "json"], ["-vv", "-o", "json"]])
def test_no_password_in_any_output(logins, peer, verdict, secret, output):
    """Goal: incident 16, whatever happens to a URL with a password, in whatever form: it is not in the output."""
    password = secret("p:a@s/s w%rd")
    written = quote(password, safe="")
    silent = peer("silent").port
    for place in (f"127.0.0.1:{logins.port}", f"127.0.0.1:{free_port()}", "nowhere.invalid", f"127.0.0.1:{silent}"):
        target = f"postgres://scram:{written}@{place}/postgres"
        assert verdict.run_probe("ready", "-t", "500ms", *output, target).status == 1
    parameter = f"postgres://127.0.0.1:{logins.port}/postgres?user=scram&password={written}"
    assert verdict.run_probe("ready", *output, parameter).status == 1


def test_server_that_echoes_the_password(peer, verdict, secret):
    """Goal: incident 16, a server whose error holds the password."""
    password = secret()
    fields = b"SFATAL\0VFATAL\0C28P01\0Mno, %s is wrong\0\0" % password.encode()
    server = peer(read(), send(b"E" + (len(fields) + 4).to_bytes(4, "big") + fields), hold())
    url = f"postgres://app:{password}@127.0.0.1:{server.port}/db"
    not_ready(verdict, url, "pg-wrong-password", ["28P01"], "-vv")


def test_server_that_echoes_the_password_of_the_environment(peer, run_probe):
    """Goal: incident 16, a password from PGPASSWORD is as secret as one in the URL."""
    password = "not-registered-lest-the-session-fails"
    fields = b"SFATAL\0VFATAL\0C28P01\0Mno, %s is wrong\0\0" % password.encode()
    asks_for_it = b"R\0\0\0\x08\0\0\0\x03"
    refuses = b"E" + (len(fields) + 4).to_bytes(4, "big") + fields
    server = peer(read(), send(asks_for_it), read(), send(refuses), hold())
    words = ["ready", f"postgres://app@127.0.0.1:{server.port}/db"]
    out = run_probe.start(words, env={"PGPASSWORD": password}).communicate(timeout=5)[0].decode()
    assert "28P01" in out
    assert password.encode() in server.received[0]
    assert password not in out


# 27 and where it is -------------------------------------------------------------------------------------------------


@NEEDS_NAMESPACES
def test_name_from_etc_hosts(logins, verdict, stage):
    """Goal: incident 27, extra_hosts: a name that only /etc/hosts knows works in the static binary."""
    hosts = stage.new_folder("hosts") / "hosts"
    hosts.write_text("127.0.0.1 localhost\n127.0.0.1 database.outside db-outside\n")
    through = namespaces.with_file(hosts, "/etc/hosts")
    for name in ("database.outside", "db-outside"):
        target = logins.url().replace("127.0.0.1", name)
        ready(verdict, target, through=through)
    stranger = logins.url(user="stranger").replace("127.0.0.1", "db-outside")
    not_ready(verdict, stranger, "pg-no-hba-entry", ["pg_hba.conf"], through=through)


def test_name_that_nobody_knows(verdict, secret):
    """Goal: incident 27, a name that is not resolved is named, with a question about its spelling or its server."""
    target = f"postgres://app:{secret()}@nowhere.invalid/db"
    result = verdict.run_probe("ready", "-t", "2s", "-o", "json", target).json()["checks"][0]
    assert result["cause"] in ("name-not-found", "name-failed", "timeout-resolve")
    assert result["cause"] == "timeout-resolve" or "nowhere.invalid" in result["message"]


def test_unix_socket_in_every_spelling(logins, verdict):
    """Goal: a socket's directory as libpq takes it: ?host=, an encoded host, PGHOST."""
    folder, port = str(logins.folder), logins.port
    ready(verdict, f"postgres://open@/postgres?host={folder}&port={port}")
    ready(verdict, f"postgres://open@/postgres?port={port}&host={quote(folder, safe='')}")
    ready(verdict, f"postgres://open@{quote(folder, safe='')}:{port}/postgres")
    ready(verdict, "postgres://open@/postgres", env={"PGHOST": folder, "PGPORT": str(port)})
    ready(verdict, "postgres:///postgres", env={"PGHOST": folder, "PGPORT": str(port), "PGUSER": "open"})


@NEEDS_NAMESPACES
def test_unix_socket_by_default(logins, verdict, stage):
    """Goal: without a host it is the socket where Debian's server puts it."""
    name = f".s.PGSQL.{logins.port}"
    script = f'mount -t tmpfs none /run && mkdir /run/postgresql && ln -s {logins.folder}/{name} /run/postgresql/'
    through = [namespaces.UNSHARE, "--mount", "/bin/sh", "-c", f'{script} && exec "$@"', "sh"]
    ready(verdict, f"postgres://open@/postgres?port={logins.port}", through=through)
    ready(verdict, "postgres:///postgres", env={"PGUSER": "open", "PGPORT": str(logins.port)}, through=through)


@pytest.mark.parametrize("host", ["", "?host=/no/such/folder"])
def test_unix_socket_that_is_missing(verdict, host):
    """Goal: a socket that is not there is named, above all the one that nobody has written."""
    says = ["/no/such/folder" if host else "/var/run/postgresql", "No such file"]
    not_ready(verdict, f"postgres://app@/db{host}", "socket-missing", says)


def test_several_hosts(logins, verdict):
    """Goal: the first host is dead, the second alive: healthy; both dead: refused, both named."""
    alive, dead, other = f"127.0.0.1:{logins.port}", f"127.0.0.1:{free_port()}", f"localhost:{free_port()}"
    ready(verdict, logins.url().replace(alive, f"{dead},{alive}"))
    ready(verdict, logins.url().replace(alive, f"{dead},{other},{alive}"))
    not_ready(verdict, logins.url().replace(alive, f"{dead},{other}"), "refused", ["refused by", dead, other])


def test_several_hosts_and_a_wrong_password(logins, verdict, secret):
    """Goal: a host that refuses the login ends the search: its refusal is the verdict."""
    alive = f"127.0.0.1:{logins.port}"
    url = logins.url(password=secret()).replace(alive, f"{alive},{alive}")
    not_ready(verdict, url, "pg-wrong-password", ["28P01"])


@pytest.mark.parametrize(
    "mode",
    [
        "require",
        pytest.param("verify-ca"),
        pytest.param("verify-full"),
    ],
)
def test_sslmode_that_needs_tls(peer, verdict, secret, mode):
    """Goal: a build without TLS says so before anything is sent, and what to write instead; one with TLS asks."""
    server = peer("silent")
    target = f"postgres://app:{secret()}@127.0.0.1:{server.port}/db"
    says = [f"sslmode {mode}", "needs TLS: use probe's TLS build (image probe:tls)", "sslmode=prefer"]
    verdict.needs_tls("ready", "-t", "500ms", f"{target}?sslmode={mode}", says=says)
    verdict.needs_tls("ready", "-t", "500ms", target, env={"PGSSLMODE": mode}, says=says)
    assert server.connections == (2 if has_tls(verdict.run_probe.binary) else 0)


PARAMETERS = ["sslmode=prefer", "sslmode=disable", "connect_timeout=10", "options=-cgeqo%3Doff"]


@pytest.mark.parametrize("parameters", PARAMETERS)
def test_parameters_that_people_write(logins, verdict, parameters):
    """Goal: a URL as it stands in a settings file works as it is."""
    ready(verdict, f"{logins.url()}?{parameters}")


def test_user_is_missing(peer, verdict):
    """Goal: no user named: how to write one."""
    target = f"postgres://127.0.0.1:{peer('silent').port}/db"
    verdict.misconfigured("ready", target, says=["names no user", "postgres://USER:PASSWORD@HOST/NAME", "PGUSER"])


def test_verbose_shows_login_and_query(logins, verdict):
    """Goal: -v tells how long the login and the query took."""
    out = ready(verdict, logins.url(), "-v").out
    for words in ("connect", "login", "query", "postgres://postgres:***@"):
        assert words in out


def test_target_of_the_wrong_kind(verdict, secret):
    """Goal: an option that is given the other service's URL says so."""
    verdict.misconfigured("ready", "--no-http", "--db=redis://127.0.0.1", says=["--db", "redis"])
    verdict.misconfigured("ready", "--no-http", f"--redis=postgres://app:{secret()}@127.0.0.1/d", says=["--redis"])
