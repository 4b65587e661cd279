"""The notices of what the program is made of: their terms want them wherever the binary goes."""
from pathlib import Path

import pytest

from runner import REPOSITORY, binary_path

OWN = REPOSITORY / "LICENSE"
# musl's COPYRIGHT goes on with all that is in its sources; what is linked is held by test_musl_is_told_in_short.
WHOLE = ["curl", "hiredis", "pq"]
MIT = "Permission is hereby granted, free of charge"


def library_licence(name):
    return (binary_path().parent / "deps" / name / "LICENSE").read_text()


def words(text):
    return " ".join(text.split())


@pytest.fixture
def licenses(run_probe):
    result = run_probe("--licenses", limit=None)
    assert result.status == 0
    return words(result.out)


@pytest.mark.parametrize("name", WHOLE)
def test_licence_is_told_whole(licenses, name):
    """Goal: a licence of its own is there word for word."""
    assert words(library_licence(name)) in licenses


@pytest.mark.parametrize("name", ["cjson", "probe"])
def test_mit_is_told_once(licenses, name):
    """Goal: whose code it is, and the terms that it shares."""
    text = OWN.read_text() if name == "probe" else library_licence(name)
    notice, terms = text.split(MIT)
    assert words(notice).removeprefix("MIT License ") in licenses
    assert words(MIT + terms) in licenses
    assert licenses.count(MIT) == 1


def test_musl_is_told_in_short(licenses):
    """Goal: musl's notice, and those of the mathematics and the sorting that it took from others."""
    if not Path(binary_path().parent / "deps" / "musl").exists():
        pytest.skip("this build is linked with glibc")
    for notice in ("Rich Felker, et al.", "Sun Microsystems", "Lynn Ochs"):
        assert notice in licenses


@pytest.mark.parametrize("arguments", [["live", "--licenses"], ["ready", ":1/", "--licenses"], ["--licenses", "live"]])
def test_stands_alone(run_probe, arguments):
    """Goal: a health check never passes because it printed something else."""
    result = run_probe(*arguments)
    assert result.status == 1
    assert "--licenses stands alone: write probe --licenses" in result.first


def test_is_listed(run_probe):
    """Goal: who reads the help finds it."""
    assert "--licenses" in run_probe("--help").out


def test_takes_no_value(run_probe):
    """Goal: a mistake is told, and nothing else is."""
    assert run_probe("live", "--licenses=MIT").first.startswith("misconfigured: unknown option '--licenses'")
