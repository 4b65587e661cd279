"""The size report that every release build ends with tells whose the bytes are."""
import re
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
BUILD = REPOSITORY / "build" / "release"
OWNERS = {"ours", "curl", "pq", "hiredis", "cjson", "musl", "padding"}
UNKNOWN = "headers, not known"
OWNED = 0.98


@pytest.fixture(scope="module")
def report():
    command = ["cmake", "--build", BUILD, "--target", "size"]
    return subprocess.run(command, check=True, text=True, capture_output=True).stdout


def sizes(report):
    """Bytes by owner."""
    table = report.split("size: ")[1].split("largest functions")[0]
    return {owner: int(size) for size, owner in re.findall(r"^ +(\d+) (.*)$", table, re.MULTILINE)}


def test_every_byte_has_an_owner(report):
    """Goal: at least 98 % of the file are somebody's; the parts are the whole."""
    total = (BUILD / "probe").stat().st_size
    found = sizes(report)
    assert set(found) == OWNERS | {UNKNOWN}
    assert sum(found.values()) == total
    assert found[UNKNOWN] <= (1 - OWNED) * total, report


def test_owners_are_told_apart(report):
    """Goal: a library's known function and our own are in the right account."""
    largest = dict(re.findall(r"^ +\d+ (\w+) \((.*)\)$", report, re.MULTILINE))
    assert largest["PQconnectPoll"] == "pq"
    assert largest["main"] == "ours"


def test_over_budget_fails_the_build(tmp_path):
    """Goal: a binary of one byte more than the budget is told, and ends with 1."""
    binary = tmp_path / "probe"
    binary.write_bytes((BUILD / "probe").read_bytes())
    total = binary.stat().st_size
    for budget, status in ((total, 0), (total - 1, 1)):
        command = [REPOSITORY / "cmake" / "size.sh", binary, BUILD / "probe.map", str(budget)]
        done = subprocess.run(command, text=True, capture_output=True)
        assert done.returncode == status, done.stdout + done.stderr
        assert ("over budget by 1 bytes" in done.stdout) == (status == 1)
