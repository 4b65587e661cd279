"""Libraries for another architecture: each has a folder of its own, and a compiler that is not there is named."""
import shutil

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
