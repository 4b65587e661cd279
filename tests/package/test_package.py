"""What is handed out: the installed files, the .tar.gz, the .deb, and the list of what is in them."""
import hashlib
import json
import re
import shutil
import subprocess
from datetime import datetime

import pytest

import stand_in
from runner import REPOSITORY, binary_path

BUILD = REPOSITORY / "build" / "release"
LIBRARIES = ["curl", "cjson", "hiredis", "pq", "musl"]
FILES = {
    "bin/probe",
    "share/bash-completion/completions/probe",
    "share/doc/probe/LICENSE",
    *(f"share/doc/probe/LICENSE.{name}" for name in LIBRARIES),
    "share/doc/probe/copyright",
    "share/doc/probe/sbom.spdx.json",
    "share/man/man1/probe.1",
}


def run(*command, **options):
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, timeout=900, **options)
    assert done.returncode == 0, f"$ {' '.join(words)}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def pack(build, folder):
    """The packages of a build, by name."""
    run("cpack", "-B", folder, cwd=build)
    return {path.name: path for path in folder.iterdir() if path.suffix in (".gz", ".deb")}


@pytest.fixture(scope="session")
def packages(tmp_path_factory):
    """Those of the release build itself."""
    return pack(BUILD, tmp_path_factory.mktemp("here"))


def date_of_build():
    return re.search(r"SOURCE_DATE_EPOCH} (\d+)\)", (BUILD / "CPackDate.cmake").read_text())[1]


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory):
    """The environment of another machine: nothing in its cache, another HOME, and a mirror that has the pinned files."""
    folder = tmp_path_factory.mktemp("elsewhere")
    key = stand_in.Key()
    mirror = stand_in.Mirror(key)
    for path, data in stand_in.pinned_files(folder / "pinned").items():
        mirror.pool(path, data)
    yield {**stand_in.environment(folder, [mirror]), "SOURCE_DATE_EPOCH": date_of_build(), "PROBE_PINNED": "1"}
    mirror.stop()
    key.remove()


@pytest.fixture(scope="session")
def packages_elsewhere(tmp_path_factory, elsewhere):
    """The same from a copy of the sources, in a folder whose name has another length, with libraries built anew."""
    folder = tmp_path_factory.mktemp("somewhere-else")
    ignored = shutil.ignore_patterns("build", ".git", "__pycache__")
    shutil.copytree(REPOSITORY, folder / "copy", ignore=ignored)
    build = folder / "build-of-it"
    run("cmake", "-S", folder / "copy", "-B", build, "-DPROBE_FLAVOUR=static", env=elsewhere)
    run("cmake", "--build", build, "-j", "2", env=elsewhere)  # which remembers the date
    return pack(build, folder / "packages")


def test_packages_are_reproducible(packages, packages_elsewhere):
    """Goal: the same commit gives the same bytes, wherever it and its libraries are built, from an empty cache too."""
    assert len(packages) == 2

    def digests(found):
        return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in found.items()}

    assert digests(packages) == digests(packages_elsewhere)


def test_packages_name_no_path_of_this_machine(packages, tmp_path):
    """Goal: where it was built is nobody's business, in the binary as beside it."""
    run("dpkg-deb", "--extract", next(path for name, path in packages.items() if name.endswith(".deb")), tmp_path)
    told = [str(REPOSITORY).encode(), str(tmp_path.parents[1]).encode(), b"/.cache/"]
    for name in files(tmp_path):
        data = (tmp_path / name).read_bytes()
        assert not [word for word in told if word in data], name


def test_tarball(packages, tmp_path):
    """Goal: one folder with the version in its name, all of it root's."""
    name, tarball = next(item for item in packages.items() if item[0].endswith(".tar.gz"))
    run("tar", "-xf", tarball, "-C", tmp_path)
    assert files(tmp_path / name.removesuffix(".tar.gz")) == FILES
    assert "root/root" in run("tar", "-tvf", tarball).splitlines()[0]


def test_deb(packages, tmp_path):
    """Goal: it needs no other package, and puts the same files below /usr, and what Debian's policy asks for."""
    deb = next(path for name, path in packages.items() if name.endswith(".deb"))
    fields = dict(re.findall(r"^([\w-]+): (.*)$", run("dpkg-deb", "--field", deb), re.MULTILINE))
    assert fields["Package"] == "probe"
    assert fields["Architecture"] == run("dpkg", "--print-architecture").strip()
    assert fields["Version"] == run(binary_path(), "--version").split()[1]
    assert "Depends" not in fields
    run("dpkg-deb", "--extract", deb, tmp_path)
    compressed = {name.replace("probe.1", "probe.1.gz") for name in FILES}
    own = {"share/doc/probe/changelog.gz", "share/lintian/overrides/probe"}
    assert files(tmp_path) == {f"usr/{name}" for name in compressed | own}
    assert run(tmp_path / "usr" / "bin" / "probe", "--version").startswith("probe ")


def test_install(tmp_path):
    """Goal: cmake --install puts the same files below a prefix."""
    run("cmake", "--install", BUILD, "--prefix", tmp_path)
    assert files(tmp_path) == FILES
    assert (tmp_path / "share/doc/probe/copyright").read_text() == run(tmp_path / "bin" / "probe", "--licenses")


# What is in it -------------------------------------------------------------------------------------------------------


@pytest.fixture
def sbom():
    return json.loads((BUILD / "sbom.spdx.json").read_text())


def record(name):
    text = (BUILD / "deps" / name / "record").read_text()
    return dict(line.split("=", 1) for line in text.splitlines())


def test_sbom_is_spdx(sbom):
    """Goal: it has every field that SPDX 2.3 demands, in its form."""
    assert sbom["spdxVersion"] == "SPDX-2.3"
    assert sbom["dataLicense"] == "CC0-1.0"
    assert sbom["SPDXID"] == "SPDXRef-DOCUMENT"
    assert sbom["name"]
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", sbom["documentNamespace"])
    datetime.strptime(sbom["creationInfo"]["created"], "%Y-%m-%dT%H:%M:%SZ")
    assert all(re.match(r"(Tool|Person|Organization): ", creator) for creator in sbom["creationInfo"]["creators"])
    for package in sbom["packages"]:
        assert {"name", "SPDXID", "downloadLocation"} <= package.keys()
        assert re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", package["SPDXID"])
        assert re.fullmatch(r"https://\S+|NOASSERTION", package["downloadLocation"])
        assert package["filesAnalyzed"] is False  # or a verification code would be due


def test_sbom_relations_hold(sbom):
    """Goal: the document describes probe, which links all the others statically."""
    known = {package["SPDXID"] for package in sbom["packages"]}
    assert len(known) == len(sbom["packages"])
    relations = {
        (each["spdxElementId"], each["relationshipType"], each["relatedSpdxElement"]) for each in sbom["relationships"]
    }
    linked = {("SPDXRef-probe", "STATIC_LINK", other) for other in known - {"SPDXRef-probe"}}
    assert relations == linked | {("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-probe")}


def test_sbom_is_of_what_is_linked(sbom):
    """Goal: name, version, checksum and licence are those of what was built, and nothing is missing."""
    packages = {package["name"]: package for package in sbom["packages"]}
    assert set(packages) == {"probe", "libgcc", *LIBRARIES}
    versions = run(binary_path(), "--version")
    for name in LIBRARIES:
        package, known = packages[name], record(name)
        assert package["versionInfo"] == known["version"]
        assert package["versionInfo"] in versions
        assert package["checksums"] == [{"algorithm": "SHA256", "checksumValue": known["sha256"]}]
        assert package["licenseConcluded"] == package["licenseDeclared"] == known["license"]
        cpe, purl = [reference["referenceLocator"] for reference in package["externalRefs"]]
        assert re.fullmatch(rf"cpe:2\.3:a:[\w-]+:[\w-]+:{re.escape(known['version'])}(:\*){{7}}", cpe)
        assert purl == f"pkg:generic/{name}@{known['version']}"


def test_sbom_names_the_compiler_library(sbom):
    """Goal: libgcc is linked too, under a licence of its own; its version is the compiler's."""
    libgcc = next(package for package in sbom["packages"] if package["name"] == "libgcc")
    compiler = BUILD / "deps" / "musl" / "bin" / "musl-gcc"
    assert libgcc["versionInfo"] == run(compiler, "-dumpfullversion").strip()
    assert libgcc["licenseConcluded"] == "GPL-3.0-or-later WITH GCC-exception-3.1"


# The completion ------------------------------------------------------------------------------------------------------

COMPLETE = """
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_probe probe "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


def complete(*words):
    """What bash offers for the last word."""
    return set(run("bash", "-c", COMPLETE, "bash", REPOSITORY / "probe" / "completion.bash", "probe", *words).split())


def test_completion_has_the_options_of_the_help():
    """Goal: an option that is added or goes is completed or not."""
    in_help = set(re.findall(r"^ +(?:-\w, )?(--[a-z-]+)", run(binary_path(), "--help"), re.MULTILINE))
    assert complete("live", "--") == in_help


def test_completion_has_the_commands_of_the_help():
    """Goal: the same for the commands, and what help tells of."""
    usage = run(binary_path(), "--help").split("\n\n")[1]
    commands = set(re.findall(r"probe (\w+)", usage)) | set(re.findall(r"\| (--\w+)", usage))
    assert complete("") == commands
    assert complete("help", "") == set(re.search(r"probe help \[([\w|]+)\]", usage)[1].split("|"))


@pytest.mark.parametrize(
    "words, offered",
    [
        (["rea"], {"ready"}),
        (["live", "--out"], {"--output"}),
        (["live", "--output", "j"], {"json"}),
        (["live", "-o", ""], {"text", "json"}),
        (["suggest", "--format", "c"], {"compose"}),
        (["ready", "--wait", "60s", "--", "dpkg-que"], {"dpkg-query"}),
    ],
)
def test_completion_completes(words, offered):
    """Goal: it works in bash, for a command behind -- too."""
    assert complete(*words) == offered
