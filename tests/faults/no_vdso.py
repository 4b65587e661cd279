"""Starts a program that finds no vDSO, so that it asks the kernel for the time: no_vdso.py PROGRAM ARGUMENT...

The kernel tells a program where its vDSO is by entries of the auxiliary vector on its stack (getauxval(3)). The program is
stopped before its first instruction, and those entries are made ones that mean nothing.
"""
import ctypes
import os
import signal
import struct
import sys

TRACEME, DETACH = 0, 17  # linux/ptrace.h
AT_NULL, AT_IGNORE, AT_SYSINFO, AT_SYSINFO_EHDR = 0, 1, 32, 33  # linux/auxvec.h, asm/auxvec.h
START_STACK = 28  # the field of /proc/PID/stat, proc(5)

libc = ctypes.CDLL(None, use_errno=True)


def ptrace(request, pid):
    if libc.ptrace(request, pid, None, None) < 0:
        raise OSError(ctypes.get_errno(), "ptrace")


def start(words):
    pid = os.fork()
    if pid == 0:
        ptrace(TRACEME, 0)
        os.execv(words[0], words)
    _, status = os.waitpid(pid, 0)
    if not os.WIFSTOPPED(status):
        sys.exit(f"{words[0]} cannot be started")
    return pid


def hide_vdso(pid):
    with open(f"/proc/{pid}/exe", "rb") as program:
        word = struct.Struct("=I" if program.read(5)[4] == 1 else "=Q")
    with open(f"/proc/{pid}/stat") as stat:
        at = int(stat.read().rpartition(")")[2].split()[START_STACK - 3])
    with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:

        def read(place):
            memory.seek(place)
            return word.unpack(memory.read(word.size))[0]

        at += word.size * (read(at) + 2)  # argc, the arguments, NULL
        while read(at) != 0:  # the environment
            at += word.size
        at += word.size
        while (kind := read(at)) != AT_NULL:
            if kind in (AT_SYSINFO, AT_SYSINFO_EHDR):
                memory.seek(at)
                memory.write(word.pack(AT_IGNORE))
            at += 2 * word.size


def main():
    pid = start(sys.argv[1:])
    hide_vdso(pid)
    ptrace(DETACH, pid)
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    sys.exit(code)


main()
