"""Heartbeat files: how old, dated ahead, or only there; and what is no heartbeat."""
import os
import socket
import time

import pytest

from namespaces import NEEDS_ROOT


@pytest.fixture
def file(stage):
    path = stage.new_folder("worker") / "heartbeat"
    path.write_text("")
    return path


def dated(path, seconds_ahead):
    at = time.time() + seconds_ahead
    os.utime(path, (at, at))
    return f"file://{path}"


@pytest.mark.parametrize("ahead, words", [(7200, "dated 2 h ahead"), (86400 * 400, "dated "), (30, "dated "), (5, "dated ")])
def test_dated_ahead(file, verdict, ahead, words):
    """Goal: a time ahead would be fresh for as long as it lies ahead, whatever the worker does: a cause of its own."""
    verdict.unhealthy("live", dated(file, ahead + 0.95), cause="file-future", says=[words, " ahead", "clock"])


def test_a_moment_ahead(file, verdict):
    """Goal: what a step of the clock makes of a file of this moment is no fault."""
    verdict.healthy("live", dated(file, 0.6), says=["written <1 ms ago"], once=True)


def test_only_has_to_exist(file, verdict):
    """Goal: max-age=none asks whether it is there, whatever its time and kind."""
    for seconds in (-86400 * 400, 86400):
        verdict.healthy("live", dated(file, seconds) + "?max-age=none", says=["file exists"])
    verdict.healthy("live", f"file://{file.parent}?max-age=none", says=["file exists"])
    verdict.unhealthy("live", f"file://{file}.no?max-age=none", cause="file-missing", says=["No such file"])


def test_jobs_of_a_day_and_more(file, verdict):
    """Goal: a nightly job has 26 hours, a weekly one more."""
    target = dated(file, -25.5 * 3600)
    verdict.healthy("live", f"{target}?max-age=26h", says=["written 25 h 30 min ago"])
    verdict.unhealthy("live", f"{target}?max-age=25h", cause="file-stale", says=["25 h 30 min ago, max-age is 25 h"])
    verdict.healthy("live", f"{target}?max-age=200h")


@pytest.mark.parametrize("query, says", [
    ("?maxage=60", ["parameter 'maxage'", "?max-age=60s"]),
    ("?max-age=60&min-size=1", ["parameter 'min-size'"]),
    ("?max-age=old", ["neither a duration", "nor none"]),
    ("?max-age=", ["neither a duration"]),
    ("?max-age=NONE", ["neither a duration"]),
    ("?max-age=-1", ["neither a duration"]),
    ("?max-age=10001h", ["neither a duration"]),
])
def test_parameters_that_are_wrong(file, verdict, query, says):
    """Goal: a parameter that is not known would be a demand less: said before anything is looked at."""
    verdict.misconfigured("live", f"file://{file}{query}", says=says)


@pytest.mark.parametrize("path", ["/tmp/50%.beat", "/tmp/%zz", "/tmp/a%00b"])
def test_path_that_cannot_be_decoded(verdict, path):
    """Goal: a % that is not encoded is the fault, not a lack of memory."""
    verdict.misconfigured("live", f"file://{path}", says=["% in its path", "%25"])


def test_percent_that_is_encoded(stage, verdict):
    """Goal: the same path as it is written right."""
    path = stage.new_folder("worker") / "50%.beat"
    path.write_text("")
    verdict.healthy("live", "file://" + str(path).replace("%", "%25"), says=["written "])


def test_what_is_no_file(file, verdict):
    """Goal: the time of a directory, a socket, a pipe or a device tells of no worker."""
    folder = file.parent
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / "socket"))
    os.mkfifo(folder / "pipe")
    for path, kind in {
        folder: "a directory", folder / "socket": "a socket", folder / "pipe": "a pipe", "/dev/null": "a device",
    }.items():
        says = [f"file is {kind}, whose time is no heartbeat", "max-age=none"]
        verdict.unhealthy("live", f"file://{path}", cause="file-unusable", says=says)
    listener.close()


def test_link_to_a_file(file, verdict):
    """Goal: a link's file counts, as for whoever writes through it."""
    link = file.parent / "link"
    link.symlink_to(file)
    dated(file, -3600)
    verdict.unhealthy("live", f"file://{link}", cause="file-stale", says=["written 1 h ago"])


@NEEDS_ROOT
def test_folder_that_may_not_be_read(file, verdict):
    """Goal: where a folder is closed, nobody knows whether the file exists: neither is claimed."""
    file.parent.chmod(0o700)
    for path in (file, f"{file}.no"):
        says = ["Permission denied", "a folder above it is closed to uid 12345, so whether it exists is not known"]
        result = verdict.unhealthy("live", f"file://{path}", cause="file-denied", says=says, user=12345)
        assert "No such file" not in result.out
    file.chmod(0o000)
    file.parent.chmod(0o755)
    verdict.healthy("live", f"file://{file}", user=12345)
