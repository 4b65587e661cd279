"""Commands that start the probe in namespaces of its own: another network, another /etc/hosts or /etc/resolv.conf.

Each is for run_probe(..., through=...). They need root, and a kernel that allows it: see NEEDS_NAMESPACES.
"""
import functools
import os
import subprocess

import pytest

UNSHARE = "/usr/bin/unshare"

# A name server that takes every question and answers none, and then the rest of the command.
SILENT_NAME_SERVER = """
import os, socket, sys
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
os.set_inheritable(server.fileno(), True)
os.execv(sys.argv[1], sys.argv[1:])
"""


@functools.lru_cache(maxsize=None)
def may_unshare():
    """Whether this machine lets us make a network and a mount namespace."""
    if os.geteuid() != 0 or not os.path.exists(UNSHARE):
        return False
    command = [UNSHARE, "--net", "--mount", "/bin/sh", "-c", "ip link set lo up && mount --bind /etc/hosts /etc/hosts"]
    return subprocess.run(command, capture_output=True, timeout=10).returncode == 0


NEEDS_NAMESPACES = pytest.mark.skipif(
    not may_unshare(), reason="no namespaces: not root, or the kernel forbids it"
)
NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")


def with_file(path, instead_of):
    """In a mount namespace where the file at path stands in the place of another."""
    return [UNSHARE, "--mount", "/bin/sh", "-c", f'mount --bind {path} {instead_of} && exec "$@"', "sh"]


def without_ipv6():
    """In a network of its own with 127.0.0.1 alone, as containers have it by default."""
    script = 'ip link set lo up && echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6 && exec "$@"'
    return [UNSHARE, "--net", "/bin/sh", "-c", script, "sh"]


def with_one_port(port):
    """In a network of its own, where each outgoing connection has this local port."""
    script = f'ip link set lo up && echo {port} {port} > /proc/sys/net/ipv4/ip_local_port_range && exec "$@"'
    return [UNSHARE, "--net", "/bin/sh", "-c", script, "sh"]


def dropping(address):
    """In a network of its own, where packets to an address that is none of ours go out and are lost."""
    script = f'ip link set lo up && ip route add {address}/32 dev lo && exec "$@"'
    return [UNSHARE, "--net", "/bin/sh", "-c", script, "sh"]


def silent_name_server(folder):
    """In a network of its own, whose name server never answers."""
    file = folder / "resolv.conf"
    file.write_text("nameserver 127.0.0.1\n")
    network = [UNSHARE, "--net", "--mount", "/bin/sh", "-c"]
    script = f'ip link set lo up && mount --bind {file} /etc/resolv.conf && exec "$@"'
    return [*network, script, "sh", "/usr/bin/python3", "-c", SILENT_NAME_SERVER]


def without_threads(uid):
    """As a user who may have one process, so that no thread can be started."""
    return ["/usr/bin/prlimit", "--nproc=1", "/usr/bin/setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]


def young_container(age):
    """In a namespace of processes whose PID 1 is a shell, and so many seconds old when it starts the rest."""
    command = [UNSHARE, "--pid", "--fork", "--mount-proc", "--kill-child", "/bin/sh", "-c"]
    return [*command, f'sleep {age}; "$@"; exit $?', "sh"]
