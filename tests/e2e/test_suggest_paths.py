"""`probe suggest` and services that answer in every way but the plain one: what it leaves out, and why it says so."""
import sys

import pytest

from containers import GUEST, WITH_ETH0, age, aged
from namespaces import NEEDS_NAMESPACES
from servers import Server
from suggesting import Suggestion

pytestmark = NEEDS_NAMESPACES

OK = (200, "text/plain", "ok")
PAGE = (200, "text/html", "<html><p>welcome</p></html>")
NOT_FOUND = (404, "text/plain", "not found")
TO_LOGIN = (302, "text/plain", "", "Location: /login/")
TO_HTTPS = (301, "text/plain", "", "Location: https://localhost/")


def pages(table, other=NOT_FOUND, host="0.0.0.0", port=8000, **options):
    """The call of guest.py's serve_pages()."""
    return f"serve_pages({host!r}, {port}, {table!r}, {other!r}, **{options!r})"


@pytest.fixture
def suggestion(run_probe, validate, container):
    def suggest(*calls, env=None, older=None, **options):
        box = container(*calls, **options)
        if older:
            age(*older)
        return Suggestion(run_probe, validate, box.enter, env)

    return suggest


@pytest.fixture
def suggest(run_probe, container):
    """The plain report: suggest(call...).out"""

    def run(*calls, env=None, arguments=(), **options):
        return run_probe("suggest", *arguments, through=container(*calls, **options).enter, env=env, limit=None)

    return run


# Which path ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("offered, live, ready", [
    (["/livez", "/readyz", "/health"], "/livez", "/readyz"),
    (["/health", "/healthz"], "/healthz", "/healthz"),
    (["/up", "/status"], "/up", "/up"),
    (["/", "/status"], "/status", "/status"),
    (["/-/healthy", "/api/v1/ready/"], "/-/healthy", "/api/v1/ready/"),
])
def test_choice_by_name(suggestion, offered, live, ready):
    """Goal: what is named after life is for live, what is named after readiness for ready, and / is last."""
    found = suggestion(pages({path: OK for path in offered}))
    assert (found.live, found.ready) == (["live", f":8000{live}"], ["ready", f":8000{ready}"])
    for path in set(offered) - {live, ready}:
        assert f" {path}" in line_of(found, "healthy too")
    found.ask()


def line_of(found, words):
    """The line that leaves paths out for this reason."""
    return next((line for line in found.text.lines if line.startswith("  left out") and words in line), "")


def test_actuator_is_not_for_live(suggestion):
    """Goal: Spring's health adds the database up: live gets a connection rather than that."""
    found = suggestion(pages({"/actuator/health": (200, "application/json", '{"status":"UP"}')}))
    assert found.live == ["live", "tcp://localhost:8000"]
    assert found.ready == ["ready", ":8000/actuator/health"]
    found.ask()


def test_body_that_names_a_database_is_not_for_live(suggestion):
    """Goal: a path whose answer has a member "database" is for ready, whatever its name is."""
    body = '{"status": "ok", "database": {"status": "ok"}}'
    found = suggestion(pages({"/healthz": (200, "application/json", body), "/": PAGE}))
    assert (found.live, found.ready) == (["live", ":8000/"], ["ready", ":8000/healthz"])
    found.ask()


def test_body_that_says_down(suggestion):
    """Goal: a 200 whose body says DOWN is not suggested, neither for live nor for ready."""
    down = (200, "application/json", '{"status": "DOWN"}')
    found = suggestion(pages({"/healthz": down, "/readyz": down, "/": PAGE}))
    assert (found.live, found.ready) == (["live", ":8000/"], ["ready", ":8000/"])
    assert line_of(found, "its body says that something is down").startswith("  left out  /healthz /readyz:")


def test_page_for_any_path_proves_nothing(suggestion):
    """Goal: where every path gets the same page, none of them is more than /."""
    found = suggestion(pages({}, other=PAGE))
    assert (found.live, found.ready) == (["live", ":8000/"], ["ready", ":8000/"])
    assert "/healthz" in line_of(found, "proves no more than /")
    found.ask()


def test_path_beside_a_page_for_any_path(suggestion):
    """Goal: an answer of another kind than that page's is a path of its own."""
    found = suggestion(pages({"/api/health": (200, "application/json", '{"status":"ok"}')}, other=PAGE))
    assert found.live == ["live", ":8000/api/health"]
    found.ask()


# No path ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("other, words, hint", [
    pytest.param(NOT_FOUND, "404 Not Found for /", "name the service's own path", id="404"),
    pytest.param((401, "text/plain", ""), "401 Unauthorized", "Authorization: env:NAME", id="401"),
    pytest.param((403, "text/plain", ""), "403 Forbidden for / to Host 'localhost:8000'", "does it accept this Host", id="403"),
    pytest.param((400, "text/html", "Bad Request (400)"), "400 Bad Request to Host 'localhost:8000'", "accept this Host", id="400"),
    pytest.param((421, "text/plain", ""), "421", "", id="421"),
    pytest.param(TO_LOGIN, "302", "login", id="login"),
    pytest.param(TO_HTTPS, "301", "X-Forwarded-Proto: https", id="to https"),
    pytest.param((503, "text/plain", "no database"), "503 Service Unavailable: no database", "", id="503"),
])
def test_no_path_is_healthy(suggestion, other, words, hint):
    """Goal: then live is a connection, and the first line says what little that proves, why, and what to do."""
    found = suggestion(pages({}, other))
    assert (found.live, found.ready) == (["live", "tcp://localhost:8000"], ["ready", "tcp://localhost:8000"])
    assert "proves only that connections are accepted" in found.first
    assert words in found.first and hint in found.first, found.first
    found.ask()


def test_redirects_are_not_followed(suggest, tmp_path):
    """Goal: a path that redirects is left out, and where it leads is never asked."""
    log = tmp_path / "log"
    found = suggest(pages({"/healthz": (302, "text/plain", "", "Location: /elsewhere"), "/": OK}, log=str(log)))
    assert "probe live :8000/," in found.first
    assert "elsewhere" not in log.read_text()


def test_sixteen_requests_and_all_are_get(suggest, tmp_path):
    """Goal: no port gets more than 16 requests, what is suggested included, and none that changes anything."""
    log = tmp_path / "log"
    suggest(pages({"/livez": OK, "/readyz": OK}, log=str(log)))
    requests = log.read_text().splitlines()
    assert 14 < len(requests) <= 16
    assert all(line.startswith("GET /") and line.endswith(" HTTP/1.1") for line in requests)
    assert len(set(requests)) == len(requests) - 2


# Where it listens -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "::", "0.0.0.0", "::ffff:127.0.0.1"])
def test_this_machine_by_any_name(suggestion, host):
    """Goal: what is asked on localhost is written so, IPv6 alone too."""
    found = suggestion(pages({"/healthz": OK}, host=host))
    assert found.live == ["live", ":8000/healthz"]
    found.ask()


def test_one_address_alone(suggestion):
    """Goal: a service that is bound to the container's own address is asked there."""
    found = suggestion(pages({"/healthz": OK}, host="10.9.0.2"), setup=WITH_ETH0)
    assert found.live == ["live", "http://10.9.0.2:8000/healthz"]
    found.ask()


def test_best_of_several_ports(suggestion):
    """Goal: a health path wins over a page, a page over a port that only answers, in whatever order they stand."""
    found = suggestion(pages({}, port=7000), pages({"/": PAGE}, port=8000), pages({"/healthz": OK}, port=9000))
    assert found.live == ["live", ":9000/healthz"]
    assert [line.split()[1] for line in found.text.lines if line.startswith("  port")] == [":7000:", ":8000:", ":9000:"]


def test_another_container_of_the_same_network(run_probe, container, started):
    """Goal: with the network of a host, or of a pod, what no process of this container holds is not asked."""
    box = container(pages({"/": PAGE}))
    words = ["nsenter", f"--target={box.init}", "--net", sys.executable, GUEST, pages({"/healthz": OK}, port=7000)]
    neighbour = Server("neighbour", box.folder, box.address, words)
    neighbour.log_file = box.folder / "neighbour"
    neighbour.is_ready = lambda: "ready" in neighbour.log_file.read_text()
    started.append(neighbour)
    neighbour.start()
    found = run_probe("suggest", through=box.enter, limit=None)
    assert "probe live :8000/," in found.first
    assert "  not asked :7000: no process seen here holds it, or 16 ports were asked\n" in found.out


def test_what_speaks_something_else(suggestion):
    """Goal: of another protocol a connection is all that can be asked, and its words are shown."""
    found = suggestion("reply('0.0.0.0', 7000, b'220 mail ESMTP\\r\\n')")
    assert found.live == ["live", "tcp://localhost:7000"]
    assert "the answer is not HTTP: '220 mail ESMTP" in found.first
    found.ask()


def test_unix_sockets_are_told(suggest, tmp_path):
    """Goal: they are not asked; the line says how to write them."""
    path = tmp_path / "app.sock"
    found = suggest(f"listen_at({str(path)!r})")
    assert found.status == 1
    assert f"  not asked unix:{path}: write it, http://unix:PATH:/ or tcp://unix:PATH\n" in found.out


# Nothing ----------------------------------------------------------------------------------------------------------------


def test_nothing_listens(suggest, validate):
    """Goal: exit status 1, and a first line with the cause and the fix, as text, for a file and as JSON."""
    words = "nothing to suggest: no TCP port listens that is seen here; hint: run it in the service's container"
    for arguments in ([], ["--format", "compose"]):
        found = suggest("zombie()", arguments=arguments)
        assert found.status == 1
        assert found.first.startswith(words)
        assert "healthcheck" not in found.out
    found = suggest("zombie()", arguments=["-o", "json"])
    assert found.status == 1
    validate(found.json())
    assert (found.json()["status"], found.json()["cause"]) == ("unhealthy", "refused")
    assert found.json()["message"].startswith(words)


def test_what_is_healthy_only_once_is_not_suggested(suggest):
    """Goal: the suggestion has been run, and one that failed then is none."""
    found = suggest(pages({"/healthz": OK}, once=True))
    assert found.status == 1
    words = "nothing to suggest: what was healthy at first failed when it was run: 404 Not Found for /healthz"
    assert found.first.startswith(words)
    assert "HEALTHCHECK" not in found.out


# Variables --------------------------------------------------------------------------------------------------------------


def test_variables_of_live_count(suggestion):
    """Goal: what PROBE_ variables change in the check itself they change here: its statuses, its time."""
    env = {"PROBE_EXPECT_STATUS": "404", "PROBE_TIMEOUT": "5s"}
    found = suggestion(pages({}), env=env)
    assert found.live[0] == "live" and found.live[1].startswith(":8000/")
    assert found.stanzas["dockerfile"]["timeout"] == "7s"
    found.ask()


def test_database_that_the_variables_name(suggestion, secret):
    """Goal: one that cannot be asked is left out, in words and without its password."""
    env = {"DATABASE_URL": f"postgres://app:{secret()}@localhost:5432/app"}
    found = suggestion(pages({"/healthz": OK}), env=env)
    assert found.ready == ["ready", ":8000/healthz"]
    line = line_of(found, "refused by localhost:5432")
    assert "postgres://app:***@localhost:5432/app" in line
    found.ask()


def test_path_for_ready_knows_its_services(suggestion, secret):
    """Goal: where the service has a path for readiness, the database is its to judge, and is not asked beside it."""
    env = {"DATABASE_URL": f"postgres://app:{secret()}@localhost:5432/app"}
    found = suggestion(pages({"/livez": OK, "/readyz": OK}), env=env)
    assert found.ready == ["ready", ":8000/readyz"]
    assert "postgres" not in found.text.out


def test_a_wrong_variable_is_misconfigured(suggest):
    """Goal: the check itself would say so, too."""
    found = suggest(pages({"/healthz": OK}), env={"PROBE_TIMEOUT": "soon"})
    assert found.status == 1
    assert found.first.startswith("misconfigured: PROBE_TIMEOUT 'soon' is not a duration")


def test_a_target_is_refused(run_probe):
    """Goal: what it cannot take is said."""
    found = run_probe("suggest", ":8000/health")
    assert found.first == "misconfigured: suggest takes no target: it asks all that listens here"
    found = run_probe("suggest", "--format", "helm")
    assert found.first == "misconfigured: --format 'helm' is not a format: write dockerfile or compose or kubernetes or ecs"


# The start --------------------------------------------------------------------------------------------------------------


def test_start_of_a_young_container(suggestion):
    """Goal: it answers, so that its start took no longer than it is old; half as much again is room enough."""
    found = suggestion(pages({"/healthz": OK}), setup="sleep 0.1")
    assert found.report["start_period"] == "measured"
    assert found.report["start_period_ms"] == 5000
    assert ": it answers, and the container is up for " in found.text.out


def test_start_that_was_late(suggestion, tmp_path):
    """Goal: of an older container the start took at least until the process began that listens."""
    stat = tmp_path / "stat"
    found = suggestion("serve_in_child('0.0.0.0', 8000, 0)", setup=aged(stat), older=(stat, 250))
    assert found.report["start_period"] == "measured"
    assert found.report["start_period_ms"] in (375_000, 380_000)
    assert found.stanzas["ecs"]["startPeriod"] == 300
    assert ": the process that listens began after " in found.text.out


@pytest.mark.parametrize("service", [
    pytest.param(pages({}, OK), id="process 1"),
    pytest.param("serve_in_child('0.0.0.0', 8000, 0)", id="a child that began anew"),
])
def test_start_that_nothing_tells(suggestion, tmp_path, service):
    """Goal: an old container whose service is process 1, or began hours later: a guess, with the way to measure it."""
    stat = tmp_path / "stat"
    found = suggestion(service, setup=aged(stat), older=(stat, 7200))
    assert found.report["start_period"] == "guess"
    assert " is a guess: probe live :8000/ --wait 60s right after a start measures it" in found.text.out
