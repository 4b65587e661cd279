"""What a container lacks of files: /proc, /dev, /sys, /etc, /tmp, a working directory, a home, an entry in passwd."""
import pytest

import namespaces
from addresses import free_port
from namespaces import NEEDS_NAMESPACES
from runner import binary_path, is_asan
from table import HEALTHY

pytestmark = NEEDS_NAMESPACES
RELEASE_ONLY = pytest.mark.skipif(is_asan(binary_path()), reason="only a static program runs where there are no files")
SECTION = "files"
NOBODY_KNOWN = 54399


@pytest.fixture(params=["http", "tcp", "redis", "postgres", "all", "refused"])
def question(request, healthy_app, deployment):
    """(command, targets, cause, words)"""
    postgres, redis = (server.url() for server in deployment)
    http, port = healthy_app.url("/api/v1/health/"), free_port()
    return {
        "http": ("live", [http], HEALTHY, ["http 200"]),
        "tcp": ("live", [f"tcp://localhost:{healthy_app.port}"], HEALTHY, ["tcp accepted"]),
        "redis": ("ready", [redis], HEALTHY, ["redis ok"]),
        "postgres": ("ready", [postgres], HEALTHY, ["postgres ok"]),
        "all": ("ready", [http, redis, postgres], HEALTHY, ["http 200", "redis ok", "postgres ok"]),
        "refused": ("live", [f":{port}/"], "refused", [f"refused by 127.0.0.1:{port}"]),
    }[request.param]


@pytest.fixture
def ask(trial, question):
    """One row under these options of run_probe: ask(cwd=folder)"""

    def run(**options):
        command, targets, cause, says = question
        return trial(SECTION, command, *targets, cause=cause, says=says, timeout=2.0, **options)

    return run


def in_shell(script, *namespace):
    return [*namespace, "/bin/sh", "-c", f'{script} && exec "$@"', "sh"]


@RELEASE_ONLY
def test_bare_root(trial, question, bare_root):
    """Goal: no /proc, /dev, /sys, /etc, /tmp: the verdict is the same, who listens is known, and no age is claimed."""
    command, targets, cause, says = question
    result = trial(SECTION, command, *targets, cause=cause, says=says, timeout=2.0, **bare_root)
    if cause == "refused":
        port = says[0].split(":")[1]
        assert f"{says[0]} and [::1]:{port}; nothing listens on {port}; listening: " in result.first, str(result)
        assert "; up " not in result.first, str(result)


@RELEASE_ONLY
@pytest.mark.parametrize("row", ["text", "json"])
def test_doctor_in_a_bare_root(run_probe, validate, healthy_app, bare_root, row):
    """Goal: doctor finds nothing, and says that."""
    result = run_probe("doctor", "-o", row, healthy_app.url("/api/v1/health/"), limit=None, **bare_root)
    assert result.status == 0, str(result)
    if row == "json":
        validate(result.json())
    else:
        assert "not readable" in result.out, str(result)


@RELEASE_ONLY
def test_read_only_root(ask, bare_root):
    """Goal: nothing is written anywhere."""
    root = bare_root["through"][-1]
    script = f"mount --bind {root} {root} && mount -o remount,ro,bind {root}"
    bare_root["through"] = [*in_shell(script, namespaces.UNSHARE, "--mount"), *bare_root["through"]]
    ask(**bare_root)


@pytest.mark.parametrize("lacks", ["/proc", "/sys", "/etc", "/dev/shm", "/run"])
def test_empty_folder(ask, lacks):
    """Goal: a folder that is empty, and the rest is there."""
    if is_asan(binary_path()) and lacks == "/proc":
        pytest.skip("AddressSanitizer needs /proc")
    ask(through=in_shell(f"mount -t tmpfs none {lacks}", namespaces.UNSHARE, "--mount"))


def test_working_directory_deleted(ask, stage):
    """Goal: the directory it is started in is no more."""
    folder = stage.new_folder("gone") / "inside"
    ask(through=in_shell(f"mkdir {folder} && cd {folder} && rmdir {folder}"))


def test_working_directory_closed(ask, stage):
    """Goal: the directory it is started in may not be entered, by a user that nobody knows."""
    folder = stage.new_folder("closed")
    folder.chmod(0o700)
    ask(cwd=folder, user=NOBODY_KNOWN)


def test_user_that_nobody_knows(ask):
    """Goal: a uid without an entry in passwd, and no HOME."""
    ask(user=NOBODY_KNOWN)


@pytest.mark.parametrize("home", ["", "/no/such", "/dev/null", "/proc/1/root"])
def test_home(ask, home):
    """Goal: libpq looks for files in HOME: there are none."""
    ask(env={"HOME": home, "XDG_CONFIG_HOME": home})


@pytest.mark.parametrize("mask", ["0777", "0000"])
def test_umask(ask, mask):
    """Goal: nothing is made that a mask could hide."""
    ask(through=in_shell(f"umask {mask}"))
