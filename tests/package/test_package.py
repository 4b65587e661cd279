"""What is handed out: the installed files, the .tar.gz, the .deb, and the list of what is in them."""
import hashlib
import json
import os
import re
import shutil
import subprocess
from datetime import datetime

import pytest

import stand_in
from runner import REPOSITORY

LIBRARIES = ["curl", "cjson", "hiredis", "pq", "musl"]
IGNORED = shutil.ignore_patterns("build", ".git", "__pycache__")
LINTIAN = "/usr/bin/lintian"
CPE = re.compile(r"cpe:2\.3:a:[a-z-]+:[a-z]+:([0-9.]+):\*:\*:\*:\*:\*:\*:\*")


class Flavour:
    """A build of the product: its folder, the name of its package, and what must be in it."""

    def __init__(self, preset, package, libraries):
        self.preset, self.package, self.libraries = preset, package, libraries
        self.build = REPOSITORY / "build" / preset
        self.binary = self.build / "probe"
        self.files = {
            "bin/probe",
            "share/bash-completion/completions/probe",
            "share/doc/probe/LICENSE",
            *(f"share/doc/probe/LICENSE.{name}" for name in libraries),
            "share/doc/probe/copyright",
            "share/doc/probe/sbom.spdx.json",
            "share/man/man1/probe.1",
        }

    def files_of_deb(self):
        """By Debian's policy: its documents bear the package's name, and there are some more."""
        names = {name.replace("doc/probe/", f"doc/{self.package}/").replace("probe.1", "probe.1.gz") for name in self.files}
        return names | {f"share/doc/{self.package}/changelog.gz", f"share/lintian/overrides/{self.package}"}

    def record(self, name):
        text = (self.build / "deps" / name / "record").read_text()
        return dict(line.split("=", 1) for line in text.splitlines())

    def date(self):
        return re.search(r"SOURCE_DATE_EPOCH} (\d+)\)", (self.build / "CPackDate.cmake").read_text())[1]


FLAVOURS = [Flavour("release", "probe", LIBRARIES), Flavour("tls", "probe-tls", [*LIBRARIES, "openssl"])]


@pytest.fixture(scope="session", params=FLAVOURS, ids=lambda flavour: flavour.preset)
def flavour(request):
    if not request.param.binary.is_file():
        pytest.skip(f"not built: cmake --preset {request.param.preset} && cmake --build --preset {request.param.preset}")
    return request.param


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
def packages(flavour, tmp_path_factory):
    """Those of the build itself."""
    return pack(flavour.build, tmp_path_factory.mktemp("here"))


@pytest.fixture
def deb(packages):
    return next(path for name, path in packages.items() if name.endswith(".deb"))


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory):
    """The environment of another machine: nothing in its cache, another HOME, and a mirror that has the pinned files."""
    folder = tmp_path_factory.mktemp("elsewhere")
    key = stand_in.Key()
    mirror = stand_in.Mirror(key)
    for path, data in stand_in.pinned_files(folder / "pinned").items():
        mirror.pool(path, data)
    yield {**stand_in.environment(folder, [mirror]), "PROBE_PINNED": "1"}
    mirror.stop()
    key.remove()


@pytest.fixture(scope="session")
def packages_elsewhere(flavour, tmp_path_factory, elsewhere):
    """The same from a copy of the sources, in a folder whose name has another length. The release has libraries built anew;
    those of the flavour with TLS, which take minutes, tests/docker builds anew in the image and compares."""
    folder = tmp_path_factory.mktemp("somewhere-else")
    shutil.copytree(REPOSITORY, folder / "copy", ignore=IGNORED)
    build = folder / "build-of-it"
    environment = {**elsewhere, "SOURCE_DATE_EPOCH": flavour.date()}
    kind = "static"
    if flavour.preset == "tls":
        kind = "tls"
        environment["PROBE_CACHE"] = os.environ.get("PROBE_CACHE", f"{os.environ['HOME']}/.cache/probe")
    run("cmake", "-S", folder / "copy", "-B", build, f"-DPROBE_FLAVOUR={kind}", env=environment)
    run("cmake", "--build", build, "-j", "2", env=environment)  # which remembers the date
    return pack(build, folder / "packages")


def test_packages_are_reproducible(packages, packages_elsewhere):
    """Goal: the same commit gives the same bytes, wherever it and its libraries are built, from an empty cache too."""
    assert len(packages) == 2

    def digests(found):
        return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in found.items()}

    assert digests(packages) == digests(packages_elsewhere)


def test_packages_name_no_path_of_this_machine(deb, tmp_path):
    """Goal: where it was built is nobody's business, in the binary as beside it."""
    run("dpkg-deb", "--extract", deb, tmp_path)
    told = [str(REPOSITORY).encode(), str(tmp_path.parents[1]).encode(), b"/.cache/"]
    for name in files(tmp_path):
        data = (tmp_path / name).read_bytes()
        assert not [word for word in told if word in data], name


def test_tarball(flavour, packages, tmp_path):
    """Goal: one folder with the version in its name, all of it root's."""
    name, tarball = next(item for item in packages.items() if item[0].endswith(".tar.gz"))
    assert name.startswith(f"{flavour.package}-0")
    run("tar", "-xf", tarball, "-C", tmp_path)
    assert files(tmp_path / name.removesuffix(".tar.gz")) == flavour.files
    assert "root/root" in run("tar", "-tvf", tarball).splitlines()[0]


def test_deb(flavour, deb, tmp_path):
    """Goal: it needs no other package, puts the same files below /usr, and one flavour takes the other's place."""
    fields = dict(re.findall(r"^([\w-]+): (.*)$", run("dpkg-deb", "--field", deb), re.MULTILINE))
    version = run(flavour.binary, "--version").split()[1]
    assert fields["Architecture"] == run("dpkg", "--print-architecture").strip()
    assert (fields["Package"], fields["Version"]) == (flavour.package, version)
    assert "Depends" not in fields
    relations = [fields.get(name) for name in ("Provides", "Conflicts", "Replaces")]
    assert relations == ([f"probe (= {version})", "probe", "probe"] if flavour.preset == "tls" else [None] * 3)
    run("dpkg-deb", "--extract", deb, tmp_path)
    assert files(tmp_path) == {f"usr/{name}" for name in flavour.files_of_deb()}
    assert run(tmp_path / "usr" / "bin" / "probe", "--version") == run(flavour.binary, "--version")


def test_flavours_take_each_other_s_place(tmp_path_factory):
    """Goal: dpkg puts probe-tls where probe was, and not the other way without being told to; never are both there."""
    if not all(flavour.binary.is_file() for flavour in FLAVOURS):
        pytest.skip("not both flavours are built")
    root = tmp_path_factory.mktemp("root")
    dpkg = ["dpkg", "--root", root, "--force-not-root", "--force-script-chrootless", "--log=/dev/null"]
    for folder in ("updates", "info", "triggers"):
        (root / "var/lib/dpkg" / folder).mkdir(parents=True)
    (root / "var/lib/dpkg/status").touch()
    debs = [next(tmp for tmp in pack(each.build, root / each.preset).values() if tmp.suffix == ".deb") for each in FLAVOURS]
    query = ["dpkg-query", "--admindir", root / "var/lib/dpkg", "--show", "--showformat", "${Package} ${db:Status-Status}\\n"]
    for deb, name, has_tls in [(debs[0], "probe", False), (debs[1], "probe-tls", True)]:
        run(*dpkg, "--install", deb)
        assert f"{name} installed" in run(*query) and run(*query).count(" installed") == 1
        assert ("OpenSSL" in run(root / "usr/bin/probe", "--version")) == has_tls
    refused = subprocess.run([str(word) for word in [*dpkg, "--install", debs[0]]], capture_output=True, text=True)
    assert refused.returncode != 0 and "probe-tls conflicts with probe" in refused.stderr


def test_lintian_is_silent(deb):
    """Goal: Debian's own check of packages finds nothing; the one override says why."""
    if not os.access(LINTIAN, os.X_OK):
        pytest.skip(f"no {LINTIAN}")
    assert run(LINTIAN, "--allow-root", "--fail-on", "warning", deb) == ""


def test_install(flavour, tmp_path):
    """Goal: cmake --install puts the same files below a prefix."""
    run("cmake", "--install", flavour.build, "--prefix", tmp_path)
    assert files(tmp_path) == flavour.files
    assert (tmp_path / "share/doc/probe/copyright").read_text() == run(tmp_path / "bin" / "probe", "--licenses")


# What is in it -------------------------------------------------------------------------------------------------------


@pytest.fixture
def sbom(flavour):
    return json.loads((flavour.build / "sbom.spdx.json").read_text())


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


def test_sbom_is_of_what_is_linked(flavour, sbom):
    """Goal: name, version, checksum and licence are those of what was built, nothing is missing, and what looks for known
    vulnerabilities finds each by its CPE."""
    packages = {package["name"]: package for package in sbom["packages"]}
    assert set(packages) == {"probe", "libgcc", *flavour.libraries}
    versions = run(flavour.binary, "--version")
    for name in flavour.libraries:
        package, known = packages[name], flavour.record(name)
        assert package["versionInfo"] == known["version"]
        assert package["versionInfo"] in versions
        assert package["checksums"] == [{"algorithm": "SHA256", "checksumValue": known["sha256"]}]
        assert package["licenseConcluded"] == package["licenseDeclared"] == known["license"]
        cpe, purl = (reference["referenceLocator"] for reference in package["externalRefs"])
        assert purl == f"pkg:generic/{name}@{known['version']}"
        assert CPE.fullmatch(cpe)[1] == known["version"]


def test_sbom_names_the_compiler_library(flavour, sbom):
    """Goal: libgcc is linked too, under a licence of its own; its version is the compiler's."""
    libgcc = next(package for package in sbom["packages"] if package["name"] == "libgcc")
    compiler = flavour.build / "deps" / "musl" / "bin" / "musl-gcc"
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


@pytest.fixture
def complete(flavour):
    """What bash offers for the last word."""

    def complete(*words):
        return set(run("bash", "-c", COMPLETE, "bash", flavour.build / "completion.bash", "probe", *words).split())

    return complete


def test_completion_has_the_options_of_the_help(flavour, complete):
    """Goal: an option that is added or goes is completed or not."""
    in_help = set(re.findall(r"^ +(?:-\w, )?(--[a-z-]+)", run(flavour.binary, "--help"), re.MULTILINE))
    assert complete("live", "--") == in_help


def test_completion_has_the_commands_of_the_help(flavour, complete):
    """Goal: the same for the commands, and what help tells of."""
    usage = run(flavour.binary, "--help").split("\n\n")[1]
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
def test_completion_completes(complete, words, offered):
    """Goal: it works in bash, for a command behind -- too."""
    assert complete(*words) == offered
