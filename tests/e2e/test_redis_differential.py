"""Redis' URLs against redis-py: the same URL asks the same database of the same server as the same user.

redis-py's from_url() is the arbiter; where we differ, a row says why. Both clients reach real servers through a relay
that notes what they send: the verdict, AUTH and SELECT must be the same.
"""
import random
import socket
import threading

import pytest
import redis as redis_client

import servers
from addresses import Address
from peers import close
from runner import binary_path, has_tls

PASSWORD = "s3s-ame"
SPECIAL = "p:@ w%/+x"
PATIENCE = 8  # seconds for an answer that comes, less than the 10 of a run


def patience(url):
    """Seconds; whoever wants TLS of this server, which has none, waits in vain."""
    return 2 if url.startswith(("rediss:", "valkeys:")) or "ssl=" in url else PATIENCE


class Relay:
    """Passes bytes between its clients and a server, and notes each client's AUTH and SELECT."""

    def __init__(self, at, folder, server):
        self.server = server
        self.address = Address(at, folder)
        self.commands = []
        self.connections = []
        self.listener = self.address.socket()
        self.listener.bind(self.address.bind_argument())
        self.listener.listen(16)
        self.acceptor = threading.Thread(target=self.accept, daemon=True)
        self.acceptor.start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            upstream = self.server.address.connect()
            upstream.settimeout(None)
            self.connections += [client, upstream]
            threading.Thread(target=self.pump, args=(client, upstream, True), daemon=True).start()
            threading.Thread(target=self.pump, args=(upstream, client, False), daemon=True).start()

    def pump(self, source, target, is_noted):
        seen = b""
        try:
            while data := source.recv(65536):
                if is_noted:
                    seen += data
                    commands, seen = take_commands(seen)
                    self.commands += [command for command in commands if command[0] in (b"AUTH", b"SELECT")]
                target.sendall(data)
        except OSError:
            pass
        for one in (source, target):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def take(self):
        commands, self.commands = self.commands, []
        return commands

    def stop(self):
        """Wakes its threads: one that still waited on a socket would wait on the next one of that number, and take from it."""
        close(self.listener)
        self.acceptor.join()
        for connection in self.connections:
            close(connection)


def take_commands(data):
    """The commands that are whole, each a list of words, and the rest."""
    commands = []
    while data.startswith(b"*"):
        head, _, rest = data.partition(b"\r\n")
        words = []
        for _ in range(int(head[1:])):
            length, separator, rest = rest.partition(b"\r\n")
            if not separator or len(rest) < int(length[1:]) + 2:
                return commands, data
            words.append(rest[: int(length[1:])])
            rest = rest[int(length[1:]) + 2 :]
        commands.append(words)
        data = rest
    return commands, data


class Pair:
    """A server, and a relay to it by TCP and by a unix socket."""

    def __init__(self, stage, **settings):
        self.server = servers.redis(stage, databases=8, **settings)
        folder = stage.new_folder("relay")
        self.tcp = Relay("127.0.0.1", folder, self.server)
        self.unix = Relay("unix", folder, self.server)
        password = {"pw": PASSWORD, "special": SPECIAL}
        for user, secret in password.items():
            self.server.command("ACL", "SETUSER", user, "on", f">{secret}", "allkeys", "+@all")
        self.server.command("ACL", "SETUSER", "free", "on", "nopass", "allkeys", "+@all")
        self.server.command("ACL", "SETUSER", "off", "off", "nopass", "+@all")
        self.server.command("ACL", "SETUSER", "narrow", "on", "nopass", "+select")

    def fill(self, template):
        return template.replace("HOST", f"127.0.0.1:{self.tcp.address.port}").replace(
            "PORT", str(self.tcp.address.port)
        ).replace("SOCKET", self.unix.address.path)

    def take(self):
        return self.tcp.take() + self.unix.take()

    def ask_redis_py(self, url):
        """(verdict, AUTH and SELECT); "refused" when nothing was sent because redis-py does not take the URL."""
        try:
            client = redis_client.from_url(url)
            pool = client.connection_pool
            if "socket_timeout" not in pool.connection_kwargs:
                pool.connection_kwargs["socket_timeout"] = patience(url)
            with client:
                verdict = "ok" if client.ping() else "asked"
            pool.disconnect()
        except (ValueError, TypeError):
            verdict = "refused"
        except redis_client.RedisError:
            verdict = "asked"
        return verdict, self.take()

    def ask_probe(self, run_probe, url):
        result = run_probe("ready", "--no-http", "-t", f"{patience(url)}s", "--redis=env:TARGET", env={"TARGET": url})
        if result.first.startswith("misconfigured: "):
            verdict = "refused"
        else:
            verdict = "ok" if result.status == 0 else "asked"
        return verdict, self.take(), result

    def stop(self):
        self.tcp.stop()
        self.unix.stop()
        self.server.stop()


@pytest.fixture(scope="module")
def open_pair(stage):
    """The default user needs no password."""
    pair = Pair(stage)
    yield pair
    pair.stop()


@pytest.fixture(scope="module")
def locked_pair(stage):
    """The default user has one."""
    pair = Pair(stage, password=PASSWORD)
    yield pair
    pair.stop()


# As people write them; HOST is a relay's host and port, SOCKET its path.
REAL = [
    # plain
    "redis://HOST", "redis://HOST/", "redis://HOST/0", "redis://HOST/1", "redis://HOST/7", "redis://HOST/8",
    "redis://HOST/15", "REDIS://HOST/1", "redis://localhost:PORT/2", "redis://LOCALHOST:PORT/2",
    # logins
    "redis://:s3s-ame@HOST/0", "redis://default:s3s-ame@HOST/0", "redis://pw:s3s-ame@HOST/3", "redis://pw:wrong@HOST",
    "redis://:wrong@HOST", "redis://nobody:s3s-ame@HOST", "redis://ghost:@HOST", "redis://ghost@HOST", "redis://free:@HOST/1",
    "redis://free@HOST/1", "redis://free:anything@HOST", "redis://off:@HOST", "redis://narrow:@HOST", "redis://@HOST",
    "redis://:@HOST", "redis://default:@HOST", "redis://h:s3s-ame@HOST",
    # characters in passwords
    "redis://special:p%3A%40%20w%25%2F%2Bx@HOST/1", "redis://special:p:@ w%25%2F+x@HOST/1", "redis://special:p:%40 w%%2F+x@HOST",
    "redis://special:p%3a%40+w%25%2f%2bx@HOST", "redis://:p@ss@HOST", "redis://:a%zz@HOST", "redis://:100%@HOST",
    "redis://:pa/ss@HOST", "redis://:pa?ss@HOST", "redis://:%C3%BC@HOST", "redis://:\u00fc@HOST", "redis://us%65r:x@HOST",
    "redis://:s3s-ame%20@HOST", "redis://:p[w@HOST",
    # parameters
    "redis://HOST?db=1", "redis://HOST/?db=1", "redis://HOST/0?db=5", "redis://HOST/0?db=99", "redis://HOST/5?db=0",
    "redis://HOST/3?db=", "redis://HOST?db=abc", "redis://HOST?db=1.5", "redis://HOST?db=-1", "redis://HOST?db=1&db=2",
    "redis://HOST?password=s3s-ame", "redis://HOST?username=pw&password=s3s-ame", "redis://HOST?username=ghost",
    "redis://HOST?username=free", "redis://pw:s3s-ame@HOST?username=nobody&password=wrong",
    "redis://pw:@HOST?password=s3s-ame", "redis://HOST?username=special&password=p:@+w%2525/%252Bx",
    "redis://HOST?username=special&password=p%3A%40%20w%25%2F%2Bx", "redis://?host=127.0.0.1&port=PORT",
    "redis://?host=127.0.0.1&port=PORT&db=2", "redis://HOST?port=1",
    # paths that are no number
    "redis://HOST/cache", "redis://HOST/0/", "redis://HOST/1/2", "redis://HOST//3", "redis://HOST/%31", "redis://HOST/ 2",
    "redis://HOST/-1", "redis://HOST/+2", "redis://HOST/01", "redis://HOST/1_0", "redis://HOST/99999999999999999999",
    # what configures the client only
    "redis://HOST?socket_timeout=2", "redis://HOST?socket_timeout=2.5&socket_connect_timeout=1", "redis://HOST?socket_timeout=x",
    "redis://HOST?decode_responses=True", "redis://HOST?health_check_interval=30", "redis://HOST?health_check_interval=x",
    "redis://HOST?max_connections=10", "redis://HOST?max_connections=x", "redis://HOST?retry_on_timeout=yes",
    "redis://HOST?encoding=utf-8&encoding_errors=strict", "redis://HOST?socket_keepalive=1", "redis://HOST?client_name=web",
    # what no client knows
    "redis://HOST?foo=1", "redis://HOST?pasword=x", "redis://HOST?database=1", "redis://HOST?path=/x", "redis://HOST?foo=",
    "redis://HOST?foo",
    # sockets
    "unix://SOCKET", "unix://SOCKET?db=1", "unix://:s3s-ame@SOCKET", "unix://pw:s3s-ame@SOCKET?db=2",
    "unix://SOCKET?username=pw&password=s3s-ame&db=3", "unix://free@SOCKET", "unix://localhost:xSOCKET", "unix://SOCKET?db=x",
    "unix:///no/such.sock", "unix://SOCKET?virtual_host=1",
    # what cannot be
    "redis://127.0.0.1:99999", "redis://127.0.0.1:x", "redis://[::1", "redis://127.0.0.1:1", "redis://HOST,127.0.0.1:1",
    "redis+sentinel://HOST/main", "sentinel://HOST", "redis+cluster://HOST", "redis+x://HOST", "redis-cluster://HOST",
    "redis://HOST?ssl_cert_reqs=none", "redis://HOST?ssl_ca_certs=/x", "http://HOST", "",
]

# What we do otherwise, and why.
DIFFERENT = {
    "redis://HOST/#x": ("refused", "redis-py cuts at a #, in a password without a word: the URL must say what is meant"),
    "redis://HOST?password=s3s-ame#x": ("refused", "the same"),
    "redis://:s3s-ame%00@HOST": ("refused", "no password of a URL has a NUL; redis-py sends it"),
    "redis://:s3s-ame\t@HOST": ("refused", "Python takes tabs and line breaks out of a URL without a word"),
    "redis://HOST?family=6": ("ok", "another language's client knows it: it configures the client only"),
    "redis://HOST?dial_timeout=3s&pool_size=4": ("ok", "the same"),
    "redis://HOST?ssl=false": ("ok", "the same"),
    "redis://HOST?protocol=3": ("ok", "redis-py 5 knows it"),
    "valkey://HOST/1": ("ok", "valkey-py's, and the same protocol"),
    "redis+socket://SOCKET?virtual_host=1": ("ok", "Celery's; see test_celery_sockets"),
    "redis-socket://SOCKET?db=1": ("ok", "Lettuce's"),
    "redis+unix://SOCKET?db=1": ("ok", "Flask-Limiter's"),
    "redis://127.0.0.1%00:1": ("refused", "no host has a NUL"),
    "redis://a b:1": ("refused", "no name has a space; redis-py asks the resolver"),
    "redis://:p[w]@HOST": ("asked", "some Pythons take brackets in a password for the host's"),
    "unix://": ("refused", "it names no socket; redis-py connects to an empty path"),
}

# Here the server has no TLS: who asks for it fails, and who does not know the words refuses them.
if has_tls(binary_path()):
    REAL.append("rediss://HOST")
    DIFFERENT["valkeys://HOST"] = ("asked", "valkey-py's, and the same protocol")
    DIFFERENT["redis://HOST?ssl=true"] = ("asked", "other clients' wish for TLS must not be left out")
else:
    REAL += ["valkeys://HOST", "redis://HOST?ssl=true"]
    DIFFERENT["rediss://HOST"] = ("refused", "the build without TLS cannot ask it")


def compare(pair, run_probe, url):
    theirs = pair.ask_redis_py(url)
    verdict, commands, result = pair.ask_probe(run_probe, url)
    # a database that redis-py could not select it did not ask; we send all at once
    if theirs[0] == "asked":
        commands = commands[: len(theirs[1])]
    assert (verdict, commands) == theirs, f"{url!r}: redis-py: {theirs}\n{result}"


@pytest.mark.parametrize("template", REAL)
def test_urls_as_people_write_them(open_pair, locked_pair, run_probe, template):
    """Goal: each URL has redis-py's verdict, as the user and of the database that redis-py asks."""
    for pair in (open_pair, locked_pair):
        compare(pair, run_probe, pair.fill(template))


@pytest.mark.parametrize("template, verdict, reason", [(url, *row) for url, row in DIFFERENT.items()])
def test_what_we_do_otherwise(open_pair, run_probe, template, verdict, reason):
    """Goal: what differs from redis-py, each with its reason, differs as we mean it."""
    url = open_pair.fill(template)
    theirs = open_pair.ask_redis_py(url)[0]
    ours = open_pair.ask_probe(run_probe, url)[0]
    assert ours == verdict, reason
    assert ours != theirs, f"redis-py does the same now: {reason}"


def test_celery_sockets(open_pair, run_probe):
    """Goal: redis+socket:// as kombu's transport reads it: the database is virtual_host."""
    for written, selected in [("", []), ("?virtual_host=0", []), ("?virtual_host=3", [[b"SELECT", b"3"]]), ("?virtual_host=/3", [[b"SELECT", b"3"]])]:
        url = open_pair.fill(f"redis+socket://SOCKET{written}")
        assert open_pair.ask_probe(run_probe, url)[:2] == ("ok", selected)
    url = open_pair.fill("redis+socket://pw:s3s-ame@SOCKET?virtual_host=1")
    login = [[b"AUTH", b"pw", PASSWORD.encode()], [b"SELECT", b"1"]]
    assert open_pair.ask_probe(run_probe, url)[:2] == ("ok", login)


PIECES = {
    "user": ["", "pw", "free", "ghost", "special", "p%77", "a@b", "%", "%4", "%41%"],
    "password": ["", PASSWORD, "wrong", "p%3A%40%20w%25%2F%2Bx", "p:@ w%25%2F+x", "a:b", "a@b", "%zz", "%C3%A9", "x+y", "x%2By"],
    "path": ["", "/", "/0", "/1", "/7", "/9", "/x", "/ 1", "/1 ", "/-1", "/1/2", "/%32", "/1_1", "/_1", "/0x1", "/1.0", "//", "/00"],
    "name": ["db", "username", "password", "d%62", "socket_timeout", "foo", "decode_responses", "", "DB", "db "],
    "value": ["", "0", "1", "2", "9", "x", "pw", PASSWORD, "1+", "%31", "%2531", "a%2Bb", "+1", "1_0", "=1", "1=2"],
}


def made_up(source):
    """A URL of pieces that people and generators use, right and wrong."""
    pick = {name: lambda name=name: source.choice(PIECES[name]) for name in PIECES}
    url = source.choice(["redis://", "redis://", "unix://"])
    if source.random() < 0.6:
        url += pick["user"]() + (":" + pick["password"]() if source.random() < 0.8 else "") + "@"
    url += "SOCKET" if url.startswith("unix") else "HOST" + pick["path"]()
    count = source.choice([0, 0, 1, 1, 2, 3])
    pairs = [pick["name"]() + source.choice(["=", "=", "=", ""]) + pick["value"]() for _ in range(count)]
    return url + ("?" if pairs else "") + "&".join(pairs)


@pytest.mark.parametrize("seed", range(8))
def test_urls_that_are_made_up(open_pair, locked_pair, run_probe, seed):
    """Goal: the same for URLs that nobody thought of; a seed always makes the same ones."""
    source = random.Random(seed)
    for _ in range(40):
        pair = source.choice([open_pair, locked_pair])
        compare(pair, run_probe, pair.fill(made_up(source)))
