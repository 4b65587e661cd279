"""What probe says of itself: exit status 0 only where no health check could have been meant."""
import re

import pytest

COMMANDS = ["live", "ready", "doctor", "suggest"]


@pytest.mark.parametrize(
    "words, says",
    [
        (["help"], "usage: probe live "),
        (["--help"], "usage: probe live "),
        (["-h"], "usage: probe live "),
        (["help", "live"], "usage: probe live "),
        (["--help", "live"], "usage: probe live "),
        (["-h", "ready"], "usage: probe ready "),
        (["help", "causes"], "refused: nothing listens there"),
        (["--version"], "libcurl"),
        (["-V"], "libcurl"),
        (["--licenses"], "Permission is hereby granted"),
    ],
)
def test_asked_for(run_probe, words, says):
    """Goal: what is asked for by its own command is given, with exit status 0."""
    result = run_probe(*words, limit=None)
    assert result.status == 0 and says in result.out


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("word", ["-h", "--help"])
def test_help_of_a_command_is_not_healthy(run_probe, command, word):
    """Goal: `probe ready -h $DB_HOST` with an empty DB_HOST prints the help, and is not healthy for ever."""
    result = run_probe(command, word, limit=None)
    assert result.status == 1
    assert result.out == run_probe("help", command).out


@pytest.mark.parametrize("command", ["live", "ready"])
@pytest.mark.parametrize("word", ["-h", "--help", "--version", "-V", "--licenses"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_among_other_words(verdict, command, word, place):
    """Goal: nothing that prints something else passes as a check, wherever the word stands."""
    words = ["-v", "/health"]
    words.insert(place, word)
    verdict.misconfigured(command, *words, says=["stands alone", "write probe "])


@pytest.mark.parametrize("words", [["-h", "db.internal"], ["--help", "nosuch"], ["--help", "live", "ready"], ["help", "ready", "--db"], ["--version", "/health"],
                                   ["--licenses", "live"], ["help", "live", "/health"]])
def test_further_words(verdict, words):
    """Goal: the same where no command stands first."""
    verdict.misconfigured(*words)


def test_slips_of_a_hand(verdict):
    """Goal: what a hand types by habit leads to the right words."""
    verdict.misconfigured("doctr", says=["unknown command 'doctr': did you mean doctor?"])
    verdict.misconfigured("live", "help", says=["target 'help' is not a target: write probe help live, or /help"])


def test_host_by_the_habit_of_psql(verdict):
    """Goal: -h and -p of psql, pg_isready and redis-cli: the host belongs in the target."""
    says = ["-h is help", "a host belongs in the target, postgres://HOST:PORT/NAME or redis://HOST:PORT"]
    verdict.misconfigured("ready", "--db", "-h", "db.internal", "-p", "5432", says=says)
    verdict.misconfigured("ready", "--redis", "-hredis", says=["stands alone"])
    verdict.misconfigured("ready", "-vh", "db", says=["stands alone"])


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_its_own(run_probe, command):
    """Goal: its usage, the options it takes and no others, an example."""
    text = run_probe("help", command).out
    assert text.startswith(f"probe {command}: ")
    assert f"\nusage: probe {command} " in text
    example = text.split("\nexample:\n")[1]
    assert f'probe", "{command}"' in example or f"probe {command}" in example
    everything = set(re.findall(r"^ +(?:-\w, )?(--[a-z-]+)", run_probe("help").out, re.MULTILINE))
    taken = set(re.findall(r"^ +(?:-\w, )?(--[a-z-]+)", text, re.MULTILINE))
    assert taken <= everything
    not_for_live = {"--db", "--redis", "--no-http", "--db-query", "--db-migration", "--db-writable", "--redis-writable"}
    not_for_doctor = {"--wait", "--interval", "--backoff", "--watch", "--docker-interval", "--docker-retries", "--docker-start-period"}
    left_out = {"live": not_for_live, "ready": set(), "doctor": not_for_doctor}
    if command == "suggest":
        assert taken == {"--format", "--output"}
    else:
        assert everything - taken == left_out[command] | {"--format"}


def test_no_line_is_longer_than_the_screen(run_probe):
    """Goal: 80 columns."""
    for topic in ([], *[[command] for command in COMMANDS]):
        assert all(len(line) <= 80 for line in run_probe("help", *topic).lines)
