"""A plugin of pytest for a probe that qemu-user runs: the tests of emulated.txt must fail, those that vary are skipped.

python3 tests/architectures/binfmt.py arm64 env PYTHONPATH=tests/architectures python3 -m pytest -p emulated tests/e2e
"""
import sys
from pathlib import Path

import pytest

LIST = Path(__file__).with_name("emulated.txt")
WHERE = "everywhere", "other-order", "not-riscv64", "varies"
RISCV = 243  # elf.h


def rows():
    """(test, where, why)"""
    for line in LIST.read_text().splitlines():
        if line and not line.startswith("#"):
            test, where, why = line.split(None, 2)
            assert where in WHERE, line
            yield test, where, why


def is_there(where):
    """Whether a row is about this program: EI_DATA of its ELF file is the order of its bytes, e_machine its processor."""
    from runner import binary_path

    head = binary_path().read_bytes()[:20]
    order = {1: "little", 2: "big"}[head[5]]
    if where == "other-order":
        return order != sys.byteorder
    return where != "not-riscv64" or int.from_bytes(head[18:20], order) != RISCV


def mark_of(where, why):
    if where == "varies":
        return pytest.mark.skip(reason=f"under qemu-user {why}")
    return pytest.mark.xfail(strict=True, reason=why)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    names = {item: f"{item.path.name}::{item.originalname}" for item in items}
    files = {name.partition("::")[0] for name in names.values()}
    for test, where, why in rows():
        if not is_there(where) or test.partition("::")[0] not in files:
            continue
        found = [item for item, name in names.items() if test in (name, item.nodeid.rpartition("/")[2])]
        if not found:
            raise pytest.UsageError(f"{LIST.name}: there is no {test}")
        for item in found:
            item.add_marker(mark_of(where, why))
