"""The main paths under valgrind, which sees what the libraries do as well: build/plain, the release's sources with glibc.

One thing is suppressed, which is glibc's and not lost: valgrind.supp.
"""
import shutil
from pathlib import Path

import pytest

from addresses import free_port
from peers import request, response, send
from runner import REPOSITORY, binary_path, is_asan

PLAIN = REPOSITORY / "build" / "plain" / "probe"
VALGRIND = ["/usr/bin/valgrind", "-q", "--error-exitcode=99", "--leak-check=full"]
# What lives as long as the process, like the plan, is still reachable at its end and no leak.
VALGRIND += [f"--suppressions={Path(__file__).with_name('valgrind.supp')}"]
VALGRIND += ["--show-leak-kinds=definite,indirect,possible", "--errors-for-leak-kinds=definite,indirect,possible"]

pytestmark = [
    pytest.mark.skipif(is_asan(binary_path()), reason="once is enough: the release's run has it"),
    pytest.mark.skipif(not shutil.which(VALGRIND[0]), reason="no valgrind"),
    pytest.mark.skipif(not PLAIN.is_file(), reason="nothing built: cmake --preset plain && cmake --build --preset plain"),
]


@pytest.fixture
def checked(run_probe):
    """checked(STATUS, WORD...) runs the probe under valgrind, whose findings would be another exit status and stderr."""

    def check(status, *words, **options):
        result = run_probe(*words, through=VALGRIND, binary=PLAIN, timeout=50, **options)
        assert result.status == status, str(result)
        return result

    return check


@pytest.mark.parametrize("words", [[], ["-o", "json"], ["-vv"], ["--expect-body", "status"]])
def test_http(healthy_app, checked, words):
    """Goal: an answer that is healthy, and one that is not."""
    checked(0, "live", "-t", "20s", *words, healthy_app.url("/api/v1/health/"))
    checked(1, "live", "-t", "20s", *words, healthy_app.url("/status/503/"))


def test_json_and_redirects(peer, checked):
    """Goal: what is parsed of an answer is given back."""
    body = peer(request(), send(response(b'{"database":{"status":["a",1.5,null]}}')))
    checked(1, "live", "-t", "20s", "--expect-json", "/database/status/0=b", body.url())
    checked(0, "live", "-t", "20s", "--expect-json", "/database/status/1=1.5", body.url())
    lost = peer(request(), send(response(b"", status=b"302 Found", headers=b"Location: http://u:p@h/?next=/somewhere\r\n")))
    checked(1, "live", "-t", "20s", "--follow", lost.url())


def test_databases(postgres, redis, secret, checked):
    """Goal: both logins, at once, and both refused."""
    database, cache = postgres(), redis(password=secret())
    env = {"DATABASE_URL": database.url(), "REDIS_URL": cache.url()}
    words = ["ready", "--no-http", "--db", "--redis", "-t", "20s"]
    checked(0, *words, "--db-writable", "--redis-writable", "--db-query", "SELECT true", env=env)
    wrong = {"DATABASE_URL": database.url(password=secret()), "REDIS_URL": f"redis://:{secret()}@127.0.0.1:{cache.port}"}
    checked(1, *words, env=wrong)


def test_waiting_and_the_command(checked, stage):
    """Goal: attempts in a row, a file of variables, and the command's own start."""
    file = stage.new_folder("env") / ".env"
    file.write_text("LOADED=1\nPROBE_TIMEOUT=5s\n")
    target = f"tcp://127.0.0.1:{free_port()}"
    checked(1, "ready", "-w", "3s", "-i", "500ms", "--env-file", file, target)
    checked(1, "ready", "-w", "3s", f"file://{file}", "--", "/nowhere/command")


@pytest.mark.parametrize("words", [[":1/"], ["-o", "json", ":1/"], ["http://user:pass-word@localhost:99999/"]])
def test_doctor(healthy_app, checked, words):
    """Goal: all that there is to know, and a target that is refused."""
    checked(1, "doctor", "-t", "20s", *words, limit=None)


@pytest.mark.parametrize("words", [["help"], ["help", "live"], ["--version"], ["live", "--nonsense"], ["live", "ftp://x/"]])
def test_words_alone(run_probe, checked, words):
    """Goal: what is said without asking anybody."""
    checked(int(words[0] == "live"), *words)
