#!/usr/bin/python3
"""The parts of the documents that come from the program's own tables: its options and its causes.

Usage: tests/docs/generated.py            fails when a document differs from the program as it is built
       tests/docs/generated.py --write    mends it

A part stands between two lines, <!-- NAME --> and <!-- /NAME --> in Markdown, .\\" <NAME> and .\\" </NAME> in a man
page; what is between them is not written by hand. The tables come from build/release/tables.
"""
import json
import subprocess
import sys
import textwrap
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
TABLES = REPOSITORY / "build" / "release" / "tables"
BUILD = "cmake --preset release && cmake --build --preset release"
MEND = f"{BUILD} && tests/docs/generated.py --write"
MARKERS = {".md": ("<!-- {} -->\n", "<!-- /{} -->\n"), ".1": ('.\\" <{}>\n', '.\\" </{}>\n')}


class Problem(Exception):
    """One line for the reader."""


# Sections of a document ---------------------------------------------------------------------------------------------


def read(path):
    if not path.is_file():
        raise Problem(f"there is no {path.relative_to(REPOSITORY)}")
    return path.read_text(encoding="utf-8")


def split(path, name):
    """What stands before a section's content, the content, and what stands behind it."""
    text = read(path)
    begin, end = (marker.format(name) for marker in MARKERS[path.suffix])
    start = text.find(begin)
    stop = text.find(end, start)
    if start < 0 or stop < 0:
        markers = f"'{begin.strip()}' and '{end.strip()}'"
        raise Problem(
            f"{path.relative_to(REPOSITORY)} has no section '{name}': write the lines {markers} where it belongs"
        )
    start += len(begin)
    return text[:start], text[start:stop], text[stop:]


def check_section(path, name, content):
    if split(path, name)[1] != content:
        where = path.relative_to(REPOSITORY)
        raise Problem(f"{where}: its section '{name}' differs from the program; mend it with: {MEND}")


def write_section(path, name, content):
    before, present, behind = split(path, name)
    if present != content:
        path.write_text(before + content + behind, encoding="utf-8")
        print(f"{path.relative_to(REPOSITORY)}: wrote the section '{name}'")


# The man page -------------------------------------------------------------------------------------------------------


def man_text(text):
    """As lines of mdoc that hold no macro, and where - and ' stay what a user would type."""
    text = text.replace("\\", "\\e").replace("--", "\\-\\-").replace("'", "\\(aq")
    lines = textwrap.wrap(text, 76, break_long_words=False, break_on_hyphens=False)
    return "".join(("\\&" if line.startswith(".") else "") + line + "\n" for line in lines)


def man_argument(argument):
    if argument.startswith("["):
        return f" Ns Op = Ns Ar {argument[1:-1]}"
    argument = argument.replace("'", "\\(aq")
    return f' Ar "{argument}"' if " " in argument else f" Ar {argument}"


def commands_of(option):
    """What is to be said of them; "" of an option that live takes."""
    return "" if option["live"] else "not for live" if option["ready"] else "suggest alone"


def man_options(tables):
    text = ".Bl -tag -width Ds\n"
    for option in tables["options"]:
        letter = f"Fl {option['letter']} , " if option["letter"] else ""
        argument = man_argument(option["argument"]) if option["argument"] else ""
        text += f".It {letter}Fl \\-{option['name']}{argument}\n"
        default = f" (default {option['default']})" if option["default"] else ""
        only = f"; {commands_of(option)}" if commands_of(option) else ""
        text += man_text(option["help"] + default + only)
    return text + ".El\n"


def man_causes(tables):
    text = ".Bl -tag -width Ds\n"
    for cause in tables["causes"]:
        text += f".It Li {cause['name']}\n"
        text += man_text(sentence(cause["meaning"])) + man_text(sentence(cause["hint"]))
    return text + ".El\n"


def sentence(words):
    return upper_first(words) + ("" if words.endswith("?") else ".")


def upper_first(words):
    """Not of a name that is written small."""
    return words if words.startswith("pg_") else words[:1].upper() + words[1:]


# --------------------------------------------------------------------------------------------------------------------

MAN_PAGE = REPOSITORY / "probe" / "probe.1"
SECTIONS = [
    (MAN_PAGE, "options", man_options),
    (MAN_PAGE, "causes", man_causes),
]


def read_tables():
    if not TABLES.is_file():
        raise Problem(f"there is no {TABLES.relative_to(REPOSITORY)}: {BUILD}")
    return json.loads(subprocess.run([TABLES], check=True, capture_output=True).stdout)


def main(arguments):
    if arguments not in ([], ["--write"]):
        print(__doc__, file=sys.stderr)
        return 1
    treat = write_section if arguments else check_section
    status = 0
    for path, name, form in SECTIONS:
        try:
            treat(path, name, form(read_tables()))
        except Problem as problem:
            print(problem, file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
