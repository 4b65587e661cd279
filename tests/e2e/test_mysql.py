"""mysql:// and mariadb://: the server's greeting, of a real MariaDB and of peers that say what it might."""
import os
import socket
import struct
import subprocess

import pytest

import containers
from peers import finish, hold, read, reset, send
from processes import wait_until
from servers import ENVIRONMENT
from suggesting import Suggestion

SERVER = "/usr/sbin/mariadbd"
INSTALL = "/usr/bin/mariadb-install-db"
GREETS = "mysql greets; your login is not tried ("
REAL = pytest.mark.skipif(os.geteuid() != 0 or not os.access(SERVER, os.X_OK), reason="no mariadbd, or not root")


# The real server ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A data directory, with a user who may log in from anywhere."""
    folder = tmp_path_factory.mktemp("mariadb") / "data"
    command = [INSTALL, "--no-defaults", f"--datadir={folder}", "--user=root", "--auth-root-authentication-method=normal"]
    done = subprocess.run([*command, "--skip-test-db"], capture_output=True, text=True, timeout=100, env=ENVIRONMENT)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


START = """
cp -r {data} {folder}/data
{server} --no-defaults --user=root --datadir={folder}/data --socket={folder}/s --bind-address=* --port=3306 {options} >{folder}/out 2>&1 &
until mariadb --no-defaults -S {folder}/s -e "CREATE USER app@'%' IDENTIFIED BY 'x'"; do sleep 0.1; done 2>/dev/null
echo ready
wait
"""


@pytest.fixture
def mariadb(container, data, stage):
    """Starts one, in a container of its own with an address that is not loopback's and has a name."""

    def start(*options):
        folder = stage.new_folder("mariadb")
        (folder / "hosts").write_text("127.0.0.1 localhost\n10.9.0.2 application\n")
        script = START.format(data=data, folder=folder, server=SERVER, options=" ".join(options))
        setup = f"{containers.WITH_ETH0} && {containers.bind(folder / 'hosts', '/etc/hosts')}"
        box = container(command=["/bin/sh", "-c", script], setup=setup)
        box.files = folder
        return box

    return start


def sql(box, text):
    return box.run("mariadb", "--no-defaults", "-S", str(box.files / "s"), "-e", text)


@REAL
def test_real_server(mariadb, verdict):
    """Goal: it greets, by every way to it; its version is told with -v."""
    box = mariadb()
    for target in ("mysql://127.0.0.1", "mariadb://localhost:3306/app", "mysql://10.9.0.2", f"mysql://unix:{box.files}/s",
                   "mysql+pymysql://app:wrong-password@127.0.0.1/app?charset=utf8mb4", "jdbc:mariadb://127.0.0.1:3306/app"):
        verdict.healthy("ready", target, says=[GREETS], through=box.enter)
    result = verdict.healthy("ready", "-v", "mysql://127.0.0.1", through=box.enter, once=True)
    assert "version 10." in result.out and "-MariaDB" in result.out and "5.5.5-" not in result.out


@REAL
def test_we_are_not_blocked(mariadb, verdict, run_probe):
    """Goal: a server counts those who greet and leave, and blocks their host, and all who log in from there: not us."""
    box = mariadb("--max-connect-errors=2")
    for _ in range(6):
        verdict.healthy("ready", "mysql://10.9.0.2", says=[GREETS], through=box.enter, once=True)
    leave = "import socket; s = socket.create_connection(('10.9.0.2', 3306)); s.recv(1)"
    for _ in range(3):
        box.run("python3", "-c", leave)
    says = ["mysql error 1129: Host '", "is blocked because of many connection errors", "FLUSH HOSTS"]
    verdict.unhealthy("ready", "mysql://10.9.0.2", cause="mysql-host-blocked", says=says, through=box.enter)
    sql(box, "FLUSH HOSTS")
    verdict.healthy("ready", "mysql://10.9.0.2", through=box.enter)


@REAL
def test_suggestion(mariadb, run_probe, validate):
    """Goal: suggest knows it by its greeting; the commands are healthy and no connection of them leaves early."""
    box = mariadb()
    found = Suggestion(run_probe, validate, box.enter)
    assert (found.live, found.ready) == (["live", "listen://localhost:3306"], ["ready", "mysql://localhost:3306"])
    assert "  port      :3306: MySQL\n" in found.text.out
    assert "; live proves only that it listens: it asks no database" in found.first
    before = sql(box, "SHOW STATUS LIKE 'Aborted_connects_preauth'")
    found.ask()
    assert sql(box, "SHOW STATUS LIKE 'Aborted_connects_preauth'") == before


HOLD = """
import signal, socket
kept = [socket.create_connection(("127.0.0.1", 3306)) for _ in range(12)]
print([one.recv(1) for one in kept][:0], flush=True)
signal.pause()
"""


@REAL
def test_too_many_connections(mariadb, verdict):
    """Goal: the server says so in place of its greeting."""
    box = mariadb("--max-connections=10", "--connect-timeout=60")
    holder = subprocess.Popen([*box.enter, "python3", "-c", HOLD], stdout=subprocess.PIPE, env=ENVIRONMENT, start_new_session=True)
    try:
        assert holder.stdout.readline()
        says = ["mysql error 1040: Too many connections", "max_connections"]
        verdict.unhealthy("ready", "mysql://127.0.0.1", cause="mysql-too-many-connections", says=says, through=box.enter)
    finally:
        box.run("pkill", "--full", "signal.pause")
        holder.communicate(timeout=5)
    assert wait_until(lambda: "probe" not in sql(box, "SHOW PROCESSLIST"), 5)


# Peers ----------------------------------------------------------------------------------------------------------------


def packet(data, number=0):
    return struct.pack("<I", len(data))[:3] + bytes([number]) + data


VERSION = b"8.4.3"
GREETING = packet(b"\x0a" + VERSION + b"\0" + b"\1\0\0\0" + b"salt1234\0" + b"\xff" * 15 + b"caching_sha2_password\0")
DENIED = packet(b"\xff\x15\x04#28000Access denied for user 'probe'@'localhost' (using password: NO)", 2)
SWITCH = packet(b"\xfecaching_sha2_password\0salt", 2)


def url(server):
    return f"mysql://127.0.0.1:{server.port}"


@pytest.mark.parametrize("steps", [
    [send(GREETING), read(), send(DENIED)],
    [send(GREETING), read(), send(packet(b"\0\0\0\2\0\0\0", 2))],
    [send(GREETING), read(), send(SWITCH), read(), send(packet(b"\xff\x15\x04#28000Access denied", 4))],
    [send(GREETING), read(), send(SWITCH), read(), send(packet(b"\1\4", 4)), read(), send(DENIED)],
    [send(GREETING), read(), send(packet(b"\xff\x57\x0c#HY000Connections using insecure transport are prohibited", 2))],
    [*(send(GREETING[i : i + 1]) for i in range(len(GREETING))), read(), send(DENIED)],
])  # fmt: skip
def test_how_a_login_is_refused(peer, verdict, steps):
    """Goal: MySQL 8 first asks for another way to log in; whatever ends the login, the server has greeted."""
    verdict.healthy("ready", url(peer(*steps)), says=[GREETS], once=True)


ERRORS = [
    (b"\xff\x10\x04Too many connections", "mysql-too-many-connections", "error 1040: Too many connections"),
    (b"\xff\x10\x04#08004Too many connections", "mysql-too-many-connections", "error 1040: Too many connections"),
    (b"\xff\x69\x04Host 'h' is blocked", "mysql-host-blocked", "error 1129: Host 'h' is blocked"),
    (b"\xff\x6a\x04Host 'h' is not allowed", "mysql-error", "error 1130: Host 'h' is not allowed"),
    (b"\xff\x6a\x04", "mysql-error", "error 1130: "),
    (b"\xff\x6a\x04#HY", "mysql-error", "error 1130: #HY"),
    (b"\xff\x6a\x04bad\x1b[31m\nline", "mysql-error", r"error 1130: bad\x1b[31m\nline"),
]


@pytest.mark.parametrize("data, cause, words", ERRORS)
def test_errors(peer, verdict, data, cause, words):
    """Goal: an error in place of the greeting, with a state or without, on one line."""
    verdict.unhealthy("ready", url(peer(send(packet(data)), hold())), cause=cause, says=["mysql " + words])


def test_error_behind_the_greeting(peer, verdict):
    """Goal: a server that is full, or stops, says so later at times."""
    full = packet(b"\xff\x10\x04#08004Too many connections", 2)
    verdict.unhealthy("ready", url(peer(send(GREETING), read(), send(full))), cause="mysql-too-many-connections")
    stops = packet(b"\xff\x1d\x04#08S01Server shutdown in progress", 2)
    says = ["error 1053: Server shutdown"]
    verdict.unhealthy("ready", url(peer(send(GREETING), read(), send(stops))), cause="mysql-error", says=says)


FOREIGN = [
    (b"SSH-2.0-OpenSSH_9.2\r\n", "what answers begins with SSH-"),
    (b"HTTP/1.1 400 Bad Request\r\n\r\n", "what answers begins with HTTP"),
    (b"-ERR unknown\r\n", "what answers begins with -ERR"),
    (b"\0\0\0\0", "what answers begins with"),
    (b"\xff\xff\xff\0" + b"x" * 2000, "what answers begins with"),
    (packet(b"\x0b\x08\x05\x1a\x00"), "what answers begins with"),  # MySQL's X protocol
    (packet(b"\x09" + VERSION + b"\0"), "what answers begins with"),
    (packet(b"\x0a"), "what answers begins with"),
    (packet(b"\x0a" + b"8" * 1000), "what answers begins with"),
    (packet(b"\xff\x10"), "what answers begins with"),
    (packet(b"\xff"), "what answers begins with"),
]


@pytest.mark.parametrize("data, words", FOREIGN)
def test_another_protocol(peer, verdict, data, words):
    """Goal: what is no greeting is no MySQL, however much of it there is."""
    verdict.unhealthy("ready", url(peer(send(data), hold())), cause="mysql-protocol", says=["mysql " + words])


def test_ends(peer, verdict):
    """Goal: who leaves is told from who says nothing."""
    verdict.unhealthy("ready", url(peer(finish())), cause="mysql-closed", says=["connection closed before the greeting"])
    half = [send(GREETING[:9]), finish()]
    verdict.unhealthy("ready", url(peer(*half)), cause="mysql-closed", says=["connection closed before the greeting"])
    after = [send(GREETING), read(), finish()]
    verdict.unhealthy("ready", url(peer(*after)), cause="mysql-closed", says=["connection closed behind the greeting"])
    verdict.unhealthy("ready", url(peer(send(GREETING), read(), reset())), cause="reset", says=["connection reset behind the greeting"])
    verdict.unhealthy("ready", "-t", "300ms", url(peer(hold())), cause="timeout-answer", says=["no answer in 300 ms"])
    stuck = [send(GREETING), hold()]
    verdict.unhealthy("ready", "-t", "300ms", url(peer(*stuck)), cause="timeout-login", says=["but the login did not finish within 300 ms"])
    endless = [send(GREETING), read(), *[send(SWITCH), read()] * 3, hold()]
    verdict.healthy("ready", url(peer(*endless)), says=[GREETS], once=True)


def test_nothing_listens(verdict):
    """Goal: as of any server."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        verdict.unhealthy("ready", f"mysql://127.0.0.1:{taken.getsockname()[1]}", cause="refused", says=["mysql refused by"])


def test_wrong_use(verdict, secret):
    """Goal: it is ready's alone, and of one host; a password is not shown."""
    verdict.misconfigured("live", "mysql://127.0.0.1", says=["is not for probe live"])
    verdict.misconfigured("ready", "mysql://a,b", says=["is not mysql://HOST:PORT or mysql://unix:/PATH"])
    verdict.misconfigured("ready", f"mysql://app:{secret()}@", says=["is not mysql://HOST:PORT"])
