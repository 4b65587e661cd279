"""What the build with AddressSanitizer says of leaks at its end: lsan.c, linked with programs that leak."""
import subprocess
from pathlib import Path

import pytest

LSAN = Path(__file__).with_name("lsan.c")
LEAKS = """
#include <stdlib.h>
void *volatile kept;
__attribute__((noinline)) void NAME(void) { kept = malloc(28); kept = NULL; }
int main(void) { NAME(); return 0; }
"""


@pytest.fixture(params=["gcc", "clang"])
def leaks(request, tmp_path):
    """leaks(NAME): how a program ends whose function of that name leaks."""

    def run(name):
        source, program = tmp_path / "leaks.c", tmp_path / "leaks"
        source.write_text(LEAKS.replace("NAME", name))
        subprocess.run([request.param, "-fsanitize=address", "-g", "-o", program, source, LSAN], check=True)
        return subprocess.run([program], capture_output=True, text=True, env={}, timeout=20)

    return run


@pytest.mark.stage
def test_suppressed_in_silence(leaks):
    """Goal: of what glibc's resolver frees a moment later no word is on stderr, and the exit status is the program's."""
    ended = leaks("__res_context_send")
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.stage
def test_other_leaks_are_told(leaks):
    """Goal: any other leak is told."""
    ended = leaks("ask")
    assert ended.returncode == 1 and "28 byte(s) leaked" in ended.stderr
