"""What everybody who may ask the engine can read: no secret in a field of ours."""
import json

from test_healthcheck import OFTEN

ASK = ["/probe", "ready", "--no-http", "-vv", "-t", "1s", "env:DATABASE_URL", "env:REDIS_URL"]


def urls(password):
    return [f"DATABASE_URL=postgres://app:{password}@localhost:8000/app", f"REDIS_URL=redis://:{password}@localhost:8000/1"]


def without_environment(inspected):
    """Config.Env is what the user gave the container, and not ours."""
    del inspected["Config"]["Env"]
    return json.dumps(inspected)


def test_variables(start, scratch, secret):
    """Goal: with env:NAME the password is neither in the health's log nor in a command line."""
    options = [word for url in urls(secret) for word in ("--env", url)]
    container = start(scratch(*OFTEN, command=ASK), options=options)
    container.signal("HUP")
    entry = container.wait_log(lambda entry: entry["ExitCode"] == 1)
    assert "***" in entry["Output"]
    shown = [line for line in sum((container.top() for _ in range(20)), []) if "/probe" in line]
    assert shown and not any(secret in line for line in shown)
    assert secret not in without_environment(container.inspect())
    assert secret not in container.exec("/probe", "doctor", *ASK[2:]).stdout


def test_mounted_secrets(start, scratch, secret, tmp_path):
    """Goal: with a mounted secret (NAME_FILE) the engine knows nothing of it at all."""
    options = []
    for url in urls(secret):
        name, value = url.split("=", 1)
        (tmp_path / name).write_text(value + "\n")
        options += ["--volume", f"{tmp_path / name}:/run/secrets/{name}:ro", "--env", f"{name}_FILE=/run/secrets/{name}"]
    container = start(scratch(*OFTEN, command=ASK), options=options)
    container.signal("USR1")
    entry = container.wait_log(lambda entry: entry["ExitCode"] == 1)
    assert "***" in entry["Output"]
    assert secret not in json.dumps(container.inspect())
