"""A key itself where a URL names its file: both builds refuse or ignore it, and neither shows it."""
from urllib.parse import quote

import pytest

KEY = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg\n-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize("name", ["sslkey", "sslcert"])
@pytest.mark.parametrize("words", [("ready", "--no-http"), ("ready", "--no-http", "-vv"), ("doctor",)], ids=" ".join)
def test_key_in_a_url(run_probe, words, name):
    """Goal: no line of it, at any verbosity."""
    url = f"postgres://app@127.0.0.1:1/app?sslmode=prefer&{name}={quote(KEY, safe='')}"
    result = run_probe(*words, url, limit=None)
    assert result.status == 1 and "MIGHAgEAMBM" not in result.out, str(result)
