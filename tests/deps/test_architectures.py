"""Libraries for another architecture: each has a folder of its own, and a compiler that is not there is named."""
import shutil

import pytest

from conftest import Library
from stand_in import absent

ONE = Library("one")


def built(machine):
    return (machine.folder / "out" / "one").resolve()


def test_unknown_architecture(machine):
    """Goal: a misspelt name is told, with the place of the right ones; nothing is fetched."""
    machine.pin(ONE)
    result = machine.build("one", PROBE_ARCH="arm65")
    assert result.status != 0
    assert result.lines == ["deps: there is no architecture 'arm65'; probe/deps/architectures.txt lists them"]
    assert result.requests == []


def test_own_architecture_by_name(machine, upstream):
    """Goal: this machine's architecture needs no cross compiler, whether it is named or not, and is built once."""
    machine.pin(ONE)
    upstream.has(ONE.upstream, ONE.data)
    assert machine.build("one").status == 0
    own = built(machine)
    architecture = own.parent.name.removeprefix("plain-")
    result = machine.build("one", PROBE_ARCH=architecture)
    assert (result.status, result.lines) == (0, [])
    assert built(machine) == own


def test_cross_compiler_is_missing(machine, mirror):
    """Goal: it is named with Debian's package, before anything is fetched."""
    machine.pin(ONE)
    mirror.pool(ONE.pool, ONE.data, absent)
    rows = machine.scripts / "architectures.txt"
    rows.write_text(rows.read_text() + "none none_none-linux-gnu none none none none 1 1\n")
    result = machine.build("one", PROBE_ARCH="none")
    assert result.status != 0
    assert "missing tools: none_none-linux-gnu-gcc none_none-linux-gnu-gcc-ar" in result.lines[0]
    assert result.lines[0].endswith(" gcc-none-none-linux-gnu")
    assert result.requests == []


def test_cross_compiler_is_used(machine, upstream):
    """Goal: another architecture's library is compiled by its compiler, and does not replace this machine's."""
    machine.pin(ONE)
    upstream.has(ONE.upstream, ONE.data)
    assert machine.build("one").status == 0
    own = built(machine)
    tools = machine.folder / "tools"
    tools.mkdir()
    for tool in ("gcc", "gcc-ar", "gcc-ranlib"):
        (tools / f"none-linux-gnu-{tool}").symlink_to(shutil.which(tool))
    rows = machine.scripts / "architectures.txt"
    rows.write_text(rows.read_text() + "none none-linux-gnu none none none none 1 1 -DANSWER=1\n")
    result = machine.build("one", PROBE_ARCH="none", PATH=f"{tools}:{machine.environment['PATH']}")
    assert result.status == 0, result.lines
    assert built(machine).parent.name == "plain-none"
    assert "none-linux-gnu-gcc" in (machine.cache / "log" / "plain-none-one.log").read_text()
    assert own.is_dir()


@pytest.mark.parametrize(
    "arch, variant, name, compiler",
    [
        ("arm64", "", "arm64", "gcc-aarch64-linux-gnu"),
        ("arm64", "v8", "arm64", "gcc-aarch64-linux-gnu"),
        ("arm", "v7", "armhf", "gcc-arm-linux-gnueabihf"),
        ("arm", "v6", "armel", "gcc-arm-linux-gnueabi"),
        ("arm", "v5", "armel", "gcc-arm-linux-gnueabi"),
        ("386", "", "i386", "gcc-i686-linux-gnu"),
        ("ppc64le", "", "ppc64el", "gcc-powerpc64le-linux-gnu"),
        ("s390x", "", "s390x", "gcc-s390x-linux-gnu"),
    ],
)
def test_platform_of_an_image(machine, arch, variant, name, compiler):
    """Goal: what BuildKit calls a platform is built for Debian's architecture, by a compiler only where it is another."""
    script = str(machine.scripts / "platform.sh")
    platform = {"TARGETARCH": arch, "TARGETVARIANT": variant}
    assert machine.run([script, "arch"], **platform).lines == [name]
    own = machine.run([script, "arch"]).lines == [name]
    assert machine.run([script, "compiler"], **platform).lines == ([] if own else [compiler])


def test_variant_of_an_image(machine):
    """Goal: a variant that the table does not have is built as its architecture; a platform without one is refused."""
    script = str(machine.scripts / "platform.sh")
    assert machine.run([script, "arch"], TARGETARCH="amd64", TARGETVARIANT="v3").lines == ["amd64"]
    refused = machine.run([script, "arch"], TARGETARCH="mips")
    assert refused.status != 0
    assert refused.lines == ["deps: there is no platform 'mips'; probe/deps/architectures.txt lists them"]
