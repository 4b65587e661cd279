"""What a mutant is: the table's rows."""
from typing import NamedTuple


class Mutant(NamedTuple):
    file: str
    text: str  # stands there exactly once
    replacement: str
    selection: str
    reason: str = ""  # why no test can notice it

    def __str__(self):
        return f"{self.file}: {self.text.strip()!r} -> {self.replacement.strip()!r}"


def of(file, *rows):
    return [Mutant(f"probe/{file}", *row) for row in rows]
