"""Starts a program with what no shell can give it: odd.py CALL... -- PROGRAM ARGUMENT...

Each CALL is one of the functions below; arguments() and raw_environment() take effect when the program is started.
"""
import ctypes
import os
import resource
import signal
import socket
import struct
import sys

libc = ctypes.CDLL(None, use_errno=True)
given = {}


def block_all():
    block(*set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP})


def block(*numbers):
    signal.pthread_sigmask(signal.SIG_BLOCK, numbers)


def ignore_all():
    ignore(*set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP})


def ignore(*numbers):
    for number in numbers:
        signal.signal(number, signal.SIG_IGN)


def default(*numbers):
    for number in numbers:
        signal.signal(number, signal.SIG_DFL)


def pend(*numbers):
    for number in numbers:
        os.kill(os.getpid(), number)


def timer(seconds):
    signal.setitimer(signal.ITIMER_REAL, seconds)


def alarm(seconds):
    signal.alarm(seconds)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)


def environment(variables):
    os.environ.clear()
    os.environ.update(variables)


def raw_environment(entries):
    given["environment"] = entries


def arguments(words):
    given["arguments"] = words


def open_descriptors(numbers):
    null = os.open("/dev/null", os.O_RDWR)
    for number in numbers:
        os.dup2(null, number)


def limit_descriptors(count):
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))


def close(*numbers):
    for number in numbers:
        os.close(number)


def socket_as(number):
    os.dup2(socket.socket().detach(), number)


def join(*folders):
    """Cgroups, entered just before the program starts, so that nothing else has used up what they allow."""
    given["cgroups"] = folders


# Linux x86-64's numbers (asm/unistd_64.h)
CALLS = {
    "open": 2, "mprotect": 10, "rt_sigaction": 13, "rt_sigprocmask": 14, "ioctl": 16, "madvise": 28, "setitimer": 38,
    "socket": 41, "connect": 42, "sendto": 44, "setsockopt": 54, "getsockopt": 55, "clone": 56, "readlink": 89, "geteuid": 107,
    "prctl": 157, "futex": 202, "getdents64": 217, "openat": 257, "prlimit64": 302, "getrandom": 318, "clone3": 435,
}  # fmt: skip


def refuse(error, *names):
    """A seccomp filter that answers these calls with an error, and allows all others."""
    given["filter"] = (error, names)


def kill(*names):
    """The same, but the process is killed; "netlink" is socket(2) of that family."""
    given["filter"] = (None, names)


def filter_calls(error, names):
    load, equal, give = 0x20, 0x15, 0x06  # linux/bpf_common.h: BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K
    end = 0x80000000 if error is None else 0x00050000 | error  # SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_ERRNO
    lines = []
    for name in names:
        if name == "netlink":  # the first argument of socket(2), whatever else is called has none such
            lines += [(load, 0, 0, 0), (equal, 0, 3, CALLS["socket"]), (load, 0, 0, 16), (equal, 0, 1, socket.AF_NETLINK)]
        else:
            lines += [(load, 0, 0, 0), (equal, 0, 1, CALLS[name])]
        lines.append((give, 0, 0, end))
    lines.append((give, 0, 0, 0x7FFF0000))  # SECCOMP_RET_ALLOW
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in lines))
    program = struct.pack("HxxxxxxQ", len(lines), ctypes.addressof(code))
    check(libc.prctl(38, 1, 0, 0, 0))  # PR_SET_NO_NEW_PRIVS
    check(libc.prctl(22, 2, program, 0, 0))  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER


def check(status):
    if status < 0:
        raise OSError(ctypes.get_errno(), "cannot be set")


def vector(words):
    return (ctypes.c_char_p * (len(words) + 1))(*words, None)


def main():
    end = sys.argv.index("--")
    for call in sys.argv[1:end]:
        eval(call)
    path, *_ = words = [os.fsencode(word) for word in sys.argv[end + 1 :]]
    words = vector(given.get("arguments", words))
    entries = vector(given.get("environment", [name + b"=" + value for name, value in os.environb.items()]))
    for folder in given.get("cgroups", []):
        with open(f"{folder}/cgroup.procs", "w") as file:
            file.write(str(os.getpid()))
    if "filter" in given:
        filter_calls(*given["filter"])
    libc.execve(path, words, entries)
    raise OSError(ctypes.get_errno(), "cannot be started")


main()
