"""Every secret of the suite and every output of the probe: at the end no output may hold any of the secrets.

Tests make a password or a token with secret(). Each worker of pytest-xdist appends to files of its own in one folder;
the session's end reads them all, so that a secret registered late is looked for in the outputs that came early.
"""
import base64
import functools
import html
import json
import os
import re
import secrets as randomness
import urllib.parse
from pathlib import Path

FOLDER_VARIABLE = "PROBE_E2E_RECORD"
SHORTEST = 8


class SecretRegistry:
    def __init__(self, folder, worker="main"):
        self.secrets_file = Path(folder) / f"secrets-{worker}"
        self.outputs_file = Path(folder) / f"outputs-{worker}"
        self.secrets = []

    def secret(self, text=None):
        """Registers a secret, by default one that nobody has used before, and gives it back."""
        text = "secret-" + randomness.token_hex(8) if text is None else text
        if len(text) < SHORTEST:
            raise ValueError(f"a secret of less than {SHORTEST} characters is found by chance")
        if text not in self.secrets:
            self.secrets.append(text)
            append(self.secrets_file, text)
        return text

    def record(self, test, output):
        """Keeps an output for the end, and fails at once when it holds a secret that is known already."""
        append(self.outputs_file, [test, output])
        for secret in self.secrets:
            form = find(secret, output)
            assert form is None, f"the output holds the secret {secret!r}, written {form!r}:\n{output}"


def append(path, value):
    with open(path, "a", encoding="ascii") as file:
        file.write(json.dumps(value) + "\n")


@functools.lru_cache(maxsize=None)
def forms(secret):
    """As it is, and as a URL, a form, a JSON string, HTML, a log of bytes or a text in base64 would write it."""
    quoted = urllib.parse.quote(secret, safe="")
    lower = re.sub("%..", lambda code: code[0].lower(), quoted)
    as_json = json.dumps(secret)[1:-1]
    of_html = html.escape(secret)
    written = [secret, quoted, lower, urllib.parse.quote_plus(secret), urllib.parse.quote(secret)]
    written += [as_json, as_json.replace("/", "\\/"), json.dumps(secret, ensure_ascii=False)[1:-1], of_html]
    written += [of_html.replace("&#x27;", "&#39;"), secret.encode().hex(), secret.encode().hex().upper()]
    return tuple(dict.fromkeys([*written, *(in_base64(secret.encode(), before) for before in range(3))]))


def in_base64(secret, before):
    """What base64 makes of it behind so many other bytes, without the digits that hold bits of others too."""
    coded = base64.b64encode(bytes(before) + secret).decode().rstrip("=")
    whole = (before + len(secret)) * 8 // 6
    return coded[-(-before * 8 // 6) : whole]


def find(secret, output):
    return next((form for form in forms(secret) if form in output), None)


def read(folder, kind):
    for path in sorted(Path(folder).glob(f"{kind}-*")):
        for line in path.read_text(encoding="ascii").splitlines():
            yield json.loads(line)


def leaks(folder):
    """What the end of the session reports: one line for every secret in an output."""
    every_secret = list(dict.fromkeys(read(folder, "secrets")))
    found = []
    for test, output in read(folder, "outputs"):
        for secret in every_secret:
            if find(secret, output):
                found.append(f"{test}: the output holds the secret {secret!r}: {output!r}")
    return found


def folder():
    return Path(os.environ[FOLDER_VARIABLE])
