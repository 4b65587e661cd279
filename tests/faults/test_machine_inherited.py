"""What a process inherits: signals, timers, environment, arguments, descriptors, process 1, a seccomp filter.

odd.py starts the probe with what no shell can give it.
"""
import signal
import time

import pytest

import namespaces
from addresses import free_port
from machine import odd
from namespaces import NEEDS_NAMESPACES
from runner import binary_path, is_asan
from table import HEALTHY

RELEASE_ONLY = pytest.mark.skipif(is_asan(binary_path()), reason="AddressSanitizer needs what is taken away here")
SECTION = "inherited"

@pytest.fixture(params=["healthy", "refused", "silent"])
def question(request, healthy_app, peer):
    """(target, cause, words)"""
    if request.param == "healthy":
        return healthy_app.url("/api/v1/health/"), HEALTHY, ["http 200"]
    if request.param == "refused":
        return f"http://127.0.0.1:{free_port()}/", "refused", ["refused by 127.0.0.1"]
    return peer("silent").url(), "timeout-answer", ["connected, no answer in 500 ms"]


SIGNALS = {
    "all signals blocked": ["block_all()"],
    "all signals ignored": ["ignore_all()"],
    "SIGALRM and others pending": ["block_all()", "pend(signal.SIGALRM, signal.SIGPIPE, signal.SIGCHLD)"],
    "SIGALRM ignored and blocked": ["ignore(signal.SIGALRM)", "block(signal.SIGALRM)"],
    "SIGCHLD ignored": ["ignore(signal.SIGCHLD)"],
    "SIGPIPE default": ["default(signal.SIGPIPE)"],
    "an interval timer of an hour": ["timer(3600)"],
    "a POSIX timer and an alarm": ["alarm(3600)"],
}


@pytest.mark.parametrize("row", SIGNALS, ids=list(SIGNALS))
def test_signals(trial, question, row):
    """Goal: whatever is blocked, ignored or pending, the verdict and the time are the same."""
    target, cause, says = question
    trial(SECTION, "live", target, cause=cause, says=says, through=odd(*SIGNALS[row]))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_pending(run_probe, healthy_app, number):
    """Goal: who was told to end before it began ends, with a word."""
    result = run_probe("live", healthy_app.url("/"), through=odd("block_all()", f"pend({int(number)})"))
    assert (result.status, result.first) == (1, f"unhealthy: ended by {number.name}"), str(result)


@RELEASE_ONLY
@pytest.mark.parametrize("seconds", [0.05, 0.2])
def test_interval_timer_that_runs_out(trial, peer, seconds):
    """Goal: the timer of whoever started it ends nothing: its own takes the place."""
    says = ["connected, no answer in 1 s"]
    through = odd("ignore(signal.SIGALRM)", f"timer({seconds + 0.3})")
    trial(SECTION, "live", peer("silent").url(), cause="timeout-answer", says=says, timeout=1.0, through=through)


ENVIRONMENTS = {
    "empty": "{}",
    "1000 variables": "{f'VARIABLE_{i}': 'x' * 50 for i in range(1000)}",
    "100 kB in one": "{'LONG': 'x' * 100_000}",
    "as much as the kernel takes": "{f'V{i}': 'x' * 100_000 for i in range(15)}",
    "a thousand of libpq's": "{**{f'PG{i}': 'x' for i in range(1000)}, 'PGHOST': 'x' * 100_000}",
    "proxies": "{name: 'http://192.0.2.1:1' for name in ('http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY')}",
    "locales": "{name: 'tr_TR.UTF-8' for name in ('LANG', 'LC_ALL', 'LC_CTYPE', 'LC_NUMERIC', 'LC_MESSAGES')}",
    "resolver's": "{'LOCALDOMAIN': 'x' * 9000, 'RES_OPTIONS': 'attempts:0', 'HOSTALIASES': '/dev/zero'}",
    "loader's": "{'LD_PRELOAD': '/no/such', 'LD_LIBRARY_PATH': '/tmp', 'LD_DEBUG': 'all', 'MALLOC_CHECK_': '3'}",
}
RAW_ENVIRONMENTS = {
    "no equals sign": "[b'PATH', b'novalue', b'PROBE_TIMEOUT']",
    "no name": "[b'=x', b'==', b'=']",
    "duplicates": "[b'A=1', b'A=2', b'PORT=1', b'PORT=2']",
    "no UTF-8": "[b'\\xff\\xfe=\\x80', b'PROBE_\\xff=1', b'LANG=\\xff']",
    "control characters": "[b'A=\\x1b[2J', b'\\x07=\\n', b'PROBE_X=\\n\\n']",
}


@RELEASE_ONLY
@pytest.mark.parametrize("row", ENVIRONMENTS, ids=[f"environment: {name}" for name in ENVIRONMENTS])
def test_environment(trial, healthy_app, row):
    """Goal: an environment of any size; what others' programs take from it means nothing."""
    url = healthy_app.url("/api/v1/health/")
    trial(SECTION, "live", url, cause=HEALTHY, says=["http 200"], through=odd(f"environment({ENVIRONMENTS[row]})"))


@RELEASE_ONLY
@pytest.mark.parametrize("row", RAW_ENVIRONMENTS, ids=[f"environment: {name}" for name in RAW_ENVIRONMENTS])
def test_raw_environment(trial, healthy_app, row):
    """Goal: entries that are no variables are none."""
    url = healthy_app.url("/api/v1/health/")
    through = odd(f"raw_environment({RAW_ENVIRONMENTS[row]})")
    trial(SECTION, "live", url, cause=HEALTHY, says=["http 200"], through=through)


@RELEASE_ONLY
@pytest.mark.parametrize("row", ["no equals sign", "no name", "no UTF-8", "control characters"])
def test_doctor_in_a_raw_environment(run_probe, row):
    """Goal: doctor lists names; those that are none are left out, and the rest is escaped."""
    result = run_probe("doctor", ":1/", limit=None, through=odd(f"raw_environment({RAW_ENVIRONMENTS[row]})"))
    assert (result.status, "\nvariables\n" in result.out) == (1, True), str(result)


ARGUMENTS = {
    "none, not even a name": ("[]", "no command: write probe live, ready or doctor"),
    "an empty name alone": ("[b'']", "no command: write probe live, ready or doctor"),
    "an empty command": ("[b'probe', b'']", "''"),
    "a name of 100 kB alone": ("[b'x' * 100_000]", "no command: write probe live, ready or doctor"),
    "a target of 100 kB": ("[b'probe', b'live', b'http://localhost/' + b'x' * 100_000]", "longer than 2048 bytes"),
    "an option of 100 kB": ("[b'probe', b'live', b'--' + b'x' * 100_000]", "--xxx"),
    "a value of 100 kB": ("[b'probe', b'live', b'-t', b'9' * 100_000]", "999"),
    "10,000 targets": ("[b'probe', b'live', *[b':1/'] * 10_000]", "16 targets"),
    "no UTF-8": ("[b'probe', b'live', b'\\xff\\xfe\\x80']", "\\xff\\xfe\\x80"),
    "no UTF-8 in a command": ("[b'probe', b'\\xff']", "\\xff"),
    "terminal escapes": ("[b'probe', b'live', b'\\x1b[2J\\x07']", "\\x1b[2J\\x07"),
    "an empty target": ("[b'probe', b'live', b'']", "empty"),
    "10,000 headers": ("[b'probe', b'live', *[b'-H', b'A: b'] * 10_000]", "header"),
}


@RELEASE_ONLY
@pytest.mark.parametrize("row", ARGUMENTS, ids=[f"arguments: {name}" for name in ARGUMENTS])
def test_arguments(run_probe, row):
    """Goal: a mistake of any size is one line of at most 500 bytes that shows it."""
    arguments, says = ARGUMENTS[row]
    result = run_probe(through=odd(f"arguments({arguments})"))
    assert (result.status, len(result.lines)) == (1, 1), str(result)
    assert result.first.startswith("misconfigured: ") and says in result.first, str(result)
    assert result.seconds < 3, str(result)


DESCRIPTORS = {
    "3 to 1000 open": ["open_descriptors(range(3, 1000))"],
    "3 to 1000 open, and no more": ["open_descriptors(range(4, 1000))", "limit_descriptors(1001)"],
    "one above a limit of 8": ["open_descriptors(range(500, 510))", "limit_descriptors(8)"],
    "0 closed": ["close(0)"],
    "0 and 2 closed, 3 open": ["open_descriptors([3])", "close(0, 2)"],
    "0 is a socket": ["socket_as(0)"],
}


@RELEASE_ONLY
@pytest.mark.parametrize("row", DESCRIPTORS, ids=[f"descriptors: {name}" for name in DESCRIPTORS])
def test_descriptors(trial, healthy_app, row):
    """Goal: descriptors that somebody left open or closed change nothing."""
    url = healthy_app.url("/api/v1/health/")
    trial(SECTION, "live", url, cause=HEALTHY, says=["http 200"], timeout=1.0, through=odd(*DESCRIPTORS[row]))


# Process 1 ----------------------------------------------------------------------------------------------------------


@NEEDS_NAMESPACES
def test_process_1(trial, question):
    """Goal: the probe itself is process 1, to which signals without an action do nothing."""
    target, cause, says = question
    through = [namespaces.UNSHARE, "--pid", "--fork", "--mount-proc", "--kill-child"]
    trial(SECTION, "live", target, cause=cause, says=says, through=through)


@RELEASE_ONLY
@NEEDS_NAMESPACES
def test_process_1_without_anything(trial, bare_root):
    """Goal: process 1 in an empty root, without /proc, and a port that nobody has."""
    namespace = [namespaces.UNSHARE, "--pid", "--fork", "--net", "--kill-child"]
    bare_root["through"] = [*namespace, *bare_root["through"]]
    trial(SECTION, "live", "http://127.0.0.1:9/", cause="unreachable", says=["no connection to 127.0.0.1:9"], **bare_root)


def test_parent_that_has_gone(run_probe, healthy_app, stage):
    """Goal: an orphan says its line as well."""
    file = stage.new_folder("orphan") / "out"
    script = f'(sleep 0.1; "$@" > {file}) & exit 0'
    process = run_probe.start(["live", healthy_app.url("/api/v1/health/")], through=["/bin/sh", "-c", script, "sh"])
    process.communicate(timeout=5)
    end = time.monotonic() + 5
    while not (file.exists() and file.read_text()) and time.monotonic() < end:
        time.sleep(0.02)
    assert file.read_text().startswith("healthy in ")


# What the kernel refuses --------------------------------------------------------------------------------------------

EPERM, ENOSYS = 1, 38
REFUSED_CALLS = {
    "prctl": EPERM,
    "setitimer": EPERM,
    "rt_sigaction": EPERM,
    "rt_sigprocmask": EPERM,
    "clone": EPERM,
    "clone3": ENOSYS,
    "getrandom": ENOSYS,
    "prlimit64": EPERM,
    "madvise": EPERM,
    "mprotect": EPERM,
    "ioctl": EPERM,
    "getsockopt": EPERM,
    "setsockopt": EPERM,
    "geteuid": EPERM,
    "getdents64": EPERM,
    "readlink": EPERM,
    "open": EPERM,
    "openat": EPERM,
    "futex": ENOSYS,
}


@RELEASE_ONLY
@pytest.mark.parametrize("row", REFUSED_CALLS, ids=[f"seccomp refuses {name}" for name in REFUSED_CALLS])
def test_refused_call(trial, healthy_app, row):
    """Goal: a strict seccomp filter: what is not needed for an answer is done without."""
    url = healthy_app.url("/api/v1/health/")
    through = odd(f"refuse({REFUSED_CALLS[row]}, '{row}')")
    trial(SECTION, "live", url, cause=HEALTHY, says=["http 200"], through=through)


@RELEASE_ONLY
@pytest.mark.parametrize("row", ["clone", "prctl", "setitimer", "getrandom", "prlimit64", "madvise"])
def test_refused_call_of_a_deployment(trial, healthy_app, redis, postgres, secret, row):
    """Goal: the same for several checks at once, SCRAM among them; it reads /dev/urandom where getrandom is missing."""
    targets = [healthy_app.url("/api/v1/health/"), redis(password=secret()).url(), postgres().url()]
    through = odd(f"refuse({REFUSED_CALLS[row]}, '{row}')")
    cause, says = HEALTHY, ["http 200", "redis ok", "postgres ok"]
    if row == "getrandom":
        cause, says = "pg-error", ["could not generate nonce", "http 200"]
    trial(SECTION, "ready", *targets, cause=cause, says=says, timeout=2.0, through=through)


@RELEASE_ONLY
def test_socket_refused(trial, healthy_app):
    """Goal: who may not make a socket says so, and not that the service refuses."""
    url = healthy_app.url("/api/v1/health/")
    trial(SECTION, "live", url, cause="connection-denied", says=["Operation not permitted"], through=odd("refuse(1, 'socket')"))


@RELEASE_ONLY
@NEEDS_NAMESPACES
@pytest.mark.parametrize("scheme", ["tcp", "redis"])
def test_sock_diag_refused(trial, container, scheme):
    """Goal: where the kernel may not be asked who listens, /proc tells the same."""
    through = [*container('listen("::1", 9000)', 'listen("0.0.0.0", 8080)').enter, *odd("refuse(1, 'sendto')")]
    says = ["nothing listens on 8000; listening: 0.0.0.0:8080, [::1]:9000; "]
    trial(SECTION, "ready", f"{scheme}://127.0.0.1:8000", cause="refused", says=says, through=through)


def test_no_new_privileges(trial, healthy_app):
    """Goal: no_new_privs and no capability at all."""
    through = ["/usr/bin/setpriv", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
    trial(SECTION, "live", healthy_app.url("/api/v1/health/"), cause=HEALTHY, says=["http 200"], through=through)
