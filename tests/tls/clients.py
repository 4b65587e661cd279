"""The clients that the probe must agree with: each gives (whether it was served, what it said)."""
import os
import subprocess

import redis

SECONDS = 10


def run(command, env):
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **(env or {})}
    done = subprocess.run([str(word) for word in command], env=env, capture_output=True, text=True, timeout=SECONDS)
    return done.returncode, done.stdout, done.stdout + done.stderr


def curl(*words, env=None):
    status, _, said = run(["curl", "-q", "-sS", "-f", "-o", "/dev/null", *words], env)
    return status == 0, said


def psql(url, env=None):
    """HOME has no ~/.postgresql, unless env says so."""
    status, out, said = run(["psql", url, "-XAtc", "SELECT 1"], {"HOME": "/nonexistent", **(env or {})})
    return status == 0 and out == "1\n", said


def redis_cli(host, port, *words, tls=True, env=None):
    """It looks at no name in a certificate, and exits with 0 where the server refuses: PONG decides."""
    command = ["redis-cli", "-h", host, "-p", port, *(["--tls"] if tls else []), "--no-auth-warning", *words, "PING"]
    _, out, said = run(command, env)
    return out.strip() == "PONG", said


def redis_py(host, port, **options):
    """redis-py 4 looks at the name only with ssl_check_hostname=True, which became its default later."""
    try:
        with redis.Redis(host=host, port=port, **{"ssl": True, "socket_timeout": SECONDS, **options}) as client:
            return client.ping(), "PONG"
    except (redis.RedisError, OSError, ValueError) as error:
        return False, f"{type(error).__name__}: {error}"
