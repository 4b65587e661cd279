"""Lines for curl, wget, nc, pg_isready, psql, redis-cli, dockerize and a shell, pasted as they are: what to write here."""
import shlex

import pytest

from runner import binary_path, has_tls

URL = "http://localhost:8000/health"
UNVERIFIED = "write --insecure" if has_tls(binary_path()) else "leave it away"


@pytest.mark.parametrize(
    "line, says",
    [
        # curl
        (f"-f {URL}", ["'-f' is curl's: leave it away, any status but 2xx is unhealthy"]),
        (f"--fail {URL}", ["'--fail' is curl's: leave it away, any status but 2xx is unhealthy"]),
        (f"-sf {URL}", ["'-sf' is curl's: leave it away, any status but 2xx is unhealthy"]),
        (f"-fs {URL}", ["'-fs' is curl's: leave it away"]),
        (f"-fsS {URL}", ["'-fsS' is curl's: leave it away"]),
        (f"-fsSL {URL}", ["'-fsSL' is curl's: leave it away", "for -L write --follow"]),
        (f"-sS {URL}", ["'-sS' is curl's: leave it away"]),
        (f"-sk {URL}", ["'-sk' is curl's: leave it away"]),
        (f"-s {URL}", ["'-s' is curl's: leave it away, probe prints one line; here it is --expect-status"]),
        (f"-s -o /dev/null {URL}", ["'-s' is curl's: leave it away"]),
        (f"-so /dev/null {URL}", ["'-s' is curl's: leave it away"]),
        (f"--silent {URL}", ["'--silent' is curl's: leave it away"]),
        (f"-k {URL}", [f"'-k' is curl's or wget's: {UNVERIFIED}"]),
        (f"-L {URL}", ["'-L' is curl's: write --follow"]),
        (f"-m 5 {URL}", ["'-m' is curl's or wget's: write --timeout 2s"]),
        (f"--max-time 5 {URL}", ["write --timeout 2s"]),
        (f"--connect-timeout=5 {URL}", ["'--connect-timeout' is", "write --timeout 2s"]),
        (f"--retry 3 {URL}", ["'--retry' is", "--wait 60s"]),
        (f"-o /dev/null {URL}", ["'-o' is curl's or wget's: leave it away, probe writes no body; here it is --output"]),
        (f"--output /dev/null {URL}", ["'--output' is curl's or wget's: leave it away"]),
        (f"-w '%{{http_code}}' {URL}", ["'-w' is curl's: leave it away, probe's line has the status; here it is --wait"]),
        (f"-i {URL}", ["'-i' is curl's: leave it away", "here it is --interval"]),
        (f"-I {URL}", ["'-I' is curl's: write --method HEAD"]),
        (f"--head {URL}", ["'--head' is curl's: write --method HEAD"]),
        (f"--request POST {URL}", ["write --method"]),
        (f"-d '{{}}' {URL}", ["'-d' is curl's or psql's: a request's body is --data"]),
        (f"-u app:sesame7 {URL}", ["'-u' is curl's: write "]),
        (f"--user app:sesame7 {URL}", ["'--user' is curl's: write "]),
        (f"-A checker {URL}", ["'-A' is curl's or psql's: leave it away, or write --header 'User-Agent: NAME'"]),
        (f"-b id=sesame7 {URL}", ["'-b' is curl's: write --header 'Cookie: env:NAME'"]),
        (f"-x http://proxy:3128 {URL}", ["'-x' is curl's or wget's: leave it away, probe uses no proxy"]),
        ("--db -Atc 'SELECT 1'", ["'-A' is curl's or psql's: leave it away"]),
        (f"--url {URL}", ["'--url' is curl's: write the URL alone"]),
        (f"curl -f {URL}", ["'curl' is another program: leave it away"]),
        # wget
        (f"--spider {URL}", ["'--spider' is wget's: leave it away"]),
        (f"-q --spider {URL}", ["'--spider' is wget's: leave it away"]),
        (f"-qO- {URL}", ["'-O' is curl's or wget's: leave it away, probe writes no body"]),
        (f"-O- {URL}", ["'-O' is curl's or wget's: leave it away"]),
        (f"-O /dev/null {URL}", ["'-O' is curl's or wget's: leave it away"]),
        (f"-nv -t1 {URL}", ["'-nv' is wget's: leave it away"]),
        (f"--tries=1 {URL}", ["'--tries' is", "leave it away"]),
        (f"-T 5 {URL}", ["write --timeout 2s"]),
        (f"--no-verbose {URL}", ["leave it away"]),
        (f"--no-check-certificate {URL}", [UNVERIFIED]),
        # nc
        ("-z localhost 8000", ["'-z' is nc's: write the target as tcp://HOST:PORT"]),
        ("-zv localhost 8000", ["'-z' is nc's: write the target as tcp://HOST:PORT"]),
        # psql, pg_isready
        ("--db -U app", ["'-U' is psql's: it belongs in the target, postgres://USER@HOST/NAME"]),
        ("--db -p 5432", ["'-p' is psql's or redis-cli's: it belongs in the target"]),
        ("--db -d app", ["'-d' is curl's or psql's", "postgres://HOST/NAME"]),
        ("--db --host=db", ["'--host' is psql's"]),
        ("--db -c 'select 1'", ["'-c' is psql's: write --db-query 'SELECT 1'"]),
        ("--db -tAc 'select 1'", ["'-t' is psql's: leave it away; here it is --timeout"]),
        ("pg_isready -U app", ["'pg_isready' is another program"]),
        # redis-cli
        ("--redis -a sesame7 ping", ["'-a' is redis-cli's: it belongs in the target, which --redis=env:NAME keeps"]),
        ("--redis ping", ["'ping' is redis-cli's: leave it away, --redis sends PING"]),
        ("--redis -n 1", ["'-n' is redis-cli's: it belongs in the target, redis://HOST/1"]),
        ("--redis --no-auth-warning", ["is redis-cli's"]),
        # dockerize, wait-for-it
        ("-wait tcp://db:5432 -timeout 60s", ["'-wait' is dockerize's: write probe ready tcp://HOST:PORT --wait 60s -- COMMAND"]),
        ("-timeout 60s", ["'-timeout' is dockerize's: write --wait 60s"]),
        ("--strict -- app", ["'--strict' is wait-for-it's: leave it away"]),
        # the engine
        ("--retries=3", ["'--retries' is the engine's: write it in front of CMD in HEALTHCHECK"]),
        ("--start-period=5s", ["'--start-period' is the engine's"]),
        # the shell
        (f"{URL} '||' exit 1", ["exec form has no shell: leave `|| exit 1` away, probe exits 0 or 1"]),
        ("'/x || exit 1'", ["exec form has no shell: leave `|| exit 1` away, probe exits 0 or 1"]),
        (f"{URL} '&&' echo ok", ["exec form has no shell"]),
        (f"{URL} '|' grep UP", ["in place of `| grep UP`, write --expect-body UP"]),
        (f"{URL} '>/dev/null' '2>&1'", ["exec form has no shell: leave `>/dev/null 2>&1` away"]),
        (f"{URL} '2>&1'", ["exec form has no shell: leave `>/dev/null 2>&1` away"]),
        (f"{URL} '>' /dev/null", ["exec form has no shell"]),
        # two dashes
        ("-interval 5s", ["unknown option '-interval': write it with two dashes, --interval"]),
        ("-expect-status=200", ["write it with two dashes, --expect-status"]),
    ],
)
def test_pasted(verdict, line, says):
    """Goal: each gets a line that says whose it is, and what to write here."""
    verdict.misconfigured("ready", *shlex.split(line), says=says)


@pytest.mark.parametrize(
    "word, guess",
    [
        ("--tiemout", "--timeout"),
        ("--timeuot", "--timeout"),
        ("--exspect-body", "--expect-body"),
        ("--expect-jsom", "--expect-json"),
        ("--migration", None),
        ("--time", "--timeout"),
        ("--query", None),
        ("--nonsense", None),
        ("--dbb", None),
        ("--date", "--data"),
        ("--hi", None),
    ],
)
def test_guess_by_letters(verdict, word, guess):
    """Goal: a guess is made for what is near, and for nothing else."""
    result = verdict.misconfigured("ready", word, says=[f"unknown option '{word}'"])
    assert ("did you mean" in result.first) == (guess is not None)
    assert guess is None or f"did you mean {guess}?" in result.first


@pytest.mark.parametrize("words", [["-s", "204"], ["-s204"], ["-t", "1"], ["-t.5"], ["-vv"], ["-X", "POST"], ["-H", "A: b"], ["-ojson"]])
def test_letters_of_ours(run_probe, words):
    """Goal: what is ours is never taken for another's."""
    assert "misconfigured" not in run_probe("live", *words, ":1/").out
