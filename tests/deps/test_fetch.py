"""Where a library's file comes from, whatever mirrors and upstream do: the right build, or one line that says why not."""
import os
import signal
import time

import pytest

from conftest import SOURCE, Library, tarball
from runner import REPOSITORY
from stand_in import SUITES, absent, digest, drip, half, half_unannounced, login_page, redirected, silence, wrong

ONE, TWO, THREE = (Library(name) for name in ("one", "two", "three"))
LIBRARIES = [ONE, TWO, THREE]


@pytest.fixture(autouse=True)
def pins(machine_or_two):
    for library in LIBRARIES:
        machine_or_two.pin(library)


@pytest.fixture
def machine_or_two(request):
    """The machine of the test, whichever it asks for."""
    name = "machine_with_two" if "machine_with_two" in request.fixturenames else "machine"
    return request.getfixturevalue(name)


def built(result, machine, *libraries):
    """Each library is built from the very file that its recipe pins, and nothing else is kept."""
    assert result.status == 0, result.lines
    for library in libraries:
        record = machine.record(library.name)
        assert (record["version"], record["pinned"]) == (library.version, library.version)
        assert record["sha256"] == digest(library.data)
        assert (machine.folder / "out" / library.name / "lib" / f"lib{library.name}.a").is_file()
        assert digest((machine.cache / "sources" / library.file).read_bytes()) == digest(library.data)
    assert machine.kept() == {library.file for library in libraries}
    assert not [line for line in result.lines if "NOT AS PINNED" in line]


def refused(result, machine, *words):
    """One line that says why, the last one; nothing that could pass for a file is kept."""
    assert result.status != 0
    assert [line for line in result.lines if line.startswith("deps: no place has ")] == result.lines[-1:]
    for word in words:
        assert word in result.lines[-1], result.lines
    assert "fetch.log" in result.lines[-1]


def have_all(mirror, *libraries):
    for library in libraries or LIBRARIES:
        mirror.pool(library.pool, library.data)


# The pool ------------------------------------------------------------------------------------------------------------


def test_pool_alone(machine, mirror):
    """Goal: a mirror that has the pinned files is all that is needed; no index is asked, and nobody else."""
    have_all(mirror)
    result = machine.build("one", "two", "three")
    built(result, machine, *LIBRARIES)
    assert sorted(result.requests) == sorted(f"{mirror.base}/debian/pool/{library.pool}" for library in LIBRARIES)


def test_again_asks_nobody(machine, mirror):
    """Goal: what is built is found, without a word and without a network."""
    have_all(mirror)
    machine.build("one")
    result = machine.build("one")
    assert (result.status, result.lines, result.requests) == (0, [], [])


def test_index_ahead_of_pool(machine, mirror):
    """Goal: an index that lists what is not there yet changes nothing: the pinned file is built."""
    have_all(mirror)
    for suite in SUITES:
        mirror.lists(suite, *((library.name, "2.0", b"not there") for library in LIBRARIES))
    built(machine.build("one", "two", "three"), machine, *LIBRARIES)
    assert not mirror.asked_for("/dists/")


def test_security_pool(machine, mirror):
    """Goal: a file that only the mirror of the security updates has is found."""
    have_all(mirror, ONE, TWO)
    mirror.pool(f"updates/{THREE.pool}", THREE.data, area="debian-security/pool")
    built(machine.build("one", "two", "three"), machine, *LIBRARIES)


@pytest.mark.parametrize("lie", [absent, wrong, half, half_unannounced, login_page], ids=lambda lie: lie.__name__)
def test_second_mirror(machine_with_two, mirror, second_mirror, lie):
    """Goal: all of the machine's mirrors are asked, whatever the first one does."""
    mirror.pool(ONE.pool, ONE.data, lie)
    second_mirror.pool(ONE.pool, ONE.data)
    built(machine_with_two.build("one"), machine_with_two, ONE)


def test_redirect(machine, mirror):
    """Goal: a mirror may send us elsewhere."""
    mirror.pool(ONE.pool, ONE.data, redirected)
    built(machine.build("one"), machine, ONE)


# Upstream ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lie", [absent, wrong, half, half_unannounced, login_page], ids=lambda lie: lie.__name__)
def test_one_of_three_is_at_upstream(machine, mirror, upstream, lie):
    """Goal: the pool lacks one file, or gives a wrong one: upstream's is built, the others are the pool's."""
    have_all(mirror)
    mirror.pool(TWO.pool, TWO.data, lie)
    upstream.has(TWO.upstream, TWO.data)
    result = machine.build("one", "two", "three")
    built(result, machine, *LIBRARIES)
    assert [url for url in result.requests if url.startswith("https:")] == [TWO.upstream]
    told = [line for line in result.lines if "wrong file" in line]
    assert len(told) == (lie in (wrong, login_page))
    assert all(TWO.pool in line and "two 1.0" in line and digest(TWO.data) in line for line in told)


@pytest.mark.parametrize("lie", [absent, wrong, half, half_unannounced, redirected], ids=lambda lie: lie.__name__)
def test_second_address_of_upstream(machine, upstream, lie):
    """Goal: the forge's copy is taken when upstream's own host fails; a redirect is followed."""
    upstream.has(ONE.upstream, ONE.data, lie)
    upstream.has(ONE.forge, ONE.data)
    result = machine.build("one")
    built(result, machine, ONE)
    assert (ONE.forge in result.requests) == (lie != redirected)


def test_wget_serves_as_well(machine, upstream, tmp_path):
    """Goal: a machine without curl asks upstream with wget."""
    upstream.has(ONE.upstream, ONE.data)
    tools = tmp_path / "tools"
    tools.mkdir()
    for folder in ("/usr/bin", "/bin", "/usr/sbin", "/sbin"):
        for name in os.listdir(folder):
            if name != "curl" and not (tools / name).exists():
                (tools / name).symlink_to(f"{folder}/{name}")
    if not (tools / "wget").exists():
        pytest.skip("no wget on this machine")
    (tmp_path / "home" / ".wgetrc").write_text(f"ca_certificate = {upstream.certificate}\n")
    built(machine.build("one", PATH=str(tools)), machine, ONE)


# Nobody has it -------------------------------------------------------------------------------------------------------


def test_one_of_three_is_nowhere(machine, mirror):
    """Goal: one line names the one that is missing; the next run fetches that one only."""
    have_all(mirror, ONE, THREE)
    refused(machine.build("one", "two", "three"), machine, "no place has two 1.0 (two-1.0.tar.gz);")
    assert machine.kept() == {ONE.file, THREE.file}
    mirror.pool(TWO.pool, TWO.data)
    result = machine.build("one", "two", "three")
    built(result, machine, *LIBRARIES)
    assert result.requests == [f"{mirror.base}/debian/pool/{TWO.pool}"]


@pytest.mark.parametrize("lie", [wrong, half, half_unannounced, login_page], ids=lambda lie: lie.__name__)
def test_only_a_wrong_file(machine, mirror, lie):
    """Goal: a wrong file is told, with the place that gave it, and neither built nor kept."""
    mirror.pool(ONE.pool, ONE.data, lie)
    result = machine.build("one")
    place = f"{mirror.base}/debian/pool/{ONE.pool}"
    refused(result, machine, "one 1.0", *([f"a wrong file is at {place}"] if lie in (wrong, login_page) else []))
    assert machine.kept() == set()
    assert not (machine.folder / "out" / "one").exists()


def test_no_network(machine):
    """Goal: the line says what helps."""
    refused(machine.build("one", "two"), machine, "one 1.0", "two 1.0", "no network?", "PROBE_SOURCES")


def test_everything_is_silent(machine, mirror, upstream):
    """Goal: a mirror and a host that accept and say nothing hold the build up for a while, not for ever."""
    mirror.pool(ONE.pool, ONE.data, silence)
    upstream.has(ONE.upstream, ONE.data, silence)
    upstream.has(ONE.forge, ONE.data)
    begun = time.monotonic()
    built(machine.build("one"), machine, ONE)
    assert time.monotonic() - begun < 90


def test_mirror_says_nothing_at_all(machine, mirror):
    """Goal: a silent mirror's lists are waited for once, not once for each suite; the line says what is missing."""
    mirror.pool(ONE.pool, ONE.data, silence)
    for area in ("debian", "debian-security"):
        for suite in SUITES:
            mirror.manners[f"/{area}/dists/{suite}/InRelease"] = silence
    begun = time.monotonic()
    refused(machine.build("one"), machine, "one 1.0", "no network?")
    assert time.monotonic() - begun < 150


def test_upstream_drips(machine, upstream):
    """Goal: who sends a byte a second is given up."""
    upstream.has(ONE.upstream, ONE.data, drip)
    upstream.has(ONE.forge, ONE.data)
    begun = time.monotonic()
    built(machine.build("one"), machine, ONE)
    assert time.monotonic() - begun < 100


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_in_the_middle(machine, mirror, number):
    """Goal: ctrl-C in a download ends it at once and keeps nothing of it; the next run works."""
    mirror.pool(ONE.pool, ONE.data, drip)
    process = machine.start(machine.build_command("plain", "one"))
    while not mirror.requests:
        time.sleep(0.05)
    os.killpg(process.pid, number)
    process.communicate(timeout=5)
    assert process.returncode != 0
    assert machine.kept() == set()
    mirror.pool(ONE.pool, ONE.data)
    built(machine.build("one"), machine, ONE)


# The user's folder, and the cache ------------------------------------------------------------------------------------


def test_folder_comes_first(machine, mirror, tmp_path):
    """Goal: without a network, what PROBE_SOURCES names is enough."""
    have_all(mirror)
    (tmp_path / "given").mkdir()
    for library in LIBRARIES:
        (tmp_path / "given" / library.file).write_bytes(library.data)
    result = machine.build("one", "two", "three", PROBE_SOURCES=str(tmp_path / "given"))
    built(result, machine, *LIBRARIES)
    assert result.requests == []


def test_folder_has_a_wrong_file(machine, mirror, tmp_path):
    """Goal: it is told, and the next place is asked."""
    have_all(mirror, ONE)
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / ONE.file).write_bytes(b"something else")
    result = machine.build("one", PROBE_SOURCES=str(tmp_path / "given"))
    built(result, machine, ONE)
    assert [line for line in result.lines if f"{tmp_path}/given/{ONE.file} gave a wrong file for one 1.0" in line]


def test_folder_is_none(machine):
    """Goal: a misspelt PROBE_SOURCES is told before anything is asked."""
    result = machine.build("one", PROBE_SOURCES="/no/such/folder")
    assert result.status != 0
    assert result.lines == ["deps: PROBE_SOURCES names '/no/such/folder', which is no folder"]


def test_damaged_cache(machine, mirror):
    """Goal: a file that has changed in the cache is not built: it is fetched again."""
    have_all(mirror, ONE)
    machine.build("one", flavour="sources")
    (machine.cache / "sources" / ONE.file).write_bytes(b"half of it")
    built(machine.build("one"), machine, ONE)


def test_sources_for_elsewhere(machine, mirror):
    """Goal: build.sh sources fills a folder from which a machine without a network builds."""
    have_all(mirror)
    result = machine.build("one", "two", "three", flavour="sources")
    assert result.status == 0, result.lines
    for library in LIBRARIES:
        assert (machine.folder / "out" / library.file).read_bytes() == library.data


# Something newer -----------------------------------------------------------------------------------------------------

NEWER = Library("one", "1.1")
TOLD = "deps: NOT AS PINNED: one 1.1 (Debian one 1.1-1) instead of 1.0, which no place had"


def newer_built(result, machine, library=NEWER):
    """The newer version is built, and both the first and the last line say so."""
    assert result.status == 0, result.lines
    record = machine.record("one")
    assert (record["version"], record["pinned"]) == (library.version, "1.0")
    assert record["sha256"] == digest(library.data)
    said = [line for line in result.lines if not line.startswith("deps: fetching")]
    assert said[0].startswith(TOLD.replace("1.1", library.version)), result.lines
    assert said[-1] == said[0]


@pytest.mark.parametrize("suite", SUITES)
def test_newer_from_any_suite(machine, mirror, suite):
    """Goal: the pinned file has gone everywhere: the suite that has a newer one serves, whichever it is."""
    security = suite.endswith("-security")
    mirror.lists(suite, ("one", "1.1", NEWER.data), area="debian-security" if security else "debian")
    if security:
        mirror.pool(f"updates/{NEWER.pool}", NEWER.data, area="debian-security/pool")
    else:
        mirror.pool(NEWER.pool, NEWER.data)
    newer_built(machine.build("one"), machine)


def test_newer_is_listed_and_absent(machine, mirror):
    """Goal: an index proves nothing: each suite is tried until a download succeeds."""
    mirror.lists("trixie", ("one", "1.2", b"not there"))
    mirror.lists("forky", ("one", "1.3", b"not there either"))
    mirror.lists("sid", ("one", "1.1", NEWER.data))
    mirror.pool(NEWER.pool, NEWER.data)
    newer_built(machine.build("one"), machine)


def test_newer_in_another_mirror(machine_with_two, mirror, second_mirror):
    """Goal: one mirror lists it, another one has it."""
    mirror.lists("trixie", ("one", "1.1", NEWER.data))
    second_mirror.pool(NEWER.pool, NEWER.data)
    newer_built(machine_with_two.build("one"), machine_with_two)


def test_next_series(machine, mirror):
    """Goal: a package of the next series serves when the pinned one's has nothing."""
    mirror.lists("trixie", ("one-next", "2.0", tarball("one", "2.0")))
    mirror.pool("main/o/one-next/one-next_2.0.orig.tar.gz", tarball("one", "2.0"))
    result = machine.build("one")
    assert result.status == 0, result.lines
    assert machine.record("one")["version"] == "2.0"
    assert "NOT AS PINNED: one 2.0 (Debian one-next 2.0-1) instead of 1.0" in result.lines[-1]


@pytest.mark.parametrize("lie", [absent, wrong, half, half_unannounced, login_page], ids=lambda lie: lie.__name__)
def test_newer_file_lies(machine, mirror, lie):
    """Goal: what does not have the SHA-256 of the signed list is not built."""
    mirror.lists("trixie", ("one", "1.1", NEWER.data))
    mirror.pool(NEWER.pool, NEWER.data, lie)
    refused(machine.build("one"), machine, "no place has one 1.0")
    assert machine.kept() == set()


def test_list_with_another_signature(machine, mirror, other_key):
    """Goal: a list that nobody whom the machine trusts has signed counts for nothing."""
    mirror.lists("trixie", ("one", "1.1", NEWER.data), key=other_key)
    mirror.pool(NEWER.pool, NEWER.data)
    refused(machine.build("one"), machine, "no place has one 1.0")


def test_older_is_no_way_out(machine, mirror):
    """Goal: a version older than the pinned one is not built."""
    mirror.lists("trixie", ("one", "0.9", tarball("one", "0.9")))
    mirror.pool("main/o/one/one_0.9.orig.tar.gz", tarball("one", "0.9"))
    refused(machine.build("one"), machine, "no place has one 1.0")


def test_newer_is_told_each_time(machine, mirror):
    """Goal: a build that has it from the cache says so too, and asks nobody."""
    mirror.lists("sid", ("one", "1.1", NEWER.data))
    mirror.pool(NEWER.pool, NEWER.data)
    machine.build("one")
    result = machine.build("one")
    assert result.requests == []
    newer_built(result, machine)


def test_pinned_or_nothing(machine, mirror):
    """Goal: PROBE_PINNED=1 takes nothing newer, says so, and finds the pinned file when it is back."""
    mirror.lists("sid", ("one", "1.1", NEWER.data))
    mirror.pool(NEWER.pool, NEWER.data)
    refused(machine.build("one", PROBE_PINNED="1"), machine, "one 1.0", "PROBE_PINNED forbids a newer version")
    newer_built(machine.build("one"), machine)
    refused(machine.build("one", PROBE_PINNED="1"), machine, "one 1.0", "PROBE_PINNED forbids a newer version")
    mirror.pool(ONE.pool, ONE.data)
    assert machine.build("one", PROBE_PINNED="1").status == 0
    result = machine.build("one")
    assert (result.status, result.lines) == (0, [])
    assert machine.record("one")["version"] == "1.0"


def test_others_stay_pinned(machine, mirror):
    """Goal: only the library whose file has gone is another."""
    have_all(mirror, TWO, THREE)
    mirror.lists("sid", *((library.name, "1.1", b"newer") for library in (TWO, THREE)), ("one", "1.1", NEWER.data))
    mirror.pool(NEWER.pool, NEWER.data)
    newer_built(machine.build("one", "two", "three"), machine)
    assert machine.record("two")["version"] == machine.record("three")["version"] == "1.0"


# Edits of a source ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "count, text, found",
    [(1, "return 41;", 0), (2, "return 42;", 1), (1, "n", SOURCE.count("n")), (1, "ret.rn", 0), (1, "return $&", 0)],
)
def test_edit_that_does_not_apply(machine, mirror, count, text, found):
    """Goal: an edit whose text is not there as often as it says stops the build, and says how often it is there."""
    have_all(mirror, ONE)
    machine.pin(ONE, f"edit answer.c {count} '{text}' 'something else'")
    result = machine.build("one")
    assert result.status != 0
    assert f"edit: answer.c has this {found} times, not {count}: {text}" in result.lines
    assert not (machine.folder / "out" / "one").exists()


def test_edit_of_no_file(machine, mirror):
    """Goal: a file that upstream renamed stops the build too."""
    have_all(mirror, ONE)
    machine.pin(ONE, "edit question.c 1 a b")
    result = machine.build("one")
    assert result.status != 0
    assert "edit: cannot open question.c: No such file or directory" in result.lines


@pytest.mark.parametrize("character", ["$&", "$1", "@ARGV", "\\\\1", "&", "/", "%", "${x}", '"'])
def test_edit_takes_its_words_as_they_are(machine, mirror, character):
    """Goal: no character of what replaces a text means anything else."""
    have_all(mirror, ONE)
    machine.pin(ONE, f"edit answer.c 1 'return 42;' 'return 41; // {character}'\n  grep -F '41; // {character}' answer.c")
    result = machine.build("one")
    assert result.status == 0, result.lines


def test_recipes_edit_through_the_helper():
    """Goal: no recipe changes a source in a way that could silently do nothing."""
    for recipe in (REPOSITORY / "probe" / "deps" / "recipes").iterdir():
        assert not [line for line in recipe.read_text().splitlines() if "sed " in line or "patch " in line], recipe
