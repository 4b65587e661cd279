"""A file that is longer than it may be is refused, not cut: what is missing might be a demand, or half a password."""
import pytest

from peers import request, response, send

ENV_FILE_MAX, VALUE_MAX = 256 * 1024, 8192
TOO_LONG = ["File too large"]


@pytest.fixture
def file(stage):
    """file(size): so many bytes, as a line of a .env file."""
    path = stage.new_folder("long") / "file"

    def write(size):
        path.write_text("A=" + "x" * (size - 2))
        return path

    return write


@pytest.fixture
def url(peer):
    return peer(request(), send(response(b"ok"))).url()


def test_env_file(verdict, file, url):
    """Goal: 256 KiB and not a byte more."""
    verdict.healthy("live", "--env-file", file(ENV_FILE_MAX), url)
    verdict.misconfigured("live", "--env-file", file(ENV_FILE_MAX + 1), url, says=TOO_LONG)


def test_header(verdict, file, url):
    """Goal: 8 KiB of a header's value."""
    verdict.healthy("live", "-H", f"X-A: @{file(VALUE_MAX)}", url)
    verdict.misconfigured("live", "-H", f"X-A: @{file(VALUE_MAX + 1)}", url, says=TOO_LONG)


def test_target(verdict, file):
    """Goal: 8 KiB of a variable's, too."""
    env = {"TARGET_FILE": str(file(VALUE_MAX + 1))}
    verdict.misconfigured("live", "env:TARGET", env=env, says=[*TOO_LONG, "(TARGET_FILE names it)"])
