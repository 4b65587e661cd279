"""Incident 30 and all that `probe doctor` tells: each number is what the usual tools say at that moment.

The probe runs in containers of their own, where nothing else moves the numbers.
"""
import json
import os
import pty
import re
import signal
import subprocess

import pytest

import containers
import namespaces
import processes
from runner import binary_path, is_asan

pytestmark = pytest.mark.skipif(
    not namespaces.may_unshare(), reason="no namespaces: not root, or the kernel forbids it"
)
RELEASE_ONLY = pytest.mark.skipif(is_asan(binary_path()), reason="only a static program runs where there are no files")

MACHINE = ["configuration", "process", "memory", "cpu", "pids", "listening", "resolver", "variables"]
SECTIONS = [*MACHINE, "checks"]
BESIDE = [*SECTIONS[:2], "service", *SECTIONS[2:]]  # where process 1 is not what listens
AS_NOBODY = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
COLUMNS = 80


@pytest.fixture
def examine(run_probe, validate):
    """Runs doctor and gives its JSON, held against the schema: examine(":8000/", through=box.enter)["machine"]"""

    def run(*arguments, status=1, **options):
        result = run_probe("doctor", "-o", "json", *arguments, limit=None, **options)
        report = result.json()
        validate(report)
        assert (result.status, report["command"]) == (status, "doctor"), str(result)
        return report

    return run


@pytest.fixture
def read(run_probe):
    """Runs doctor and gives its text."""

    def run(*arguments, status=1, **options):
        result = run_probe("doctor", *arguments, limit=None, **options)
        assert result.status == status, str(result)
        return result

    return run


def sections(result):
    """The rows of each section, by its name."""
    found = {}
    for line in result.lines:
        if line and not line.startswith(" "):
            found[line] = []
        elif line and found:
            found[list(found)[-1]].append(line)
    return found


def facts(rows):
    """{"open files": "12"}; further lines of a value are added to it."""
    found = {}
    for row in rows:
        if row[2] == " ":
            found[list(found)[-1]] += " " + row.strip()
        else:
            found[row[2:22].strip()] = row[22:]
    return found


def verdict_row(result):
    """The verdict, which begins the last section, as one line."""
    rows = sections(result)["checks"]
    assert rows[0].startswith("  verdict   "), str(result)
    words = [rows[0][12:]]
    for row in rows[1:]:
        if row[2] != " ":
            break
        words.append(row.strip())
    return " ".join(words)


# The numbers --------------------------------------------------------------------------------------------------------

BUSY = [
    'listen("0.0.0.0", 8080, waiting=3)',
    'listen("127.0.0.1", 9000)',
    'listen("::", 9000, waiting=1)',
    'listen("::1", 443)',
    "zombie()",
    "zombie()",
    "child(threads=4)",
    "open_files(7)",
]


@pytest.fixture
def busy(container):
    """A container in which there is something to count."""
    return container(*BUSY)


def test_listeners_are_what_ss_shows(busy, examine):
    """Goal: each listener with its queue and its process, as ss -ltnp has them."""
    found = examine(through=busy.enter)["machine"]["listening"]
    rows = []
    for line in busy.run("/usr/bin/ss", "-Hltnp").splitlines():
        _, waiting, backlog, place, _, users = line.split(maxsplit=5)
        address, port = place.rsplit(":", 1)
        address = "0.0.0.0" if address == "*" else address.strip("[]")
        rows.append({"address": address, "port": int(port), **queue(waiting, backlog, users)})
    assert sorted(found, key=str) == sorted(rows, key=str)
    assert [row["port"] for row in found] == [443, 8080, 9000, 9000]


def queue(waiting, backlog, users):
    """A listener's queue and owner, as ss shows them."""
    owners = [(int(pid), name) for name, pid in re.findall(r'\("([^"]+)",pid=(\d+)', users)]
    pid, name = min(owners)  # its children have it too
    return {"waiting": int(waiting), "backlog": int(backlog), "pid": pid, "name": name}


def test_unix_listeners_are_what_ss_shows(container, examine, read, stage):
    """Goal: unix sockets with their queues, those without a name and those of another file system left out."""
    folder = stage.new_folder("run")
    paths = [f"{folder}/{name}" for name in ["app.sock", "a socket \u00e4.sock", "x" * 70]]
    calls = [f"listen_at({path!r}, waiting={n})" for n, path in enumerate(paths)]
    box = container(*calls, "listen_at('\\0abstract')", f"listen_at({f'{folder}/gone'!r}, gone=True)")
    found = examine(through=box.enter)["machine"]["listening"]
    rows = []
    for line in box.run("/usr/bin/ss", "-Hlxnp").splitlines():
        _, _, waiting, backlog, rest = line.split(maxsplit=4)
        path, rest = re.match(r"(.*?) +(\d+ +\* +0 .*)", rest).groups()
        if os.path.exists(path):
            rows.append({"path": path, **queue(waiting, backlog, rest)})
    assert sorted(found, key=str) == sorted(rows, key=str)
    assert sorted(row["waiting"] for row in found) == [0, 1, 2]
    listed = " ".join(" ".join(sections(read(through=box.enter))["listening"]).split())
    assert all(f"{path} {n} of 64 waiting, python3 (pid 1)" in listed for n, path in enumerate(paths)), listed


def test_processes_are_what_ps_shows(busy, examine):
    """Goal: processes, threads and zombies; without the probe, as without ps."""
    found = examine(through=busy.enter)["machine"]["process"]
    lines = busy.run("/usr/bin/ps", "-e", "-o", "stat=,nlwp=,comm=").splitlines()
    rows = [line.split(maxsplit=2) for line in lines if not line.endswith(" ps")]
    assert found["processes"] == len(rows) == len(lines) - 1 == 4
    assert found["threads"] == sum(int(threads) for _, threads, _ in rows)
    assert found["zombies"] == sum(state.startswith("Z") for state, _, _ in rows) == 2


def test_process_1_is_what_proc_shows(busy, examine):
    """Goal: its name, its descriptors and their limit, and for how long it has been running."""
    before = age_ms(busy)
    found = examine(through=busy.enter)["machine"]["process"]
    assert before <= found["up_ms"] <= age_ms(busy)
    assert found["pid"] == 1
    assert found["name"] == busy.run("/bin/cat", "/proc/1/comm").strip() == "python3"
    assert found["command"].split() == ["/usr/bin/python3", str(containers.GUEST)]
    assert found["open_files"] == len(busy.run("/bin/ls", "/proc/1/fd").split()) > 7
    limit = re.search(r"Max open files +(\d+)", busy.run("/bin/cat", "/proc/1/limits"))[1]
    assert found["open_files_limit"] == int(limit)
    assert found["probe_runs_as_uid"] == 0


def age_ms(box):
    ticks = int(box.run("/bin/cat", "/proc/1/stat").rsplit(")", 1)[1].split()[19])
    uptime = float(box.run("/bin/cat", "/proc/uptime").split()[0])
    return round((uptime - ticks / os.sysconf("SC_CLK_TCK")) * 1000)


def test_resolver_is_what_the_file_says(container, examine, stage):
    """Goal: the lines of /etc/resolv.conf that say something."""
    file = stage.new_folder("etc") / "resolv.conf"
    file.write_text("# by hand\n\nsearch a.example b.example\nnameserver 10.0.0.53 # ours\r\n;x\noptions ndots:5\n")
    box = container(setup=containers.bind(file, "/etc/resolv.conf"))
    wanted = ["search a.example b.example", "nameserver 10.0.0.53", "options ndots:5"]
    assert examine(through=box.enter)["machine"]["resolver"] == wanted


def test_text_tells_the_same_as_json(busy, read, examine):
    """Goal: every section and every fact is in the text, under the name it has in JSON."""
    machine = examine(":1/", through=busy.enter)["machine"]
    found = sections(read(":1/", through=busy.enter))
    assert list(machine) == MACHINE and list(found) == SECTIONS
    for name in ["process", "memory", "cpu", "pids", "variables"]:
        labels = [re.sub("_(ms|us|bytes)$", "", fact).replace("_", " ") for fact in machine[name]]
        assert list(facts(found[name])) == labels, found[name]
    process = facts(found["process"])
    for fact in ["processes", "threads", "zombies", "open_files", "open_files_limit", "name"]:
        assert process[fact.replace("_", " ")] == str(machine["process"][fact])
    assert found["listening"] == [
        "  [::1]:443           0 of 64 waiting, python3 (pid 1)",
        "  0.0.0.0:8080        3 of 64 waiting, python3 (pid 1)",
        "  127.0.0.1:9000      0 of 64 waiting, python3 (pid 1)",
        "  [::]:9000           1 of 64 waiting, python3 (pid 1)",
    ]
    assert found["resolver"] == [f"  {line}" for line in machine["resolver"]]
    options = {name: f"{option['value']} ({option['source']})" for name, option in machine["configuration"].items()}
    assert facts(found["configuration"]) == {**options, "output": "text (default)"}


def test_verdict_stands_last(container, read, examine):
    """Goal: doctor asks what live and ready ask, and its status is theirs; the phases of each check are drawn."""
    box = container('serve("127.0.0.1", 8000)')
    result = read(status=0, through=box.enter)
    words = verdict_row(result)
    assert re.match(r"healthy in .*: http :8000/api/v1/health/ 200 .*, http :8000/api/v1/ready/ 200 ", words)
    assert list(sections(result))[-1] == "checks"
    assert re.search(r"^ +answer +\| *=+ *\| ", result.out, re.MULTILINE), str(result)
    report = examine(status=0, through=box.enter)
    assert [check["status"] for check in report["checks"]] == ["healthy", "healthy"]


# The start ----------------------------------------------------------------------------------------------------------

MEASURE = "to measure the whole start, run probe live --wait 60s right after it"


def test_start_of_a_service_that_is_up(container, examine, read):
    """Goal: incident 4, what took which time nobody can tell any more: no figure is made of when one asks."""
    box = container('serve_late("127.0.0.1", 8000, 1.2)')
    assert examine(status=0, through=box.enter)["machine"]["start"] == {"service_began_after_ms": 0, "advice": MEASURE}
    rows = facts(sections(read(status=0, through=box.enter))["start"])
    assert rows == {"service began after": "<1 ms", "advice": MEASURE}


def test_start_of_a_service_that_began_later(container, examine):
    """Goal: what an entrypoint did before the service began is told apart, as ps tells it."""
    box = container('serve_in_child("127.0.0.1", 8000, 1)')
    start = examine("tcp://127.0.0.1:8000", status=0, through=box.enter)["machine"]["start"]
    stats = [line.rsplit(")", 1)[1].split() for line in box.run("/bin/sh", "-c", "cat /proc/[0-9]*/stat").splitlines()]
    first, child = (next(int(stat[19]) for stat in stats if stat[1] == parent) for parent in ("0", "1"))
    assert start["service_began_after_ms"] == (child - first) * 1000 // os.sysconf("SC_CLK_TCK") >= 1000
    assert start["advice"] == f"start_period must be longer than {start['service_began_after_ms'] // 1000}s; {MEASURE}"


def test_nothing_is_told_that_nobody_knows(container, examine, stage):
    """Goal: the same is told of a service that has been up for long; of one that is not up, or not seen, nothing."""
    file = stage.new_folder("proc") / "stat"
    box = container('serve("127.0.0.1", 8000)', setup=containers.aged(file))
    containers.age(file, 700)
    machine = examine(status=0, through=box.enter)["machine"]
    assert machine["process"]["up_ms"] >= 700000
    assert machine["start"] == {"service_began_after_ms": 0, "advice": MEASURE}
    assert "start" not in examine(status=0, through=[*box.enter, *AS_NOBODY])["machine"]
    assert "start" not in examine(":1/", through=box.enter)["machine"]


# Incident 30 --------------------------------------------------------------------------------------------------------


def test_worker_killed_for_memory(cgroup, examine, read):
    """Goal: incident 30, a worker beyond the memory limit was killed: the limit and the kill are there."""
    cgroup.file("memory.limit").write_text(str(64 * 1024 * 1024))
    grow = ["/usr/bin/python3", "-c", "x = bytearray(256 * 1024 * 1024)"]
    assert subprocess.run([*cgroup.enter, *grow], timeout=20).returncode == -signal.SIGKILL
    found = examine(":1/", through=cgroup.enter)["machine"]["memory"]
    assert found["limit_bytes"] == int(cgroup.read("memory.limit")) == 64 * 1024 * 1024
    assert found["oom_kills"] == cgroup.value("memory.events", "oom_kill") >= 1
    assert 0 < found["used_bytes"] < found["limit_bytes"]
    memory = facts(sections(read(":1/", through=cgroup.enter))["memory"])
    assert memory["limit"] == "64.0 MiB"
    assert memory["oom kills"] == str(found["oom_kills"])


def test_memory_used_is_what_the_cgroup_says(cgroup, examine):
    """Goal: the memory of the service, as the limit counts it."""
    grow = ["/usr/bin/python3", "-c", "x = bytearray(50 << 20); print(flush=True); import time; time.sleep(60)"]
    worker = subprocess.Popen([*cgroup.enter, *grow], stdout=subprocess.PIPE)
    try:
        worker.stdout.readline()
        used = examine(":1/", through=cgroup.enter)["machine"]["memory"]["used_bytes"]
        assert abs(used - int(cgroup.read("memory.used"))) < (64 if is_asan(binary_path()) else 8) << 20
        assert used > 50 << 20
    finally:
        worker.kill()
        worker.communicate()


def test_throttled_service(cgroup, examine):
    """Goal: incident 30, a CPU limit that slows the service down shows as periods and time."""
    cgroup.limit_cpu(10)
    subprocess.run([*cgroup.enter, "/usr/bin/python3", "-c", "sum(range(3000000))"], check=True, timeout=20)
    cgroup.limit_cpu(None)
    found = examine(":1/", through=cgroup.enter)["machine"]["cpu"]
    assert found["throttled_periods"] == cgroup.value("cpu.stat", "nr_throttled") > 0
    assert found["throttled_us"] == cgroup.throttled_us() > 0


def test_file_cache_is_told_apart(cgroup, examine, stage):
    """Goal: memory that the kernel takes back when it is wanted is no sign of a leak."""
    file = stage.new_folder("cache") / "file"
    write = ["/bin/dd", "if=/dev/zero", f"of={file}", "bs=1M", "count=20"]
    subprocess.run([*cgroup.enter, *write], check=True, capture_output=True, timeout=20)
    found = examine(":1/", through=cgroup.enter)["machine"]["memory"]
    assert 20 * 1024 * 1024 <= found["file_cache_bytes"] <= found["used_bytes"]


def test_pids_and_their_limit(cgroup, examine):
    """Goal: how many tasks there are, of how many."""
    cgroup.file("pids.limit").write_text("20")
    sleeper = subprocess.Popen([*cgroup.enter, "/bin/sleep", "60"])
    try:
        processes.wait_until(lambda: cgroup.read("pids.used") == "1", 2)
        found = examine(":1/", through=cgroup.enter)["machine"]["pids"]
        assert found == {"used": 2, "limit": 20}  # the probe is one of them
    finally:
        sleeper.kill()
        sleeper.wait()


# Variables ----------------------------------------------------------------------------------------------------------


def test_variables_by_name_never_by_value(container, examine, read, secret):
    """Goal: the names of the usual variables, and what an entrypoint exported and a health check does not see."""
    url = f"postgres://app:{secret()}@127.0.0.1:9/app"
    ours = {"DATABASE_URL": url, "SECRET_KEY": secret(), "REDIS_PASSWORD": secret(), "HOME": "/root", "DEBUG": "1"}
    box = container(env={**ours, "EXPORTED_BY_ENTRYPOINT": secret(), "PORT": "8000"})
    variables = examine(env=ours, through=box.enter)["machine"]["variables"]
    assert sorted(variables["set"]) == ["DATABASE_URL", "DEBUG", "REDIS_PASSWORD", "SECRET_KEY"]
    only = set(variables["only_pid_1_has"])
    assert {"EXPORTED_BY_ENTRYPOINT", "PORT"} <= only
    assert not only & set(ours)
    assert "EXPORTED_BY_ENTRYPOINT" in read("-vv", env=ours, through=box.enter).out


def test_variable_of_a_longer_name_is_another(container, examine):
    """Goal: PID 1's PORT is missing although we have PORTAL, and the other way round."""
    box = container(env={"PORT": "1", "DB_HOSTNAME": "x"})
    variables = examine(env={"PORTAL": "1", "DB_HOST": "127.0.0.1"}, through=box.enter)["machine"]["variables"]
    assert {"PORT", "DB_HOSTNAME"} <= set(variables["only_pid_1_has"])


EXEC = """
import ctypes, os, sys
title, *environment = [word.encode() for word in sys.argv[1:]]
argv = (ctypes.c_char_p * 4)(title, b"-c", b"echo ready; read x", None)
envp = (ctypes.c_char_p * (len(environment) + 1))(*environment, None)
reading, writing = os.pipe()
os.set_inheritable(writing, True)
os.dup2(reading, 0)
ctypes.CDLL(None).execve(b"/bin/bash", argv, envp)
"""


def titled(container, title, *environment):
    """A container whose process 1 has this title, and this environment as it is."""
    return container(command=["/usr/bin/python3", "-c", EXEC, title, *environment])


def test_environment_that_was_written_over(container, examine, read, secret):
    """Goal: a process that keeps its title where its environment was: what is no NAME=VALUE is not shown."""
    box = titled(container, "sh", "GOOD=1", secret(), "", "AFTER=1")
    assert examine(through=box.enter)["machine"]["variables"]["only_pid_1_has"][0] == "GOOD"
    read(through=box.enter)


@pytest.mark.parametrize(
    "title, shown",
    [
        ("gunicorn: master [service.wsgi]", "gunicorn: master [service.wsgi]"),
        ("nginx: master process nginx -g daemon off;", "nginx: master process nginx"),
        ("[celeryd: celery@web:MainProcess] -active- (worker -b {})", "[celeryd: celery@web:MainProcess]"),
        ("/app/serve --token={}", "/app/serve"),
        ("worker of {}", "worker of"),
        ("{}", None),
        ("\x1b[2Jserve", "\\x1b[2Jserve"),
    ],
)
def test_title_without_its_options(container, examine, secret, title, shown):
    """Goal: what process 1 calls itself, without the options that may hold a broker's password."""
    box = titled(container, title.format(f"redis://:{secret()}@redis/0"), "A=1")
    assert examine(through=box.enter)["machine"]["process"]["command"] == shown


def test_arguments_of_process_1_are_not_shown(container, examine, read, secret):
    """Goal: a password on the command line of the service stays there."""
    box = container(f"(lambda password: None)({secret()!r})")
    assert examine(through=box.enter)["machine"]["process"]["command"].endswith("/guest.py")
    read(through=box.enter)


# Configuration ------------------------------------------------------------------------------------------------------


def test_configuration_and_where_it_comes_from(container, examine, read, stage):
    """Goal: each option's value, and whether an option, a variable, a .env file or nobody has set it."""
    env_file = stage.new_folder("env") / "env"
    env_file.write_text("PROBE_METHOD=HEAD\nPROBE_TIMEOUT=9s\nPROBE_EXPECT_STATUS=418\n")
    env = {"PROBE_TIMEOUT": "2s", "PROBE_FOLLOW": "1", "PROBE_INTERVAL": ""}
    arguments = ["--env-file", env_file, "--expect-status", "200,204"]
    box = container()
    found = examine(*arguments, env=env, through=box.enter)["machine"]["configuration"]
    wanted = {
        "timeout": ("2s", "variable"),
        "expect-status": ("200,204", "option"),
        "method": ("HEAD", "file"),
        "follow": ("1", "variable"),
        "env-file": (str(env_file), "option"),
        "output": ("json", "option"),
    }
    assert "interval" not in found and "watch" not in found, "options that doctor does not take"
    assert {name: (found[name]["value"], found[name]["source"]) for name in wanted} == wanted
    rows = facts(sections(read(*arguments, env=env, through=box.enter))["configuration"])
    assert rows["timeout"] == "2s (variable)"
    assert rows["method"] == "HEAD (file)"


def test_secrets_in_the_configuration_are_hidden(container, examine, read, secret):
    """Goal: incident 16, values that may be secrets are ***, wherever they come from."""
    arguments = ["-H", f"Authorization: Bearer {secret()}", f"--redis=redis://:{secret()}@127.0.0.1:9/0"]
    env = {"PROBE_DB": f"postgres://app:{secret()}@127.0.0.1:9/app"}
    box = container()
    found = examine(*arguments, env=env, through=box.enter)["machine"]["configuration"]
    assert found["header"] == {"value": "***", "source": "option"}
    assert found["redis"] == {"value": "***", "source": "option"}
    assert found["db"] == {"value": "***", "source": "variable"}
    read(*arguments, "-vv", env=env, through=box.enter)


def test_switch_that_names_no_target_is_no_secret(container, examine):
    """Goal: --db without a target says that it was asked, not that it hides one."""
    found = examine("--db", env={"DB_HOST": "127.0.0.1"}, through=container().enter)["machine"]["configuration"]
    assert found["db"] == {"value": "1", "source": "option"}


def test_empty_value(container, examine, read):
    """Goal: a value that is empty is shown as such."""
    box = container()
    found = examine("--data=", through=box.enter)["machine"]["configuration"]
    assert found["data"] == {"value": "", "source": "option"}
    assert facts(sections(read("--data=", through=box.enter))["configuration"])["data"] == "(option)"


# How it looks -------------------------------------------------------------------------------------------------------


def test_no_row_is_longer_than_the_screen(container, read, stage):
    """Goal: 80 columns, with every value that can be long."""
    file = stage.new_folder("etc") / "resolv.conf"
    file.write_text("search " + " ".join(f"namespace-{n}.svc.cluster.example" for n in range(6)) + "\n")
    address = "fd00:1111:2222:3333:4444:5555:6666:7777"
    setup = f"{containers.bind(file, '/etc/resolv.conf')} && ip addr add {address}/128 dev lo nodad"
    names = {f"EXPORTED_{n}": "1" for n in range(50)}
    box = container(f'listen("{address}", 65535)', 'listen("0.0.0.0", 8000)', setup=setup, env=names)
    arguments = ["--db-query", "SELECT name FROM django_migrations WHERE app = 'orders' AND name = '0002_order_note'"]
    result = read(*arguments, "--expect-body", "all is well " * 20, through=box.enter)
    long = [line for line in result.lines if len(line) > COLUMNS]
    assert long == []
    assert f"[{address}]:65535" in result.out
    assert "namespace-5.svc.cluster.example" in result.out
    assert "'0002_order_note' (option)" in " ".join(result.out.split())


def on_a_terminal(run_probe, registry, *arguments, **options):
    """What it writes to a terminal."""
    ours, its = pty.openpty()
    process = run_probe.start(arguments, stdout=its, **options)
    os.close(its)
    written = b""
    while True:
        try:
            read = os.read(ours, 65536)
        except OSError:
            break
        if not read:
            break
        written += read
    os.close(ours)
    process.wait(10)
    process.stderr.close()
    registry.record(run_probe.test, written.decode())
    return written.decode()


def test_colour_on_a_terminal_only(container, run_probe, registry, read):
    """Goal: the sections' names stand out on a terminal, and nothing but they; NO_COLOR forbids it."""
    box = container()
    plain = read(through=box.enter).out
    coloured = on_a_terminal(run_probe, registry, "doctor", through=box.enter)
    for name in SECTIONS:
        assert f"\x1b[1m{name}\x1b[0m\r\n" in coloured
        assert f"{name}\n" in plain
    assert coloured.count("\x1b") == 2 * len(SECTIONS)
    for value, is_coloured in {"1": False, "0": False, "": True}.items():
        written = on_a_terminal(run_probe, registry, "doctor", through=box.enter, env={"NO_COLOR": value})
        assert ("\x1b" in written) == is_coloured, value


def test_json_has_no_colour(container, run_probe, registry):
    """Goal: what a program reads is the same on a terminal."""
    written = on_a_terminal(run_probe, registry, "doctor", "-o", "json", through=container().enter)
    assert json.loads(written)["command"] == "doctor"


def test_quiet(container, read):
    """Goal: -q prints nothing, and the exit status tells."""
    box = container('serve("127.0.0.1", 8000)')
    assert read("-q", status=0, through=box.enter).out == ""
    assert read("-q", ":1/", status=1, through=box.enter).out == ""


def test_long_files_do_not_drown_the_rest(container, examine, read, stage):
    """Goal: a resolv.conf without end leaves room for the sections behind it."""
    file = stage.new_folder("etc") / "resolv.conf"
    file.write_text("".join(f"# {n}\noptions {'x' * 180}{n}\n" for n in range(3000)))
    box = container(setup=containers.bind(file, "/etc/resolv.conf"))
    assert 10 < len(examine(through=box.enter)["machine"]["resolver"]) < 100
    assert list(sections(read(through=box.enter))) == SECTIONS


def test_long_exchanges_do_not_drown_the_rest(peer, examine, read):
    """Goal: all that many checks have seen is there, and so is the machine."""
    server = peer("control characters")
    targets = [server.url(f"/{n}/{'y' * 60}") for n in range(16)]
    assert len(examine("-vv", *targets)["checks"]) == 16
    assert list(sections(read("-vv", *targets)))[: len(BESIDE)] == BESIDE


# Where little is to be had ------------------------------------------------------------------------------------------


@RELEASE_ONLY
def test_in_an_empty_root(examine, read, bare_root):
    """Goal: FROM scratch without /proc: what is not to be had is null, and the run ends as ever."""
    machine = examine(**bare_root)["machine"]
    assert machine["resolver"] == []
    assert machine["variables"] == {"set": [], "only_pid_1_has": None}
    unknown = {fact for fact, value in machine["process"].items() if value is None}
    assert unknown == set(machine["process"]) - {"pid", "probe_runs_as_uid", "container_log"}
    for section in ["memory", "cpu", "pids"]:
        assert set(machine[section].values()) == {None}
    found = sections(read(**bare_root))
    assert facts(found["process"])["up"] == "not readable"
    assert facts(found["memory"])["limit"] == "not readable"


@RELEASE_ONLY
def test_listeners_without_proc(busy, examine, bare_root):
    """Goal: the kernel tells who listens where there is no /proc; whose they are it does not."""
    bare_root["through"] = [*busy.enter, *bare_root["through"]]
    found = examine(**bare_root)["machine"]["listening"]
    assert [(row["address"], row["port"], row["waiting"]) for row in found] == [
        ("::1", 443, 0),
        ("0.0.0.0", 8080, 3),
        ("127.0.0.1", 9000, 0),
        ("::", 9000, 1),
    ]
    assert {row["pid"] for row in found} == {None}


@RELEASE_ONLY
def test_in_a_root_with_proc_alone(examine, stage, probe_binary):
    """Goal: FROM scratch as it runs: /proc is there and nothing else."""
    machine = examine(":1/", **containers.bare_root(stage.new_folder("root"), probe_binary, proc=True))["machine"]
    assert machine["listening"] is not None
    assert machine["process"]["processes"] > 0
    assert machine["process"]["up_ms"] > 0
    assert machine["memory"]["used_bytes"] is None


@RELEASE_ONLY
def test_in_a_read_only_root(busy, examine, bare_root):
    """Goal: nothing is written anywhere."""
    root = bare_root["through"][-1]
    script = f'mount --bind {root} {root} && mount -o remount,bind,ro {root} && exec "$@"'
    bare_root["through"] = [namespaces.UNSHARE, "--mount", "/bin/sh", "-c", script, "sh", *bare_root["through"]]
    examine(**bare_root)


def test_as_nobody(busy, examine):
    """Goal: a user who may look into no other process still gets the rest."""
    machine = examine(through=[*busy.enter, *AS_NOBODY])["machine"]
    process = machine["process"]
    assert process["probe_runs_as_uid"] == 65534
    assert process["open_files"] is None
    assert (process["name"], process["zombies"], process["processes"]) == ("python3", 2, 4)
    assert machine["variables"]["only_pid_1_has"] is None
    assert [(row["port"], row["pid"], row["name"]) for row in machine["listening"]] == [
        (port, None, None) for port in (443, 8080, 9000, 9000)
    ]


def test_processes_of_others_hidden(container, examine):
    """Goal: /proc with hidepid, where others' processes do not exist: what is seen is not called all there is."""
    box = container("zombie()", setup="mount -o remount,hidepid=2 /proc")
    process = examine(through=[*box.enter, *AS_NOBODY])["machine"]["process"]
    assert (process["name"], process["up_ms"], process["open_files_limit"]) == (None, None, None)
    assert (process["processes"], process["zombies"], process["threads"]) == (None, None, None)


def test_process_1_of_another_container(container, examine, cgroup, read):
    """Goal: --pid=host, or a pod that shares its processes: process 1 is not ours, and neither is its start."""
    box = container('serve("127.0.0.1", 8000)', env={"EXPORTED": "1"})
    assert examine(status=0, through=box.enter)["machine"]["process"]["belongs_to"] == "this container"
    machine = examine(status=0, through=[*cgroup.enter, *box.enter])["machine"]
    assert machine["process"]["belongs_to"] == "the host, or another container"
    assert machine["variables"]["only_pid_1_has"] is None
    assert "start" not in machine
    rows = facts(sections(read(status=0, through=[*cgroup.enter, *box.enter]))["process"])
    assert rows["belongs to"] == "the host, or another container"


def test_check_that_uses_up_its_time(peer, examine, read):
    """Goal: the machine is looked at all the same, and how many wait."""
    server = peer(accept=False)
    report = examine("-t", "500ms", server.url())
    assert report["checks"][0]["cause"] == "workers-busy"
    assert list(report["machine"]) == BESIDE[:-1]
    assert list(sections(read("-t", "500ms", server.url()))) == BESIDE


# What is wrong is said, and the machine is shown ---------------------------------------------------------------------


def test_variable_that_does_not_parse(busy, examine, read, secret):
    """Goal: incident 14, a DATABASE_URL that is wrong: its check fails and says which and why; nothing of its value."""
    env = {"DATABASE_URL": f"postgres://app:{secret('p4ss/w0rd#secret')}@db:5432/app"}
    report = examine(env=env, through=busy.enter)
    check = next(check for check in report["checks"] if check["type"] == "postgres")
    assert (report["status"], check["status"], check["cause"]) == ("unhealthy", "unhealthy", "usage")
    assert check["message"].startswith("DATABASE_URL has ")
    assert report["machine"]["process"]["zombies"] == 2
    result = read(env=env, through=busy.enter)
    assert check["message"] in " ".join(result.out.split())
    assert list(sections(result)) == SECTIONS


@pytest.mark.parametrize(
    "arguments, says",
    [
        (["--env-file", "/nowhere/env"], "cannot read '/nowhere/env'"),
        (["--db"], "DATABASE_URL"),
        (["env:NOWHERE"], "NOWHERE is not set"),
        (["http://example.com/"], "is another host"),
        (["http://user:pass-word@localhost:99999/"], "'http://***@localhost:99999/' has a port that is not a number"),
    ],
)
def test_what_is_wrong_with_the_machine_below(busy, examine, arguments, says):
    """Goal: whatever keeps doctor from asking, it tells what there is to know."""
    report = examine(*arguments, through=busy.enter)
    assert report["status"] == "misconfigured"
    assert says in report["message"]
    assert report["machine"]["process"]["processes"] == 4


@pytest.mark.parametrize("url", ["sqlite:///db.sqlite3", "mysql+pymysql://u@db/app"])
def test_database_of_another_kind(container, examine, url):
    """Goal: a database that the probe does not know keeps it from asking nothing else."""
    box = container('serve("127.0.0.1", 8000)')
    report = examine(status=0, through=box.enter, env={"DATABASE_URL": url})
    assert [check["type"] for check in report["checks"]] == ["http", "http"]
    assert report["machine"]["variables"]["set"] == ["DATABASE_URL"]
    scheme = url.split(":")[0]
    assert report["machine"]["variables"]["set_aside"] == [f"DATABASE_URL has the scheme {scheme}; --db asks PostgreSQL only"]


def test_database_that_is_misspelt(container, examine):
    """Goal: incident 14, what may be a slip is one."""
    report = examine(through=container().enter, env={"DATABASE_URL": "postgress://u@db/app"})
    check = next(check for check in report["checks"] if check["type"] == "postgres")
    assert "DATABASE_URL has another scheme than postgres" in check["message"]


def test_wrong_option_is_one_line(run_probe, validate):
    """Goal: a word that is no option is said as every command says it."""
    result = run_probe("doctor", "--nonsense")
    assert (result.status, len(result.lines)) == (1, 1)
    validate(run_probe("doctor", "--nonsense", env={"PROBE_OUTPUT": "json"}).json())


def test_databases_of_the_environment_are_asked(container, examine, secret):
    """Goal: what DATABASE_URL and REDIS_URL name is asked without being told to; live's and ready's paths, which nobody
    configured, are asked too and decide nothing."""
    password = secret()
    env = {"DATABASE_URL": f"postgres://u:{password}@127.0.0.1:1/d", "REDIS_URL": f"redis://:{password}@127.0.0.1:2/0"}
    report = examine(env=env, through=container().enter)
    assert [(check["type"], check["status"]) for check in report["checks"]] == [
        ("postgres", "unhealthy"), ("redis", "unhealthy"), ("http", "unknown"), ("http", "unknown"),
    ]
    assert {check["cause"] for check in report["checks"]} == {"refused"}
