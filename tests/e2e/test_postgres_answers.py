"""What PostgreSQL and its kin answer, in words that our own server does not say: scripted from their sources and logs."""
import pytest

import servers
from addresses import Address
from peers import hold, read, send
from pg_errors import error
from runner import has_tls

RESERVED = "remaining connection slots are reserved for roles with the SUPERUSER attribute"  # 16, postinit.c
SECURE = "node is running secure mode, SSL connection required"  # CockroachDB, pgwire/server.go
AZURE = "SSL connection is required. Please specify SSL options and retry."
NO_ENTRY = 'no pg_hba.conf entry for host "10.0.0.9", user "u", database "d", no encryption'


@pytest.mark.parametrize(
    "state, words, cause, says",
    [
        ("53300", RESERVED, "pg-too-many-connections", ["too many connections (53300)"]),
        ("53300", 'too many connections for role "u"', "pg-connection-limit", ["for user 'u'"]),
        ("53200", "out of memory", "pg-no-resources", ["out of resources (53200): out of memory"]),
        ("53100", "could not write: No space left on device", "pg-no-resources", ["No space left on device"]),
        ("28000", 'Peer authentication failed for user "u"', "pg-peer-refused", ["peer authentication failed for user 'u'"]),
        ("28000", 'role "u" does not exist', "pg-no-role", ["no such role for user 'u'"]),
        ("28000", 'LDAP authentication failed for user "role"', "pg-login-refused", ["login refused"]),
        ("28000", NO_ENTRY, "pg-no-hba-entry", ["no pg_hba.conf entry for user 'u' (28000)", "hostssl"]),
        ("28000", AZURE, "pg-tls-required", ["wants TLS (28000): SSL connection is required"]),
        ("08P01", SECURE, "pg-tls-required", ["wants TLS (08P01): node is running secure mode"]),
        ("08P01", "bouncer config error", "pg-error", ["error (08P01): bouncer config error"]),
        ("08P01", 'password authentication failed for user "u"', "pg-pooler-login", ["wrong user or password"]),
    ],
)
def test_words_of_a_refusal(peer, verdict, state, words, cause, says):
    """Goal: a well-formed error is PostgreSQL's, and its words decide, not where they resemble another's."""
    server = peer(read(), send(error(words, state)))
    result = verdict.unhealthy("ready", f"postgres://u@127.0.0.1:{server.port}/d", cause=cause, says=says)
    assert "right port" not in result.first


def test_fork_failure(peer, verdict):
    """Goal: the server cannot fork: said before it speaks version 3 of its protocol (postmaster.c, report_fork_failure)."""
    words = b"Ecould not fork new process for connection: Resource temporarily unavailable\n\0"
    server = peer(read(), send(words))
    says = ["server cannot fork a new process", "limits of the server"]
    verdict.unhealthy("ready", f"postgres://u@127.0.0.1:{server.port}/d", cause="pg-no-resources", says=says)


def test_tls_only_by_pg_hba(stage, started, registry, verdict):
    """Goal: hostssl alone, as on RDS: the server shows that it speaks TLS, so nobody is sent to look for an entry."""
    certificate, key = stage.certificate()
    password = stage.postgres_password or registry.secret()
    options = {"ssl": "on", "ssl_cert_file": certificate, "ssl_key_file": key}
    server = servers.postgres(stage, password, hba=["hostssl all all all scram-sha-256"], **options)
    started.append(server)
    says = ["no pg_hba.conf entry without TLS for user 'postgres' (28000): the server speaks TLS"]
    says.append("write sslmode=require, or verify-full" if has_tls(verdict.run_probe.binary) else "force_ssl")
    verdict.unhealthy("ready", server.url(), cause="pg-tls-required", says=says)


def test_no_entry_and_no_tls(postgres, verdict):
    """Goal: the same words of a server without TLS mean what they say."""
    server = postgres(hba=["host nobody all all trust"])
    verdict.unhealthy("ready", server.url(), cause="pg-no-hba-entry", says=["no pg_hba.conf entry", "add the entry"])


def test_port_of_another_protocol(nginx, verdict):
    """Goal: an HTTP port is told by its own answer."""
    front = nginx("location / { return 200; }")
    url = f"postgres://u:{'x' * 8}@{front.host}:{front.port}/d"
    verdict.unhealthy("ready", url, cause="pg-protocol", says=["not PostgreSQL but HTTP: it answers 'HTTP/1.1 400"])


def test_port_of_tls(stage, started, verdict):
    """Goal: a port that speaks TLS from the first byte on, like a proxy's in front of PostgreSQL."""
    certificate, key = stage.certificate()
    address = Address("127.0.0.1")
    command = ["openssl", "s_server", "-accept", address.port, "-cert", certificate, "-key", key, "-quiet"]
    server = servers.Server("openssl", stage.new_folder("tls"), address, command).start()
    started.append(server)
    says = ["the port speaks TLS, not plain PostgreSQL"]
    verdict.unhealthy("ready", f"postgres://u@127.0.0.1:{server.port}/d", cause="tls-port", says=says)


def test_port_that_wants_the_proxy_protocol(peer, verdict):
    """Goal: closed at once without its header, and PostgreSQL behind one: said (HAProxy's accept-proxy does so)."""

    def behind_proxy(talk):
        if talk.receive().startswith(b"PROXY "):
            talk.send(b"N")
            hold()(talk)

    server = peer(behind_proxy)
    says = ["connection closed during the login: the port wants the PROXY protocol"]
    verdict.unhealthy("ready", f"postgres://u@127.0.0.1:{server.port}/d", cause="reset", says=says)


@pytest.mark.parametrize(
    "query, what",
    [
        ("SELECT 0", "0"),
        ("SELECT count(*) FROM pg_class WHERE false", "0"),
        ("SELECT 0.00", "0.00"),
        ("SELECT -0.0::float8", "-0"),
        ("SELECT ''", "an empty text"),
        ("SELECT false", "false"),
        ("SELECT 'false'", "false"),
        ("SELECT NULL", "NULL"),
        ("SELECT 1 WHERE false", "no row"),
        ("SELECT true; SELECT 1 WHERE false", "no row"),
        ("SELECT true; SELECT false", "false"),
        ("SELECT true; SELECT 0", "0"),
        ("SET work_mem = '1MB'", "no row"),
    ],
)
def test_answers_that_are_false(postgres_once, verdict, query, what):
    """Goal: what is false, zero or nothing does not pass, and of several statements the last one that answers counts."""
    url = postgres_once.url()
    verdict.unhealthy("ready", "--db-query", query, url, cause="pg-query-false", says=[f"query gave {what}"])


@pytest.mark.parametrize(
    "query",
    ["SELECT 1 WHERE false; SELECT 1", "BEGIN; SELECT true; COMMIT", "SELECT 0.01", "SELECT '0x'", "SELECT '00:00'",
     "SELECT ' '", "SELECT -1", "SELECT '.'", "SELECT 'offline'", "SELECT 10"],
)
def test_answers_that_are_true(postgres_once, verdict, query):
    """Goal: whatever is none of these passes."""
    verdict.healthy("ready", "--db-query", query, postgres_once.url())


@pytest.fixture(scope="module")
def postgres_once(stage, registry):
    server = servers.postgres(stage, stage.postgres_password or registry.secret())
    yield server
    server.stop()


EXPANDS = "a $NAME was sent as it is: exec form expands no $VARIABLE"


@pytest.mark.parametrize("variable", ["${PW}", "$PW"])
def test_variable_in_a_password(postgres_once, verdict, variable):
    """Goal: exec form expands nothing: a password that is a variable's name is told as that."""
    url = postgres_once.url(password=variable)
    verdict.unhealthy("ready", "--no-http", f"--db={url}", cause="pg-wrong-password", says=["wrong password", EXPANDS])


@pytest.mark.parametrize("part", ["user", "database"])
def test_variable_in_another_part(postgres_once, verdict, part):
    """Goal: the same in a user and in a database."""
    url = postgres_once.url(**{part: "${NAME}"})
    cause = "pg-no-database" if part == "database" else "pg-wrong-password"
    verdict.unhealthy("ready", url, cause=cause, says=[EXPANDS])


def test_variable_in_a_path_and_a_header(healthy_app, verdict):
    """Goal: and where HTTP sends it; a healthy answer has no such word."""
    url = healthy_app.url("/no/${NAME}")
    verdict.unhealthy("live", url, cause="http-not-found", says=[EXPANDS])
    url = healthy_app.url("/no/such")
    verdict.unhealthy("live", "-H", "X-Token: $TOKEN", url, cause="http-not-found", says=[EXPANDS])
    result = verdict.healthy("live", healthy_app.url("/api/v1/health/") + "?x=$NAME")
    assert EXPANDS not in result.first
