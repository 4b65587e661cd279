"""How a probe is started with what no shell gives it."""
from pathlib import Path

ODD = Path(__file__).resolve().parent / "odd.py"


def odd(*calls):
    """A command that starts it after these calls of odd.py's functions: for run_probe(..., through=...)."""
    return ["/usr/bin/python3", "-I", "-S", ODD, *calls, "--"]
