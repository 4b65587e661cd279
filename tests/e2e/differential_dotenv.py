"""--env-file against python-dotenv: the same file gives the same variables.

python-dotenv (load_dotenv, which leaves alone what is set) is the arbiter; where we differ, a test says why. The values
are those that build/release/dotenv_values prints, which is the program's own reader.
"""
import io
import os
import random
import subprocess
from pathlib import Path

import pytest
from dotenv import main as dotenv

READER = Path(__file__).resolve().parents[2] / "build" / "release" / "dotenv_values"
pytestmark = pytest.mark.skipif(not READER.exists(), reason="no build/release/dotenv_values")
INHERITED = {"HOME": "/root", "SET": "before", "EMPTY": ""}

REAL = [
    # as people write them
    "DATABASE_URL=postgres://app:pw@db:5432/app\n",
    'DATABASE_URL="postgres://app:pw@db:5432/app"\n',
    "DATABASE_URL='postgres://app:pw@db:5432/app'\n",
    "DATABASE_URL = postgres://app:pw@db:5432/app\n",
    "export DATABASE_URL=postgres://app:pw@db:5432/app\n",
    "  export   DATABASE_URL='x'   # why\n",
    "DB_PASSWORD=p@ss#word\n",
    "DB_PASSWORD=p@ss #word\n",
    "DB_PASSWORD='p@ss #word'\n",
    'DB_PASSWORD="p@ss #word" # the password\n',
    'DB_PASSWORD="p\\"q"\n',
    "DB_PASSWORD='p\\'q'\n",
    "DB_PASSWORD=p\\'q\n",
    'DB_PASSWORD="a$b"\n',
    "DB_PASSWORD=a$b$$c\n",
    "SECRET_KEY=django-insecure-$x(8=#&a*!\n",
    "SECRET_KEY='$x(8=#&a*! \\ b'\n",
    "ALLOWED_HOSTS=localhost,127.0.0.1,[::1]\n",
    "ALLOWED_HOSTS=[\"a\", 'b']\n",
    "DEBUG=\n",
    "DEBUG=''\n",
    'DEBUG=""\n',
    "DEBUG\n",
    "DEBUG=True # not in production\n",
    "DEBUG= #x\n",
    "DEBUG=#x\n",
    "DEBUG=1#x\n",
    "# A comment\nA=1\n#B=2\n   # C=3\n",
    "A=1",
    "A=1\r\nB=2\r\n",
    "A=1\rB=2\r",
    "\n\n\n  A=1  \n\t\n",
    "A=  x  y  \n",
    "A:x\n",
    "A: x\nB=1\n",
    "A = x = y\n",
    "A==x\n",
    "=x\nB=1\n",
    "A B=x\nC=1\n",
    "export\nA=1\n",
    "export =1\nA=1\n",
    "export=1\n",
    "exportA=1\n",
    "set A=1\nB=2\n",
    "A=1; B=2\n",
    "A=1 && B=2\n",
    "'A'=1\n",
    "'A B'=1\n",
    '"A"=1\n',
    "A.B-C=1\n",
    "A='line 1\nline 2'\nB=1\n",
    'KEY="-----BEGIN KEY-----\nabc\ndef\n-----END KEY-----\n"\nB=1\n',
    'KEY="-----BEGIN KEY-----\\nabc\\n-----END KEY-----\\n"\n',
    'A="x\r\ny"\r\nB=1\r\n',
    'A="open\nB=1\n',
    "A='open\nB=1\n",
    'A="x" y\nB=1\n',
    "A='x'y\nB=1\n",
    'A="x"#y\nB=1\n',
    'A="ends in \\\\"\nB=1\n',
    'A="ends in \\"\nB="2"\n',
    'A="\\t\\a\\b\\f\\v\\r\\q\\x41\\u0041"\n',
    "A='\\n\\t'\n",
    "A=\\n\\t\\\"\n",
    "A=1\nA=2\n",
    "A=1\nA\n",
    "A=1\nB=${A}2\n",
    "B=${A}2\nA=1\n",
    "B=$A\nC=${A:-x}\nD=${A-x}\nE=${A:+x}\n",
    "B='${HOME}/x'\nC=\"${HOME}\"\n",
    "A=${EMPTY:-x}\nB=${SET:-x}\nC=${NOWHERE:-}\n",
    "A=${NOWHERE:-a b # c}\n",
    "A=${open\nB=${}\nC=${:-x}\n",
    "A=${A}\nA=${A}x\n",
    "A=${HOME}${HOME}$${SET}\n",
    "SET=after\nEMPTY=after\nB=${SET}\n",
    "A=caf\u00e9 \u2713\n",
    "A=x\u00a0\nB=\u00a0y\n",
    "A\u00a0=x\n",
    "A='x\u00a0'\n",
    "A=`x`\nB=$(x)\n",
    "A={\"a\": 1, \"b\": \"c # d\"}\n",
    "A=x\\\nB=y\n",
    "A=x\t#y\nB=x\x0b#y\x0c\n",
]


def by_arbiter(text, environ=INHERITED):
    """What os.environ has after load_dotenv(), by python-dotenv."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(environ)
    try:
        stream = io.StringIO(text, newline=None)
        dotenv.load_dotenv(stream=stream)
        return dict(os.environ)
    finally:
        os.environ.clear()
        os.environ.update(before)


def by_probe(*files, environ=INHERITED):
    done = subprocess.run([READER, *files], env=environ, capture_output=True, timeout=10)
    assert done.returncode == 0, done.stderr
    entries = done.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]
    return dict(entry.split("=", 1) for entry in entries)


@pytest.fixture
def file(tmp_path):
    return tmp_path / ".env"


@pytest.fixture(autouse=True)
def no_warnings(caplog):
    """python-dotenv warns of each statement that it passes over."""
    caplog.set_level("CRITICAL", logger="dotenv.main")


def compare(file, text):
    file.write_bytes(text.encode())
    assert by_probe(file) == by_arbiter(text), repr(text)


@pytest.mark.parametrize("text", REAL)
def test_as_people_write_it(file, text):
    """Goal: what the application gets from a .env file, probe gets."""
    compare(file, text)


PIECES = [
    *"AB=#'\"\\ \t\n\n\n${}:-x", "A=", "B=", "'B'=", "export ", "${A}", "${B:-", "\\\"", "\\'", "\\\\", " #", "\r\n",
    "\r", "\x0b", "\x1f", "\u00a0", "\u2003", "\u3000", "\u00e9", "\\n", '="', "='", '"\n', "'\n",
]


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_written(file, seed):
    """Goal: the same of any text, made of what the grammar turns on."""
    chance = random.Random(seed)
    for _ in range(250):
        text = "".join(chance.choices(PIECES, k=chance.randint(1, 24)))
        if not is_beyond(text):
            compare(file, text)


def is_beyond(text):
    """What python-dotenv itself stumbles over: os.environ takes no such name. And the one place where we differ: after a
    name alone ${NAME:-default} is empty there, the default here, as in a shell."""
    bindings = dotenv.DotEnv(None, stream=io.StringIO(text, newline=None)).parse()
    return any("=" in name or (value is None and ":-" in text) for name, value in bindings)


def test_names_alone(file):
    """Goal: a name without a value sets nothing, and takes back what the file has set before."""
    chance = random.Random(9)
    for _ in range(100):
        lines = chance.choices(["A", "A=1", "A=2", "B=1", "export B", "SET", "C=${A}"], k=6)
        compare(file, "\n".join(lines))


def test_mark_of_the_encoding(file):
    """Goal: what editors put in front is no part of the first name. python-dotenv takes it for one, and the application
    lacks that variable; probe cannot tell, and compose passes it over."""
    file.write_bytes(b"\xef\xbb\xbfA=1\n")
    assert by_probe(file)["A"] == "1"


def test_last_file_wins(file, tmp_path):
    """Goal: of two files the later one, as with docker and compose; what was inherited wins over both."""
    other = tmp_path / "other"
    file.write_text("A=1\nB=1\nSET=1\n")
    other.write_text("A=2\nC=${A}${B}\nSET=2\n")
    assert by_probe(file, other) == {**INHERITED, "A": "2", "B": "1", "C": "21"}
