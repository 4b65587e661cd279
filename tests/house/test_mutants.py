"""The table of mutants is about the sources as they are; tests/mutants/mutants.py runs it, by hand."""
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests" / "mutants"))

from table import MUTANTS


def test_each_text_stands_once_in_its_file():
    """Goal: whoever changes a source changes its mutants too, or takes them out."""
    assert len(MUTANTS) >= 60
    found = {mutant: (REPOSITORY / mutant.file).read_text().count(mutant.text) for mutant in MUTANTS}
    assert {str(mutant): count for mutant, count in found.items() if count != 1} == {}


def test_each_is_a_change_and_is_looked_for():
    """Goal: no row changes nothing, stands twice, or names tests that are not there."""
    assert len({(mutant.file, mutant.text, mutant.replacement) for mutant in MUTANTS}) == len(MUTANTS)
    for mutant in MUTANTS:
        kind, *words = mutant.selection.removeprefix("plain ").split()
        files = [f"unit/test_{words[0]}.c"] if kind == "unit" else [word for word in (kind, *words) if word.endswith(".py")]
        assert mutant.text != mutant.replacement, mutant
        assert files and all((REPOSITORY / "tests" / name).is_file() for name in files), mutant
