"""`probe suggest` in containers of real services: what it suggests, in every format, is run and must be healthy."""
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from http_servers import express_modules
from namespaces import NEEDS_NAMESPACES
from runner import binary_path, has_tls
from servers import DJANGO_APP, NGINX_CONF, give_away, postgres_program
from suggesting import FORMATS, Suggestion

pytestmark = NEEDS_NAMESPACES

NOBODY = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
NODE_HTTP = 'require("http").createServer((q, s) => s.end("hello")).listen(3000);'
NODE_EXPRESS = """
const app = require("express")();
app.get("/healthz", (request, response) => response.json({status: "ok"}));
app.listen(3000);
"""
FASTCGI = """
location / { root %s; index index.php; try_files $uri $uri/ =404; }
location ~ [.]php$ { include /etc/nginx/fastcgi_params; fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    root %s; fastcgi_pass 127.0.0.1:9000; }
"""
FPM_CONF = "[global]\nerror_log = {0}/log\ndaemonize = no\n[www]\nlisten = 127.0.0.1:9000\npm = static\npm.max_children = 1\n"


def call(port, *command, **variables):
    """The text of a call of guest.py's run()."""
    words = [str(port), *(repr(str(word)) for word in command), *(f"{name}={value!r}" for name, value in variables.items())]
    return f"run({', '.join(words)})"


def django(stage, **settings):
    command = [sys.executable, "-m", "gunicorn", "--chdir", DJANGO_APP, "--bind", "0.0.0.0:8000"]
    return [call(8000, *command, "--config", DJANGO_APP / "gunicorn.conf.py", "service.wsgi", **settings)]


def node(stage, script, **variables):
    if not shutil.which("node"):
        pytest.skip("no node")
    file = stage.new_folder("node") / "app.js"
    file.write_text(script)
    return [call(3000, shutil.which("node"), file, **variables)]


def node_http(stage):
    return node(stage, NODE_HTTP)


def node_express(stage):
    return node(stage, NODE_EXPRESS, NODE_PATH=str(express_modules()))


def nginx(stage, conf="", tls=False):
    folder = stage.new_folder("nginx")
    (folder / "html").mkdir()
    (folder / "html" / "index.html").write_text("<html>welcome</html>\n")
    give_away(folder / "html")
    listen, certificate = "8080", ""
    if tls:
        cert, key = stage.certificate()
        listen, certificate = "8080 ssl", f"ssl_certificate {cert}; ssl_certificate_key {key};"
    (folder / "nginx.conf").write_text(NGINX_CONF.format(listen=listen, tls=certificate, conf=conf))
    return [call(8080, *NOBODY, "nginx", "-e", "stderr", "-p", folder, "-c", folder / "nginx.conf")]


def nginx_fpm(stage):
    folder = stage.new_folder("php")
    (folder / "index.php").write_text('<?php echo "hello";\n')
    (folder / "fpm.conf").write_text(FPM_CONF.format(folder))
    program = sorted(Path("/usr/sbin").glob("php-fpm*"))[-1]
    return [call(9000, *NOBODY, program, "-n", "-F", "-y", folder / "fpm.conf"), *nginx(stage, FASTCGI % (folder, folder))]


def busybox(stage):
    folder = stage.new_folder("busybox")
    (folder / "index.html").write_text("hello\n")
    return [call(80, "busybox", "httpd", "-f", "-p", "80", "-h", folder)]


def postgres(stage, password):
    template = stage.postgres_data(password)
    data = stage.new_folder("postgres") / "data"
    subprocess.run(["cp", "-a", template, data], check=True)
    (data / "pg_hba.conf").write_text("local all postgres trust\nhost all all all scram-sha-256\n")
    command = [postgres_program("postgres"), "-D", data, f"--unix_socket_directories={data}"]
    return [call(5432, *NOBODY, *command, "--listen_addresses=*", "--fsync=off", "--shared_buffers=16MB")]


def redis(stage):
    return [call(6379, *NOBODY, "redis-server", "--port", "6379", "--save", "", "--protected-mode", "no")]


@pytest.fixture
def suggestion(run_probe, validate, container):
    """Of a container in which these calls of guest.py have returned."""

    def suggest(*calls, env=None, **options):
        return Suggestion(run_probe, validate, container(*calls, **options).enter, env)

    return suggest


HTTP = [
    pytest.param(django, ":8000/api/v1/health/", ":8000/api/v1/ready/", id="Django with Gunicorn"),
    pytest.param(node_http, ":3000/", ":3000/", id="Node's http"),
    pytest.param(node_express, ":3000/healthz", ":3000/healthz", id="Express"),
    pytest.param(nginx, ":8080/", ":8080/", id="nginx"),
    pytest.param(nginx_fpm, ":8080/", ":8080/", id="nginx with PHP-FPM"),
    pytest.param(busybox, ":80/", ":80/", id="BusyBox httpd"),
]


@pytest.mark.parametrize("service, live, ready", HTTP)
def test_service_of_http(stage, suggestion, service, live, ready):
    """Goal: of a real server the path that answers, in every format, with commands that are healthy."""
    found = suggestion(*service(stage))
    assert (found.live, found.ready) == (["live", live], ["ready", ready]), found.text
    assert found.text.status == 0
    assert "proves only" not in found.first
    found.ask()


@pytest.mark.parametrize("settings, words, hint", [
    pytest.param({"ALLOWED_HOSTS": "app.example.com"}, "400 Bad Request to Host 'localhost:8000'", "ALLOWED_HOSTS", id="host"),
    pytest.param({"SECURE_SSL_REDIRECT": "1"}, "301", "X-Forwarded-Proto: https", id="to https"),
])
def test_django_that_refuses(stage, suggestion, settings, words, hint):
    """Goal: what keeps every path from being a health check is in the first line, with what Django needs."""
    found = suggestion(*django(stage, **settings))
    assert found.live == ["live", "tcp://localhost:8000"]
    assert words in found.first and hint in found.first, found.first
    found.ask()


def test_port_with_tls(stage, suggestion):
    """Goal: a build without TLS cannot ask it, and says which one can; the one with TLS cannot verify it, and says why."""
    found = suggestion(*nginx(stage, tls=True))
    assert found.live == ["live", "tcp://localhost:8080"]
    says = ["is self-signed", "--cacert FILE"] if has_tls(binary_path()) else ["plain HTTP was sent to a TLS port", "image probe:tls"]
    assert all(words in found.first for words in says), found.first
    found.ask()


def test_postgres(stage, suggestion, registry):
    """Goal: with the image's own variables ready logs in, and live asks no more than whether connections are accepted."""
    password = stage.postgres_password or registry.secret()
    service = postgres(stage, password)
    env = {"POSTGRES_USER": "postgres", "POSTGRES_PASSWORD": stage.postgres_password}
    found = suggestion(*service, env=env)
    assert found.live == ["live", "tcp://localhost:5432"]
    assert found.ready == ["ready", "--no-http", "--db"]
    assert "it asks no database" in found.first
    found.ask()


def test_postgres_without_a_login(stage, suggestion, registry):
    """Goal: without variables nothing logs in, and the first line says what is missing."""
    service = postgres(stage, stage.postgres_password or registry.secret())
    found = suggestion(*service)
    assert found.live == ["live", "tcp://localhost:5432"]
    assert found.ready == ["ready", "tcp://localhost:5432"]
    assert "for ready set DATABASE_URL" in found.first
    assert "  port      :5432: PostgreSQL\n" in found.text.out
    found.ask()


def test_redis(stage, suggestion):
    """Goal: a Redis without a password is asked by PING."""
    found = suggestion(*redis(stage))
    assert found.live == ["live", "tcp://localhost:6379"]
    assert found.ready == ["ready", "redis://localhost:6379"]
    assert "  port      :6379: Redis\n" in found.text.out
    found.ask()


def test_redis_with_a_password(stage, suggestion, secret):
    """Goal: the password is neither printed nor needed in the command: its variable is."""
    password = secret()
    service = [call(6379, *NOBODY, "redis-server", "--port", "6379", "--save", "", "--requirepass", password)]
    without = suggestion(*service)
    assert without.ready == ["ready", "tcp://localhost:6379"]
    assert "NOAUTH" in without.text.out
    assert "for ready set REDIS_URL" in without.first
    found = suggestion(*service, env={"REDIS_PASSWORD": password})
    assert found.ready == ["ready", "--no-http", "--redis"]
    found.ask()


def test_foreign_protocols_are_told_on_any_port(stage, suggestion, registry):
    """Goal: PostgreSQL and Redis are known by their words, not by their ports."""
    database = postgres(stage, stage.postgres_password or registry.secret())[0].replace("run(5432", "run(9432")
    database = database.replace("'--fsync=off'", "'--port=9432', '--fsync=off'")
    found = suggestion(redis(stage)[0].replace("6379", "9379"), database)
    assert "  port      :9379: Redis\n  port      :9432: PostgreSQL\n" in found.text.out
    found.ask()


def test_formats(stage, suggestion):
    """Goal: --format prints one stanza alone, as the report has it; limits fit together and what each engine takes."""
    found = suggestion(*busybox(stage))
    for name in FORMATS:
        alone = found.alone(name)
        report = found.stanzas[name]
        assert alone.keys() == report.keys()
    docker, compose, ecs = (found.stanzas[name] for name in ("dockerfile", "compose", "ecs"))
    assert (docker["interval"], docker["timeout"], docker["retries"]) == ("30s", "4s", "3")
    assert docker["start-period"] == compose["start_period"] == f"{found.report['start_period_ms'] // 1000}s"
    assert (compose["timeout"], compose["retries"]) == ("4s", 3)
    assert (ecs["interval"], ecs["timeout"], ecs["retries"]) == (30, 4, 3)
    for probe in found.stanzas["kubernetes"].values():
        assert probe["timeoutSeconds"] == 4
    startup = found.stanzas["kubernetes"]["startupProbe"]
    assert startup["periodSeconds"] * startup["failureThreshold"] * 1000 >= found.report["start_period_ms"]
    assert found.stanzas["kubernetes"]["livenessProbe"]["exec"]["command"] == found.report["live"]
    assert found.stanzas["kubernetes"]["readinessProbe"]["exec"]["command"] == found.report["ready"]
