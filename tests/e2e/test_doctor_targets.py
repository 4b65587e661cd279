"""What doctor asks without being told, and what a command behind -- leaves out: rules of what is asked by default."""
import re

import pytest

import namespaces

pytestmark = pytest.mark.skipif(
    not namespaces.may_unshare(), reason="no namespaces: not root, or the kernel forbids it"
)
ASKS = "no HTTP target is configured: what does your HEALTHCHECK ask?"


@pytest.fixture
def doctor(run_probe, validate):
    """Runs doctor in a container: its report, and its verdict as one line."""

    def run(*arguments, status, **options):
        result = run_probe("doctor", *arguments, limit=None, **options)
        assert result.status == status, str(result)
        report = run_probe("doctor", "-o", "json", *arguments, limit=None, **options)
        validate(report.json())
        assert report.status == status
        words = result.out.partition("\n  verdict   ")[2]
        return report.json(), re.sub(r"\n {12}(?=\S)", " ", words)

    return run


def asked(report):
    return [(check["target"], check["asked_by"], check["source"], check["status"]) for check in report["checks"]]


# doctor -------------------------------------------------------------------------------------------------------------


def test_target_that_the_healthcheck_names_in_argv(container, doctor):
    """Goal: a healthy container whose HEALTHCHECK names its target is not called unhealthy: doctor asks what it asks, and
    shows what listens."""
    box = container('serve("0.0.0.0", 3000)', 'listen("127.0.0.1", 5432)')
    report, words = doctor(status=1, through=box.enter)
    assert report["status"] == "unknown"
    assert words.startswith("unknown in ") and ASKS in words and "http :3000/ 200" in words, words
    assert asked(report) == [
        ("http://localhost:3000/", [], "listens here", "unknown"),
        ("tcp://localhost:5432", [], "listens here", "unknown"),
    ]
    assert "hint" not in words.partition("\n")[0]


def test_what_listens_proves_nothing(container, doctor):
    """Goal: a page that answers is not what the HEALTHCHECK asks: never healthy by it."""
    report, _ = doctor(status=1, through=container('serve("127.0.0.1", 8080)').enter)
    assert (report["status"], report["checks"][0]["cause"]) == ("unknown", "ok")


def test_service_without_a_ready_path(container, doctor):
    """Goal: the default of live answers, that of ready is 404: nobody configured it, so it decides nothing."""
    box = container("answer_by_path('0.0.0.0', 8000, '/api/v1/health/')")
    report, words = doctor(status=0, through=box.enter)
    assert asked(report) == [
        ("http://localhost:8000/api/v1/health/", ["live"], "default", "healthy"),
        ("http://localhost:8000/api/v1/ready/", ["ready"], "default", "unknown"),
    ]
    assert "/api/v1/ready/ (ready, default)" in words and "404" in words
    assert ASKS not in words


def test_nothing_listens(container, doctor):
    """Goal: nothing is configured and nothing is up: the defaults are refused, and still no verdict."""
    report, words = doctor(status=1, through=container().enter)
    assert report["status"] == "unknown" and ASKS in words and "nothing listens on any port" in words
    assert [check["source"] for check in report["checks"]] == ["default", "default"]


def test_configured_targets_decide(container, doctor):
    """Goal: what PROBE_LIVE names decides, and no default or listener is asked beside it."""
    box = container('serve("127.0.0.1", 3000)', 'listen("127.0.0.1", 4000)')
    report, words = doctor(status=0, through=box.enter, env={"PROBE_LIVE": ":3000/healthz"})
    assert asked(report) == [("http://localhost:3000/healthz", ["live"], "PROBE_LIVE", "healthy")]
    assert "http://localhost:3000/healthz (live, PROBE_LIVE)" in words
    report, _ = doctor(status=1, through=box.enter, env={"PROBE_READY": ":3001/ready"})
    assert asked(report) == [("http://localhost:3001/ready", ["ready"], "PROBE_READY", "unhealthy")]


def test_twins_are_asked_once(container, doctor):
    """Goal: the same question of two variables is one check, which says who asks it."""
    box = container('serve("127.0.0.1", 3000)')
    env = {"PROBE_LIVE": ":3000/h", "PROBE_READY": "http://localhost:3000/h :3000/r"}
    report, words = doctor(status=0, through=box.enter, env=env)
    assert asked(report) == [
        ("http://localhost:3000/h", ["live", "ready"], "PROBE_LIVE", "healthy"),
        ("http://localhost:3000/r", ["ready"], "PROBE_READY", "healthy"),
    ]
    assert "http://localhost:3000/h (live and ready, PROBE_LIVE)" in words


def test_passwords_tell_twins_apart(container, doctor, secret):
    """Goal: two logins are two questions, whose passwords nobody sees."""
    urls = [f"redis://:{secret()}@127.0.0.1:1/0" for _ in range(2)]
    env = {"PROBE_READY": urls[0], "REDIS_URL": urls[1]}
    report, _ = doctor(status=1, through=container().enter, env=env)
    assert [check["source"] for check in report["checks"]] == ["PROBE_READY", "REDIS_URL"]


def test_database_alone_is_configured(container, doctor, secret):
    """Goal: the database decides; that no HTTP target is configured is said beside it."""
    box = container('serve("127.0.0.1", 3000)', 'listen("127.0.0.1", 6379)')
    env = {"DATABASE_URL": f"postgres://app:{secret()}@127.0.0.1:1/app"}
    report, words = doctor(status=1, through=box.enter, env=env)
    assert words.startswith("unhealthy in ") and "postgres refused" in words and ASKS in words
    assert asked(report)[0][1:] == (["ready"], "DATABASE_URL", "unhealthy")


def test_written_targets(container, doctor):
    """Goal: what is written on the command line is all that is asked, and says so."""
    box = container('serve("127.0.0.1", 3000)')
    report, words = doctor(":3000/", status=0, through=box.enter, env={"PROBE_LIVE": ":1/"})
    assert asked(report) == [("http://localhost:3000/", [], "argument", "healthy")]
    assert "http://localhost:3000/ (argument)" in words


# The command behind -- ----------------------------------------------------------------------------------------------


def test_gate_does_not_wait_for_what_its_command_serves(verdict):
    """Goal: `ready --wait 60s -- CMD` has nothing to ask, and says why; not a word of :8000."""
    says = ["the command behind -- would serve this container's own target", "--db"]
    for words in (["ready"], ["ready", "--no-http"]):
        verdict.misconfigured(*words, "--wait", "5s", "--", "/bin/true", says=says)


def test_gate_with_a_cache(redis, run_probe):
    """Goal: the natural form of a gate, with the HEALTHCHECK's PROBE_READY in the image: only the cache is waited for."""
    server = redis()
    env = {"REDIS_URL": server.url(), "PROBE_READY": ":1/ready tcp://localhost:1 file:///tmp/nowhere"}
    words = ["ready", "--wait", "5s", "--redis", "--", "/bin/echo", "ran"]
    result = run_probe(*words, env=env, becomes_command=True)
    assert result.status == 0 and result.lines[-1] == "ran" and "http" not in result.first, str(result)
    env["PROBE_READY"] += " env:REDIS_URL"
    result = run_probe("ready", "--wait", "5s", "--", "/bin/echo", "ran", env=env, becomes_command=True)
    assert result.status == 0 and result.lines[-1] == "ran", str(result)


def test_no_http_covers_the_variable(redis, verdict):
    """Goal: --no-http leaves out the HTTP targets of PROBE_READY too, and nothing else."""
    server = redis()
    env = {"PROBE_READY": ":1/ready env:CACHE http://unix:/nowhere:/", "CACHE": server.url()}
    verdict.healthy("ready", "--no-http", env=env, says=["redis ok"])
    verdict.healthy("ready", env={**env, "PROBE_NO_HTTP": "1"}, says=["redis ok"])
    says = ["--no-http leaves nothing to ask"]
    verdict.misconfigured("ready", "--no-http", env={"PROBE_READY": ":1/"}, says=says)


ALONE = [namespaces.UNSHARE, "--pid", "--fork", "--kill-child", "--mount", "--mount-proc", "--net", "/bin/sh", "-c"]
ALONE = [*ALONE, 'ip link set lo up && exec "$@"', "sh"]


@pytest.mark.parametrize("target", [":8000/health", "http://127.0.0.1:8000/", "tcp://localhost:8000"])
def test_written_target_that_only_the_command_would_serve(run_probe, target):
    """Goal: process 1 alone in its container waits for what its command would serve: said at once."""
    words = ["ready", "--wait", "8s", target, "--", "/bin/echo", "ran"]
    result = run_probe(*words, through=ALONE)
    assert result.status == 1 and result.seconds < 4, str(result)
    assert result.first.startswith("misconfigured: target ':8000") or "127.0.0.1" in result.first, str(result)
    assert "the command behind -- runs only once it is healthy" in result.first


def test_written_target_that_another_process_may_serve(run_probe):
    """Goal: a service in the background, or another container of the pod, may still come: it is waited for."""
    words = ["ready", "--wait", "600ms", "-i", "100ms", ":8000/health", "--", "/bin/echo", "ran"]
    beside = [*ALONE[:-2], 'ip link set lo up && sleep 30 & exec "$@"', "sh"]
    for options in ({"through": beside}, {"through": ALONE, "env": {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}}):
        result = run_probe(*words, **options)
        assert result.status == 1 and result.lines[-1] != "ran", str(result)
        assert "unhealthy after" in result.out and "nothing listens on" in result.out, str(result)


def test_written_target_that_is_up(run_probe):
    """Goal: what answers is asked, and the command runs."""
    served = "/usr/bin/python3 -m http.server 8000 >/dev/null 2>&1 & exec \"$@\""
    beside = [*ALONE[:-2], f"ip link set lo up && cd / && {served}", "sh"]
    words = ["ready", "--wait", "9s", "-i", "100ms", ":8000/", "--", "/bin/echo", "ran"]
    result = run_probe(*words, through=beside, becomes_command=True)
    assert result.status == 0 and result.lines[-1] == "ran", str(result)
