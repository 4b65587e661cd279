"""Whatever bytes an option, a variable, a file, a name or an answer has: what is printed is clean UTF-8.

Clean is: no control character but the newline that ends a line, and none that is invisible or turns the direction
of writing; every line of JSON is one object.
"""
import json
import os
import re
import sys
import unicodedata

import pytest

import containers
from namespaces import NEEDS_NAMESPACES, with_file
from peers import answer_each, pause, read, request, response, send
from runner import binary_path

CONTROL = b"a\x1b[31m\r\n\t\x7f\xc2\x9bz"
INVALID = b"a\xff\xc3\xed\xa0\x80\xf5z"
DECEPTIVE = "a\u202e\u2066\u2069\u2060\u2064\u206f\u00ad\u200b\u2028\u2029\ufeff\u061c\U000e0041z".encode()
KINDS = {"control": CONTROL, "invalid": INVALID, "deceptive": DECEPTIVE}
UNCLEAN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
COMMANDS = ["live", "ready", "doctor"]


@pytest.fixture(params=KINDS)
def nasty(request):
    """As Python writes bytes in arguments and variables."""
    return os.fsdecode(KINDS[request.param])


@pytest.fixture
def run_clean(run_probe):
    """Runs the probe in both forms, and holds what it prints against the goal of this file."""

    def run(command, *words, **options):
        results = []
        for output in ("text", "json"):
            result = run_probe(command, "-o", output, "-t", "500ms", *words, limit=None, **options)
            strange = [one for one in result.out if one != "\n" and unicodedata.category(one) in UNCLEAN]
            assert not strange, f"{strange!r} in {result.out!r}"
            results.append(result)
        if results[1].out.startswith("{"):
            for line in results[1].lines:
                json.loads(line)
        return results[0]

    return run


def options():
    """Every option of the program as it is built."""
    text = "".join(os.popen(f"{binary_path()} {command} --help").read() for command in COMMANDS)
    return sorted(set(re.findall(r"--([a-z-]+)", text)) - {"help", "licenses", "version", "output", "timeout"})


@pytest.mark.parametrize("command", COMMANDS)
def test_options(run_clean, nasty, command):
    """Goal: a value of an option or of its variable, its name, an unknown option, a target."""
    assert len(options()) > 25
    for option in options():
        run_clean(command, f"--{option}={nasty}", "tcp://localhost:9")
        run_clean(command, "tcp://localhost:9", env={"PROBE_" + option.replace("-", "_").upper(): nasty})
    for word in [nasty, f"--{nasty}", f"-{nasty}", f"--{nasty}=x", f"-H{nasty}: x", f"-HX: {nasty}", f"-HX:@{nasty}"]:
        run_clean(command, word, "tcp://localhost:9")
    run_clean(command, "/", "--", nasty)
    run_clean(nasty)


TARGETS = [
    "/{}", "/x?{}=1", "/x?a={}", ":9{}/", "http://{}/", "http://localhost:9{}", "http://{}@localhost:9/", "http://u:{}@h/",
    "http://localhost:9/{}", "http://localhost:9/?{}", "http://unix:/tmp/{}:/", "http://unix:/tmp/x:/{}", "{}://localhost/",
    "https://{}/", "tcp://{}:9", "tcp://unix:/tmp/{}", "tcp://localhost:{}", "file:///tmp/{}", "file:///tmp/x?max-age={}",
    "file:///tmp/x?{}=1", "env:{}", "env:X{}", "postgres://{}@localhost:9/d", "postgres://u:{}@localhost:9/d",
    "postgres://u@{}/d", "postgres://u@localhost:9/{}", "postgres://u@localhost:9/d?{}=1", "postgres://u@/d?host={}",
    "postgres://u@/d?host=/{}", "postgres://u@/d?host=localhost&port={}", "postgres://u@localhost:9/d?options={}",
    "postgres://u@localhost:9/d?sslmode={}", "postgres://u@localhost:9/d?target_session_attrs={}",
    "postgres://u@localhost:9/d?application_name={}", "postgres://u@localhost,{}:9/d", "host=localhost port=9 user={}",
    "host={} user=u", "redis://{}", "redis://localhost:9/{}", "redis://{}@localhost:9", "redis://u:{}@localhost:9",
    "redis://localhost:9?db={}", "redis://localhost:9?{}=1", "unix:///tmp/{}", "unix:///tmp/x?db={}", "mysql://{}/d",
    "mysql://u:{}@localhost:9", "mssql://{}/d", "listen://{}", "listen:///{}", "process://{}", "pid:///{}",
]  # fmt: skip


@pytest.mark.parametrize("written", ["raw", "encoded"])
def test_targets(run_clean, nasty, written):
    """Goal: each part of a target of each kind, as it is or percent-encoded; in argv and in a variable."""
    value = nasty if written == "raw" else "".join(f"%{byte:02X}" for byte in os.fsencode(nasty))
    for form in TARGETS:
        target = form.format(value)
        run_clean("ready", "--allow-remote", target)
        run_clean("ready", "--allow-remote", "env:TARGET", env={"TARGET": target})
    for command in COMMANDS:
        run_clean(command, env={"PROBE_LIVE": f"/{value}", "PROBE_READY": f"tcp://{value}", "PORT": "9"})


VARIABLES = {
    "DATABASE_URL": {}, "DATABASE_URL_FILE": {}, "DB_HOST": {"DB_USER": "u"}, "DB_PORT": {"DB_HOST": "localhost"},
    "DB_USER": {"DB_HOST": "localhost"}, "DB_NAME": {"DB_HOST": "localhost", "DB_USER": "u"},
    "DB_PASSWORD": {"DB_HOST": "localhost", "DB_USER": "u"}, "PGHOST": {"PGUSER": "u"}, "PGPORT": {"PGHOST": "localhost"},
    "PGUSER": {"PGHOST": "localhost"}, "PGDATABASE": {"PGHOST": "localhost", "PGUSER": "u"}, "PGSSLMODE": {"PGHOST": "h"},
    "PGOPTIONS": {"PGHOST": "localhost", "PGUSER": "u"}, "REDIS_URL": {}, "REDIS_URL_FILE": {},
    "REDIS_HOST": {}, "REDIS_PORT": {"REDIS_HOST": "localhost"}, "REDIS_DB": {"REDIS_HOST": "localhost"}, "PORT": {},
}  # fmt: skip


@pytest.mark.parametrize("command", ["ready", "doctor"])
def test_variables(run_clean, nasty, command):
    """Goal: what an environment has, also the name of a neighbour of the variable that is looked for."""
    for name, others in VARIABLES.items():
        run_clean(command, "--db", "--redis", "tcp://localhost:9", env={**others, name: nasty})
    near = {f"TARGE{nasty[-2:-1]}T": "x", "REDIS_UR\u202e": "x", os.fsdecode(b"DATABASE\xff_URL"): "x", f"PG{nasty}": "x"}
    run_clean(command, "env:TARGET", env=near)
    run_clean(command, "--db", "--redis", "tcp://localhost:9", env=near)


@pytest.mark.parametrize("kind", KINDS)
def test_files(run_clean, stage, kind):
    """Goal: names and contents of files: .env, a secret's, a heartbeat's."""
    nasty = KINDS[kind]
    folder = os.fsencode(stage.new_folder("files"))
    name = os.path.join(folder, nasty.replace(b"/", b""))
    for content in [b"A=" + nasty, nasty + b"=1", nasty, b"TARGET=" + nasty, b'A="' + nasty, b"DATABASE_URL='" + nasty + b"'"]:
        with open(name, "wb") as file:
            file.write(content)
        path = os.fsdecode(name)
        run_clean("ready", "--env-file", path, "--db", "env:TARGET")
        run_clean("ready", "env:TARGET", env={"TARGET_FILE": path})
        run_clean("live", "-H", f"X: @{path}", "--data", f"@{path}", "tcp://localhost:9", "http://localhost:9/")
        run_clean("live", f"file://{path}", "tcp://localhost:9")
        run_clean("ready", "--env-file", path + "x", f"postgres://u@localhost:9/{path}")


def http(text):
    head = [b"HTTP/1.1 503 " + text, b"Server: " + text, b"Content-Type: " + text, b"Retry-After: " + text, b"X-Own: " + text]
    return b"\r\n".join([*head, b"Content-Length: %d" % len(text), b"", text])


@pytest.mark.parametrize("kind", KINDS)
def test_answers(run_clean, peer, kind):
    """Goal: what servers say."""
    nasty = KINDS[kind]
    line = nasty.replace(b"\r\n", b"")
    redirect = response(b"", status=b"302 Found", headers=b"Location: /" + line + b"?a=" + line + b"\r\n")
    cookie = response(b"", status=b"404 Not Found", headers=b"Set-Cookie: " + line + b"\r\nX" + line + b": 1\r\n")
    json_body = json.dumps({"status": os.fsdecode(nasty), os.fsdecode(nasty): 1}, ensure_ascii=False)
    bodies = [http(line), response(nasty), redirect, cookie, nasty, response(os.fsencode(json_body))]
    for body in bodies:
        for options in ([], ["--expect-json", "/status=up"], ["--expect-body", "up"], ["--follow"]):
            run_clean("live", "-vv", *options, peer(request(), send(body)).url(f"/{os.fsdecode(nasty[-4:-1])}z"))
    for reply in (b"-ERR " + line + b"\r\n", b"+" + line + b"\r\n", nasty):
        run_clean("ready", "-vv", f"redis://localhost:{peer(read(), send(reply), pause(0.1)).port}")
    fields = b"SFATAL\0C28000\0M" + nasty + b"\0D" + nasty + b"\0H" + nasty + b"\0\0"
    error = b"E" + (len(fields) + 4).to_bytes(4, "big") + fields
    for reply in (error, nasty, answer_each):
        script = (read(), send(reply)) if isinstance(reply, bytes) else (read(), send(b"S" + nasty))
        run_clean("ready", "-vv", f"postgres://u@localhost:{peer(*script).port}/d")


@NEEDS_NAMESPACES
@pytest.mark.parametrize("kind", KINDS)
def test_machine(run_clean, stage, container, kind):
    """Goal: doctor's processes, sockets and resolver, and the names of /etc/hosts."""
    nasty = KINDS[kind]
    folder = stage.new_folder("m")
    (folder / "resolv.conf").write_bytes(b"nameserver " + nasty.replace(b"\n", b"") + b"\nsearch " + nasty + b"\n")
    (folder / "hosts").write_bytes(b"127.0.0.1 localhost\n127.0.0.1 ap" + nasty[-2:-1] + b" apq\n")
    socket = os.fsdecode(os.fsencode(folder / "s") + nasty.replace(b"\n", b""))
    call = f"listen_at(os.fsdecode({os.fsencode(socket)!r}))"
    name = f"open('/proc/self/comm', 'wb').write({nasty[1:14]!r})"
    setup = containers.bind(folder / "resolv.conf", "/etc/resolv.conf")
    box = container("listen('127.0.0.1', 8000)", call, name, setup=setup)
    run_clean("doctor", through=box.enter)
    run_clean("live", "tcp://localhost:9", through=box.enter)
    run_clean("ready", "redis://nosuch", through=box.enter)
    run_clean("ready", "redis://app", through=with_file(folder / "hosts", "/etc/hosts"))


def test_command_line_of_process_1(run_clean, container, nasty):
    """Goal: the words with which process 1 was started."""
    code = "import time; print('ready', flush=True); time.sleep(60)"
    box = container(command=[sys.executable, "-c", code, nasty])
    run_clean("doctor", through=box.enter)
