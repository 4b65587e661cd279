#!/usr/bin/python3
"""Holds what release.sh has made against what it promises.

    release_check.py DIST

A line for each file that is right or wrong, and for each check that needs a tool which is not there. Ends with 1 if
anything is wrong.
"""
import hashlib
import io
import json
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ARCHITECTURES = Path(__file__).resolve().parents[1] / "probe" / "deps" / "architectures.txt"
LIBRARIES = {"curl", "cjson", "hiredis", "pq", "musl", "libgcc"}
ARM = 40  # elf.h
# The file's header: class, byte order, machine; then what an instruction's address is a multiple of, and a flag of ARM's
# header that must be there: passing floating point numbers in registers or not.
HEADERS = {
    "amd64": (64, "<", 62, 1, 0),
    "arm64": (64, "<", 183, 4, 0),
    "armhf": (32, "<", ARM, 4, 0x400),
    "armel": (32, "<", ARM, 4, 0x200),
    "i386": (32, "<", 3, 1, 0),
    "riscv64": (64, "<", 243, 2, 0),
    "ppc64el": (64, "<", 21, 4, 0),
    "s390x": (64, ">", 22, 2, 0),
}
EXECUTABLE, LOAD, DYNAMIC, INTERPRETER, STACK = 2, 1, 2, 3, 0x6474E551
X, W = 1, 2


class Wrong(Exception):
    """What is not as it should be."""


class Skipped(Exception):
    """Which tool is missing."""


def demand(holds, what):
    if not holds:
        raise Wrong(what)


def tool(name):
    if not shutil.which(name):
        raise Skipped(f"{name} is not installed")
    return name


def run(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    demand(done.returncode == 0, f"{' '.join(str(word) for word in words)}: {done.stdout}{done.stderr}".strip())
    return done.stdout + done.stderr


def read_architectures():
    """Of each architecture: its platforms, and its budgets without and with TLS."""
    rows = [line.split() for line in ARCHITECTURES.read_text().splitlines() if not line.startswith("#")]
    return {row[0]: (row[4].split(","), int(row[6]), int(row[7])) for row in rows}


class Release:
    def __init__(self, dist):
        self.dist = dist
        self.table = read_architectures()

    def name(self, arch, tls):
        return f"probe-{'tls-' if tls else ''}linux-{arch}"

    def architectures(self):
        return [arch for arch in self.table if (self.dist / self.name(arch, False)).exists()]

    def only(self, pattern):
        found = sorted(self.dist.glob(pattern))
        demand(len(found) == 1, f"there are {len(found)} files '{pattern}', not 1")
        return found[0]

    def binary(self, arch, tls):
        return (self.dist / self.name(arch, tls)).read_bytes()

    # ELF ------------------------------------------------------------------------------------------------------------

    def check_binary(self, arch, tls):
        """The machine's own program: static, nothing writable and executable, within its budget."""
        data = self.binary(arch, tls)
        bits, order, machine, alignment, flags = HEADERS[arch]
        demand(data[:4] == b"\x7fELF", "it is no ELF file")
        demand((data[4], data[5]) == (bits // 32, 1 if order == "<" else 2), "it has another class or byte order")
        layout = order + ("HHIQQQIHHH" if bits == 64 else "HHIIIIIHHH")
        kind, of, _, entry, programs, _, its_flags, _, size, count = struct.unpack_from(layout, data, 16)
        demand(kind == EXECUTABLE and of == machine, f"it is of type {kind} and machine {of}, not {machine}")
        demand(its_flags & flags == flags, f"its flags are {its_flags:#x}, without {flags:#x}")
        if machine == ARM and entry & 1:  # code in Thumb, which the bit says
            entry, alignment = entry - 1, 2
        demand(entry % alignment == 0, f"its entry {entry:#x} is not aligned to {alignment}")
        segments = [self.segment(data, programs + i * size, bits, order) for i in range(count)]
        kinds = {kind for kind, _ in segments}
        demand(not kinds & {DYNAMIC, INTERPRETER}, "it is not static")
        demand({LOAD, STACK} <= kinds, "it does not say whether its stack is executable")
        demand(not [1 for kind, its in segments if kind == STACK and its & X], "its stack is executable")
        demand(not [1 for _, its in segments if its & W and its & X], "a segment is writable and executable")
        budget = self.table[arch][2 if tls else 1]
        demand(len(data) <= budget, f"it has {len(data)} bytes, {len(data) - budget} more than its budget")
        return f"{len(data):,} bytes of {budget:,}"

    def segment(self, data, offset, bits, order):
        """Its type and flags."""
        words = struct.unpack_from(order + ("II" if bits == 64 else "IIIIIII"), data, offset)
        return words[0], words[1 if bits == 64 else 6]

    # Packages -------------------------------------------------------------------------------------------------------

    def check_tarball(self, arch, tls):
        """It holds the same binary, the man page, the completion, the licences and the list of contents."""
        path = self.only(f"probe-{'tls-' if tls else ''}[0-9]*-linux-{arch}.tar.gz")
        with tarfile.open(path) as tar:
            files = {entry.name.partition("/")[2]: entry for entry in tar if entry.isfile()}
            binary = tar.extractfile(files["bin/probe"]).read()
            sbom = tar.extractfile(files["share/doc/probe/sbom.spdx.json"]).read()
        demand(binary == self.binary(arch, tls), "its binary is not the naked one")
        demand(sbom == (self.dist / f"{self.name(arch, tls)}.spdx.json").read_bytes(), "its list of contents differs")
        expected = {"share/man/man1/probe.1", "share/bash-completion/completions/probe", "share/doc/probe/copyright"}
        demand(expected <= set(files), f"it lacks {', '.join(sorted(expected - set(files)))}")
        return f"{len(files)} files"

    def check_deb(self, arch, tls):
        """Debian's tools and lintian have nothing to say, and it holds the same binary."""
        path = self.only(f"{'probe-tls' if tls else 'probe'}_*_{arch}.deb")
        fields = run(tool("dpkg-deb"), "--field", path, "Architecture").split()
        demand(fields == [arch], f"its architecture is {fields}")
        with tempfile.TemporaryDirectory() as folder:
            run("dpkg-deb", "--extract", path, folder)
            binary = (Path(folder) / "usr" / "bin" / "probe").read_bytes()
        demand(binary == self.binary(arch, tls), "its binary is not the naked one")
        told = run(tool("lintian"), "--allow-root", path).strip()
        demand(not told, f"lintian: {told}")
        return "lintian is silent"

    def check_sbom(self, arch, tls):
        """It names all that is linked, with what scanners know it by."""
        packages = json.loads((self.dist / f"{self.name(arch, tls)}.spdx.json").read_text())["packages"]
        names = {package["name"] for package in packages}
        expected = LIBRARIES | {"probe"} | ({"openssl"} if tls else set())
        demand(names == expected, f"it differs in {', '.join(sorted(names ^ expected))}")
        for package in packages:
            kinds = {each["referenceType"] for each in package.get("externalRefs", [])}
            demand(package["name"] == "probe" or kinds == {"purl", "cpe23Type"}, f"{package['name']} has {kinds}")
        return f"{len(names) - 1} libraries"

    # Images ---------------------------------------------------------------------------------------------------------

    def check_images(self, tls):
        """One index, read by skopeo, with the image of each platform, which holds that architecture's binary."""
        path = self.only(f"probe-{'tls-' if tls else ''}[0-9]*.oci.tar")
        with tarfile.open(path) as tar:
            blobs = {entry.name: tar.extractfile(entry).read() for entry in tar if entry.isfile()}
        for name, data in blobs.items():
            demand("sha256/" not in name or name.endswith(hashlib.sha256(data).hexdigest()), f"{name} is another blob")
        top = json.loads(blobs["index.json"])["manifests"][0]
        index = json.loads(self.blob(blobs, top))
        found = {}
        for descriptor in index["manifests"]:
            platform = descriptor["platform"]
            found["/".join(filter(None, (platform["architecture"], platform.get("variant"))))] = descriptor
        expected = {platform: arch for arch in self.architectures() for platform in self.table[arch][0]}
        demand(set(found) == set(expected), f"its platforms are {', '.join(sorted(found))}")
        for platform, arch in expected.items():
            manifest = json.loads(self.blob(blobs, found[platform]))
            with tarfile.open(fileobj=io.BytesIO(self.blob(blobs, manifest["layers"][0]))) as tar:
                binary = tar.extractfile("probe").read()
            demand(binary == self.binary(arch, tls), f"the image of {platform} holds another binary")
        tag = top["annotations"]["org.opencontainers.image.ref.name"]
        raw = run(tool("skopeo"), "inspect", "--raw", f"oci-archive:{path}:{tag}")
        demand(json.loads(raw) == index, "skopeo reads another index")
        return f"{len(found)} platforms, read by skopeo"

    def blob(self, blobs, descriptor):
        data = blobs["blobs/" + descriptor["digest"].replace(":", "/")]
        demand(len(data) == descriptor["size"], f"{descriptor['digest']} has another size")
        return data

    # The whole ------------------------------------------------------------------------------------------------------

    def check_vex(self):
        """Each statement is of a version that is linked."""
        document = json.loads(self.only("*.openvex.json").read_text())
        linked = set()
        for path in self.dist.glob("*.spdx.json"):
            for package in json.loads(path.read_text())["packages"]:
                linked.add(f"pkg:generic/{package['name']}@{package['versionInfo']}")
        for statement in document["statements"]:
            for product in statement["products"]:
                others = {each["@id"] for each in product["subcomponents"]} - linked
                demand(not others, f"{statement['vulnerability']['name']} is of {', '.join(others)}, which is not linked")
        return f"{len(document['statements'])} statements"

    def check_sums(self):
        """Every file but the signature has its sum."""
        named = dict(reversed(line.split("  ", 1)) for line in (self.dist / "SHA256SUMS").read_text().splitlines())
        files = {path.name for path in self.dist.iterdir() if not path.name.startswith("SHA256SUMS")}
        demand(set(named) == files, f"it differs in {', '.join(sorted(set(named) ^ files))}")
        for name, digest in named.items():
            demand(hashlib.sha256((self.dist / name).read_bytes()).hexdigest() == digest, f"{name} has another sum")
        return f"{len(named)} files"

    def checks(self):
        for arch in self.architectures():
            for tls in (False, True):
                for check in (self.check_binary, self.check_sbom, self.check_tarball, self.check_deb):
                    name = check.__name__.removeprefix("check_")
                    yield f"{self.name(arch, tls)} {name}", lambda check=check, arch=arch, tls=tls: check(arch, tls)
        for tls in (False, True):
            yield f"{'probe-tls' if tls else 'probe'} images", lambda tls=tls: self.check_images(tls)
        yield "flaws of the libraries", self.check_vex
        yield "SHA256SUMS", self.check_sums


def main():
    failed = 0
    for name, check in Release(Path(sys.argv[1])).checks():
        try:
            print(f"check: {name}: {check()}")
        except Skipped as reason:
            print(f"check: {name}: skipped in part, {reason}")
        except (Wrong, KeyError, OSError, ValueError) as error:
            failed += 1
            print(f"check: {name}: WRONG: {error}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
