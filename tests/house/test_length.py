"""No source is so long that nobody reads it to its end."""
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
LINES_MAX = 400


def test_no_source_is_longer_than_400_lines():
    """Goal: what grows beyond is two things, and becomes two files."""
    sources = [*REPOSITORY.glob("include/**/*.h"), *REPOSITORY.glob("probe/**/*.c")]
    lengths = {path.relative_to(REPOSITORY).as_posix(): len(path.read_text().splitlines()) for path in sources}
    assert len(lengths) > 40
    assert {name: lines for name, lines in lengths.items() if lines > LINES_MAX} == {}
