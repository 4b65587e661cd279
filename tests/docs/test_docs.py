"""What the documentation says is held against the repository: links lead somewhere, examples can be read.

The parts that come from the program's own tables are held against build/release.
"""
import re
import subprocess
from pathlib import Path

import generated
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
NOT_OURS = {"build", ".git", "node_modules"}

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^( *)```(\w+)\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)
MAN_PAGES = [pytest.param(path, id=path.name) for path in sorted(REPOSITORY.glob("probe/*.1"))]


def documents():
    found = sorted(REPOSITORY.rglob("*.md"))
    return [path for path in found if not NOT_OURS & set(path.relative_to(REPOSITORY).parts)]


def links():
    for document in documents():
        for target in LINK.findall(document.read_text()):
            if "://" not in target and not target.startswith("mailto:"):
                yield pytest.param(document, target, id=f"{document.name} {target}")


def examples(wanted):
    for document in documents():
        for number, (indent, language, text) in enumerate(FENCE.findall(document.read_text()), 1):
            if language == wanted:
                text = re.sub(rf"^{indent}", "", text, flags=re.MULTILINE)
                yield pytest.param(text, id=f"{document.name} {number}")


def anchors(document):
    """As GitHub makes them: lower case, no punctuation, spaces as dashes."""
    for title in HEADING.findall(document.read_text()):
        yield re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def test_there_is_a_readme():
    """Goal: who comes here finds one."""
    assert (REPOSITORY / "README.md").is_file()


@pytest.mark.parametrize("document, target", links())
def test_link_leads_somewhere(document, target):
    """Goal: every link within the repository leads to a file, and to a heading in it."""
    path, _, anchor = target.partition("#")
    file = document.parent / path if path else document
    assert file.exists()
    assert not anchor or anchor in anchors(file)


@pytest.mark.parametrize("text", examples("console"))
def test_command_can_be_read(text):
    """Goal: what is there to be copied into a shell, behind the prompt, is no syntax error."""
    commands = re.findall(r"^\$ (.*)$", text, re.MULTILINE)
    assert commands
    done = subprocess.run(["sh", "-n"], input="\n".join(commands), text=True, capture_output=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path, name, form", generated.SECTIONS)
def test_document_says_what_the_program_does(path, name, form):
    """Goal: no table of options or causes in a document differs from the program's own."""
    try:
        generated.check_section(path, name, form(generated.read_tables()))
    except generated.Problem as problem:
        pytest.fail(str(problem), pytrace=False)


@pytest.mark.parametrize("page", MAN_PAGES)
def test_man_page_is_valid(page):
    """Goal: man pages hold nothing that mandoc warns of."""
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], text=True, capture_output=True)
    assert done.returncode == 0, done.stdout
