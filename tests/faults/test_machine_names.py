"""Names: /etc/hosts and /etc/resolv.conf that are missing, empty or nonsense, and name servers that lie or say nothing.

Most rows are the resolver of musl, which is in the release; glibc's, in the build with AddressSanitizer, differs.
"""
import sys
from pathlib import Path

import pytest

import containers
import namespaces
from namespaces import NEEDS_NAMESPACES
from runner import binary_path, is_asan
from table import HEALTHY, SHORT

pytestmark = NEEDS_NAMESPACES
RELEASE_ONLY = pytest.mark.skipif(is_asan(binary_path()), reason="the resolver of the release is musl's")
SERVER = Path(__file__).resolve().parent / "lying_names.py"
SECTION = "names"
# Users that have no other process.
LONELY_USER = 54321

TIMED_OUT = ("timeout-resolve", ["name not resolved in 500 ms; asked 127.0.0.1 for "])
NO_ADDRESS = ("name-failed", ["not resolved: Name has no usable address; asked 127.0.0.1"])
# What the name server makes of the name (see lying_names.py), the cause and the words.
LIES = {
    "right": (HEALTHY, ["http 200"]),
    "silent": TIMED_OUT,
    "nxdomain": ("name-not-found", ["name 'nxdomain.example' not found; asked 127.0.0.1"]),
    "servfail": TIMED_OUT,
    "refused": TIMED_OUT,
    "formerr": TIMED_OUT,
    "notimp": TIMED_OUT,
    "nodata": NO_ADDRESS,
    "truncated": (HEALTHY, ["http 200"]),
    "always-truncated": NO_ADDRESS,
    "short": TIMED_OUT,
    "empty": TIMED_OUT,
    "header-alone": NO_ADDRESS,
    "counts-lie": NO_ADDRESS,
    "garbage": NO_ADDRESS,
    "many": ("refused", ["refused by 127.0.1.1:8000"]),
    "long-record": NO_ADDRESS,
    "half-address": NO_ADDRESS,
    "loop-in-name": (HEALTHY, ["http 200"]),
    "wrong-id": TIMED_OUT,
    # musl believes whoever answers from the server's address and port with the right id
    "wrong-question": (HEALTHY, ["http 200"]),
    "no-question": (HEALTHY, ["http 200"]),
    "cname-loop": NO_ADDRESS,
    "cname-chain": NO_ADDRESS,
    "cname-alone": NO_ADDRESS,
    "cname-to-garbage": NO_ADDRESS,
    "other-family": NO_ADDRESS,
    "no-address": (HEALTHY, ["http 200"]),
    "broadcast": ("unreachable", ["no connection to 255.255.255.255:8000"]),
    "only-ipv6": ("refused", ["refused by [::1]:8000"]),
    "late": (HEALTHY, ["http 200"]),
    "thrice": (HEALTHY, ["http 200"]),
}
# A server that fails for one family has answered for the other.
ONE_SIDED = ["nxdomain", "servfail", "refused", "formerr", "notimp", "silence"]
LIES.update({f"{how}-for-aaaa": (HEALTHY, ["http 200"]) for how in ONE_SIDED})
LIES.update({f"{how}-for-a": ("refused", ["refused by [::1]:8000"]) for how in ONE_SIDED})
WITH_EVERY_RESOLVER = ["right", "silent", "nxdomain", "truncated", "wrong-id", "broadcast", "only-ipv6", "late"]


@pytest.fixture
def network(stage, container):
    """A container with these files, and the name server that lies: network(resolv, hosts).enter"""

    def start(resolv="nameserver 127.0.0.1\n", hosts="127.0.0.1 localhost\n"):
        folder = stage.new_folder("etc")
        binds = []
        for name, content in {"hosts": hosts, "resolv.conf": resolv}.items():
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
            binds.append(containers.bind(folder / name, f"/etc/{name}"))
        command = [sys.executable, SERVER]
        return container(command=command, setup=" && ".join(binds), env={"PYTHONPATH": containers.GUEST.parent})

    return start


@pytest.mark.parametrize(
    "row", [pytest.param(lie, marks=[] if lie in WITH_EVERY_RESOLVER else RELEASE_ONLY, id=lie) for lie in LIES]
)
def test_lie(network, trial, row):
    """Goal: whatever a name server answers, the run is over in time, and says which part of it failed."""
    cause, says = LIES[row]
    through = network().enter
    target = f"http://{row}.example:8000/"
    trial(SECTION, "live", "--allow-remote", target, cause=cause, says=says, through=through)


def test_own_name(network, verdict):
    """Goal: a name that the name server has for this machine alone is asked without --allow-remote."""
    verdict.healthy("live", "http://right.example:8000/", says=["http 200"], through=network().enter)


@pytest.mark.parametrize("lie", ["broadcast", "nxdomain", "silent"])
def test_name_of_another(network, run_probe, lie):
    """Goal: another's name, or one that has no address, is another host, in time."""
    result = run_probe("live", "-t", "1s", f"http://{lie}.example:8000/", through=network().enter)
    assert (result.status, result.seconds < 1) == (1, True), str(result)
    assert result.first.startswith("misconfigured: ") and "is another host" in result.first, str(result)


@pytest.mark.parametrize("scheme", ["http", "tcp", "redis", "postgres"])
def test_silent_name_server(network, trial, secret, scheme):
    """Goal: every kind of check says that its name was not resolved, and who was asked."""
    login = f"app:{secret()}@" if scheme == "postgres" else ""
    target = f"{scheme}://{login}silent.example"
    target += ":9" if scheme == "tcp" else ""
    cause, says = TIMED_OUT
    options = ["--allow-remote"] if scheme in ("http", "tcp") else []
    trial(SECTION, "ready", *options, target, cause=cause, says=says, through=network().enter)


@pytest.mark.parametrize("how", ["silence", "servfail", "nxdomain"])
@pytest.mark.parametrize("scheme", ["tcp", "redis", "postgres"])
def test_one_family_is_enough(network, trial, secret, scheme, how):
    """Goal: every kind of check goes on with the addresses of the family that was answered for."""
    login = f"app:{secret()}@" if scheme == "postgres" else ""
    target = f"{scheme}://{login}{how}-for-aaaa.example:9"
    options = ["--allow-remote"] if scheme == "tcp" else []
    trial(SECTION, "ready", *options, target, cause="refused", says=["refused by "], through=network().enter)


def test_silent_name_server_beside_localhost(network, trial, secret):
    """Goal: all at once, and localhost needs no name server."""
    targets = ["http://silent.example/", f"postgres://app:{secret()}@silent.example/d", "redis://silent.example"]
    says = ["http name not resolved", "postgres name not resolved", "redis name not resolved", "refused by"]
    causes = ["timeout-resolve"] * 3 + ["refused"]
    options = ["--allow-remote", *targets, "tcp://localhost:9"]
    trial(SECTION, "ready", *options, cause=causes, says=says, timeout=SHORT, through=network().enter)


@RELEASE_ONLY
def test_silent_name_server_and_no_threads(network, trial):
    """Goal: even where no thread can be had, the line names the name that is not resolved, and JSON is JSON."""
    through = [*network().enter, *namespaces.without_threads(LONELY_USER)]
    targets = ["tcp://localhost:9", "http://silent.example/"]
    says = ["name not resolved", "refused"]
    causes = ["refused", "timeout-resolve"]
    trial(SECTION, "live", "--allow-remote", *targets, cause=causes, says=says, timeout=SHORT, through=through)


@RELEASE_ONLY
@pytest.mark.parametrize("command", ["doctor", "ready --wait 500ms"])
def test_silent_name_server_for(network, run_probe, trial, command):
    """Goal: doctor and --wait are over in time too."""
    words = ["-t", "500ms", "--allow-remote", "http://silent.example/"]
    result = run_probe(*command.split(), *words, limit=None, through=network().enter)
    assert (result.status, "name not resolved" in result.out, result.seconds < 1) == (1, True, True), str(result)


# The files ----------------------------------------------------------------------------------------------------------

HERE = "http://right.example:8000/"
NOT_FOUND = ("name-not-found", ["name 'nxdomain.example' not found; /etc/resolv.conf names no server, so 127.0.0.1"])
ELSEWHERE = "http://nxdomain.example:8000/"
RESOLV = {
    "empty": ("", ELSEWHERE, NOT_FOUND),
    "comments alone": ("# nameserver 10.0.0.1\n; nameserver 10.0.0.2\noptions timeout:1\n", ELSEWHERE, NOT_FOUND),
    "empty, and 127.0.0.1 answers": ("", HERE, (HEALTHY, ["http 200"])),
    "garbage": (bytes(range(256)) * 64, HERE, (HEALTHY, ["http 200"])),
    "one line of 1 MB": ("nameserver " + "1" * 1_000_000, HERE, (HEALTHY, ["http 200"])),
    "a server that is no address": ("nameserver \x1b[2Jx\nnameserver 127.0.0.1\n", HERE, (HEALTHY, ["http 200"])),
    "40 servers": ("nameserver 127.0.0.1\n" * 40, HERE, (HEALTHY, ["http 200"])),
    "the first of two refuses": ("nameserver 127.0.0.9\nnameserver 127.0.0.1\n", HERE, (HEALTHY, ["http 200"])),
    "nobody is there": ("nameserver 127.0.0.9\n", HERE, ("timeout-resolve", ["name not resolved", "127.0.0.9"])),
    "no route to it": ("nameserver 192.0.2.1\n", HERE, ("timeout-resolve", ["name not resolved", "192.0.2.1"])),
    "a search list without end": ("nameserver 127.0.0.1\nsearch " + "a.example " * 5000, HERE, (HEALTHY, ["http 200"])),
    "options out of range": (
        "nameserver 127.0.0.1\noptions ndots:99999999999 timeout:-1 attempts:0\n",
        HERE,
        (HEALTHY, ["http 200"]),
    ),
    "SERVFAIL, asked once": (
        "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n",
        "http://servfail.example:8000/",
        ("name-failed", ["name 'servfail.example' not resolved", "asked 127.0.0.1"]),
    ),
}


@RELEASE_ONLY
@pytest.mark.parametrize("row", RESOLV, ids=[f"resolv.conf: {name}" for name in RESOLV])
def test_resolv_conf(network, trial, row):
    """Goal: a resolv.conf that says little or nonsense: who is asked then, and nothing worse."""
    content, target, (cause, says) = RESOLV[row]
    timeout = SHORT if cause == "timeout-resolve" else 2.0
    through = network(content).enter
    trial(SECTION, "live", "--allow-remote", target, cause=cause, says=says, timeout=timeout, through=through)


MANY = "".join(f"10.{i >> 16}.{i >> 8 & 255}.{i & 255} name{i}.example\n" for i in range(40_000))
HOSTS = {
    "empty": (b"", HEALTHY),
    "garbage": (bytes(range(256)) * 64, HEALTHY),
    "1 MB, and the name is its last": (MANY.encode() + b"127.0.0.1 nxdomain.example\n", HEALTHY),
    "one line of 1 MB": (b"10.0.0.1 " + b"x" * 1_000_000 + b"\n127.0.0.1 nxdomain.example\n", HEALTHY),
    "1 MB without the name": (MANY.encode(), "name-not-found"),
    "an address that is none": (b"300.1.1.1 nxdomain.example\n", "name-not-found"),
    "without a newline at its end": (b"127.0.0.1 nxdomain.example", HEALTHY),
    "CR and tabs": (b"127.0.0.1\t\tother\tnxdomain.example \r\n", HEALTHY),
    "the same name 1000 times": (b"127.0.0.1 nxdomain.example\n" * 1000, HEALTHY),
}


@RELEASE_ONLY
@pytest.mark.parametrize("row", HOSTS, ids=[f"hosts: {name}" for name in HOSTS])
def test_hosts(network, trial, row):
    """Goal: an /etc/hosts of any size and nonsense is read in time."""
    content, cause = HOSTS[row]
    target = HERE if row in ("empty", "garbage") else ELSEWHERE
    says = ["http 200"] if cause is HEALTHY else ["name 'nxdomain.example' not found"]
    trial(SECTION, "live", "--allow-remote", target, cause=cause, says=says, through=network(hosts=content).enter)


def test_hosts_that_is_hostile(network, trial):
    """Goal: what stands in /etc/hosts is others' words: escaped, and a line without end ends nothing."""
    hosts = "10.0.0.1 nxdomai\x1b.example\n10.0.0.2 " + "x" * 9000 + " nxdomaim.example\n10.0.0.3 nxdomainn.example\n"
    says = ["/etc/hosts has nxdomai\\x1b.example"]
    cause = "name-not-found"
    through = network(hosts=hosts).enter
    trial(SECTION, "live", "--allow-remote", ELSEWHERE, cause=cause, says=says, through=through)


MISSING = {
    "no file of /etc at all": [],
    "no hosts": ["resolv.conf"],
    "no resolv.conf": ["hosts"],
    "unreadable files": ["hosts", "resolv.conf"],
    "directories instead": ["hosts/", "resolv.conf/"],
}


@RELEASE_ONLY
@pytest.mark.parametrize("row", MISSING, ids=list(MISSING))
def test_missing_files(network, trial, bare_root, row):
    """Goal: FROM scratch, with some of the files or none: 127.0.0.1 is asked, and localhost needs nothing."""
    root = bare_root["through"][-1]
    (root / "etc").mkdir()
    for name in MISSING[row]:
        path = root / "etc" / name
        path.mkdir() if name.endswith("/") else path.write_text("nameserver 127.0.0.1\n" if "resolv" in name else "")
        path.chmod(0)
    chroot, folder = bare_root["through"]
    bare_root["through"] = [*network().enter, chroot, "--userspec=65534:65534", folder]
    targets = ["http://localhost:8000/", "http://nxdomain.example:8000/"]
    says = ["name 'nxdomain.example' not found", "127.0.0.1", "http :8000/ 200"]
    trial(SECTION, "live", "--allow-remote", *targets, cause="name-not-found", says=says, **bare_root)
