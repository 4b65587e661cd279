"""Changes the sources in the ways of table.py, one at a time, and tells which changes no test notices.

Usage: mutants.py [PART/PARTS] [WORD]...    all of the table, or those whose file, text or selection holds a WORD

It works on a copy of the tree in build/mutants, at the lowest priority, and leaves the tree as it is. A selection of
tests must pass with the sources as they are before it may notice anything. Ends with 1 if a mutant survived for which
the table gives no reason. The report beside the copy has the same lines, and for each mutant what the test said.
With 1/2 and 2/2 two can run at the same time, each on half of the selections and with a copy of its own.
"""
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

from table import MUTANTS

REPOSITORY = Path(__file__).resolve().parents[2]
PYTHON = "/usr/bin/python3"  # Debian's: the tests need its packages
LIMIT = 150  # seconds for a selection; what takes longer hangs
# Warnings are no errors: a mutant may leave a name unused. Without link-time optimisation a build takes a second.
FLAGS = ["-DCMAKE_C_FLAGS=-w", "-DCMAKE_EXE_LINKER_FLAGS=-fno-lto"]
PRESETS = {"unit": "dev", "plain": "plain", "tls": "tls"}
NOTICED, SURVIVED, NO_MUTANT = "noticed", "survived", "no mutant"


class Selection:
    """Some tests, and the build that they look at."""

    def __init__(self, words):
        self.words = shlex.split(words)
        self.preset = PRESETS.get(self.words[0].split("/")[0], "release")
        if self.words[0] == "plain":
            self.words = self.words[1:]

    def targets(self):
        if self.preset == "dev":
            return [f"test_{self.words[1]}"]
        return {"plain": ["all"], "release": ["probe", "dotenv_values"]}.get(self.preset, ["probe"])

    def command(self):
        if self.preset == "dev":
            return [f"../../build/dev/test_{self.words[1]}"]
        words = [f"tests/{word}" if word.endswith(".py") else word for word in self.words]
        return [PYTHON, "-m", "pytest", "-x", "-q", *words]


class Tree:
    """The copy, in which the mutants are built and the tests run."""

    def __init__(self, part):
        self.path = REPOSITORY / "build" / "mutants" / f"tree{part}"
        self.configured = set()
        self.clean = set()
        self.path.mkdir(parents=True, exist_ok=True)
        self.copy()

    def copy(self):
        """Brings it up to date; what has not changed keeps its time, so that it is not built again."""
        command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        names = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
        for name in names.rstrip("\0").split("\0"):
            ours, theirs = REPOSITORY / name, self.path / name
            if ours.is_file() and not (theirs.is_file() and theirs.read_bytes() == ours.read_bytes()):
                theirs.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ours, theirs)

    def run(self, command, preset, cwd=".", timeout=None):
        """Gives (whether it succeeded, what it wrote)."""
        environment = {**os.environ, "PROBE_BINARY": str(self.path / "build" / preset / "probe")}
        try:
            done = subprocess.run(
                command, cwd=self.path / cwd, env=environment, timeout=timeout, text=True, errors="replace",
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return False, f"not over after {timeout} s\n"
        return done.returncode == 0, done.stdout

    def build(self, selection):
        preset = selection.preset
        if preset not in self.configured:
            is_done, words = self.run(["cmake", "--preset", preset, *FLAGS[: 1 if preset == "dev" else 2]], preset)
            if not is_done:
                sys.exit(words)
            self.configured.add(preset)
        return self.run(["cmake", "--build", f"build/{preset}", "-j", "2", "--target", *selection.targets()], preset)

    def test(self, selection):
        """Gives (whether it passed, what it wrote)."""
        cwd = "tests/unit" if selection.preset == "dev" else "."
        return self.run(selection.command(), selection.preset, cwd, LIMIT)

    def expect_clean(self, words):
        """That a selection passes as the sources are; else what it wrote."""
        if words in self.clean:
            return None
        for step in (self.build, self.test):
            succeeds, output = step(Selection(words))
            if not succeeds:
                return f"fails with the sources as they are: {words}\n{output}"
        self.clean.add(words)
        return None

    def try_mutant(self, mutant):
        """Gives what came of it, and what was written."""
        problem = self.expect_clean(mutant.selection)
        if problem:
            return NO_MUTANT, problem
        path = self.path / mutant.file
        source = path.read_text()
        if source.count(mutant.text) != 1:
            return NO_MUTANT, f"its text stands there {source.count(mutant.text)} times\n"
        path.write_text(source.replace(mutant.text, mutant.replacement))
        try:
            selection = Selection(mutant.selection)
            is_built, output = self.build(selection)
            if not is_built:
                return NO_MUTANT, output
            passes, output = self.test(selection)
            return SURVIVED if passes else NOTICED, output
        finally:
            path.write_text(source)


def telling(output):
    """The lines of a test's output that say what failed."""
    marks = ("E  ", "FAILED", "LEAK", "[  ERROR", "[  FAILED", "not over", "==")
    lines = [line for line in output.splitlines() if line.startswith(marks) and not line.startswith("====")]
    return "".join(f"      {line[:200]}\n" for line in lines[:6])


def choose(part, parts, words):
    """The mutants that hold a word, of those the part: a selection is in one part only."""
    chosen = [mutant for mutant in MUTANTS if not words or any(word in "\n".join(mutant) for word in words)]
    selections = list(dict.fromkeys(mutant.selection for mutant in chosen))
    return [mutant for mutant in chosen if selections.index(mutant.selection) % parts == part - 1]


def main(words):
    match = re.fullmatch(r"(\d+)/(\d+)", words[0]) if words else None
    part, parts = (int(match[1]), int(match[2])) if match else (1, 1)
    chosen = choose(part, parts, words[1:] if match else words)
    os.nice(19)
    tree = Tree(part)
    counts = dict.fromkeys([NOTICED, SURVIVED, NO_MUTANT], 0)
    unexplained = 0
    with open(f"{tree.path}.txt", "w", encoding="utf-8") as report:
        for mutant in chosen:
            start = time.monotonic()
            outcome, output = tree.try_mutant(mutant)
            counts[outcome] += 1
            is_wrong = outcome == NO_MUTANT or (outcome == SURVIVED) != bool(mutant.reason)
            unexplained += is_wrong
            line = f"{'WRONG ' if is_wrong else ''}{outcome} ({time.monotonic() - start:.0f} s)  {mutant}"
            print(line, *[f"    because {mutant.reason}"] * bool(mutant.reason), sep="\n", flush=True)
            report.write(f"{line}\n{output[-3000:] if is_wrong else telling(output)}")
            report.flush()
    print(f"{len(chosen)} mutants: {', '.join(f'{count} {name}' for name, count in counts.items())}; {unexplained} wrong")
    return unexplained > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
