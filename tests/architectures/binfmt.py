"""Runs a command for which this machine's kernel starts another architecture's programs by qemu: binfmt.py ARCH COMMAND...

The command gets a user namespace (all ids are mapped) and a binfmt_misc of its own, so that nothing changes for the rest of
the machine. It needs root, Linux 6.7 and Debian's qemu-user-static. ARCH is Debian's name, as in probe/deps/architectures.txt.
Without them it says why and exits with 77.
"""
import ctypes
import os
import signal
import sys
from pathlib import Path

ROWS = Path(__file__).resolve().parents[2] / "probe" / "deps" / "architectures.txt"
BINFMT = "/proc/sys/fs/binfmt_misc"
CANNOT = 77
NEWNS, NEWUSER = 0x20000, 0x10000000  # linux/sched.h
MS_REC, MS_PRIVATE = 0x4000, 0x40000  # linux/mount.h
# Of an ELF file: class, byte order, machine (elf.h)
HEADS = {
    "arm64": (2, "little", 183),
    "armhf": (1, "little", 40),
    "armel": (1, "little", 40),
    "riscv64": (2, "little", 243),
    "ppc64el": (2, "little", 21),
    "s390x": (2, "big", 22),
}
libc = ctypes.CDLL(None, use_errno=True)


def cannot(reason):
    print(f"no other architecture's programs: {reason}", file=sys.stderr)
    sys.exit(CANNOT)


def emulator(arch):
    for line in ROWS.read_text().splitlines():
        columns = line.split()
        if columns and columns[0] == arch:
            return f"/usr/bin/qemu-{columns[3]}-static"
    return cannot(f"there is no architecture '{arch}'")


def entry(arch, program):
    """Which files are the architecture's executables, and what runs them: Documentation/admin-guide/binfmt-misc.rst."""
    wide, order, machine = HEADS[arch]
    data = {"little": 1, "big": 2}[order]
    magic = b"\x7fELF" + bytes([wide, data, 1]) + bytes(9) + (2).to_bytes(2, order) + machine.to_bytes(2, order)
    mask = b"\xff" * 7 + b"\0" + b"\xff" * 8 + (0xFFFE).to_bytes(2, order) + b"\xff\xff"
    escaped = [":".join("".join(f"\\x{byte:02x}" for byte in part) for part in (magic, mask))]
    return f":qemu:M::{escaped[0]}:{program}:F"


def check(status, what):
    if status != 0:
        raise OSError(ctypes.get_errno(), what)


def enter(arch, program):
    """In the namespaces, of which the ids are mapped."""
    os.setgid(0)
    os.setuid(0)
    check(libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "mount")
    check(libc.mount(b"binfmt_misc", BINFMT.encode(), b"binfmt_misc", 0, None), "binfmt_misc")
    with open(f"{BINFMT}/register", "w") as file:
        file.write(entry(arch, program))


def start(arch, program, command):
    """The process of the command: it waits in its namespaces until its ids are mapped."""
    ready, mapped = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            check(libc.unshare(NEWUSER | NEWNS), "unshare")
            os.write(ready[1], b"x")
            os.read(mapped[0], 1)
            enter(arch, program)
        except OSError as error:
            os.write(ready[1], b"x")
            cannot(error)
        os.execvp(command[0], command)
    os.read(ready[0], 1)
    for kind in ("uid_map", "gid_map"):
        try:
            Path(f"/proc/{pid}/{kind}").write_text("0 0 4294967295")
        except OSError:
            pass  # it says itself what it cannot do
    os.write(mapped[1], b"x")
    return pid


def main():
    arch, *command = sys.argv[1:]
    if arch not in HEADS:
        os.execvp(command[0], command)  # this machine runs it by itself
    program = emulator(arch)
    if os.geteuid() != 0:
        cannot("only root may map all ids")
    if not os.access(program, os.X_OK):
        cannot(f"no {program}")
    pid = start(arch, program, command)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: os.kill(pid, number))
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    sys.exit(128 - code if code < 0 else code)


main()
