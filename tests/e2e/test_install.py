"""`probe install PATH`: a copy of the running program, whole or not there; in volumes in tests/docker/test_install.py."""
import os
import stat

import pytest

import namespaces


@pytest.fixture
def folder(stage):
    folder = stage.new_folder("install")
    os.chown(folder, os.geteuid(), -1)
    folder.chmod(0o755)
    return folder


def left(folder):
    return sorted(path.name for path in folder.iterdir())


def install(run_probe, path, **options):
    result = run_probe("install", path, **options)
    assert len(result.lines) == 1, result
    return result


def is_copy(path, probe_binary):
    return path.read_bytes() == probe_binary.read_bytes() and stat.S_IMODE(path.stat().st_mode) == 0o755


@pytest.mark.parametrize("umask", ["000", "077"])
def test_file_and_folder(run_probe, probe_binary, folder, umask):
    """Goal: the same bytes, for all to run whatever the umask, under the name that was given, or in the folder."""
    through = ["/bin/sh", "-c", f'umask {umask} && exec "$@"', "sh"]
    for path, made in ((folder / "check", folder / "check"), (folder, folder / "probe"), (f"{folder}/", folder / "probe")):
        result = install(run_probe, path, through=through)
        assert result.status == 0 and result.out.startswith("installed ")
        assert is_copy(made, probe_binary)
    assert left(folder) == ["check", "probe"]
    assert run_probe("help", binary=folder / "check", through=["/usr/bin/env"]).status == 0


def test_replaces_what_is_there(run_probe, probe_binary, folder):
    """Goal: an older one, though it runs; one that is a link is not followed; others' bytes stay as they are."""
    old = folder / "old"
    old.write_text("old")
    (folder / "probe").symlink_to(old)
    assert install(run_probe, folder).status == 0
    assert is_copy(folder / "probe", probe_binary) and not (folder / "probe").is_symlink()
    assert old.read_text() == "old"
    assert install(run_probe, folder, binary=folder / "probe", through=["/usr/bin/env"]).status == 0
    assert is_copy(folder / "probe", probe_binary)


def refused(run_probe, path, words, **options):
    result = install(run_probe, path, **options)
    assert result.status == 1 and result.out.startswith("misconfigured: cannot ") and words in result.out, result


def test_what_cannot_be(run_probe, folder):
    """Goal: one line with the fix, and nothing is left there."""
    (folder / "file").write_text("x")
    (folder / "probe").mkdir()
    os.mkfifo(folder / "pipe")  # and not /dev/null, which a mistake of the program would replace for the whole machine
    refused(run_probe, folder / "no" / "probe", "No such file or directory: make the folder first")
    refused(run_probe, folder / "file" / "probe", "Not a directory: make the folder first")
    refused(run_probe, folder, f"cannot rename it to '{folder}/probe': Is a directory")
    refused(run_probe, folder / "pipe", f"cannot replace '{folder}/pipe'")
    refused(run_probe, folder / ("x" * 300), "too long")
    refused(run_probe, "/" + "x/" * 2100, "too long")
    assert left(folder) == ["file", "pipe", "probe"] and stat.S_ISFIFO((folder / "pipe").stat().st_mode)


@namespaces.NEEDS_ROOT
def test_who_may_not(run_probe, folder):
    """Goal: a folder of another user's."""
    refused(run_probe, folder, "Permission denied: run it as a user who may write there", user=65534)
    assert left(folder) == []


def test_limit_of_the_file_s_size(run_probe, folder):
    """Goal: a copy that breaks off leaves neither a part nor a temporary name."""
    refused(run_probe, folder, "File too large", through=["/usr/bin/prlimit", "--fsize=100000"])
    assert left(folder) == []


@pytest.mark.parametrize("words", [[], [""], ["a", "b"], ["--help"]])
def test_wrong_use(verdict, words):
    """Goal: one path and nothing else, in the form that is asked for."""
    verdict.misconfigured("install", *words, says=["install takes one path: write probe install PATH"])


def test_wrong_use_as_json(run_probe, validate):
    """Goal: PROBE_OUTPUT holds for it too."""
    report = run_probe("install", env={"PROBE_OUTPUT": "json"}).json()
    validate(report)
    assert (report["status"], report["command"]) == ("misconfigured", "install")
