"""An alarm that somebody else sends interrupts a wait and ends nothing."""
import signal
import time


def test_alarm_while_it_connects(run_probe, peer):
    """Goal: the connection has its whole time all the same."""
    server = peer(accept=False)
    server.fill_queue()
    process = run_probe.start(["live", "-t", "1s", f"tcp://127.0.0.1:{server.port}"])
    time.sleep(0.4)
    process.send_signal(signal.SIGALRM)
    out, err = process.communicate(timeout=5)
    assert (process.returncode, err) == (1, b"") and b"tcp no connection in 1 s" in out, out
