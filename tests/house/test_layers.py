"""The sources are in layers: no include and no call leads to a higher one, and none goes in a circle."""
import subprocess
from pathlib import Path

import layers
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
OBJECTS = REPOSITORY / "build" / "release" / "CMakeFiles" / "probe_core.dir" / "probe"
LEAST = 40  # sources that are really looked at


@pytest.fixture(scope="module")
def calls():
    """Those of the release, of all but main()."""
    found = layers.read_calls(REPOSITORY, OBJECTS)
    assert len(found) > LEAST, "no release: cmake --preset release && cmake --build --preset release"
    return found


@pytest.fixture(scope="module")
def includes():
    found = layers.read_includes(REPOSITORY)
    assert len(found) > LEAST
    return found


def test_no_include_leads_upward(includes):
    """Goal: a source or header includes its own layer and those below."""
    assert layers.upward(includes) == []


def test_no_call_leads_upward(calls):
    """Goal: a declaration of one's own is no way around the headers."""
    assert layers.upward(calls) == []


def test_includes_have_no_circle(includes):
    """Goal: every header can be read before those that include it."""
    assert layers.circle(includes) == []


def test_calls_have_no_circle(calls):
    """Goal: every source can be understood with those below it, without those above."""
    assert layers.circle(calls) == []


def test_every_source_is_in_a_layer():
    """Goal: a new folder is a decision about its layer; only main and the modes stand above all."""
    folders = {path.name for path in (REPOSITORY / "probe").iterdir() if path.is_dir()} - {"deps"}
    assert folders == set(layers.LAYERS)
    assert {path.name for path in (REPOSITORY / "probe").glob("*.c")} == {"main.c", "once.c", "suggest.c", "wait.c", "watch.c"}


# The checker itself, with a small tree that is wrong on purpose ------------------------------------------------------


@pytest.fixture
def tree(tmp_path):
    """tree({"probe/base/a.c": "text"}) writes it; returns the includes, and the calls as compiled"""

    def write(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            if path.suffix == ".c":
                target = tmp_path / "objects" / f"{name.removeprefix('probe/')}.o"
                target.parent.mkdir(parents=True, exist_ok=True)
                subprocess.run(["cc", "-c", "-I", tmp_path / "include", "-o", target, path], check=True)
        return layers.read_includes(tmp_path), layers.read_calls(tmp_path, tmp_path / "objects")

    return write


CLEAN = {
    "include/base/text.h": "int text(void);",
    "include/run/run.h": '#include "base/text.h"\nint run(void);',
    "probe/base/text.c": '#include "base/text.h"\nint text(void) { return 0; }',
    "probe/run/run.c": '#include "run/run.h"\nint run(void) { return text(); }',
}


def test_tree_without_a_fault_is_clean(tree):
    """Goal: what goes downward is found, and nothing is wrong with it."""
    includes, calls = tree(CLEAN)
    assert includes["run/run.c"] == {"run/run.h"}
    assert includes["run/run.h"] == {"base/text.h"}
    assert calls == {"run/run.c": {"base/text.c"}, "base/text.c": set()}
    assert not any((layers.upward(includes), layers.upward(calls), layers.circle(includes), layers.circle(calls)))


def test_upward_include_is_found(tree):
    """Goal: also one that calls nothing."""
    includes, calls = tree({**CLEAN, "probe/base/parse.c": '#include "run/run.h"\nint parse;'})
    assert layers.upward(includes) == ["base/parse.c -> run/run.h"]
    assert layers.upward(calls) == []


def test_upward_call_is_found(tree):
    """Goal: also one without an include."""
    includes, calls = tree({**CLEAN, "probe/base/parse.c": "int run(void);\nint parse(void) { return run(); }"})
    assert layers.upward(includes) == []
    assert layers.upward(calls) == ["base/parse.c -> run/run.c"]


def test_main_and_the_modes_are_above_all(tree):
    """Goal: nothing below may know them."""
    _, calls = tree({
        "probe/once.c": "int text(void);\nint once(void) { return text(); }",
        "probe/report/report.c": "int once(void);\nint report(void) { return once(); }",
        "probe/base/text.c": "int text(void) { return 0; }",
    })
    assert layers.upward(calls) == ["report/report.c -> once.c"]


def test_circle_of_includes_is_found(tree):
    """Goal: of two headers of one layer."""
    includes, _ = tree({
        "include/base/a.h": '#ifndef A\n#define A\n#include "base/b.h"\n#endif',
        "include/base/b.h": '#ifndef B\n#define B\n#include "base/a.h"\n#endif',
        "probe/base/a.c": '#include "base/a.h"\nint a;',
    })
    assert layers.circle(includes) == ["base/a.h", "base/b.h", "base/a.h"]


def test_circle_of_calls_is_found(tree):
    """Goal: of three sources, whose headers are in order."""
    _, calls = tree({
        "probe/run/a.c": "int b(void);\nint a(void) { return b(); }",
        "probe/run/b.c": "extern int c;\nint b(void) { return c; }",
        "probe/run/c.c": "int a(void);\nint c = 1;\nint d(void) { return a(); }",
    })
    assert layers.upward(calls) == []
    assert layers.circle(calls) == ["run/a.c", "run/b.c", "run/c.c", "run/a.c"]
