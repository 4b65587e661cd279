"""What tests/bench/run.sh --layout runs: finds what healthy checks run and read, and writes it into cmake/hot.ld.

The kernel maps a program's file in windows of 64 kB around what is touched. Side by side, what the checks touch fills
four of them; strewn over the file it would be seven, each of them time at the start and memory.
"""
import base64
import bisect
import hashlib
import hmac
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import runner
import servers
from bench import starting

REPOSITORY = Path(__file__).resolve().parents[2]
SCRIPT = REPOSITORY / "cmake" / "hot.ld"
LARGE = 512  # bytes of .bss that are worth moving
SMALL = 256  # bytes of strings that are not
HEAD = """\
/* What a healthy check runs, reads and writes stands side by side: the kernel
 * maps a file's pages in windows of 64 kB, and this fills fewer of them. In order:
 * every check, Redis, HTTP, PostgreSQL; last the variables that none of them uses.
 *
 * Made by tests/bench/run.sh --layout. A name that is gone does no harm, and one that
 * is missing costs little: run it when the bench shows more page faults. */
"""
# What nothing reads: there is no unwinding.
TAIL = """\
SECTIONS
{
  /DISCARD/ : { *(.comment) *(.eh_frame) }
}
INSERT BEFORE .text;
"""
COMMANDS = {
    "http": ["live", "{nginx}", "--timeout=60s"],
    "slow": ["live", "{slow}", "--timeout=60s"],
    "redis": ["ready", "--no-http", "--redis={redis}", "--timeout=60s"],
    "scram": ["ready", "--no-http", "--db={scram}", "--timeout=60s"],
    "trust": ["ready", "--no-http", "--db={trust}", "--timeout=60s"],
}
SECTION = re.compile(r" (\.\S+)\s*(?:(0x\w+)\s+(0x\w+)\s+(.*))?$")
CONTINUED = re.compile(r"\s+(0x\w+)\s+(0x\w+)\s+(\S.*)$")
ACCESS = re.compile(r"(?:I | L| S| M) +([0-9a-f]+),")
SUFFIX = re.compile(r"\.(lto_priv|constprop|isra|part|str\d|cold)\b.*")


def read_map(path):
    """The input sections of the linker's map, by address: (address, size, name, file)."""
    sections, name = [], None
    for line in path.read_text().splitlines():
        if match := SECTION.match(line):
            name, *place = match.groups()
            place = place if place[0] else None
        elif name and (match := CONTINUED.match(line)):
            place = match.groups()
        else:
            place = None
        if name and place:
            if int(place[0], 16) and int(place[1], 16):
                sections.append((int(place[0], 16), int(place[1], 16), name, place[2]))
            name = None
    return sorted(sections)


def touched(sections, command):
    """Those that a run reads, writes or executes, and the constants of every function that it executes."""
    with tempfile.NamedTemporaryFile(mode="r", prefix="probe-layout-") as log:
        tool = ["/usr/bin/valgrind", "--tool=lackey", "--trace-mem=yes", f"--log-file={log.name}"]
        subprocess.run([*tool, *command], env={}, check=True)
        addresses = {int(match.group(1), 16) for match in map(ACCESS.match, log) if match}
    starts = [section[0] for section in sections]
    found = set()
    for address in addresses:
        section = sections[bisect.bisect_right(starts, address) - 1]
        if section[0] <= address < section[0] + section[1]:
            found.add(section)
    functions = {SUFFIX.sub("", name).replace(".text", ".rodata", 1) for _, _, name, _ in found if ".text." in name}
    return found | {section for section in sections if SUFFIX.sub("", section[2]) in functions}


def pattern(section):
    """How the linker's script names a section; those that many files have, with the file in a library."""
    name, file = SUFFIX.sub("", section[2]), section[3]
    if name not in (".text", ".rodata", ".bss"):
        return f"*({name} {name}.*)"
    if section[2] != name:  # the strings of a file that belong to no function
        return f"*({section[2]})"
    member = re.search(r"(\w+)\.l?o\)?$", file)
    return f"*{member.group(1)}.*o({name})"


def shared_strings(sections):
    """Few strings that are here already: where one ends as another does the linker keeps one, now here, now there."""
    here = SCRIPT.read_text()
    return {section for section in sections if ".str" in section[2] and section[1] < SMALL and pattern(section) in here}


def patterns(sections, *kinds):
    wanted = sorted(section for section in sections if section[2].startswith(kinds))
    return [words for words in map(pattern, wanted) if words]


def script(groups, unused):
    """The linker's script; each section in the first group that has it."""
    hot = dict.fromkeys(["*(.rodata.cst*)", *(words for group in groups for words in group)])
    parts = [(".text.checks", hot, "BEFORE .text"), (".bss.unused", dict.fromkeys(unused), "AFTER .bss")]
    text = HEAD
    for name, lines, place in parts:
        text += f"SECTIONS\n{{\n  {name} :\n  {{\n"
        text += "".join(f"    {words}\n" for words in lines)
        text += f"  }}\n}}\nINSERT {place};\n"
    return text + TAIL


def cheap_verifier(password):
    """What PostgreSQL keeps of a password, with fewer rounds than usual: each takes 10,000 instructions."""
    rounds, salt = 16, b"layout of probe!"
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, rounds)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    keys = [base64.b64encode(key).decode() for key in (salt, stored, hmac.digest(salted, b"Server Key", "sha256"))]
    return f"SCRAM-SHA-256${rounds}:{keys[0]}${keys[1]}:{keys[2]}"


def slow_server():
    """A server that lets the check wait for its answer, which nginx under valgrind never does; its URL."""
    listener = socket.create_server(("", 0))

    def serve():
        while True:
            connection = listener.accept()[0]
            connection.recv(4096)
            time.sleep(1)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n")
            connection.close()

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}/"


def trace(binary, sections):
    with starting() as (_, start):
        nginx = start(servers.nginx, at="0.0.0.0")
        (nginx.folder / "html" / "health").write_text("ok\n")
        scram = start(servers.postgres, "layout-password")
        scram.sql(f"ALTER ROLE postgres PASSWORD '{cheap_verifier('layout-password')}'")
        places = {
            "nginx": f":{nginx.port}/health",
            "slow": slow_server(),
            "redis": start(servers.redis).url(),
            "scram": scram.url(),
            "trust": start(servers.postgres, "layout-password", hba=["host all all all trust"]).url(),
        }
        return {
            name: touched(sections, [binary, *(word.format(**places) for word in words)])
            for name, words in COMMANDS.items()
        }


def main():
    sections = read_map(Path(runner.binary_path()).with_name("probe.map"))
    found = trace(runner.binary_path(), sections)
    http, redis, postgres = found["http"] | found["slow"], found["redis"], found["scram"] | found["trust"]
    common = http & redis | http & postgres | redis & postgres
    common |= shared_strings(sections)
    groups = [patterns(group, ".text", ".rodata") for group in (common, redis, http, postgres)]
    large = {section for section in sections if section[2].startswith(".bss") and section[1] >= LARGE}
    text = script(groups, patterns(large - http - redis - postgres, ".bss"))
    SCRIPT.write_text(text)
    print(f"{len(text.splitlines())} lines in {SCRIPT}; build anew, and twice is better than once")


if __name__ == "__main__":
    sys.exit(main())
