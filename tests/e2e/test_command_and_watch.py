"""What goes on beyond one attempt's deadline: the command behind --, and a watch; and what must not begin."""
import pytest

from addresses import free_port


@pytest.fixture
def beat(stage):
    file = stage.new_folder("beat") / "beat"
    file.write_text("")
    return f"file://{file}"


def test_command_outlives_the_wait(run_probe, beat):
    """Goal: the deadline ends with the wait; no alarm of it is left."""
    result = run_probe("ready", "--wait", "300ms", beat, "--", "/bin/sleep", "1", becomes_command=True)
    assert (result.status, result.seconds > 1) == (0, True), str(result)


@pytest.mark.parametrize("wait", [[], ["--wait", "200ms", "--interval", "50ms"]], ids=["once", "wait"])
def test_command_of_an_unhealthy_service(run_probe, wait):
    """Goal: a gate that stays shut starts nothing, and says so by its status."""
    words = ["ready", *wait, f"tcp://127.0.0.1:{free_port()}", "--", "/bin/echo", "it runs"]
    result = run_probe(*words)
    assert result.status == 1 and "refused by 127.0.0.1" in result.out and "it runs" not in result.out, str(result)


def test_watch_outlives_the_timeout(run_probe, beat):
    """Goal: --timeout is each round's."""
    process = run_probe.start(["live", "-t", "100ms", "--watch=100ms", beat])
    lines = [process.stdout.readline() for _ in range(6)]
    process.terminate()
    out, err = process.communicate(timeout=5)
    assert all(line.startswith(b"healthy in ") for line in lines), lines
    assert (process.returncode, out, err) == (1, b"unhealthy: ended by SIGTERM\n", b"")
