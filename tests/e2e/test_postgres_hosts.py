"""Several hosts of PostgreSQL: who answers keeps the time that is left, and what is told of the others is true."""
import shutil
import subprocess

import pytest

import servers
from addresses import free_port
from peers import hold, pause, read, send
from pg_errors import error, message

LOGIN = message(b"R", b"\0\0\0\0") + message(b"Z", b"I")
ANSWER = message(b"T", b"\0\x01?column?\0" + b"\0" * 18) + message(b"D", b"\0\x01\0\0\0\x011") + message(b"C", b"SELECT 1\0")


def slow(seconds):
    """Logs in after so long, and answers."""
    return read(), pause(seconds), send(LOGIN), read(), send(ANSWER + message(b"Z", b"I")), hold()


def places(*servers_):
    return ",".join(f"127.0.0.1:{getattr(server, 'port', server)}" for server in servers_)


def test_first_host_is_slow(peer, verdict):
    """Goal: a host that logs in after more than half of the time is waited for beside the next one, which is not there."""
    url = f"postgres://app@{places(peer(*slow(1.2)), free_port())}/d"
    verdict.healthy("ready", "-t", "2s", url, says=["postgres ok"])


def test_both_are_slow(peer, verdict):
    """Goal: the first of two that logs in is taken, whichever it is."""
    url = f"postgres://app@{places(peer(read(), hold()), peer(*slow(0.3)), peer(read(), hold()))}/d"
    verdict.healthy("ready", "-t", "2s", url, says=["postgres ok"])


def test_silent_host_does_not_hide_another(peer, postgres, verdict):
    """Goal: a host that takes the connection and is silent keeps only its share."""
    url = postgres().url().replace("@", f"@{places(peer('silent'))},")
    verdict.healthy("ready", "-t", "2s", url)


def test_wrong_password_behind_a_silent_host(peer, postgres, verdict):
    """Goal: what a host says is told, not that another one is silent."""
    url = postgres().url(password="not-this-one").replace("@", f"@{places(peer('silent'))},")
    verdict.unhealthy("ready", "-t", "1s", url, cause="pg-wrong-password", says=["wrong password"])


def test_nobody_is_there(verdict):
    """Goal: all that were asked are named, each with its port."""
    first, second = free_port(), free_port()
    url = f"postgres://app@{places(first, second)}/d"
    verdict.unhealthy("ready", "--no-http", url, cause="refused", says=[f"refused by 127.0.0.1:{first},127.0.0.1:{second}"])


def test_not_all_refused(verdict):
    """Goal: where one name is unknown and another host refuses, nobody says that both refused."""
    port = free_port()
    url = f"postgres://app@no-such-host.invalid:{port},127.0.0.1:{port}/d"
    result = verdict.unhealthy("ready", "--no-http", url, cause="refused", says=[f"refused by 127.0.0.1:{port}"])
    assert "refused by no-such" not in result.first


def test_two_socket_folders_and_a_slow_server(verdict, peer):
    """Goal: without a host the usual folders are tried, and no sentence speaks of hosts that nobody named."""
    result = verdict.unhealthy("ready", f"postgres://app@:{free_port()}/d", cause="socket-missing", says=["/.s.PGSQL."])
    assert "refused by" not in result.first


@pytest.mark.parametrize("words, state", [("the database system is starting up", "57P03")])
def test_next_host_when_the_first_takes_no_login(peer, postgres, verdict, words, state):
    """Goal: as libpq: a server that starts is passed over, one that refuses the password is not."""
    starting = peer(read(), send(error(words, state)))
    verdict.healthy("ready", postgres().url().replace("@", f"@{places(starting)},"))
    refusing = peer(read(), send(error("no", "28P01")))
    url = postgres().url().replace("@", f"@{places(refusing)},")
    verdict.unhealthy("ready", url, cause="pg-wrong-password")


def test_password_that_occurs_in_a_host_name(postgres, verdict):
    """Goal: what is connected with is what libpq read, not the text in which the password is hidden."""
    database = postgres()
    database.sql("CREATE ROLE hosty LOGIN PASSWORD 'localhost'")
    url = f"postgres://hosty:localhost@localhost:{free_port()},localhost:{database.port}/postgres"
    verdict.healthy("ready", "--no-http", url)


# A primary and its standby ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pair(stage, registry):
    """A primary and a standby that streams from it, made by pg_basebackup."""
    password = stage.postgres_password or registry.secret()
    primary = servers.postgres(stage, password, hba=["host all all all scram-sha-256", "local replication postgres trust"])
    copy = stage.new_folder("standby") / "data"
    command = [servers.postgres_program("pg_basebackup"), "-h", primary.folder, "-p", str(primary.port), "-U", "postgres"]
    subprocess.run([*command, "-D", copy, "-R", "-c", "fast", "-X", "stream"], check=True, env=servers.ENVIRONMENT)

    def restore(data):
        shutil.rmtree(data)
        shutil.copytree(copy, data, symlinks=True)
        subprocess.run(["chown", "-R", "--reference", data.parent, data], check=True)
        data.chmod(0o700)

    standby = servers.postgres(stage, password, prepare=restore)
    yield primary, standby
    standby.stop()
    primary.stop()


@pytest.mark.parametrize(
    "wanted, of_primary, of_standby",
    [
        ("any", None, None),
        ("read-write", None, "pg-not-writable"),
        ("primary", None, "pg-not-writable"),
        ("read-only", "pg-not-standby", None),
        ("standby", "pg-not-standby", None),
        ("prefer-standby", None, None),
    ],
)
def test_session_that_is_wanted(pair, verdict, wanted, of_primary, of_standby):
    """Goal: target_session_attrs of a primary, of a standby, and of both, where one of them always fits."""
    for server, cause in zip(pair, (of_primary, of_standby)):
        url = f"{server.url()}?target_session_attrs={wanted}"
        if cause:
            verdict.unhealthy("ready", url, cause=cause)
        else:
            verdict.healthy("ready", url)
    primary, standby = pair
    both = primary.url().replace("@", f"@{standby.host}:{standby.port},") + f"?target_session_attrs={wanted}"
    verdict.healthy("ready", both)


@pytest.mark.parametrize("wanted, is_standby", [("prefer-standby", True), ("any", False), ("read-write", False)])
def test_who_is_asked(pair, verdict, wanted, is_standby):
    """Goal: prefer-standby takes the standby behind a primary, as libpq does."""
    primary, standby = pair
    both = standby.url().replace("@", f"@{primary.host}:{primary.port},") + f"?target_session_attrs={wanted}"
    question = f"SELECT pg_is_in_recovery() = {str(is_standby).lower()}"
    verdict.healthy("ready", "--db-query", question, both)


def test_writable_standby(pair, verdict):
    """Goal: --db-writable of a real standby."""
    verdict.healthy("ready", "--db-writable", pair[0].url())
    verdict.unhealthy("ready", "--db-writable", pair[1].url(), cause="pg-not-writable", says=["standby in recovery"])
