"""Runs the probe as an engine would, and holds every single run against the contract."""
import functools
import json
import os
import subprocess
import time
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import processes
import servers

REPOSITORY = Path(__file__).resolve().parents[2]
DEFAULT_BINARY = REPOSITORY / "build" / "release" / "probe"
MAX_FIRST_LINE = 500
MAX_OUTPUT = 4096


def binary_path():
    path = Path(os.environ.get("PROBE_BINARY", DEFAULT_BINARY))
    if not path.is_absolute():
        path = REPOSITORY / path
    return path


@functools.lru_cache(maxsize=None)
def is_asan(binary):
    """Whether it is a build with AddressSanitizer, which is slower, larger and handles signals of its own."""
    return binary.is_file() and b"__asan_init" in binary.read_bytes()


@functools.lru_cache(maxsize=None)
def is_32_bit(binary):
    """Whether its longs have 32 bits: the class in the head of an ELF file."""
    return binary.is_file() and binary.read_bytes()[4] == 1


@functools.lru_cache(maxsize=None)
def has_tls(binary):
    """Whether it is a build with TLS, as it says itself."""
    return binary.is_file() and "OpenSSL " in subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=20).stdout


@dataclass
class Result:
    arguments: tuple
    status: int
    out: str
    err: str
    seconds: float

    @property
    def lines(self):
        return self.out.splitlines()

    @property
    def first(self):
        return self.lines[0] if self.lines else ""

    def json(self):
        return json.loads(self.out)

    def reports(self):
        """The objects of --wait and --watch with -o json, one a line."""
        return [json.loads(line) for line in self.lines]

    def __str__(self):
        words = " ".join(str(word) for word in self.arguments)
        return f"$ probe {words}\n{self.out}{self.err}(exit status {self.status}, {self.seconds:.3f} s)"


class Runner:
    """run_probe(...): see __call__."""

    def __init__(self, binary, registry, test):
        self.binary = binary
        self.registry = registry
        self.test = test

    def __call__(self, *arguments, becomes_command=False, limit=MAX_OUTPUT, **options):
        """Runs `probe ARGUMENTS...` with exactly the environment given, and checks what holds for every run.

        becomes_command: the run ends as another program (-- COMMAND), whose status and words are its own;
        limit: bytes of output at most, None when a person reads it (doctor, --watch);
        the other options are those of run().
        """
        result = self.run(arguments, **options)
        self.registry.record(self.test, result.out + result.err)
        if not becomes_command:
            check_contract(result, limit)
        return result

    def run(self, arguments, timeout=10.0, **options):
        """timeout: seconds until it is killed and the test fails; the other options are those of start()."""
        start = time.monotonic()
        process = self.start(arguments, **options)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            processes.kill_all(processes.in_session(process.pid))
            out, err = process.communicate(timeout=5)
            raise AssertionError(f"not over after {timeout} s: {process.args}; it wrote {out!r} {err!r}") from None
        seconds = time.monotonic() - start
        self.expect_no_children(process.pid)
        return Result(arguments, process.returncode, decode(out), decode(err), seconds)

    def start(self, arguments, env=None, cwd="/", user=None, through=(), binary=None, stdout=subprocess.PIPE):
        """Starts it, and gives its process.

        user: a uid to run as (needs root); through: a command that starts it, like ["/usr/bin/prlimit", "--nofile=9"];
        binary: how that command finds the probe, if not where it lies.
        """
        command = [str(word) for word in (*through, binary or self.binary, *arguments)]
        identity = {} if user is None else {"user": user, "group": user, "extra_groups": []}
        return subprocess.Popen(
            command,
            cwd=cwd,
            env=env or {},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            start_new_session=True,
            **identity,
        )

    def expect_no_children(self, session):
        if is_asan(self.binary):  # its search for leaks has a helper that ends a moment later
            processes.wait_until(lambda: not processes.in_session(session), 0.5)
        left = processes.in_session(session)
        names = [processes.describe(pid) for pid in left]
        processes.kill_all(left)
        assert not left, f"the probe left processes behind: {names}"


def decode(data):
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise AssertionError(f"not valid UTF-8 ({error}): {data!r}") from None


def check_contract(result, limit=MAX_OUTPUT):
    """What holds for every run, healthy or not, whatever was asked."""
    size = len(result.out.encode())
    assert result.status in (0, 1), f"exit status is neither 0 nor 1:\n{result}"
    assert result.err == "", f"something on stderr:\n{result}"
    strange = [char for char in result.out if char != "\n" and unicodedata.category(char) == "Cc"]
    assert not strange, f"control characters {strange!r} in {result.out!r}"
    assert result.out.endswith("\n") or is_quiet(result), f"no newline at the end of {result.out!r}"
    if is_help(result):
        return
    assert limit is None or size <= limit, f"{size} bytes of output, {limit} allowed:\n{result}"
    if not is_json(result):
        assert len(result.first.encode()) <= MAX_FIRST_LINE, f"the first line is too long:\n{result}"


def is_quiet(result):
    return result.out == "" and bool({"-q", "--quiet"} & set(result.arguments))


def is_help(result):
    words = result.arguments
    return words[:1] == ("help",) or bool({"-h", "--help"} & set(words))


def is_json(result):
    """JSON is one object on each line, which is longer than the first line of text may be."""
    return result.out.startswith("{") and all(line.startswith("{") for line in result.lines)


def stage_binary(stage, binary=None):
    """A copy in the session's folder: any user can run it there, and nothing lies beside it."""
    binary = binary or binary_path()
    if not binary.is_file():
        raise FileNotFoundError(f"no probe at {binary}: cmake --preset release && cmake --build --preset release")
    folder = stage.new_folder("binary")
    copy = folder / "probe"
    copy.write_bytes(binary.read_bytes())
    copy.chmod(0o755)
    servers.give_away(copy)
    return copy
