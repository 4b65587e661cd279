"""Moving a pin: pins.sh says what there is, and takes only what a signed list and upstream agree on."""
import io
import re
import tarfile

import pytest

from conftest import HOSTS, Library, tarball
from stand_in import absent, digest, wrong

OLD, NEW = Library("one", "1.0"), Library("one", "1.1")
RELEASES = f"https://{HOSTS[0]}/releases"
CHANGELOG = """one (1.1-1) unstable; urgency=medium

  * New upstream version 1.1 (CVE-2030-0011)

one (1.0-3) unstable; urgency=medium

  * A patch for CVE-2030-0010

one (1.0-1) unstable; urgency=medium

  * New upstream version 1.0, with the fix of CVE-2029-0001

one (0.9-1) unstable; urgency=medium

  * CVE-2028-0001
"""


def patches(changelog, series=""):
    """The bytes of a debian.tar.xz."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:xz") as tar:
        for name, text in {"changelog": changelog, "patches/series": series}.items():
            entry = tarfile.TarInfo(f"debian/{name}")
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))
    return packed.getvalue()


@pytest.fixture
def listed(machine, mirror):
    """Pinned is 1.0. The stable suite has a patched 1.0, the unstable one 1.1."""
    machine.pin(OLD)
    patched, newest = patches(CHANGELOG[CHANGELOG.index("one (1.0-3)") :], "CVE-2030-0010.patch"), patches(CHANGELOG)
    mirror.lists("trixie", ("one", "1.0", OLD.data, patched))
    mirror.lists("sid", ("one", "1.1", NEW.data, newest))
    mirror.pool(OLD.pool, OLD.data)
    mirror.pool(NEW.pool, NEW.data)
    mirror.pool("main/o/one/one_1.0-1.debian.tar.xz", patched)
    mirror.pool("main/o/one/one_1.1-1.debian.tar.xz", newest)
    return mirror


def pinned(machine):
    text = (machine.scripts / "recipes" / "one.sh").read_text()
    return re.search(r"^version=(.*)$", text, re.MULTILINE)[1], re.search(r"^sha256=(.*)$", text, re.MULTILINE)[1]


@pytest.fixture
def unmoved(machine):
    """For what must be refused: the recipe is what it was."""
    yield
    assert pinned(machine) == ("1.0", digest(OLD.data))


def test_report(machine, listed, upstream):
    """Goal: what is pinned, what each suite and upstream have, and the fixes that are not in the pinned release."""
    upstream.has(RELEASES, b"<a href='one-1.9.tar.gz'> <a href='one-1.10.tar.gz'> <a href='other-3.0.tar.gz'>")
    result = machine.run_pins("one")
    assert result.lines == [
        "one 1.0 is pinned (one_1.0.orig.tar.gz: can be had)",
        "  trixie            one 1.0-1 (can be had)",
        "    CVE-2030-0010",
        "    vex.txt says nothing of CVE-2030-0010",
        "  sid               one 1.1-1 (can be had)",
        "    CVE-2030-0010 CVE-2030-0011",
        "    vex.txt says nothing of CVE-2030-0010 CVE-2030-0011",
        f"  upstream          1.10 ({RELEASES})",
    ]


def test_report_of_what_is_judged(machine, listed):
    """Goal: a flaw that vex.txt judges for the pinned version is not named again; a judgement of another version is stale."""
    (machine.scripts / "vex.txt").write_text(
        "one 1.0 any CVE-2030-0010 absent it is left out\n"
        "one 0.9 any CVE-2030-0011 absent it is left out\n"
        "two 1.0 any CVE-2030-0011 absent it is left out\n"
    )
    lines = machine.run_pins("one").lines
    assert [line for line in lines if "vex.txt" in line] == [
        "    vex.txt says nothing of CVE-2030-0011",
        "  vex.txt           is of another version: CVE-2030-0011",
    ]


def test_report_of_what_cannot_be_had(machine, listed):
    """Goal: a list is not believed: what no mirror has is said, and so is an upstream that cannot be reached."""
    listed.pool(OLD.pool, OLD.data, wrong)
    listed.pool(NEW.pool, NEW.data, absent)
    listed.pool("main/o/one/one_1.1-1.debian.tar.xz", b"", absent)
    result = machine.run_pins("one")
    assert result.lines == [
        "one 1.0 is pinned (one_1.0.orig.tar.gz: no mirror has it)",
        "  trixie            one 1.0-1 (no mirror has it)",
        "    CVE-2030-0010",
        "    vex.txt says nothing of CVE-2030-0010",
        "  sid               one 1.1-1 (no mirror has it)",
        "    no mirror has its changelog (one_1.1-1.debian.tar.xz)",
        f"  upstream          cannot be reached ({RELEASES})",
    ]


def test_move(machine, listed, upstream):
    """Goal: one command pins the version, and the next build is made of it; upstream's file was compared."""
    upstream.has(NEW.upstream, NEW.data)
    result = machine.run_pins("move", "one", "1.1")
    assert result.status == 0, result.lines
    assert pinned(machine) == ("1.1", digest(NEW.data))
    assert result.lines[0] == f"deps: {NEW.upstream} is the same file"
    built = machine.build("one", PROBE_PINNED="1")
    assert built.status == 0, built.lines
    assert machine.record("one")["version"] == "1.1"


def test_move_without_upstream(machine, listed):
    """Goal: an upstream that cannot be reached hinders nothing, and it is said."""
    result = machine.run_pins("move", "one", "1.1")
    assert result.status == 0, result.lines
    assert "upstream cannot be reached: not compared" in result.lines[0]
    assert pinned(machine) == ("1.1", digest(NEW.data))


def test_move_to_what_upstream_does_not_have(machine, listed, upstream, unmoved):
    """Goal: a file that is not upstream's is refused."""
    upstream.has(NEW.upstream, tarball("one", "1.1", "int answer;\n"))
    result = machine.run_pins("move", "one", "1.1")
    assert result.status != 0
    assert result.lines == [f"deps: {NEW.upstream} is another file than Debian's one_1.1.orig.tar.gz"]


@pytest.mark.parametrize("lie", [absent, wrong], ids=lambda lie: lie.__name__)
def test_move_to_what_no_mirror_has(machine, listed, unmoved, lie):
    """Goal: what is listed and not there, or another file, is not pinned."""
    listed.pool(NEW.pool, NEW.data, lie)
    result = machine.run_pins("move", "one", "1.1")
    assert result.status != 0
    assert result.lines == ["deps: no suite of Debian has one 1.1; they list 1.0 1.1"]


def test_move_to_what_nobody_lists(machine, listed, unmoved):
    """Goal: a misspelt version is told, with those that there are."""
    result = machine.run_pins("move", "one", "11")
    assert result.status != 0
    assert result.lines == ["deps: no suite of Debian has one 11; they list 1.0 1.1"]


@pytest.mark.parametrize("words", [["move"], ["move", "one"], ["move", "none", "1.1"], ["none"]])
def test_usage(machine, listed, unmoved, words):
    """Goal: anything else is answered with how it is used."""
    result = machine.run_pins(*words)
    assert result.status == 1
    assert result.lines[0].startswith("pins.sh [NAME...]")
