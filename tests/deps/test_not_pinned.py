"""The whole project on the day that a pinned file has gone: it is built with a newer library, and says so everywhere."""
import json
import re
import shutil
import subprocess

import pytest

import stand_in
from runner import REPOSITORY

NAME = "cjson"
IGNORED = shutil.ignore_patterns("build", ".git", "__pycache__")


def read_version(recipe):
    return re.search(r"^version=(.*)$", recipe.read_text(), re.MULTILINE)[1]


def pin_what_nobody_has(recipe):
    text = re.sub(r"^version=.*$", "version=1.0.0", recipe.read_text(), flags=re.MULTILINE)
    recipe.write_text(re.sub(r"^sha256=.*$", f"sha256={'0' * 64}", text, flags=re.MULTILINE))


def copy_built(deps, environment):
    """The other libraries, which are built already: only their folders' names differ, for OpenSSL's path is in the digest."""
    script = '. "$deps/common.sh" && built_dir "$name"'
    for built in (REPOSITORY / "build" / "plain" / "deps").glob("*"):
        if built.name != NAME:
            variables = {**environment, "deps": str(deps), "flavour": "plain", "name": built.name}
            folder = subprocess.run(["sh", "-euc", script], env=variables, check=True, capture_output=True, text=True).stdout
            shutil.copytree(built.resolve(), folder.strip())


@pytest.fixture(scope="module")
def newer():
    """The version that the project really pins."""
    return read_version(REPOSITORY / "probe" / "deps" / "recipes" / f"{NAME}.sh")


@pytest.fixture(scope="module")
def project(tmp_path_factory, key, newer):
    """A copy of the project, built by way of a mirror that has all but one of the pinned files."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(REPOSITORY, folder / "copy", ignore=IGNORED)
    deps = folder / "copy" / "probe" / "deps"
    pin_what_nobody_has(deps / "recipes" / f"{NAME}.sh")
    mirror = stand_in.Mirror(key)
    for path, data in stand_in.pinned_files(folder / "pinned").items():
        mirror.pool(path, data)
        if f"/{NAME}_" in path:
            mirror.lists("sid", (NAME, newer, data))
    environment = stand_in.environment(folder, [mirror])
    copy_built(deps, environment)

    def run(*command):
        words = [str(word) for word in command]
        return subprocess.run(words, cwd=folder / "copy", env=environment, capture_output=True, text=True, timeout=600)

    run.configured = run("cmake", "--preset", "plain")
    run.built = run("cmake", "--build", "--preset", "plain", "--target", "probe", "link_check", "not_pinned")
    run.folder = folder / "copy" / "build" / "plain"
    yield run
    mirror.stop()


def test_first_and_last_line_name_it(project, newer):
    """Goal: who builds it sees it, however long the output is."""
    assert project.built.returncode == 0, project.configured.stdout + project.built.stdout + project.built.stderr
    said = [line for line in project.configured.stdout.splitlines() if line.startswith("deps: ")]
    assert said[0] == f"deps: fetching {NAME} ..."
    assert said[1].startswith(f"deps: NOT AS PINNED: {NAME} {newer} ") and "instead of 1.0.0" in said[1]
    last = [line for line in project.built.stdout.splitlines() if "Built target" not in line][-1]
    assert last == f"NOT AS PINNED: {NAME} {newer} instead of 1.0.0"


def test_version_names_it(project, newer):
    """Goal: who only has the binary sees it."""
    assert f", cJSON {newer} instead of 1.0.0," in project(project.folder / "probe", "--version").stdout


def test_list_of_contents_names_it(project, newer):
    """Goal: the SPDX list has the version that is in it, and says that it is another than the pinned one."""
    sbom = json.loads((project.folder / "sbom.spdx.json").read_text())
    package = next(package for package in sbom["packages"] if package["name"] == NAME)
    assert package["versionInfo"] == newer
    assert package["downloadLocation"] == "NOASSERTION"
    assert f"Debian {NAME} {newer}-1, instead of the pinned 1.0.0" in package["sourceInfo"]


def test_is_not_handed_out(project, newer):
    """Goal: no package is made of it."""
    packed = project("cpack", "--config", project.folder / "CPackConfig.cmake", "-B", project.folder / "packages")
    assert packed.returncode != 0
    assert f"nothing is packed that is not as pinned: {NAME} {newer} instead of 1.0.0" in " ".join(packed.stderr.split())
    assert not [*project.folder.glob("packages/*.deb"), *project.folder.glob("packages/*.tar.gz")]


def test_pinned_or_nothing(project):
    """Goal: -DPROBE_PINNED=1 forbids it, in a build that has it already too."""
    refused = project("cmake", "--preset", "plain", "-DPROBE_PINNED=1")
    assert refused.returncode != 0
    assert f"no place has {NAME} 1.0.0" in refused.stderr
    assert "PROBE_PINNED forbids a newer version" in refused.stderr
