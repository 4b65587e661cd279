"""What tests/bench/run.sh runs once everything is built: measures, prints the table and the goals.

Starts nginx, PostgreSQL and Redis on loopback. With --write the table also goes into README.md beside this file, between
<!-- bench --> and <!-- /bench -->.
"""
import argparse
import contextlib
import os
import platform
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import generated
import runner
import servers

REPOSITORY = Path(__file__).resolve().parents[2]
README = Path(__file__).with_name("README.md")
RELEASE = REPOSITORY / "build" / "release"
BUDGET = re.compile(r"^amd64(?: +\S+){5} +(\d+)", re.MULTILINE)
PASSWORD = "bench-password"
DEADLINE_RUNS = 10
COLUMNS = ["asked", "command", "wall", "to the bound", "to probe", "CPU", "instructions"]
COLUMNS += ["resident", "private", "written", "page faults"]


@dataclass
class Row:
    """One command, and what its runs took: lists have a number for each round."""

    label: str
    argv: list
    wall: list = field(default_factory=list)  # microseconds
    cpu: list = field(default_factory=list)
    faults: list = field(default_factory=list)
    instructions: int = 0
    resident: int = 0  # kB
    memory: int = 0  # kB of these that no other process maps
    written: int = 0  # kB of these that are not pages of a file

    def ratio(self, other):
        """How many times the other's wall time, pair by pair, so that the machine's drift cancels out."""
        return median(mine / its for mine, its in zip(self.wall, other.wall))


@dataclass
class Group:
    """The commands that ask one server. The first is probe; the bound, where there is one, is the second."""

    name: str
    env: dict
    rows: list
    rounds: int
    has_bound: bool = False

    @property
    def probe(self):
        return self.rows[0]

    @property
    def bound(self):
        return self.rows[1] if self.has_bound else None

    @property
    def peers(self):
        return self.rows[2:] if self.has_bound else self.rows[1:]

    def row(self, start):
        return next(row for row in self.rows if row.label.startswith(start))


# Measuring ----------------------------------------------------------------------------------------------------------


def run(command, env=None, **options):
    """Standard output of a command that must succeed."""
    done = subprocess.run([str(word) for word in command], env=env, text=True, capture_output=True, **options)
    if done.returncode != 0:
        raise SystemExit(f"bench: {command[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def measure(group):
    measure_time(group)
    for row in group.rows:
        measure_size(row, group.env)
        report_progress(f"{group.name}: {row.label}")


def measure_size(row, env):
    row.instructions = count_instructions(row.argv, env)
    sizes = run([RELEASE / "bench_memory", *row.argv], env)
    row.resident, row.memory, row.written = (int(word) for word in sizes.split())


def measure_time(group):
    command = [RELEASE / "bench_timing", group.rounds]
    for row in group.rows:
        command += ["--", *row.argv]
    for line in run(command, group.env).splitlines():
        number, wall, cpu, faults = line.split()
        row = group.rows[int(number)]
        row.wall.append(float(wall))
        row.cpu.append(float(cpu))
        row.faults.append(int(faults))


def count_instructions(argv, env):
    """Those in user space, by valgrind, which always counts the same."""
    with tempfile.TemporaryDirectory(prefix="probe-bench-") as folder:
        options = ["--tool=callgrind", f"--callgrind-out-file={folder}/out", f"--log-file={folder}/log"]
        run(["/usr/bin/valgrind", *options, *argv], env)
        return int(re.search(r"Collected : (\d+)", Path(folder, "log").read_text()).group(1))


def measure_deadline(binary):
    """Milliseconds after --timeout at which it is over, in each of the runs, against a peer that never answers."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        # below zero: an unhealthy end is what is timed
        lines = run([RELEASE / "bench_timing", -DEADLINE_RUNS, "--", binary, "live", "--timeout=1s", url], {})
    return [float(line.split()[1]) / 1000 - 1000 for line in lines.splitlines()]


def report_progress(words):
    print(f"measured {words}", file=sys.stderr)


# What is measured ---------------------------------------------------------------------------------------------------


def copy(stage, *programs):
    """Copies, as COPY makes them: what the linker has just written page by page is mapped page by page, and slower."""
    folder = stage.new_folder("copies")
    return [shutil.copy(program, folder) for program in programs]


def http_group(nginx, binary, bound, rounds):
    (nginx.folder / "html" / "health").write_text("ok\n")
    url = f"http://127.0.0.1:{nginx.port}/health"
    request = f"GET /health HTTP/1.1\r\nHost: localhost:{nginx.port}\r\nConnection: close\r\n\r\n"
    rows = [
        Row("probe live :8000/health", [binary, "live", f":{nginx.port}/health"]),
        Row("the bound: connect, ask, compare", [bound, nginx.port, request, "HTTP/1.1 200"]),
        Row("busybox wget -q -O /dev/null URL", ["/usr/bin/busybox", "wget", "-q", "-O", "/dev/null", url]),
        Row("curl -fsS -o /dev/null URL", ["/usr/bin/curl", "-fsS", "-o", "/dev/null", url]),
    ]
    return Group("HTTP", {}, rows, rounds, has_bound=True)


def postgres_group(name, postgres, programs, binary, rounds):
    """programs: where psql and pg_isready really are; in PATH they are wrappers.

    psql has its password in the URL: one in the environment would make pg_isready log in, which nobody lets it do.
    """
    host = ["-h", "127.0.0.1", "-p", postgres.port, "-U", "postgres"]
    env = {"BENCH_DB": postgres.url()}
    rows = [
        Row("probe ready --no-http --db", [binary, "ready", "--no-http", "--db=env:BENCH_DB"]),
        Row("pg_isready", [programs("pg_isready"), "-q", *host]),
        Row("psql -c 'select 1'", [programs("psql"), "-X", postgres.url(), "-c", "select 1"]),
    ]
    return Group(name, env, rows, rounds)


def redis_group(redis, binary, bound, rounds):
    request = "PING\r\n"
    rows = [
        Row("probe ready --no-http --redis", [binary, "ready", "--no-http", "--redis=env:BENCH_REDIS"]),
        Row("the bound: connect, ask, compare", [bound, redis.port, request, "+PONG"]),
        Row("redis-cli ping", ["/usr/bin/redis-cli", "-h", "127.0.0.1", "-p", redis.port, "ping"]),
    ]
    return Group("Redis", {"BENCH_REDIS": redis.url()}, rows, rounds, has_bound=True)


@contextlib.contextmanager
def starting():
    """(stage, start): start(servers.nginx, at="0.0.0.0"); all of it is stopped at the end."""
    stage, started = servers.Stage(), []

    def start(function, *arguments, **options):
        started.append(function(stage, *arguments, **options))
        return started[-1]

    try:
        yield stage, start
    finally:
        for server in reversed(started):
            server.stop()
        stage.close()


def measure_all(binary, rounds):
    with starting() as (stage, start):
        programs = servers.postgres_program
        binary, bound = copy(stage, binary, RELEASE / "bench_bound")
        groups = [http_group(start(servers.nginx, at="0.0.0.0"), binary, bound, rounds)]
        scram = start(servers.postgres, PASSWORD)
        groups.append(postgres_group("PostgreSQL, by password", scram, programs, binary, rounds // 3))
        trust = start(servers.postgres, PASSWORD, hba=["host all all all trust"])
        groups.append(postgres_group("PostgreSQL, trusted", trust, programs, binary, rounds // 3))
        groups.append(redis_group(start(servers.redis), binary, bound, rounds))
        for group in groups:
            measure(group)
        return groups


# The table ----------------------------------------------------------------------------------------------------------


def times(ratio):
    return f"{ratio:.2f} x" if ratio < 10 else f"{ratio:.1f} x"


def cells(group, row):
    return [
        group.name,
        row.label if row is group.bound else f"`{row.label}`",
        f"{median(row.wall) / 1000:.2f} ms",
        times(row.ratio(group.bound)) if group.has_bound else "",
        times(row.ratio(group.probe)),
        f"{median(row.cpu) / 1000:.2f} ms",
        f"{row.instructions:,}",
        f"{row.resident:,} kB",
        f"{row.memory:,} kB",
        f"{row.written:,} kB",
        f"{median(row.faults):.0f}",
    ]


def version(*command):
    return re.search(r"\d+\.\d+(\.\d+)?", run(command)).group(0)


def conditions(groups, programs):
    rounds = " and ".join(f"{count:,}" for count in sorted({group.rounds for group in groups}))
    kernel = ".".join(platform.release().split(".")[:2])
    peers = {
        "curl": version("/usr/bin/curl", "--version"),
        "BusyBox": version("/usr/bin/busybox", "--help"),
        "PostgreSQL": version(programs("psql"), "--version"),
        "Redis": version("/usr/bin/redis-cli", "--version"),
    }
    names = ", ".join(f"{name} {number}" for name, number in peers.items())
    return (
        f"Medians of {rounds} runs, the commands of a server in turn and in another order each time, ratios pair by "
        f"pair; Linux {kernel} on "
        f"{platform.machine()}, {os.cpu_count()} CPUs; {names} as Debian builds them. Wall time is from the start of "
        "the process to its end. Resident is the most memory that the process has at a time, as ps and time count it; "
        "private is the part of it that no other process maps, pages of the program's file included, which stay in "
        "the page cache; written is the part without them. probe and the bound are copied first, as COPY puts them "
        "into an image. pg_isready does not log in."
    )


def markdown(groups, programs):
    rows = [cells(group, row) for group in groups for row in group.rows]
    lines = [f"| {' | '.join(line)} |" for line in [COLUMNS, *rows]]
    lines.insert(1, "|---|---" + "|---:" * (len(COLUMNS) - 2) + "|")
    table = "\n".join(lines)
    return f"{table}\n\n{conditions(groups, programs)}\n"


# The goals ----------------------------------------------------------------------------------------------------------


def goals(groups, late, binary):
    """(what is wanted, whether it is so, the number)"""
    http = groups[0]
    wget, curl = http.row("busybox").ratio(http.probe), http.row("curl").ratio(http.probe)
    bound = http.probe.ratio(http.bound)
    yield "HTTP: faster than busybox wget", wget > 1, f"{wget:.2f} times as fast"
    yield "HTTP: at least 10 times as fast as curl", curl >= 10, f"{curl:.1f} times"
    yield "HTTP: at most 1.6 times the bound", bound <= 1.6, f"{bound:.2f} times"
    yield "HTTP: at most 120,000 instructions", http.probe.instructions <= 120000, f"{http.probe.instructions:,}"
    yield (
        "HTTP: less than 512 kB of memory of its own",
        http.probe.memory < 512,
        f"{http.probe.memory} kB, {http.probe.written} kB of them written",
    )
    for group in groups[1:]:
        yield from peer_goals(group)
    worst = max(late)
    yield (
        "deadline: over before --timeout, against a silent peer",
        worst <= 0,
        f"{median(late):+.1f} ms in the median, {worst:+.1f} ms in the worst of {len(late)}",
    )
    size = Path(binary).stat().st_size
    budget = int(BUDGET.search((REPOSITORY / "probe" / "deps" / "architectures.txt").read_text()).group(1))
    yield f"size: at most {budget:,} bytes", size <= budget, f"{size:,}"


def peer_goals(group):
    for peer in group.peers:
        name = peer.label.split()[0]
        ratio = group.probe.ratio(peer)
        share = group.probe.resident / peer.resident
        yield f"{group.name}: not slower than {name}", ratio <= 1, f"{ratio:.2f} times its time"
        yield (
            f"{group.name}: under a tenth of the resident memory of {name}",
            share < 0.1,
            f"{group.probe.resident:,} of {peer.resident:,} kB, {share:.1%}; of what is private "
            f"{group.probe.memory / peer.memory:.1%}, of what is written {group.probe.written / peer.written:.1%}",
        )


def judge(groups, late, binary):
    met = True
    for goal, is_met, number in goals(groups, late, binary):
        print(f"{'met   ' if is_met else 'MISSED'}  {goal}: {number}")
        met = met and is_met
    return met


# --------------------------------------------------------------------------------------------------------------------


def require_markers():
    """Before the minute of measuring, not after it."""
    try:
        generated.split(README, "bench")
    except generated.Problem as problem:
        raise SystemExit(f"bench: {problem}") from None


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="put the table into tests/bench/README.md")
    parser.add_argument("--rounds", type=int, default=300, help="runs of each command (default 300)")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # who is told to stop still stops its servers
    binary = runner.binary_path()
    if options.write:
        require_markers()
    groups = measure_all(binary, options.rounds)
    late = measure_deadline(binary)
    table = markdown(groups, servers.postgres_program)
    print(f"\n{table}")
    met = judge(groups, late, binary)
    if options.write:
        generated.write_section(README, "bench", f"\n{table}\n")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
