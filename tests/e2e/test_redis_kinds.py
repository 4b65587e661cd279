"""Kinds of Redis servers, each a real one: the nodes of a cluster, a Sentinel, a port with TLS only, and proxies."""
import re

import pytest

import processes
import servers
from addresses import free_port
from peers import answer_each, hold, read, reset, send

SLOTS = 16384
OUR_KEY = "probe:no-such-list"


class ByItsLog(servers.Redis):
    """A Redis that says no PONG to whoever comes: its log says that it is ready."""

    def is_ready(self):
        return "Ready to accept connections" in self.log()


class Cluster:
    """Three masters, each with a third of the slots; they agree within a second that one of them is gone."""

    def __init__(self, stage, **settings):
        self.nodes = []
        for _ in range(3):
            port = free_port()
            settings.update({"cluster_enabled": "yes", "cluster_port": port, "cluster_node_timeout": 300})
            settings["cluster_require_full_coverage"] = "yes"
            self.nodes.append(servers.redis(stage, **settings))
            self.nodes[-1].bus = port

    def create(self):
        first = self.nodes[0]
        for number, node in enumerate(self.nodes):
            start, end = number * SLOTS // 3, (number + 1) * SLOTS // 3 - 1
            node.command("CLUSTER", "ADDSLOTSRANGE", start, end)
            node.command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            if node is not first:
                first.command("CLUSTER", "MEET", node.host, node.port, node.bus)
        self.wait_for("ok")
        return self

    def wait_for(self, state):
        running = [node for node in self.nodes if node.is_running()]
        processes.wait_until(lambda: all(f"cluster_state:{state}" in info(node) for node in running), 20)

    def owner(self):
        """(the node that has our key's slot, one of the others)"""
        slot = self.nodes[0].command("CLUSTER", "KEYSLOT", OUR_KEY)
        number = slot * 3 // SLOTS
        return self.nodes[number], self.nodes[(number + 1) % 3]

    def stop(self):
        for node in self.nodes:
            node.stop()


def info(node):
    return node.command("CLUSTER", "INFO").decode()


def identity(node):
    return node.command("CLUSTER", "MYID").decode()


@pytest.fixture(scope="module")
def cluster(stage):
    made = Cluster(stage)
    try:
        yield made.create()
    finally:
        made.stop()


def ready(verdict, target, *options, **more):
    return verdict.healthy("ready", *options, target, says=["redis ok"], **more)


def not_ready(verdict, target, cause, says, *options, **more):
    return verdict.unhealthy("ready", *options, target, cause=cause, says=says, **more)


# Redis Cluster ------------------------------------------------------------------------------------------------------


def test_every_node_of_a_cluster(cluster, verdict):
    """Goal: each node is healthy, and takes writes: MOVED, which the others say of our key, is how a cluster serves."""
    for node in cluster.nodes:
        ready(verdict, node.url())
        ready(verdict, node.url(), "--redis-writable")
    _, other = cluster.owner()
    with pytest.raises(Exception, match="MOVED"):
        other.command("LPUSHX", OUR_KEY, "x")


def test_slot_that_moves(cluster, verdict):
    """Goal: ASK, which a node says of a key whose slot is on the way to another, is how a cluster serves."""
    owner, other = cluster.owner()
    slot = owner.command("CLUSTER", "KEYSLOT", OUR_KEY)
    other.command("CLUSTER", "SETSLOT", slot, "IMPORTING", identity(owner))
    owner.command("CLUSTER", "SETSLOT", slot, "MIGRATING", identity(other))
    with pytest.raises(Exception, match="ASK"):
        owner.command("LPUSHX", OUR_KEY, "x")
    ready(verdict, owner.url(), "--redis-writable")
    for node in (owner, other):
        node.command("CLUSTER", "SETSLOT", slot, "STABLE")


def test_database_of_a_cluster(cluster, verdict):
    """Goal: a cluster has one database; the number that it has not is named."""
    says = ["database 3 out of range: a cluster has database 0 only"]
    not_ready(verdict, cluster.nodes[0].url(database=3), "redis-db-range", says)


def test_user_who_may_not_ask_for_the_state(cluster, verdict, secret):
    """Goal: a user whom the ACL forbids CLUSTER INFO is served all the same; what is not known is noted."""
    node, password = cluster.nodes[0], secret()
    node.command("ACL", "SETUSER", "narrow", "on", f">{password}", "+ping")
    url = f"redis://narrow:{password}@127.0.0.1:{node.port}"
    result = ready(verdict, url, "-v")
    assert "does not say whether the cluster is up" in result.out
    node.command("ACL", "DELUSER", "narrow")


def test_cluster_that_is_down(stage, verdict):
    """Goal: PING answers PONG on every node of a cluster that is down; probe asks for the cluster's state too."""
    cluster = Cluster(stage)
    try:
        cluster.create().nodes[2].stop()
        cluster.wait_for("fail")
        node = cluster.nodes[0]
        assert node.command("PING")
        says = ["cluster down (cluster_state:fail): 10922 of 16384 slots served", "CLUSTER NODES"]
        not_ready(verdict, node.url(), "redis-cluster-down", says)
        says = ["cluster down (CLUSTERDOWN): The cluster is down", "CLUSTER NODES"]
        not_ready(verdict, node.url(), "redis-cluster-down", says, "--redis-writable")
    finally:
        cluster.stop()


def test_cluster_that_was_not_created(redis, verdict):
    """Goal: a node that waits for its cluster to be created."""
    node = redis(cluster_enabled="yes", cluster_port=free_port())
    says = ["cluster down (cluster_state:fail): 0 of 16384 slots assigned", "redis-cli --cluster create"]
    not_ready(verdict, node.url(), "redis-cluster-down", says)


# Sentinel -----------------------------------------------------------------------------------------------------------


def sentinel(stage, *lines):
    folder = stage.new_folder("sentinel")
    address = servers.Address("127.0.0.1")
    conf = folder / "sentinel.conf"
    monitored = f"sentinel monitor main 127.0.0.1 {free_port()} 1"
    conf.write_text("\n".join([f"port {address.port}", "bind 127.0.0.1", f"dir {folder}", monitored, *lines, ""]))
    servers.give_away(conf)
    return servers.Redis("sentinel", folder, address, ["redis-server", conf, "--sentinel"], unprivileged=True).start()


@pytest.mark.parametrize("path, options", [("", []), ("/0", []), ("/1", []), ("", ["--redis-writable"])])
def test_sentinel(stage, started, verdict, path, options):
    """Goal: a Sentinel says PONG and has no data: it is named, whatever is asked of it."""
    started.append(server := sentinel(stage))
    assert server.command("PING")
    says = ["a Sentinel, which holds no data", "6379", "tcp://HOST:26379"]
    not_ready(verdict, f"redis://127.0.0.1:{server.port}{path}", "redis-sentinel", says, *options)


def test_sentinel_with_a_password(stage, started, verdict, secret):
    """Goal: a Sentinel with requirepass is named as one too, once the password is right."""
    password = secret()
    started.append(server := sentinel(stage, f"requirepass {password}"))
    not_ready(verdict, f"redis://127.0.0.1:{server.port}", "redis-noauth", ["NOAUTH"])
    not_ready(verdict, f"redis://:{password}@127.0.0.1:{server.port}", "redis-sentinel", ["a Sentinel"])


# Ports that are something else --------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [[], ["--redis-writable"]])
def test_port_with_tls_only(stage, started, verdict, secret, options):
    """Goal: a Redis that speaks TLS only hangs up on plain words; that is what is said, not that it crashed."""
    cert, key = stage.certificate()
    folder = stage.new_folder("redis-tls")
    address = servers.Address("127.0.0.1")
    words = ["--port", "0", "--tls-port", address.port, "--bind", "127.0.0.1", "--save", "", "--tls-auth-clients", "no"]
    words += ["--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert, "--dir", folder]
    server = ByItsLog("redis with TLS", folder, address, ["redis-server", *words], unprivileged=True)
    started.append(server.start())
    says = ["the port speaks TLS, not plain Redis", "the port on which the service speaks without TLS"]
    not_ready(verdict, f"redis://:{secret()}@127.0.0.1:{server.port}/1", "tls-port", says, *options)


@pytest.mark.parametrize("steps", [(), (reset(),)], ids=["closes", "resets"])
def test_server_that_only_hangs_up(peer, verdict, steps):
    """Goal: what hangs up and answers no ClientHello either is not said to speak TLS."""
    server = peer(read(), *steps)
    cause = "reset" if steps else "redis-closed"
    not_ready(verdict, f"redis://127.0.0.1:{server.port}", cause, [])


@pytest.mark.parametrize(
    "answer, cause, says",
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "redis-protocol", "not Redis but HTTP: it answers 'HTTP/1.1 400"),
        (b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x64", "redis-protocol", "not Redis but HTTP/2: it answers '"),
        (b"\x15\x03\x01\0\x02\x02\x46", "tls-port", "the port speaks TLS"),
        (b"AMQP\0\0\x09\x01", "redis-protocol", "not Redis but AMQP: "),
        (b"ERROR\r\nERROR\r\n", "redis-protocol", "not Redis but memcached: "),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n", "redis-protocol", "not Redis but SSH: it answers 'SSH-2.0-OpenSSH_9.2p1"),
        (b"220 mail.example ESMTP\r\n", "redis-protocol", "not Redis: it answers '220 mail.example ESMTP"),
        (b"\0\0\x12\x04\0\0", "redis-protocol", "not Redis: it answers '"),
        (b"\x15", "redis-protocol", "not Redis: it answers '"),
    ],
)
def test_other_protocols_are_named(peer, verdict, answer, cause, says):
    """Goal: what answers is named where its first bytes prove what it is, and shown where they do not."""
    server = peer(read(), send(answer), hold())
    not_ready(verdict, f"redis://127.0.0.1:{server.port}", cause, [says])


def test_web_server(nginx, verdict):
    """Goal: the port of a real web server."""
    not_ready(verdict, f"redis://127.0.0.1:{nginx().port}", "redis-protocol", ["not Redis but HTTP: it answers 'HTTP/1.1 400"])


# Servers older than users -------------------------------------------------------------------------------------------


def older_than_6(talk):
    """Redis 5 knows AUTH with a password alone."""
    is_new = b"*3\r\n$4\r\nAUTH" in talk.receive()
    talk.send(b"-ERR wrong number of arguments for 'auth' command\r\n-NOAUTH x\r\n" if is_new else b"+OK\r\n+PONG\r\n")


def test_server_older_than_users(peer, verdict, secret):
    """Goal: a user in the URL of a server that knows none is left out, as redis-py does; the password is not."""
    password = secret()
    server = peer(older_than_6)
    ready(verdict, f"redis://h:{password}@127.0.0.1:{server.port}")
    assert any(b"$4\r\nAUTH\r\n$%d\r\n%s" % (len(password), password.encode()) in seen for seen in server.received)


# Proxies ------------------------------------------------------------------------------------------------------------

PONG = b"+PONG\r\n"


@pytest.mark.parametrize(
    "steps",
    [
        (read(), send(PONG), read()),
        (read(), send(PONG), read(), reset()),
        (read(), send(PONG), hold()),
        (read(), send(PONG), read(), send(b"nonsense\r\n"), hold()),
        (answer_each(PONG, b"-ERR unknown command 'HELLO'\r\n"),),
        (answer_each(PONG, b"-NOPERM this user has no permissions to run the 'hello' command\r\n"),),
        (answer_each(PONG, b"-NOPROTO unsupported protocol version\r\n"),),
        (answer_each(PONG, b"*2\r\n$4\r\nmode\r\n:1\r\n"),),
        (answer_each(PONG, b"*3\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nmode\r\n"),),
        (answer_each(PONG, b"*4\r\n$7\r\nmodules\r\n*1\r\n*4\r\n$4\r\nname\r\n$2\r\nbf\r\n$3\r\nver\r\n:1\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n"),),
        (read(), send(PONG), read(), send(b"*100000000\r\n"), hold()),
        (read(), send(PONG), read(), send(b"*1\r\n" * 10000), hold()),
    ],
    ids=["closes", "resets", "silent", "nonsense", "unknown", "NOPERM", "NOPROTO", "number", "odd", "modules", "huge", "deep"],
)
def test_server_that_does_not_answer_hello(peer, verdict, steps):
    """Goal: a proxy or an old server may know no HELLO: PONG is its answer, and it is healthy, in time."""
    result = ready(verdict, f"redis://127.0.0.1:{peer(*steps).port}", "-t", "800ms")
    assert int(re.search(r"healthy in <?(\d+) ms", result.first)[1]) < 700


def test_modules_stand_before_the_mode(peer, verdict):
    """Goal: HELLO's answer is read whole, whatever else is in it and in which order."""
    hello = b"*4\r\n$7\r\nmodules\r\n*1\r\n*4\r\n$4\r\nname\r\n$2\r\nbf\r\n$3\r\nver\r\n:1\r\n$4\r\nmode\r\n$8\r\nsentinel\r\n"
    server = peer(answer_each(PONG, hello))
    not_ready(verdict, f"redis://127.0.0.1:{server.port}", "redis-sentinel", ["a Sentinel"])


@pytest.mark.parametrize(
    "error, cause, says",
    [
        (b"MOVED 866 10.0.0.3:6379", None, "redis ok"),
        (b"ASK 866 10.0.0.3:6379", None, "redis ok"),
        (b"WRONGTYPE Operation against a key holding the wrong kind of value", None, "redis ok"),
        (b"CLUSTERDOWN Hash slot not served", "redis-cluster-down", "cluster down (CLUSTERDOWN): Hash slot not served"),
        (b"TRYAGAIN Multiple keys request during rehashing of slot", "redis-error", "error: TRYAGAIN Multiple keys"),
        (b"MOVEDX 1", "redis-error", "error: MOVEDX 1"),
        (b"ERR no OOM here, nor READONLY", "redis-error", "error: ERR no OOM here, nor READONLY"),
        (b"OOM", "redis-oom", "at its maxmemory (OOM)"),
        (b"BUSYKEY Target key name already exists", "redis-error", "error: BUSYKEY"),
    ],
)
def test_errors_to_a_write(peer, verdict, error, cause, says):
    """Goal: each error that a write can meet; a code counts only as the error's first word."""
    server = peer(answer_each(PONG + b"-" + error + b"\r\n", b"-ERR unknown command\r\n"))
    url = f"redis://127.0.0.1:{server.port}"
    if cause is None:
        ready(verdict, url, "--redis-writable")
    else:
        not_ready(verdict, url, cause, [says], "--redis-writable")


def test_moved_is_no_answer_to_a_ping(peer, verdict):
    """Goal: MOVED says only of a write that the server serves."""
    server = peer(answer_each(b"-MOVED 866 10.0.0.3:6379\r\n"))
    not_ready(verdict, f"redis://127.0.0.1:{server.port}", "redis-error", ["error: MOVED"])
