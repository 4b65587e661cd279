"""How a probe is started with what no shell gives it."""
from pathlib import Path

import table

# Seconds after its --timeout at which a run must be over that something else starts, or whose end itself is hindered:
# by a stdout that blocks, by having been stopped.
ROOM = table.ROOM + table.STARTER_ROOM

ODD = Path(__file__).resolve().parent / "odd.py"


def odd(*calls):
    """A command that starts it after these calls of odd.py's functions: for run_probe(..., through=...)."""
    return ["/usr/bin/python3", "-I", "-S", ODD, *calls, "--"]
