"""--log: what process 1 may have as its descriptor 2 that is no place for a line of ours."""
import os

import pytest

import namespaces

pytestmark = namespaces.NEEDS_ROOT
REFUSED = ["live", "--log", ":9/"]
SLEEP = "exec /bin/sleep 600"
USER = "exec /usr/bin/setpriv --reuid=1000 --regid=1000 --clear-groups /bin/sleep 600"
NOT_APPENDING = "process 1's stderr is a file not opened for appending: start it with 2>>FILE"
READING = "process 1's stderr is not opened for writing: leave it as it was"
NULL = "process 1's stderr is /dev/null, which nobody sees: leave it as it was"
NO_READER = "process 1's stderr is a pipe that nobody reads: keep its reader"


@pytest.fixture
def first(container):
    """A container whose process 1 says that it is ready and then has this done to its descriptors by a shell."""

    def start(redirect, command=SLEEP):
        return container(command=["/bin/bash", "-c", f"exec {redirect}; echo ready; {command}"])

    return start


def expect_note(verdict, box, words):
    """The verdict, with the note; and the same from doctor, in advance."""
    result = verdict.unhealthy(*REFUSED, cause="refused", through=box.enter, once=True)
    assert f"  note      {words}\n" in result.out + "\n", result
    report = verdict.as_json(REFUSED, {"through": box.enter}, 1, "unhealthy")
    assert report["note"] == words, report
    doctor = verdict.as_json(["doctor", ":9/"], {"through": box.enter}, 1, "unhealthy")
    assert doctor["machine"]["process"]["container_log"] == words


@pytest.mark.parametrize("command", [pytest.param(SLEEP, id="root"), pytest.param(USER, id="another user")])
@pytest.mark.parametrize("redirect, words", [
    pytest.param("2<{}", READING, id="opened for reading"),
    pytest.param("2<>{}", NOT_APPENDING, id="opened for both"),
    pytest.param("2>{}", NOT_APPENDING, id="opened for writing"),
])
def test_file_that_is_no_log(first, verdict, tmp_path, redirect, words, command):
    """Goal: a file that process 1 opened for itself, after it had closed its stderr, is not touched."""
    file = tmp_path / "data.db"
    file.write_bytes(b"data\n")
    box = first(redirect.format(file), command)
    before = file.read_bytes()
    expect_note(verdict, box, words)
    assert file.read_bytes() == before


@pytest.mark.parametrize("command", [pytest.param(SLEEP, id="root"), pytest.param(USER, id="another user")])
def test_file_opened_for_appending(first, verdict, tmp_path, command):
    """Goal: 2>>FILE is the log."""
    file = tmp_path / "log"
    box = first(f"2>>{file}", command)
    line = verdict.unhealthy(*REFUSED, cause="refused", through=box.enter, once=True)
    assert file.read_text() == f"probe: {line.first}\n"
    assert "note" not in line.out


def test_null_device(first, verdict):
    """Goal: what nobody will see is said."""
    box = first("2>/dev/null")
    expect_note(verdict, box, NULL)


def test_end_for_reading_of_a_pipe(first, verdict):
    """Goal: a pipe that process 1 reads gets no line of ours as if somebody else had written it."""
    expect_note(verdict, first("2< <(sleep 600)"), READING)


@pytest.mark.parametrize("redirect", [
    pytest.param("2> >(exec true); sleep 0.3", id="without a name"),
    pytest.param("3<>{0} 2>{0} 3<&-", id="with a name"),
])
def test_pipe_without_a_reader(first, verdict, tmp_path, redirect):
    """Goal: a reader that has gone will show nothing to anybody."""
    os.mkfifo(tmp_path / "pipe")
    box = first(redirect.format(tmp_path / "pipe"))
    expect_note(verdict, box, NO_READER)
