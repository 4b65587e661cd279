"""Runs of the plain build in which an allocation fails: each in turn, alone or with all that follow it.

What is preloaded is no_memory.c: every allocation of the program, its libraries and glibc is counted, and one fails.
"""
import json
import mmap
import signal
import struct
import subprocess
import time

import table
from machine import ROOM
from runner import REPOSITORY, Result, check_contract, decode

PLAIN = REPOSITORY / "build" / "plain"
BINARY = PLAIN / "probe"
FAILING = PLAIN / "no_memory.so"
FOR_EVER = 1 << 31
HANGS = 10
MOST = 3000
NO_MEMORY = "no-resources"
# What ends the process where it is the program itself that finds none.
OURS = "unhealthy: no memory is left; hint: raise the container's memory, pids or nofile limit"
# What nobody said where it is the memory that lacks.
LIES = ["refused by", "not valid", "is not JSON", "not Redis", "not PostgreSQL", "not set", "did you mean", "whoever took it",
        "usable Location"]


class Sweep:
    """sweep("healthy service", ["live", url], HEALTHY) is one row: see __call__."""

    def __init__(self, folder, validate, record, record_property, binary=BINARY):
        self.binary = binary
        self.path = folder / "allocations"
        self.path.write_bytes(bytes(8))
        with open(self.path, "r+b") as file:
            self.plan = mmap.mmap(file.fileno(), 8)
        self.validate = validate
        self.record = record
        self.outputs = set()
        self.ended = 0  # runs in which it was the program itself that found none
        self.record_property = record_property

    def __call__(self, name, arguments, cause, for_ever=False, timeout=3.0, numbers=range(1, MOST), **options):
        """Lets each allocation of the run fail, until one more is not asked for.

        cause: what the run comes to with all the memory, or several; besides that it may be unhealthy for want of it;
        for_ever: all that follow fail too; numbers: which ones, in turn; the options are those of fail().
        """
        late = []
        outcome = ["memory", name, late]
        self.record_property(table.PROPERTY, outcome)
        for number in numbers:
            result = self.fail(number, arguments, for_ever, **options)
            self.judge(result, cause, f"allocation {number} fails:\n{result}")
            late.append(result.seconds - timeout)
            if not self.is_reached(number):
                break
        self.record("".join(self.outputs))
        assert self.ended > 0, "the program itself asks for no memory"
        assert 2 < number < MOST - 1, f"{number} steps"
        outcome[1] = f"{name}: {number - 1} steps"
        outcome[2] = [max(late)]
        assert max(late) < ROOM

    def fail(self, number, arguments, for_ever=False, env=None, through=(), ends_itself=True):
        """One run. ends_itself: else it is ended after its first line."""
        self.plan[:] = struct.pack("=II", 0, number | (FOR_EVER if for_ever else 0))
        variables = {**(env or {}), "LD_PRELOAD": FAILING, "PROBE_FAULT_MEMORY": self.path}
        # what starts it has all the memory it wants
        setting = ["/usr/bin/env", *(f"{name}={value}" for name, value in variables.items())] if through else []
        command = [str(word) for word in (*through, *setting, self.binary, *arguments)]
        environment = {} if through else {name: str(value) for name, value in variables.items()}
        start = time.monotonic()
        process = subprocess.Popen(
            command, env=environment, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        first = b"" if ends_itself else process.stdout.readline()
        if not ends_itself:
            process.send_signal(signal.SIGTERM)
        try:
            out, _ = process.communicate(timeout=HANGS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise AssertionError(f"allocation {number} fails, and it hangs: {command}") from None
        seconds = time.monotonic() - start
        result = Result(tuple(arguments), process.returncode, decode(first or out), "", seconds)
        self.outputs.add(result.out)
        return result

    def is_reached(self, number):
        return struct.unpack("=II", self.plan[:])[0] >= number

    def judge(self, result, cause, story):
        check_contract(result, limit=None)
        is_json = result.out.startswith("{")
        status, causes = self.read_json(result) if is_json else read_text(result)
        assert result.status == (0 if status == "healthy" and "--watch" not in result.arguments else 1), story
        if status == "healthy":
            assert cause is table.HEALTHY, f"it is not healthy; {story}"
            return
        allowed = {NO_MEMORY, *(cause if isinstance(cause, tuple) else [cause])}
        assert causes and set(causes) <= allowed, f"{causes}; {story}"
        is_ours = "checks" not in json.loads(result.lines[-1]) if is_json else OURS in result.lines
        self.ended += is_ours
        assert not is_ours or causes == [NO_MEMORY], story
        if set(causes) == {NO_MEMORY}:
            assert "memory" in result.out, story
            assert not [lie for lie in LIES if lie in result.out], story

    def read_json(self, result):
        report = json.loads(result.lines[-1])
        self.validate(report)
        if "checks" not in report:
            return report["status"], [report["cause"]]
        return report["status"], [check["cause"] for check in report["checks"] if check["status"] == "unhealthy"]


def read_text(result):
    """The verdict and the causes; a line of progress stands before them when it has waited, and doctor's sections."""
    lines = [line.removeprefix("  verdict   ") for line in result.lines]
    verdicts = [line for line in lines if line.startswith(("healthy", "unhealthy", "misconfigured: "))]
    assert len(verdicts) == 1, f"{len(verdicts)} verdicts:\n{result}"
    line = verdicts[0]
    causes = [line.split()[1].rstrip(":") for line in result.lines if line.startswith("  cause ")]
    if line == OURS:
        causes = [NO_MEMORY]
    return line.split()[0].rstrip(":"), causes
