"""The architectures of the release stand in one table, and what else lists them agrees with it."""
import json
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
FLAVOURS = {"release": "static", "tls": "tls"}


def architectures():
    """Debian's names, in the table's order."""
    lines = (REPOSITORY / "probe" / "deps" / "architectures.txt").read_text().splitlines()
    return [line.split()[0] for line in lines if not line.startswith("#")]


def test_each_has_a_preset_of_each_flavour():
    """Goal: a line in the table is a preset to configure with and one to build with, in both flavours."""
    presets = json.loads((REPOSITORY / "CMakePresets.json").read_text())
    configure = {preset["name"]: preset for preset in presets["configurePresets"]}
    build = {preset["name"]: preset["configurePreset"] for preset in presets["buildPresets"]}
    expected = {f"{flavour}-{arch}": [flavour, arch] for flavour in FLAVOURS for arch in architectures()}
    inherited = {name: preset["inherits"] for name, preset in configure.items() if name.split("-")[0] in FLAVOURS and "-" in name}
    assert inherited == expected
    assert {name: name for name in expected}.items() <= build.items()
    assert all(configure[arch]["cacheVariables"] == {"PROBE_ARCH": arch} for arch in architectures())
