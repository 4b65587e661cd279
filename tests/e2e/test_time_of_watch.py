"""--watch takes its time behind a =; who writes a blank gets a line that says so, and no target that was never meant."""
import pytest


@pytest.mark.parametrize("time", ["1s", "500ms", "2", "1m30s"])
def test_time_behind_a_blank(verdict, time):
    """Goal: the line has the words to write."""
    verdict.misconfigured("live", "--watch", time, says=[f"target '{time}' belongs to --watch: write --watch={time}"])


def test_other_words_stay_targets(verdict):
    """Goal: only a time is taken for one, and only beside --watch."""
    verdict.misconfigured("live", "--watch", "health", says=["write /health"])
    verdict.misconfigured("live", "2s", says=["write /2s"])
    verdict.misconfigured("live", "8000", says=["write :8000/path"])
