"""The probe in a real pseudo-terminal, and what a person sees there."""
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import threading

import pyte

import processes


class Terminal:
    """Runs a command as the leader of a session whose terminal this is; .screen is what the person sees."""

    def __init__(self, command, columns=80, rows=24, env=None):
        self.raw = b""
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.lock = threading.Lock()
        self.closing = False
        self.master, slave = pty.openpty()
        self._set_size(columns, rows)
        self.modes = termios.tcgetattr(slave)
        self.process = subprocess.Popen(
            [str(word) for word in command],
            env=env or {},
            cwd="/",
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        self.slave = slave  # kept, so that what was written last can still be read
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        while not self.closing:
            if not select.select([self.master], [], [], 0.05)[0]:
                continue
            try:
                data = os.read(self.master, 65536)
            except OSError:
                return
            with self.lock:
                self.raw += data
                self.stream.feed(data)

    def _set_size(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns, rows):
        with self.lock:
            self.screen.resize(rows, columns)
            self._set_size(columns, rows)

    @property
    def lines(self):
        with self.lock:
            return [line.rstrip() for line in self.screen.display]

    @property
    def text(self):
        return "\n".join(self.lines)

    def wait_for(self, words, seconds=8):
        found = processes.wait_until(lambda: words in self.text, seconds)
        assert found, f"{words!r} does not appear on the screen:\n{self.text}"

    def type(self, keys):
        """What a person types; Ctrl-C is "\\x03"."""
        os.write(self.master, keys.encode())

    def end(self, number=signal.SIGTERM):
        """Sends a signal; gives the exit status."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self, seconds=5):
        status = self.process.wait(seconds)
        processes.wait_until(lambda: False, 0.1)  # for the reader
        return status

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._close()

    def _close(self):
        if self.closing:
            return
        self.closing = True
        self.reader.join()
        os.close(self.slave)
        os.close(self.master)

    def hang_up(self):
        """The person closes the window."""
        self._close()
