"""cmake/release.sh for this machine's architecture: the same sums in another folder, what its check finds, the images."""
import json
import re
import shutil
import struct
import subprocess
import tarfile

import pytest

from runner import REPOSITORY

ARCH = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True).stdout.strip()
CHECK = REPOSITORY / "cmake" / "release_check.py"
VEX = REPOSITORY / "probe" / "deps" / "vex.txt"


def make_release(folder):
    """Clones the last commit to a folder and makes the release there."""
    subprocess.run(["git", "clone", "--quiet", REPOSITORY, folder], check=True, capture_output=True)
    command = [folder / "cmake" / "release.sh", ARCH]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1500)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return folder / "build" / "dist", done.stdout


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    return make_release(tmp_path_factory.mktemp("release") / "clone")


@pytest.fixture
def dist(release, tmp_path):
    """A copy of the release, to be spoilt."""
    return shutil.copytree(release[0], tmp_path / "dist")


def check(dist):
    done = subprocess.run(["/usr/bin/python3", CHECK, dist], capture_output=True, text=True, timeout=120)
    return done.returncode, [line for line in done.stdout.splitlines() if "WRONG" in line]


@pytest.mark.timeout(3600)
def test_release_is_reproducible(release, tmp_path):
    """Goal: the same commit gives the same bytes of every file, in a folder of another length too."""
    other, _ = make_release(tmp_path / "a-clone-in-a-folder-with-a-longer-name")
    assert (release[0] / "SHA256SUMS").read_text() == (other / "SHA256SUMS").read_text()


def test_release_says_what_it_does(release):
    """Goal: each build is told with its size and time, and the whole at the end."""
    lines = release[1].splitlines()
    for preset in (f"release-{ARCH}", f"tls-{ARCH}"):
        told = rf"release: {preset}: \d+ bytes, \d+ % of the budget of \d+, \d+ s"
        assert [line for line in lines if re.fullmatch(told, line)], lines
    assert re.fullmatch(r"release: 12 files, \d+ bytes in build/dist, \d+ s", lines[-1])
    assert not [line for line in lines if "WRONG" in line]


def test_names(release):
    """Goal: the files have the names that README promises."""
    names = {path.name for path in release[0].iterdir()}
    assert {f"probe-linux-{ARCH}", f"probe-tls-linux-{ARCH}", "SHA256SUMS"} <= names
    assert len([name for name in names if name.endswith(".deb")]) == 2
    assert len([name for name in names if name.endswith(".oci.tar")]) == 2
    assert len([name for name in names if name.endswith(".openvex.json")]) == 1


def spoil(path, offset, data):
    whole = bytearray(path.read_bytes())
    whole[offset : offset + len(data)] = data
    path.write_bytes(whole)


@pytest.mark.parametrize(
    "offset, data, word",
    [
        (0, b"#!", "no ELF file"),
        (18, b"\xff", "machine 255"),
        (0x40 + 4, b"\x07", "writable and executable"),  # the first segment's flags
        (0x40, b"\x03", "not static"),  # its type: an interpreter
    ],
)
@pytest.mark.skipif(ARCH != "amd64", reason="the offsets are those of a 64-bit little-endian file")
def test_check_of_a_binary(dist, offset, data, word):
    """Goal: another machine's file, or one without the protections, is found."""
    spoil(dist / f"probe-linux-{ARCH}", offset, data)
    status, lines = check(dist)
    assert status == 1
    assert [line for line in lines if f"probe-linux-{ARCH} binary" in line and word in line], lines
    assert [line for line in lines if "SHA256SUMS" in line]


@pytest.mark.parametrize("entry, is_right", [(0x11590, True), (0x11591, True), (0x11593, True), (0x11592, False)])
def test_entry_of_arm(monkeypatch, tmp_path, entry, is_right):
    """Goal: an odd entry is one in Thumb, whose instructions have two bytes; in ARM's own they have four."""
    monkeypatch.syspath_prepend(CHECK.parent)
    from release_check import Release, Wrong

    head = b"\x7fELF\x01\x01\x01" + bytes(9) + struct.pack("<HHIIIIIHHHHHH", 2, 40, 1, entry, 52, 0, 0x5000400, 52, 32, 2, 0, 0, 0)
    segments = [struct.pack("<8I", 1, 0, 0, 0, 0, 0, 5, 4), struct.pack("<8I", 0x6474E551, 0, 0, 0, 0, 0, 6, 4)]
    (tmp_path / "probe-linux-armhf").write_bytes(head + b"".join(segments))
    if is_right:
        assert "bytes of" in Release(tmp_path).check_binary("armhf", False)
    else:
        with pytest.raises(Wrong, match="aligned"):
            Release(tmp_path).check_binary("armhf", False)


def test_check_of_contents(dist):
    """Goal: a library that the list does not name is found, and so is a file without a sum."""
    path = dist / f"probe-linux-{ARCH}.spdx.json"
    document = json.loads(path.read_text())
    document["packages"] = [package for package in document["packages"] if package["name"] != "libgcc"]
    path.write_text(json.dumps(document))
    (dist / "more").write_text("")
    status, lines = check(dist)
    assert status == 1
    assert [line for line in lines if "sbom" in line and "libgcc" in line], lines
    assert [line for line in lines if "SHA256SUMS" in line and "more" in line], lines


SIGNERS = {
    "minisign": (
        ["minisign", "-G", "-W", "-p", "key.pub", "-s", "key.sec"],
        ["minisign", "-V", "-p", "key.pub", "-m", "SHA256SUMS", "-x", "SHA256SUMS.minisig"],
    ),
    "signify": (
        ["signify-openbsd", "-G", "-n", "-p", "key.pub", "-s", "key.sec"],
        ["signify-openbsd", "-V", "-p", "key.pub", "-m", "SHA256SUMS", "-x", "SHA256SUMS.sig"],
    ),
}


def call(command, folder):
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)


@pytest.mark.parametrize("signer", SIGNERS)
def test_signature(release, tmp_path, signer):
    """Goal: the sums are signed by a real key of either tool, named from the folder where the release is called;
    the tool verifies them, and refuses them when a byte was changed."""
    generate, verify = SIGNERS[signer]
    if not shutil.which(verify[0]):
        pytest.skip(f"no {verify[0]}")
    assert call(generate, tmp_path).returncode == 0
    done = call([release[0].parents[1] / "cmake" / "release.sh", "--sign", "key.sec", ARCH], tmp_path)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    sums, signature = release[0] / "SHA256SUMS", release[0] / verify[-1]
    shutil.copy(sums, tmp_path)
    shutil.copy(signature, tmp_path)
    done = call(verify, tmp_path)
    assert done.returncode == 0, done.stderr
    assert call(["sha256sum", "--check", "--strict", "--quiet", sums], release[0]).returncode == 0
    spoil(tmp_path / "SHA256SUMS", 0, b"x")
    assert call(verify, tmp_path).returncode != 0


def test_no_key(tmp_path):
    """Goal: a file that is no secret key is named before anything is built."""
    (tmp_path / "public").write_text("untrusted comment: minisign public key F6B0E63C463EB04A\n")
    for name in ("public", "absent"):
        done = call([REPOSITORY / "cmake" / "release.sh", "--sign", name, ARCH], tmp_path)
        assert (done.returncode, done.stdout) == (1, "")
        assert f"/{name}' is no secret key of minisign or signify" in done.stderr


def labels_of_dockerfile(stage):
    """The labels of a stage of docker/Dockerfile, by their last word, those of a build argument left out."""
    text = (REPOSITORY / "docker" / "Dockerfile").read_text()
    part = text.split(f"\n{stage}\n")[1].split("\nFROM")[0]
    return dict(re.findall(r'org\.opencontainers\.image\.(\w+)="([^"$]+)"', part))


@pytest.mark.parametrize("name, stage", [("probe", "FROM scratch"), ("probe-tls", "FROM scratch AS tls")])
def test_images_are_as_the_dockerfile_makes_them(release, name, stage):
    """Goal: the image that is published and the one that is built at home have the same labels, user and command."""
    with tarfile.open(next(release[0].glob(f"{name}-[0-9]*.oci.tar"))) as tar:
        blobs = {entry.name: tar.extractfile(entry).read() for entry in tar if entry.isfile()}

    def blob(descriptor):
        return json.loads(blobs["blobs/" + descriptor["digest"].replace(":", "/")])

    index = blob(json.loads(blobs["index.json"])["manifests"][0])
    config = blob(blob(index["manifests"][0])["config"])["config"]
    labels = {key.rpartition(".")[2]: value for key, value in config["Labels"].items()}
    assert labels_of_dockerfile(stage).items() <= labels.items()
    assert {"title", "version", "revision", "source", "licenses", "created"} <= labels.keys()
    assert (config["User"], config["Entrypoint"], config["Cmd"]) == ("65534:65534", ["/probe"], ["--help"])


# What is known of the libraries' flaws -------------------------------------------------------------------------------

# What is left out, and the names that its functions would have in the library.
LEFT_OUT = {
    "cookies": "Curl_cookie_",
    "WebSockets": "Curl_ws_",
    "SSH": "ssh|sftp",
    "QUIC": "quic_(port|channel|engine)|Curl_quic",
    "GnuTLS": "gnutls",
    "wolfSSL": "wolfssl",
    "LDAP": "ldap",
    "bearer tokens": "oauth|bearer|sasl",
    "Negotiate": "spnego|negotiate$",
    ".netrc": "netrc",
    "proxies": "Curl_cf_.*proxy|socks[45]|haproxy",
    "SMB": "smb",
    "STARTTLS": "imap|pop3|smtp|ftp",
    "Digest": "digest",
    "HTTP/3": "ngtcp|nghttp3|Curl_quic",
    "HTTP/2": "nghttp2|Curl_http2",
    "CMS": "CMS_",
    "CMP": "OSSL_CMP",
}


def statements():
    lines = [line for line in VEX.read_text().splitlines() if line and not line.startswith("#")]
    return [line.split(" ", 5) for line in lines]


def functions(build, library):
    """The names of the functions in a library's archives."""
    archives = sorted((build / "deps" / library / "lib").glob("*.a"))
    done = subprocess.run(["nm", "--defined-only", *archives], capture_output=True, text=True)
    return set(re.findall(r" [tT] (\w+)$", done.stdout, re.MULTILINE))


def test_options_are_set_as_it_is_said():
    """Goal: an option of libcurl that is "never set" is in none of our sources, and any other that is named is."""
    sources = "".join(path.read_text() for path in (REPOSITORY / "probe").rglob("*.c"))
    named = [match for row in statements() for match in re.finditer(r"\b(CURL\w+)( is never set)?", row[5])]
    assert {match[1] for match in named} >= {"CURLOPT_FORBID_REUSE", "CURLOPT_FOLLOWLOCATION"}
    for option, never in (match.groups() for match in named):
        assert bool(re.search(rf"\b{option}\b", sources)) != bool(never), option


def test_flaws_are_of_pinned_versions():
    """Goal: each line is of a version that a recipe pins, with a status that OpenVEX has; no flaw is there twice."""
    for library, version, flavour, flaw, status, why in statements():
        recipe = (REPOSITORY / "probe" / "deps" / "recipes" / f"{library}.sh").read_text()
        assert f"\nversion={version}\n" in recipe, flaw
        assert flavour in ("any", "tls") and status in ("absent", "unused", "fixed", "unknown", "affected") and why
        assert re.fullmatch(r"CVE-\d{4}-\d{4,}", flaw)
    flaws = [row[3] for row in statements()]
    assert len(flaws) == len(set(flaws))


@pytest.mark.parametrize("flavour", ["release", "tls"])
def test_what_is_said_to_be_left_out_is(release, flavour):
    """Goal: of what is "left out" no function is in the library that is linked."""
    build = release[0].parent / f"{flavour}-{ARCH}"
    names = {library: functions(build, library) for library in ("curl", "openssl")}
    unproven = []
    for library, _, _, flaw, status, why in statements():
        if status != "absent":
            continue
        parts = [pattern for word, pattern in LEFT_OUT.items() if re.search(rf"(^|[ ,]){re.escape(word)}( |,|$)", why)]
        if not parts:
            unproven.append(flaw)
        for pattern in parts:
            found = [name for name in names.get(library, ()) if re.search(pattern, name)]
            assert not found, f"{flaw}: {why}, but there is {', '.join(sorted(found))}"
    assert unproven == ["CVE-2025-11563", "CVE-2026-6042"]  # a tool beside libcurl; iconv, below
    assert not re.search(r"\.text\.iconv", (build / "probe.map").read_text())
