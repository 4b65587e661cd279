"""Prints the coverage of each of our sources, then every line that no test ran, with its reason.

Usage: report.py BUILD    BUILD has the program and counters/, see tests/coverage.sh
Exits with 1 below a goal.
"""
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
REASONS = Path(__file__).with_name("reasons.txt")
GOALS = {"lines": 95.0, "branches": 85.0}


@dataclass
class Source:
    """One of our sources."""

    path: str
    functions: list = field(default_factory=list)  # (first line, name), in order
    lines: dict = field(default_factory=dict)  # number: how often it ran
    branches: list = field(default_factory=list)  # how often each was taken

    def text(self, number):
        return (REPOSITORY / self.path).read_text().splitlines()[number - 1].strip()

    def function(self, number):
        return next((name for first, name in reversed(self.functions) if first <= number), "")

    def missed(self):
        return [number for number, count in self.lines.items() if count == 0]


def export(build):
    """What was counted, in lcov's format."""
    profile = build / "profile"
    counters = sorted((build / "counters").glob("*.profraw"))
    subprocess.run(["llvm-profdata", "merge", "-o", profile, *counters], check=True)
    command = ["llvm-cov", "export", "-format=lcov", f"-instr-profile={profile}", build / "probe"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def parse(text):
    sources, source = [], None
    for line in text.splitlines():
        kind, _, rest = line.partition(":")
        words = rest.split(",")
        if kind == "SF":
            # the path ends in the one that the compiler was given, see -ffile-prefix-map
            source = Source("probe/" + rest.rpartition("/probe/")[2])
            if (REPOSITORY / source.path).is_file():
                sources.append(source)
        elif kind == "FN":
            source.functions.append((int(words[0]), words[1].rpartition(":")[2]))
            source.functions.sort()
        elif kind == "DA":
            source.lines[int(words[0])] = int(words[1])
        elif kind == "BRDA":
            source.branches.append(0 if words[3] == "-" else int(words[3]))
    return sorted(sources, key=lambda each: each.path)


def share(counts):
    return 100 * sum(count > 0 for count in counts) / len(counts) if counts else 100.0


def print_row(name, lines, branches):
    missed = (sum(count == 0 for count in counts) for counts in (lines, branches))
    print("{:26} {:6} {:6} {:8.1f} % {:9} {:6} {:8.1f} %".format(
        name, len(lines), next(missed), share(lines), len(branches), next(missed), share(branches)))


def print_table(sources):
    print(f"{'':26} {'lines':>6} {'missed':>6} {'':10} {'branches':>9} {'missed':>6}")
    for source in sources:
        print_row(source.path, source.lines.values(), source.branches)
    lines = [count for source in sources for count in source.lines.values()]
    branches = [count for source in sources for count in source.branches]
    print_row("in total", lines, branches)
    return {"lines": share(lines), "branches": share(branches)}


def read_reasons():
    """(file, function or text of the line, reason), as in "run.c: job_start: ..."; * is any file."""
    for line in REASONS.read_text().splitlines():
        if line and not line.startswith("#"):
            yield tuple(part.strip() for part in line.split(": ", 2))


def reason_for(reasons, source, number):
    text, function = source.text(number), source.function(number)
    for file, what, reason in reasons:
        if file in ("*", source.path.rpartition("/")[2]) and (what == function or what in text):
            return reason
    return None


def print_missed(sources):
    """Lines beside each other that have the same reason in one row; gives how many have none."""
    reasons, without = list(read_reasons()), 0
    print("\nnot run:")
    for source in sources:
        shown = None
        for number in source.missed():
            reason = reason_for(reasons, source, number)
            without += reason is None
            if (reason, source.function(number)) != shown:
                shown = reason, source.function(number)
                print(f"  {source.path}: {source.function(number)}: {reason or 'NO REASON'}")
            print(f"    {number:4} {source.text(number)}")
    return without


def main(build):
    sources = parse(export(Path(build)))
    found = print_table(sources)
    without = print_missed(sources)
    print(f"\n{without} lines without a reason")
    status = 0
    for what, goal in GOALS.items():
        verdict = "met" if found[what] >= goal else "MISSED"
        status |= verdict != "met"
        print(f"goal of {goal:.0f} % of the {what}: {verdict}, {found[what]:.2f} %")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
