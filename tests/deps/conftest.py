"""The fixtures: the project's scripts with libraries of a few bytes, and the places that these come from."""
import io
import os
import shutil
import signal
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

import pytest

import processes
import stand_in
from runner import REPOSITORY

HOSTS = ["upstream.example", "forge.example"]
# Linux shares the processors among sessions first; the nice value of a session counts there, its processes' only within.
LOWEST = "19"
SOURCE = "int answer(void)\n{\n    return 42;\n}\n"
RECIPE = """# A library of the tests.
version={version}
sha256={sha256}
file={name}-$version.tar.gz
urls="https://upstream.example/$file
  https://forge.example/{name}/$file"
releases=https://upstream.example/releases
release_name='{name}-[0-9.]+[.]tar'
debian={name}
debian_next={name}-next
license=MIT
license_file=LICENSE
tools=

build() {{
  {edit}
  archive "$stage/lib/lib{name}.a" answer.c
}}
"""


def tarball(name, version, source=SOURCE):
    """The bytes of a library's upstream tarball: the same each time."""
    folder = f"{name}-{version}"
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for file, text in {"LICENSE": f"of {folder}\n", "answer.c": source}.items():
            entry = tarfile.TarInfo(f"{folder}/{file}")
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))
    return packed.getvalue()


def give_way(process):
    """Gives the session that this process leads the least share: the tests with deadlines run beside it."""
    autogroup = Path(f"/proc/{process.pid}/autogroup")
    if autogroup.exists():
        autogroup.write_text(LOWEST)


@dataclass
class Library:
    name: str
    version: str = "1.0"

    @property
    def data(self):
        return tarball(self.name, self.version)

    @property
    def file(self):
        return f"{self.name}-{self.version}.tar.gz"

    @property
    def pool(self):
        return f"main/{self.name[0]}/{self.name}/{self.name}_{self.version}.orig.tar.gz"

    @property
    def upstream(self):
        return f"https://upstream.example/{self.file}"

    @property
    def forge(self):
        return f"https://forge.example/{self.name}/{self.file}"


@dataclass
class Result:
    status: int
    lines: list
    requests: list  # of this run


class Machine:
    """A machine with an empty cache, the project's scripts, and libraries of the tests in place of the real ones."""

    def __init__(self, folder, mirrors, upstream):
        self.folder = folder
        self.servers = [*mirrors, upstream]
        self.environment = stand_in.environment(folder, mirrors, upstream)
        self.cache = folder / "home" / ".cache" / "probe"
        self.scripts = folder / "deps"
        shutil.copytree(REPOSITORY / "probe" / "deps", self.scripts)
        for recipe in (self.scripts / "recipes").iterdir():
            recipe.unlink()
        self.started = []

    def pin(self, library, edit=":"):
        text = RECIPE.format(
            name=library.name, version=library.version, sha256=stand_in.digest(library.data), edit=edit
        )
        (self.scripts / "recipes" / f"{library.name}.sh").write_text(text)

    def build_command(self, flavour, *names):
        return [str(self.scripts / "build.sh"), flavour, str(self.folder / "out"), *names]

    def start(self, command, **variables):
        process = subprocess.Popen(
            command,
            env={**self.environment, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        give_way(process)
        self.started.append(process)
        return process

    def stop(self):
        """Ends what a failed test has left running."""
        for process in self.started:
            for pid in processes.in_session(process.pid):
                os.kill(pid, signal.SIGKILL)
            process.stdout.close()
            process.wait(10)

    def run(self, command, **variables):
        """Runs a command to its end; all that it says, line by line, and all that it asks for."""
        before = [len(server.requests) for server in self.servers]
        process = self.start(command, **variables)
        said, _ = process.communicate(timeout=200)
        requests = [url for server, old in zip(self.servers, before) for url in server.requests[old:]]
        return Result(process.returncode, said.splitlines(), requests)

    def build(self, *names, flavour="plain", **variables):
        return self.run(self.build_command(flavour, *names), **variables)

    def run_pins(self, *words):
        return self.run([str(self.scripts / "pins.sh"), *words])

    def record(self, name):
        text = (self.folder / "out" / name / "record").read_text()
        return dict(line.split("=", 1) for line in text.splitlines())

    def kept(self):
        """The names of the files in the cache, all of which must be whole."""
        return {path.name for path in (self.cache / "sources").iterdir()}


@pytest.fixture(scope="session")
def key():
    key = stand_in.Key()
    yield key
    key.remove()


@pytest.fixture
def other_key():
    key = stand_in.Key()
    yield key
    key.remove()


@pytest.fixture
def mirror(key):
    mirror = stand_in.Mirror(key)
    yield mirror
    mirror.stop()


@pytest.fixture
def second_mirror(key):
    mirror = stand_in.Mirror(key)
    yield mirror
    mirror.stop()


@pytest.fixture
def upstream(tmp_path):
    upstream = stand_in.Upstream(tmp_path, HOSTS)
    yield upstream
    upstream.stop()


@pytest.fixture
def machine(tmp_path, mirror, upstream):
    machine = Machine(tmp_path, [mirror], upstream)
    yield machine
    machine.stop()


@pytest.fixture
def machine_with_two(tmp_path, mirror, second_mirror, upstream):
    machine = Machine(tmp_path, [mirror, second_mirror], upstream)
    yield machine
    machine.stop()
