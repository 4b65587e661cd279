"""No memory over TLS: the nth allocation of a run fails, as in faults/test_machine_memory.py, by build/plain-tls."""
import pytest

import memory
from runner import REPOSITORY, binary_path, is_asan
from table import HEALTHY

BINARY = REPOSITORY / "build" / "plain-tls" / "probe"
# The start of OpenSSL, and a part of what follows, which is thousands.
NUMBERS = [*range(1, 300), *range(300, memory.MOST, 31)]

pytestmark = [
    pytest.mark.skipif(not BINARY.exists() or not memory.FAILING.exists(), reason="not built: the presets plain and plain-tls"),
    pytest.mark.skipif(is_asan(binary_path()), reason="once is enough: the run of build/tls has it"),
]


@pytest.mark.parametrize("for_ever", [False, True], ids=["once", "for ever"])
@pytest.mark.parametrize("kind, name, cause", [("http", "good", HEALTHY), ("postgres", "elsewhere", "tls-wrong-host"), ("redis", "good", HEALTHY)])
def test_no_memory(services, certificates, stage, validate, registry, request, record_property, kind, name, cause, for_ever):
    """Goal: no crash, no lie, one line, in time: what is not there is memory, and no certificate is blamed for it."""

    def record(out):
        registry.record(request.node.nodeid, out)

    sweep = memory.Sweep(stage.new_folder("memory"), validate, record, record_property, BINARY)
    arguments = ["ready", "--no-http", "--cacert", certificates.ca, services.url(kind, name)]
    sweep(kind, arguments, cause, for_ever=for_ever, numbers=NUMBERS)
