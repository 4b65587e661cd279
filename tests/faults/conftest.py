"""The fixtures of the tables and the summary that is printed behind them. The others are tests/e2e's."""
import pytest

import servers
import table

pytest_plugins = ["shared_fixtures"]


@pytest.fixture
def trial(run_probe, validate, record_property, request):
    """One row: trial("HTTP", "live", url, cause="refused", says=["refused by"]); see table.Trial."""
    return table.Trial(run_probe, validate, record_property, name(request.node))


def name(test):
    """What the summary calls it: the row's name, or the test's own words."""
    words = test.originalname.removeprefix("test_").replace("_", " ")
    parameters = getattr(test, "callspec", None)
    if not parameters:
        return words
    return parameters.id if "row" in parameters.params else f"{words}, {parameters.id}"


@pytest.fixture
def against(peer, trial, secret):
    """One row against its scripted peer: against("HTTP", row, "live", "http://{place}/"); see table.Row."""

    def run(section, row, command, target):
        server = peer(*row.steps, at=row.at)
        arguments = [word.format(place=place(server), secret=secret()) for word in (*row.options, target)]
        return trial(section, command, *arguments, cause=row.cause, says=row.says, timeout=row.timeout)

    return run


def place(server):
    """As it stands between "http://" and the path."""
    return server.url("", "").removeprefix("://")


@pytest.fixture(scope="module")
def deployment(stage, registry):
    """A PostgreSQL and a Redis for all rows of a table."""
    started = [servers.postgres(stage, stage.postgres_password or registry.secret())]
    started.append(servers.redis(stage, password=registry.secret()))
    yield started
    for server in started:
        server.stop()


def pytest_addoption(parser):
    parser.addoption("--rows", action="store_true", help="show every row in the summary, not only each section")


def pytest_terminal_summary(terminalreporter, config):
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    outcomes = table.outcomes(reports)
    if outcomes:
        terminalreporter.section("faults")
        for line in table.summary(outcomes, config.getoption("--rows")):
            terminalreporter.write_line(line)
