"""README's recipes are those of the examples, which tests/docker runs."""
import re
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
README = (REPOSITORY / "README.md").read_text()
INSTALLED = REPOSITORY / "docker" / "examples" / "install" / "docker-compose.yml"


def test_containers_of_others_have_probe_where_it_is_installed():
    """Goal: what is written for an image that is not ours finds probe in the volume of the example."""
    blocks = [yaml.safe_load(text) for text in re.findall(r"^```yaml\n(.*?)^```", README, re.DOTALL | re.MULTILINE)]
    services = next(block for block in blocks if "cache" in block)
    example = yaml.safe_load(INSTALLED.read_text())["services"]["cache"]
    assert set(services) == {"db", "cache"}
    for service in services.values():
        assert service["volumes"] == example["volumes"]
        assert service["healthcheck"]["test"][:2] == example["healthcheck"]["test"][:2]


def test_what_misled_is_said():
    """Goal: what a connection proves, and whose variables a check has: who read no more than README took both for more."""
    row = next(line for line in README.splitlines() if line.startswith("| `tcp://HOST:PORT`"))
    assert "hangs" in row
    assert "none that an entrypoint" in " ".join(README.split())
