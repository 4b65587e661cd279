"""The tables of faults: what a row is, what it must come to, and the summary of them all.

A row is one test. Its run must end with the right verdict, cause and words, and at most ROOM after its --timeout.
"""
from dataclasses import dataclass

from peers import send
from runner import binary_path, is_asan
from verdict import Verdict

PROPERTY = "fault"
HEALTHY = None
# Seconds. The design allows 0.1; a machine with two cores and many rows at a time gets some more, and AddressSanitizer,
# which takes its time to start and to look for leaks at the end.
ROOM = 0.75 if is_asan(binary_path()) else 0.25
# What starts the probe in its place (a namespace, a limit) takes its time too.
STARTER_ROOM = 0.25
# Seconds of --timeout: of what must end by itself, long enough for a busy machine; of what must end late, short.
TIMEOUT = 2.0
SHORT = 0.5
# The part of --timeout that may be left when it is said to be used up: a tenth is for the report.
EARLY = 0.2


@dataclass(frozen=True)
class Row:
    """A hostile peer, and what the probe must say of it: see row()."""

    name: str
    cause: object
    says: tuple
    steps: tuple
    options: tuple = ()
    at: str = "127.0.0.1"
    timeout: float = None


def row(name, cause, says, *steps, **more):
    """cause: HEALTHY, a cause's name, or a tuple of those that may be, where it depends on who is faster;
    says: words in the first line; steps: what the peer does, see peers.py; bytes are sent;
    more: options, of the probe; at, where the peer listens; timeout, of the probe, in seconds: see timeout_of()."""
    played = [send(step) if isinstance(step, bytes) else step for step in steps]
    return Row(name, cause, tuple(says), tuple(played), **more)


def is_late(cause):
    """Whether a run with this cause uses its time up."""
    return isinstance(cause, str) and cause.startswith("timeout")


def timeout_of(cause):
    """Seconds of --timeout that a row without one of its own has."""
    return SHORT if is_late(cause) else TIMEOUT


def ids(rows):
    return [row.name for row in rows]


@dataclass(frozen=True)
class Outcome:
    """late: seconds after the deadline at which the run ended, less than 0 before it; None: no run ended."""

    section: str
    name: str
    is_right: bool
    late: float


class Trial:
    """Runs a row as text and as JSON, and records how late each run ended."""

    def __init__(self, run_probe, validate, record_property, name):
        self.run_probe = run_probe
        self.validate = validate
        self.record_property = record_property
        self.name = name

    def __call__(self, section, command, *arguments, cause, says=(), timeout=None, **options):
        """cause, says and timeout are row()'s; options: once=True and those of run_probe."""
        timeout = timeout or timeout_of(cause)
        late = []
        self.record_property(PROPERTY, [section, self.name, late])

        def timed(*words, **more):
            result = self.run_probe(*words, **more)
            late.append(result.seconds - timeout)
            room = ROOM + (STARTER_ROOM if options.get("through") else 0)
            assert late[-1] < room, f"{late[-1]:.3f} s after its deadline:\n{result}"
            assert late[-1] > -EARLY * timeout or not is_late(cause), f"long before its deadline:\n{result}"
            return result

        verdict = Verdict(timed, self.validate)
        words = [command, "-t", f"{round(timeout * 1000)}ms", *arguments]
        if cause is HEALTHY:
            return verdict.healthy(*words, says=says, **options)
        return verdict.unhealthy(*words, cause=cause, says=says, **options)


# The summary --------------------------------------------------------------------------------------------------------


def outcomes(reports):
    """Of the tests' reports, which may come from other processes; in the order of sections and names."""
    found = []
    for report in reports:
        for name, value in report.user_properties if report.when == "call" else []:
            if name == PROPERTY:
                section, row_name, late = value
                found.append(Outcome(section, row_name, report.passed, max(late, default=None)))
    return sorted(found, key=lambda outcome: (outcome.section, outcome.name))


def summary(outcomes, with_rows):
    """Lines: each section, and with_rows each row."""
    yield f"{'section':<12} {'cases':>5} {'verdicts right':>14}   latest end after its deadline"
    for section in dict.fromkeys(outcome.section for outcome in outcomes):
        ours = [outcome for outcome in outcomes if outcome.section == section]
        yield sum_up(section, ours)
        if with_rows:
            yield from (f"    {'right' if one.is_right else 'WRONG'} {lateness(one)}  {one.name}" for one in ours)
    yield sum_up("all", outcomes)


def sum_up(section, outcomes):
    right = sum(outcome.is_right for outcome in outcomes)
    timed = [outcome for outcome in outcomes if outcome.late is not None]
    latest = max(timed, key=lambda outcome: outcome.late, default=None)
    words = f"{lateness(latest)}  {latest.name}" if latest else ""
    return f"{section:<12} {len(outcomes):>5} {right:>14}   {words}".rstrip()


def lateness(outcome):
    return "         " if outcome.late is None else f"{outcome.late * 1000:+6.0f} ms"
