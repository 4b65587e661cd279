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


# Of each system call its number on x86-64 (asm/unistd_64.h) and on i386 (asm/unistd_32.h).
CALLS = {
    "open": (2, 5), "mprotect": (10, 125), "rt_sigaction": (13, 174), "rt_sigprocmask": (14, 175), "ioctl": (16, 54),
    "madvise": (28, 219), "setitimer": (38, 104), "socket": (41, 359), "connect": (42, 362), "sendto": (44, 369),
    "setsockopt": (54, 366), "getsockopt": (55, 365), "clone": (56, 120), "readlink": (89, 85), "geteuid": (107, 201),
    "prctl": (157, 172), "futex": (202, 240), "getdents64": (217, 220), "clock_gettime": (228, 265), "openat": (257, 295),
    "prlimit64": (302, 340), "getrandom": (318, 355), "statx": (332, 383), "clock_gettime64": (None, 403),
    "clone3": (435, 435),
}  # fmt: skip
ARCHITECTURES = 0xC000003E, 0x40000003  # AUDIT_ARCH_X86_64, AUDIT_ARCH_I386
LOAD, EQUAL, GIVE = 0x20, 0x15, 0x06  # linux/bpf_common.h: BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K
CALL, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # where struct seccomp_data has them
ALLOW = GIVE, 0, 0, 0x7FFF0000  # SECCOMP_RET_ALLOW


def refuse(error, *names):
    """A seccomp filter that answers these calls with an error, and allows all others."""
    given["filter"] = (error, names)


def kill(*names):
    """The same, but the process is killed; "netlink" is socket(2) of that family."""
    given["filter"] = (None, names)


def rules(column, end, names):
    """What stops these calls of an architecture, and allows its others."""
    for name in names:
        number = CALLS["socket" if name == "netlink" else name][column]
        if number is None:
            continue
        yield LOAD, 0, 0, CALL
        if name == "netlink":
            yield EQUAL, 0, 3, number
            yield LOAD, 0, 0, FIRST_ARGUMENT
            yield EQUAL, 0, 1, socket.AF_NETLINK
        else:
            yield EQUAL, 0, 1, number
        yield GIVE, 0, 0, end
    yield ALLOW


def filter_calls(error, names):
    end = 0x80000000 if error is None else 0x00050000 | error  # SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_ERRNO
    lines = [(LOAD, 0, 0, ARCHITECTURE)]
    for column, architecture in enumerate(ARCHITECTURES):
        part = list(rules(column, end, names))
        lines += [(EQUAL, 0, len(part), architecture), *part]
    lines.append(ALLOW)
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
