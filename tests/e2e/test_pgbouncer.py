"""Through pgbouncer: what it says of itself, and its console; every answer is a real one."""
import contextlib

import psycopg2
import pytest

import poolers
import servers
from addresses import free_port
from peers import read, send
from pg_errors import error
from processes import wait_until


@pytest.fixture(scope="module")
def behind(stage, registry):
    """The server behind the poolers, with a role and a database called app."""
    password = registry.secret()
    database = servers.postgres(stage, stage.postgres_password or registry.secret())
    database.role_password = password
    database.sql(f"CREATE ROLE app LOGIN PASSWORD '{password}'")
    database.sql("CREATE DATABASE app OWNER app")
    yield database
    database.stop()


@pytest.fixture
def pooler(stage, started, behind):
    def start(databases=None, **settings):
        place = f"host={behind.host} port={behind.port}"
        server = poolers.pgbouncer(stage, behind.role_password, databases or {"app": f"{place} dbname=app"}, **settings)
        started.append(server)
        return server

    return start


@contextlib.contextmanager
def connected(pool, **options):
    parts = {"host": pool.host, "port": pool.port, "user": "app", "password": pool.password, "dbname": "app"}
    connection = psycopg2.connect(**{**parts, **options})
    try:
        yield connection
    finally:
        connection.close()


@pytest.mark.parametrize("mode", ["session", "transaction", "statement"])
def test_pooling(pooler, verdict, mode):
    """Goal: each way of pooling serves, all questions too, and no setting of ours is left in a session of the pool."""
    pool = pooler(pool_mode=mode, default_pool_size=1)
    verdict.healthy("ready", pool.url(), says=["postgres ok"])
    verdict.healthy("ready", pool.url(), "--db-writable", "--db-query", "SELECT count(*) FROM pg_class")
    with connected(pool) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


def test_late_query_is_cancelled(pooler, behind, verdict):
    """Goal: a query that is late ends at the server too, through a pooler as well: soon, as the server is only asked to."""
    pool = pooler(pool_mode="transaction")
    for url in (pool.url(), behind.url(user="app", password=behind.role_password, database="app")):
        verdict.unhealthy("ready", "-t", "500ms", "--db-query", "SELECT pg_sleep(20)", url, cause="timeout-query", once=True)
        running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'"
        assert wait_until(lambda: behind.sql(running) == [(0,)], seconds=5)


@pytest.mark.parametrize("query", ["SHOW VERSION", "SHOW POOLS", "SHOW DATABASES;"])
def test_console(pooler, verdict, query):
    """Goal: the console takes one command at a time, and nothing in front of it."""
    pool = pooler()
    verdict.healthy("ready", "--db-query", query, pool.url("admin", database="pgbouncer"), says=["postgres ok"])


def test_console_refuses(pooler, verdict):
    """Goal: what the console does not know is told in its own words."""
    pool = pooler()
    url = pool.url("admin", database="pgbouncer")
    verdict.unhealthy("ready", "--db-query", "SHOW NONSENSE", url, cause="pg-error", says=["08P01"])


@pytest.mark.parametrize(
    "part, cause, says",
    [
        ({"database": "nosuch"}, "pg-no-database", ["no such database 'nosuch' (08P01)"]),
        ({"user": "nosuch"}, "pg-pooler-login", ["user 'nosuch' (08P01)", "auth_file"]),
        ({"password": "wrong-one"}, "pg-pooler-login", ["wrong user or password for user 'app' (08P01)", "auth_file"]),
    ],
)
def test_refusals(pooler, verdict, part, cause, says):
    """Goal: each is what it is, and never 'is it the right port?'."""
    verdict.unhealthy("ready", pooler().url(**part), cause=cause, says=says)


def test_plain_passwords(pooler, verdict):
    """Goal: the same where pgbouncer asks for the password itself."""
    pool = pooler(auth_type="plain")
    verdict.healthy("ready", pool.url())
    verdict.unhealthy("ready", pool.url(password="wrong-one"), cause="pg-pooler-login", says=["wrong user or password"])


def test_full(pooler, verdict):
    """Goal: max_client_conn is taken, which is not the server's max_connections."""
    pool = pooler(max_client_conn=1)
    with connected(pool):
        says = ["pooler full (08P01): no more connections allowed (max_client_conn)", "raise max_client_conn"]
        result = verdict.unhealthy("ready", pool.url(), cause="pg-pooler-full", says=says)
        assert "max_connections" not in result.first
    verdict.healthy("ready", pool.url(), once=True)


def test_pool_is_taken(pooler, verdict):
    """Goal: all of the pool's server connections are in a transaction, and query_wait_timeout is over."""
    pool = pooler(default_pool_size=1, query_wait_timeout=1, pool_mode="transaction")
    with connected(pool) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        says = ["no server connection (08P01): query_wait_timeout", "SHOW POOLS"]
        verdict.unhealthy("ready", "-t", "8s", pool.url(), cause="pg-pooler-queue", says=says, once=True)


def test_server_is_down(pooler, verdict):
    """Goal: the pooler is up and its server is not: nobody blames the pooler's port."""
    pool = pooler({"app": f"host=127.0.0.1 port={free_port()} dbname=app"}, query_wait_timeout=1)
    says = ["no server connection (08P01): query_wait_timeout", "does its server take logins?"]
    verdict.unhealthy("ready", "-t", "8s", pool.url(), cause="pg-pooler-queue", says=says, once=True)


@pytest.mark.parametrize(
    "words",
    [
        "server login has been failing, try again later (server_login_retry)",  # 1.18, objects.c
        "server login has been failing, cached error: connect failed (server_login_retry)",  # 1.20
        "pgbouncer cannot connect to server",  # 1.12 to 1.15
    ],
)
def test_server_takes_no_login(peer, verdict, words):
    """Goal: the same in pgbouncer's other words, which take it longer; scripted from its source."""
    server = peer(read(), send(error(words, "08P01")))
    says = [f"pooler without its server (08P01): {words}", "server behind it"]
    verdict.unhealthy("ready", f"postgres://u@127.0.0.1:{server.port}/d", cause="pg-pooler-server", says=says)


def test_startup_parameter(pooler, verdict):
    """Goal: a parameter that pgbouncer does not take is named, with the remedy."""
    says = ["unsupported startup parameter: options", "ignore_startup_parameters"]
    url = pooler().url() + "?options=-csearch_path%3Da"
    verdict.unhealthy("ready", url, cause="pg-pooler-parameter", says=says)


def test_tls_only(pooler, stage, verdict):
    """Goal: client_tls_sslmode=require: the pooler takes TLS only, and says so."""
    certificate, key = stage.certificate()
    pool = pooler(client_tls_sslmode="require", client_tls_cert_file=certificate, client_tls_key_file=key)
    verdict.unhealthy("ready", pool.url(), cause="pg-tls-required", says=["wants TLS (08P01): SSL required"])
