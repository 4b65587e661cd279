"""Plain words: what a person reads at night has short sentences in the field's terms, and README can be read in minutes."""
import re
from pathlib import Path

import pytest

from test_docs import REPOSITORY, documents

README_WORDS = 2600
# Each with what is said in its place.
INSTEAD = {
    r"foresee\w*": "prepare",
    r"mend(s|ed|ing)?": "fix",
    r"misspelt|spelt": "did you mean NAME? is the name right?",
    r"addressees?": "the kind of option",
    r"settles?": "init, finish",
    r"farewell": "reset",
    r"renounces?": "set no_new_privs",
    r"whoever|whatever": "the one who is meant",
    r"reckon(s|ed)?": "use for, take into account",
    r"becom(es?|ing) (the |an? )?(command|service|application)": "exec",
    r"is not given|are not given": "was not given, is not set",
    r"finds (nothing|no)": "is not configured",
    r"not even": "not",
    r"no end of": "did not finish",
    r"leaves? room": "use",
}
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def messages():
    """The texts of the program: every literal of its sources."""
    for source in sorted((REPOSITORY / "probe").rglob("*.c")):
        text = re.sub(r'"\s*\\?\n\s*"', "", COMMENT.sub("", source.read_text()))
        yield source, "\n".join(LITERAL.findall(text))


def texts():
    pages = sorted((REPOSITORY / "probe").glob("*.1"))
    for path in [*documents(), *pages]:
        yield pytest.param(path.read_text(), id=str(path.relative_to(REPOSITORY)))
    for path, text in messages():
        yield pytest.param(text, id=str(path.relative_to(REPOSITORY)))


@pytest.mark.parametrize("text", texts())
def test_words_are_plain(text):
    """Goal: none of the words that readers stumbled over comes back."""
    plain = re.sub(r"\s+", " ", text)
    found = [
        f"'{plain[max(0, match.start() - 30):match.end() + 30]}': {better}"
        for word, better in INSTEAD.items()
        for match in re.finditer(rf"\b({word})\b", plain, re.IGNORECASE)
    ]
    assert not found, "\n".join(found)


def test_readme_is_short():
    """Goal: a new user reads all of it."""
    assert len(Path(REPOSITORY / "README.md").read_text().split()) <= README_WORDS
