"""The incidents of Redis, each against a real server; where redis-cli ping exits 0, it is asked beside.

A test that is expected to fail (xfail) is a known mistake: it turns red when it is mended, and its mark goes.
"""
import os
import shutil
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



def ping(server):
    """(exit status, words) of redis-cli ping, the usual health check."""
    command = ["redis-cli", "-h", server.host, "-p", str(server.port), "ping"]
    done = subprocess.run(command, env=servers.ENVIRONMENT, capture_output=True, text=True, timeout=10)
    return done.returncode, done.stdout.split(" ")[0].strip()


def ready(verdict, target, *options, **more):
    return verdict.healthy("ready", *options, target, says=["redis ok"], **more)


def not_ready(verdict, target, cause, says, *options, **more):
    return verdict.unhealthy("ready", *options, target, cause=cause, says=says, **more)


@pytest.fixture(scope="module")
def locked(stage, registry):
    """A Redis with a password, two databases and users of its own."""
    server = servers.redis(stage, password=registry.secret(), databases=2)
    server.user_password = registry.secret()
    for name, rules in [("all", "+@all"), ("no_ping", "+select"), ("no_select", "+ping"), ("off", "off")]:
        server.command("ACL", "SETUSER", name, "on", f">{server.user_password}", *rules.split())
    yield server
    server.stop()


# 6: Redis does not decide on life -----------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["redis://127.0.0.1:{}", "rediss://127.0.0.1:{}", "unix:///run/redis.sock"])
def test_live_refuses_redis(peer, verdict, target):
    """Goal: incident 6, live refuses Redis in every spelling, and says why; nothing is sent."""
    server = peer("silent")
    says = ["not for probe live", "must not restart every container", "probe ready"]
    verdict.misconfigured("live", target.format(server.port), says=says)
    verdict.misconfigured("live", "--redis", says=["--redis", *says])
    verdict.misconfigured("live", "--redis-writable", says=["--redis-writable", *says])
    assert server.connections == 0


# 12: the URL is wrong -----------------------------------------------------------------------------------------------


def test_password_is_missing(locked, verdict):
    """Goal: incident 12, NOAUTH, and how a password is written; redis-cli ping exits 0."""
    says = ["wants a password (NOAUTH)", "redis://:PASSWORD@HOST"]
    not_ready(verdict, f"redis://127.0.0.1:{locked.port}", "redis-noauth", says)
    assert ping(locked) == (0, "NOAUTH")


@pytest.mark.parametrize("user", ["", "default", "all", "off", "nobody_there"])
def test_password_is_wrong(locked, verdict, secret, user):
    """Goal: incident 12, WRONGPASS, with and without a user."""
    url = f"redis://{user}:{secret()}@127.0.0.1:{locked.port}"
    not_ready(verdict, url, "redis-wrong-password", ["wrong user or password (WRONGPASS)", "requirepass"])


def test_password_where_none_is_set(redis, verdict, secret):
    """Goal: incident 12, a password for a server that has none: what to change."""
    url = f"redis://:{secret()}@127.0.0.1:{redis().port}"
    not_ready(verdict, url, "redis-no-password-set", ["has no password set", "take the password out of the URL"])


def test_password_that_is_an_ordinary_word(redis, run_probe):
    """Goal: incident 16, the line's own words are not a leak, whatever the password is."""
    result = run_probe("ready", f"redis://:password@127.0.0.1:{redis().port}")
    assert "has no password set" in result.first, str(result)


@pytest.mark.parametrize("number", [2, 15, 2147483647])
def test_database_is_out_of_range(locked, verdict, number):
    """Goal: incident 12, a database number that the server does not have."""
    says = [f"database {number} out of range", "databases - 1"]
    result = not_ready(verdict, locked.url(database=number), "redis-db-range", says)
    assert "DB index is out of range" in result.out


def test_database_that_is_out_of_range_is_named(locked, verdict):
    """Goal: incident 12, the number, for who does not see the URL."""
    not_ready(verdict, locked.url(database=7), "redis-db-range", ["database 7"])


def test_databases_that_are_there(locked, verdict):
    """Goal: incident 12, by path, by parameter, and none."""
    for url in (locked.url(database=0), locked.url(database=1), locked.url(database="")):
        ready(verdict, url)
    bare = f"redis://127.0.0.1:{locked.port}"
    ready(verdict, f"{bare}?password={locked.password}&db=1")
    ready(verdict, f"redis://all:{locked.user_password}@127.0.0.1:{locked.port}/1")
    ready(verdict, f"{bare}/1?username=all&password={locked.user_password}")


def test_host_is_wrong(verdict, secret):
    """Goal: incident 12, nothing listens there; or the name is unknown."""
    port = free_port()
    not_ready(verdict, f"redis://:{secret()}@127.0.0.1:{port}/0", "refused", [f"refused by 127.0.0.1:{port}"])
    report = verdict.run_probe("ready", "-t", "2s", "-o", "json", "redis://nowhere.invalid").json()["checks"][0]
    assert report["cause"] in ("name-not-found", "name-failed", "timeout-resolve")


@pytest.mark.parametrize(
    "url, says",
    [
        ("", ["empty"]),
        ("redis://:{}#tail@cache", ["%23"]),
        ("redis://:{}/tail@cache", ["%2F"]),
        ("redis://:{}@tail/tail@cache", ["%40", "%2F"]),
        ("redis://:{}@cache?db=tail", ["parameter 'db' that is not the number of a database"]),
        ("redis://:{}@cache:port", ["port"]),
        ("redis://:{}@a,b", ["several hosts", "Sentinel"]),
        ('"redis://:{}@cache"', ["quotes"]),
        ("redis://:{}@ca che", ["host with a character that no name has"]),
        ("redis://:{}\t@cache", ["control character"]),
        ("redis://:{}%00@cache", ["%00"]),
    ],
)
def test_url_that_does_not_parse(verdict, secret, url, says):
    """Goal: incidents 12 and 14, what is wrong with REDIS_URL, and nothing of it is printed."""
    env = {"REDIS_URL": url.format(secret())}
    result = verdict.misconfigured("ready", "--no-http", "--redis", env=env, says=["REDIS_URL", *says])
    assert "tail" not in result.out


def test_url_that_needs_tls(verdict, secret):
    """Goal: rediss:// is asked by the build with TLS, and refused by the variable's name by the other one."""
    env = {"REDIS_URL": f"rediss://:{secret()}@cache"}
    verdict.needs_tls("ready", "--no-http", "-t", "500ms", "--redis", env=env, says=["REDIS_URL", "needs TLS"])


@pytest.mark.parametrize("url", ["127.0.0.1:6379", "redis:6379/0", "redis//cache"])
def test_url_without_its_scheme(verdict, url):
    """Goal: incident 12, a host and a port alone, as other variables have them: write redis://."""
    env = {"REDIS_URL": url}
    verdict.misconfigured("ready", "--no-http", "--redis", env=env, says=["REDIS_URL", "redis://"])


def test_variables(locked, verdict, stage):
    """Goal: incident 14, REDIS_URL, its file, and the parts."""
    file = stage.new_folder("secret") / "redis_url"
    file.write_text(locked.url() + "\n")
    words = ["ready", "--no-http", "--redis"]
    parts = {"REDIS_HOST": "127.0.0.1", "REDIS_PORT": str(locked.port), "REDIS_PASSWORD": locked.password}
    for env in (
        {"REDIS_URL": locked.url()},
        {"REDIS_URL_FILE": str(file)},
        parts,
        {**parts, "REDIS_DB": "1"},
        {**parts, "REDIS_USER": "all", "REDIS_PASSWORD": locked.user_password},
    ):
        verdict.healthy(*words, env=env, says=["redis ok"])
    verdict.unhealthy(*words, env={**parts, "REDIS_DB": "2"}, cause="redis-db-range")


def test_variables_that_are_wrong(verdict):
    """Goal: incident 14, not set, misspelt, and no file."""
    words = ["ready", "--no-http", "--redis"]
    verdict.misconfigured(*words, says=["no Redis is configured: set REDIS_URL or REDIS_HOST", "--redis=redis://"])
    verdict.misconfigured(*words, env={"REDIS_ULR": "x"}, says=["did you mean REDIS_ULR?"])
    verdict.misconfigured(*words, env={"REDIS_URL_FILE": "/no/such"}, says=["/no/such", "REDIS_URL_FILE"])


@pytest.mark.parametrize("name", ["REDIS_PORT", "REDIS_DB"])
def test_parts_that_are_wrong(verdict, name):
    """Goal: incident 14, the part that is wrong is the one that is named."""
    env = {"REDIS_HOST": "cache", name: "five"}
    verdict.misconfigured("ready", "--no-http", "--redis", env=env, says=[name])


@pytest.mark.parametrize("output", [[], ["-v"], ["-vv"], ["-o", "json"], ["-vv", "-o", "json"]])
def test_no_password_in_any_output(locked, peer, verdict, secret, output):
    """Goal: incident 16, whatever happens to a URL with a password, in whatever form: it is not in the output."""
    password = secret("p:a@s/s w%rd")
    written = quote(password, safe="")
    silent = peer("silent").port
    for place in (f"127.0.0.1:{locked.port}", f"127.0.0.1:{free_port()}", "nowhere.invalid", f"127.0.0.1:{silent}"):
        for target in (f"redis://:{written}@{place}/0", f"redis://{place}/0?password={written}"):
            assert verdict.run_probe("ready", "-t", "500ms", *output, target).status == 1


def test_server_that_echoes_the_password(peer, verdict, secret):
    """Goal: incident 16, a server whose error holds the password."""
    password = secret()
    server = peer(read(), send(f"-ERR what is {password}\r\n-ERR x\r\n".encode()), hold())
    url = f"redis://:{password}@127.0.0.1:{server.port}"
    not_ready(verdict, url, "redis-error", ["what is ***"], "-vv")


def test_unix_sockets(locked, verdict):
    """Goal: a unix socket, as redis-py writes it, with its database and its password."""
    path = f"{locked.folder}/socket"
    ready(verdict, f"unix://{path}?db=1&password={locked.password}")
    ready(verdict, f"unix://:{locked.password}@{path}?db=1")
    ready(verdict, f"unix://all:{locked.user_password}@{path}")
    not_ready(verdict, f"unix://{path}", "redis-noauth", ["NOAUTH"])
    not_ready(verdict, f"unix://{path}?db=9&password={locked.password}", "redis-db-range", ["out of range"])
    missing = f"{locked.folder}/none.sock"
    not_ready(verdict, f"unix://{missing}", "socket-missing", [missing, "No such file"])


@NEEDS_ROOT
def test_unix_socket_denied(locked, verdict):
    """Goal: a unix socket that this user may not use."""
    os.chmod(locked.folder / "socket", 0o700)
    target = f"unix://{locked.folder}/socket"
    not_ready(verdict, target, "socket-denied", ["Permission denied"], user=12345)
    os.chmod(locked.folder / "socket", 0o755)


# 13: up and unusable ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dump(stage):
    """What a Redis with 20,000 keys has saved."""
    server = servers.redis(stage)
    server.command("EVAL", "for i = 1, 20000 do redis.call('SET', 'key' .. i, 'value') end", 0)
    server.command("SAVE")
    server.stop()
    return server.folder / "dump.rdb"


def test_loading(redis, verdict, dump):
    """Goal: incident 13, a Redis that loads its data: LOADING, to wait, and redis-cli ping exits 0."""

    def put(folder):
        shutil.copy(dump, folder / "dump.rdb")
        servers.give_away(folder / "dump.rdb")

    slow = {"key_load_delay": 500, "loading_process_events_interval_bytes": 1024}
    cache = redis(prepare=put, **slow)
    says = ["loading its data (LOADING)", "wait until it is loaded"]
    not_ready(verdict, cache.url(), "redis-loading", says)
    assert ping(cache) == (0, "LOADING")


def test_cannot_save(redis, verdict):
    """Goal: incident 13, a background save fails and Redis takes no writes: MISCONF, and redis-cli ping exits 0."""
    cache = redis(save="900 1")
    cache.command("SET", "key", "value")
    cache.command("CONFIG", "SET", "rdbcompression", "no")
    (cache.folder / "dump.rdb").mkdir()  # the file that is saved cannot take its place
    cache.command("BGSAVE")
    processes.wait_until(lambda: "Background saving error" in cache.log(), 5)
    says = ["cannot save to disk (MISCONF)", "is its disk full or read-only?"]
    not_ready(verdict, cache.url(), "redis-misconf", says)
    assert ping(cache) == (0, "MISCONF")
    cache.command("CONFIG", "SET", "save", "")  # or it refuses to stop


def test_replica(redis, verdict):
    """Goal: incident 13, a real replica answers; --redis-writable fails on it, and not on its master."""
    master = redis()
    replica = redis(replicaof=f"127.0.0.1 {master.port}", repl_diskless_sync_delay=0)
    processes.wait_until(lambda: replica.client().info("replication")["master_link_status"] == "up", 10)
    ready(verdict, replica.url())
    ready(verdict, master.url(), "--redis-writable")
    says = ["read-only replica (READONLY)", "name the master"]
    not_ready(verdict, replica.url(), "redis-readonly", says, "--redis-writable")


def test_replica_without_its_master(redis, verdict):
    """Goal: incident 13, a replica that lost its master and serves no stale data: MASTERDOWN."""
    replica = redis(replicaof=f"127.0.0.1 {free_port()}", replica_serve_stale_data="no")
    says = ["replica without its master (MASTERDOWN)", "is the master up?"]
    not_ready(verdict, replica.url(), "redis-masterdown", says)
    assert ping(replica) == (0, "MASTERDOWN")


def test_busy_with_a_script(redis, verdict):
    """Goal: incident 13, a Lua script without end: BUSY, and how it is ended."""
    cache = redis(busy_reply_threshold=10)
    with cache.address.connect() as caller:
        caller.sendall(b'EVAL "while true do end" 0\r\n')
        time.sleep(0.2)
        not_ready(verdict, cache.url(), "redis-busy", ["busy with a script (BUSY)", "SCRIPT KILL"])
        assert ping(cache) == (0, "BUSY")
        cache.command("SCRIPT", "KILL")
        assert caller.recv(100).startswith(b"-")
    ready(verdict, cache.url())


def test_out_of_memory(redis, verdict):
    """Goal: incident 13, at its maxmemory Redis answers, and takes no writes."""
    cache = redis(maxmemory=1, maxmemory_policy="noeviction")
    ready(verdict, cache.url())
    not_ready(verdict, cache.url(), "redis-oom", ["at its maxmemory (OOM)", "maxmemory"], "--redis-writable")


def test_too_few_replicas(redis, verdict):
    """Goal: incident 13, min-replicas-to-write."""
    cache = redis(min_replicas_to_write=1)
    ready(verdict, cache.url())
    not_ready(verdict, cache.url(), "redis-noreplicas", ["too few replicas (NOREPLICAS)"], "--redis-writable")


def test_writable_writes_nothing(redis, verdict):
    """Goal: incident 13, the question whether it takes writes leaves no key behind."""
    cache = redis()
    ready(verdict, cache.url(), "--redis-writable")
    assert cache.command("DBSIZE") == 0


@pytest.mark.parametrize("user, command, database", [("no_ping", "ping", 0), ("no_select", "select", 1)])
def test_user_without_the_permission(locked, verdict, user, command, database):
    """Goal: incident 13, an ACL that forbids what the check asks: NOPERM, and the rule that allows it."""
    url = f"redis://{user}:{locked.user_password}@127.0.0.1:{locked.port}/{database}"
    says = ["user lacks a permission (NOPERM)", f"'{command}'", "ACL SETUSER"]
    result = not_ready(verdict, url, "redis-noperm", says)
    assert f"'{command}'" in result.out


def test_user_who_may_not_write(locked, verdict):
    """Goal: incident 13, for --redis-writable it is another command that the ACL must allow."""
    url = f"redis://no_select:{locked.user_password}@127.0.0.1:{locked.port}"
    not_ready(verdict, url, "redis-noperm", ["lpushx"], "--redis-writable")


def test_too_many_clients(redis, verdict):
    """Goal: incident 13, maxclients: the words that Redis says before it hangs up are found."""
    cache = redis()
    cache.command("CONFIG", "SET", "maxclients", "1")
    with cache.address.connect() as client:
        client.sendall(b"PING\r\n")
        client.recv(10)
        for options in ([], ["--redis-writable"]):
            says = ["too many connections (maxclients)", "CLIENT LIST"]
            not_ready(verdict, cache.url(), "redis-max-clients", says, *options)


@NEEDS_NAMESPACES
def test_protected_mode(stage, started, verdict):
    """Goal: incident 13, protected mode: asked by another address than 127.0.0.1, Redis says DENIED."""
    folder = stage.new_folder("protected")
    script = "ip link set lo up && ip address add 192.0.2.1/32 dev lo && exec redis-server --bind 192.0.2.1 --save ''"
    command = [namespaces.UNSHARE, "--net", "/bin/sh", "-c", script]
    server = InNetwork("redis", folder, None, command)
    started.append(server.start())
    through = ["/usr/bin/nsenter", "--target", server.pid, "--net"]
    says = ["in protected mode (DENIED)", "requirepass"]
    not_ready(verdict, "redis://192.0.2.1:6379", "redis-protected", says, through=through)


class InNetwork(servers.Server):
    """A server in a network that we cannot reach: its log says that it is ready."""

    def is_ready(self):
        return "Ready to accept connections" in self.log()

    def __repr__(self):
        return f"<{self.name} in a network of its own>"


def test_http_port_is_no_redis(healthy_app, nginx, verdict):
    """Goal: Redis asked of a web server."""
    for server in (healthy_app, nginx()):
        report = verdict.run_probe("ready", "-o", "json", f"redis://127.0.0.1:{server.port}").json()["checks"][0]
        assert report["cause"] in ("redis-protocol", "redis-closed"), report


def test_postgres_port_is_no_redis(postgres, verdict):
    """Goal: Redis asked of PostgreSQL, and the other way round."""
    database = postgres()
    report = verdict.run_probe("ready", "-o", "json", f"redis://127.0.0.1:{database.port}").json()["checks"][0]
    assert report["cause"] in ("redis-protocol", "redis-closed", "reset"), report


def test_redis_port_is_no_postgres(redis, verdict, secret):
    """Goal: PostgreSQL asked of Redis: not healthy, within the deadline, with a word about the port."""
    url = f"postgres://app:{secret()}@127.0.0.1:{redis().port}/db"
    result = verdict.run_probe("ready", "-t", "1s", url)
    assert (result.status, "port" in result.first) == (1, True), str(result)
