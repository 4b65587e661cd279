"""Each target goes to psql and to probe, against a real server: the verdict, and who was asked for what as whom, agree."""
import os
import re
import subprocess
from urllib.parse import quote

import pytest

import differential_postgres as differential
import servers
from addresses import free_port

SEED = int(os.environ.get("PROBE_SEED", "20261126"))
RANDOM_ROWS = 120
ASKED = "SELECT current_user || '|' || current_database()"


@pytest.fixture(scope="module")
def places(stage, registry):
    password = registry.secret("s3:@/?#%[]&= '\\end")
    server = servers.postgres(stage, stage.postgres_password or registry.secret(), hba=["local all all scram-sha-256", "host all all all scram-sha-256"])
    quoted = password.replace("'", "''")
    for role in ("app", "user@server"):
        server.sql(f"""CREATE ROLE "{role}" LOGIN PASSWORD E'{quoted}'""".replace("\\", "\\\\"))
    for database in ("app", "a b"):
        server.sql(f'CREATE DATABASE "{database}"')
    folder = str(server.folder)
    yield {"p": str(server.port), "n": str(free_port()), "d": folder, "e": quote(folder, safe=""),
           "w": password, "x": quote(password, safe=""), "q": differential.quote_value(password)}
    server.stop()


def psql(target, env):
    """("app|app", None) by whom and of what it was asked, or (None, why not)."""
    command = [servers.postgres_program("psql"), "-X", "-w", "-A", "-t", "-d", target, "-c", ASKED]
    done = subprocess.run(command, env={"PATH": os.environ["PATH"], "HOME": "/nowhere", **env}, capture_output=True, text=True, timeout=20)
    return (done.stdout.strip(), None) if done.returncode == 0 else (None, done.stderr)


def compare(run_probe, target, env, reference):
    asked, why = psql(reference, env)
    expected = (asked or "nobody").replace("'", "''")
    result = run_probe("ready", "--no-http", f"--db={target}", "--db-query", f"{ASKED} = '{expected}'", env=env)
    assert (result.status == 0) == (asked is not None), f"psql: {asked or why}\n{result}"


def number(row):
    return re.sub(r"[^\w=&?:@.,+%-]+", "_", row[0])[:60]


@pytest.mark.parametrize("row", differential.ROWS, ids=number)
def test_targets(places, run_probe, row):
    """Goal: what psql takes and refuses, and as whom and for what it asks, is what probe does."""
    target, env, reference, _ = row
    filled = {name: differential.fill(value, places) for name, value in env.items()}
    compare(run_probe, differential.fill(target, places), filled, differential.fill(reference, places))


def test_random_targets(places, run_probe):
    """Goal: the same of targets that nobody thought of; the seed is PROBE_SEED."""
    different = []
    healthy = 0
    for target, env in differential.random_rows(SEED, RANDOM_ROWS, places):
        asked, _ = psql(target, env)
        healthy += asked is not None
        try:
            compare(run_probe, target, env, target)
        except AssertionError as error:
            different.append(f"{target} {env}\n{error}")
    assert not different, f"{len(different)} of {RANDOM_ROWS} differ, seed {SEED}:\n" + "\n".join(different)
    assert healthy >= RANDOM_ROWS // 10, f"only {healthy} of {RANDOM_ROWS} are healthy: too few to prove anything"
