"""What the system says to connect(2) and stat(2): each error has its true cause and words."""
import os
import socket

import pytest

from machine import odd
from addresses import free_port

SECTION = "errors"
USER = 12345


@pytest.fixture
def paths(stage):
    """Paths that fail, by how they do."""
    folder = stage.new_folder("p")
    os.chmod(folder, 0o755)
    (folder / "loop").symlink_to(folder / "loop")
    (folder / "file").write_text("")
    (folder / "closed").mkdir(mode=0o700)
    (folder / "closed" / "beat").write_text("")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(str(folder / "datagrams"))
    yield {
        "missing": folder / "nothing",
        "loop": folder / "loop",
        "below a file": folder / "file" / "socket",
        "datagrams": folder / "datagrams",
        "long": folder / (256 * "x"),
        "closed": folder / "closed" / "beat",
    }
    listener.close()


SOCKETS = {
    "missing": ("socket-missing", "No such file or directory"),
    "loop": ("socket-unusable", "symbolic link"),
    "below a file": ("socket-missing", "Not a directory"),
    "datagrams": ("socket-unusable", "rotocol"),
}


@pytest.mark.parametrize("how", SOCKETS)
@pytest.mark.parametrize("target", ["http://unix:{}:/", "tcp://unix:{}", "unix://{}"])
def test_socket(trial, paths, how, target):
    """Goal: what is wrong with a socket's path is told as the system tells it."""
    cause, says = SOCKETS[how]
    words = ["--no-http", target.format(paths[how])]
    result = trial(SECTION, "ready", *words, cause=cause, says=[f"no connection to {paths[how]}: "])
    assert says.lower() in result.first.lower(), str(result)


@pytest.mark.parametrize("target", ["http://unix:{}:/", "tcp://unix:{}", "unix://{}"])
def test_queue_of_a_socket(trial, stage, target):
    """Goal: EAGAIN is no riddle: the queue is full."""
    path = stage.new_folder("q") / "socket"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(0)
    client = socket.socket(socket.AF_UNIX)
    client.connect(str(path))
    says = [f"no connection to {path}: no room in its queue"]
    trial(SECTION, "ready", "--no-http", target.format(path), cause="queue-full", says=says)
    client.close()
    listener.close()


@pytest.mark.parametrize("error, cause, says", [(1, "connection-denied", "not permitted"), (13, "connection-denied", "denied")])
@pytest.mark.parametrize("call", ["socket", "connect"])
@pytest.mark.parametrize("scheme", ["http", "tcp", "redis"])
def test_forbidden(trial, scheme, call, error, cause, says):
    """Goal: a filter of packets or of system calls is not taken for a missing network or port."""
    place = f"127.0.0.1:{free_port()}"
    through = odd(f"refuse({error}, '{call}')")
    says = [f"no connection to {place}: ", says, "a firewall's rule"]
    trial(SECTION, "ready", "--no-http", f"{scheme}://{place}", cause=cause, says=says, through=through)


FILES = {
    "missing": ("file-missing", "No such file or directory"),
    "below a file": ("file-missing", "Not a directory"),
    "loop": ("file-unusable", "symbolic link"),
    "long": ("file-unusable", "name too long"),
    "closed": ("file-denied", "Permission denied"),
}


@pytest.mark.parametrize("how", FILES)
def test_file(trial, paths, how):
    """Goal: a heartbeat that cannot be looked at is not told as missing."""
    cause, says = FILES[how]
    result = trial(SECTION, "live", f"file://{paths[how]}", cause=cause, says=["cannot look at "], user=USER)
    assert says.lower() in result.out.lower().replace("filename", "file name"), str(result)
