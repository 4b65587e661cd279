"""`probe suggest` in containers of real services: what it prints, pasted as it is, makes healthy containers.

The images have Debian's programs; those that the image for the examples lacks come from this machine's /usr, which is
Debian 12 too.
"""
import json
import shutil

import pytest
import yaml

import processes
from engine import HERE, run
from http_servers import EXPRESS, express_modules
from runner import binary_path
from suggesting import FORMATS, READERS

HEALTHY_SECONDS = 120  # an interval is 30 s, and the machine may be busy
MACHINES_PROGRAMS = ["--volume", "/usr:/usr:ro"]
NODE = 'require("http").createServer((q, s) => s.end("hello")).listen(3000);\n'
WSGI = """
import os, django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import path
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["localhost"], SECRET_KEY="for-this-test-only")
urlpatterns = [path("api/v1/health/", lambda request: JsonResponse({"status": "healthy"}))]
django.setup()
application = get_wsgi_application()
"""
NGINX = """
daemon off;
pid /tmp/nginx.pid;
error_log stderr;
events {}
http { access_log off; client_body_temp_path /tmp/b; proxy_temp_path /tmp/p; fastcgi_temp_path /tmp/f; uwsgi_temp_path /tmp/u;
  scgi_temp_path /tmp/s; server { listen 80; root /app; %s } }
"""
FASTCGI = """
index index.php;
location ~ [.]php$ { fastcgi_pass 127.0.0.1:9000; fastcgi_param SCRIPT_FILENAME /app$fastcgi_script_name;
  fastcgi_param REQUEST_METHOD $request_method; }
"""
FPM = """
[global]
error_log = /proc/self/fd/2
[www]
user = nobody
listen = 127.0.0.1:9000
pm = static
pm.max_children = 1
"""
NGINX_COMMAND = ["nginx", "-e", "stderr", "-c", "/app/nginx.conf"]


class Service:
    def __init__(self, command, port, live, ready, files=None, env=None, machine=False, image="base"):
        self.command = command
        self.port = port
        self.live = live
        self.ready = ready
        self.files = files or {}
        self.env = env or {}
        self.options = MACHINES_PROGRAMS if machine else []
        self.image = image

    def dockerfile(self, base, images):
        lines = {
            "scratch": [f"FROM {base} AS base", "FROM scratch", "COPY --from=base /bin/busybox /busybox"],
            "base": [f"FROM {base}"],
        }.get(self.image) or [f"FROM {images[self.image]}"]
        lines += ["COPY probe /probe", "COPY app /app", *(f"ENV {name}={value}" for name, value in self.env.items())]
        return "\n".join([*lines, f"CMD {json.dumps(self.command)}" if self.command else "", ""])


POSTGRES = {"POSTGRES_USER": "app", "POSTGRES_DB": "app", "POSTGRES_PASSWORD": "for-this-test-only"}
FPM_THEN_NGINX = "$(ls /usr/sbin/php-fpm*) -n -F -y /app/fpm.conf & exec nginx -e stderr -c /app/nginx.conf"

SERVICES = {
    "django": Service(["gunicorn", "--chdir", "/app", "--bind", "0.0.0.0:8000", "service"], 8000,
                      ["live", ":8000/api/v1/health/"], ["ready", ":8000/api/v1/health/"], {"service.py": WSGI}),
    "node": Service(["node", "/app/app.js"], 3000, ["live", ":3000/"], ["ready", ":3000/"], {"app.js": NODE}, machine=True),
    "express": Service(["node", "/app/app.js"], 3000, ["live", "tcp://localhost:3000"], ["ready", "tcp://localhost:3000"],
                       {"app.js": EXPRESS.replace("DATABASE", "1") % 3000}, {"NODE_PATH": "/app/node_modules"}, machine=True),
    "nginx": Service(NGINX_COMMAND, 80, ["live", ":80/"], ["ready", ":80/"],
                     {"nginx.conf": NGINX % "", "index.html": "hello\n"}, machine=True),
    "nginx-fpm": Service(["sh", "-c", FPM_THEN_NGINX], 80, ["live", ":80/"], ["ready", ":80/"],
                         {"nginx.conf": NGINX % FASTCGI, "fpm.conf": FPM, "index.php": '<?php echo "hello";\n'}, machine=True),
    "busybox": Service(["/busybox", "httpd", "-f", "-p", "80", "-h", "/app"], 80, ["live", ":80/"], ["ready", ":80/"],
                       {"index.html": "hello\n"}, image="scratch"),
    "postgres": Service([], 5432, ["live", "tcp://localhost:5432"], ["ready", "--no-http", "--db"], env=POSTGRES,
                        image="postgres"),
    "redis": Service([], 6379, ["live", "tcp://localhost:6379"], ["ready", "redis://localhost:6379"], image="redis"),
}


@pytest.fixture(scope="module")
def service_images(engine, base, tmp_path_factory):
    """Each service with probe in it, and no health check."""
    stand_ins = {}
    for name in ("postgres", "redis"):
        folder = HERE / "stand_ins" / name
        stand_ins[name] = engine.build(folder, f"probe-test-{name}", "--build-arg", f"BASE={base}")
    made = {}
    for name, service in SERVICES.items():
        folder = tmp_path_factory.mktemp(name)
        (folder / "app").mkdir()
        shutil.copy(binary_path(), folder / "probe")
        for file, text in service.files.items():
            (folder / "app" / file).write_text(text)
        if name == "express":
            shutil.copytree(express_modules(), folder / "app" / "node_modules")
        (folder / "Dockerfile").write_text(service.dockerfile(base, stand_ins))
        made[name] = engine.build(folder, f"probe-test-suggest-{name}")
    return made


@pytest.fixture(scope="module")
def kept(engine):
    """Runs containers for the module."""
    containers = []

    def start(image, options):
        containers.append(engine.run(image, options=options))
        return containers[-1]

    yield start
    for container in containers:
        container.remove()


@pytest.fixture(scope="module")
def suggestions(service_images, kept):
    """Of each service its container, and what suggest prints there, whole as JSON and each format for a file."""
    found = {}
    containers = {name: kept(image, SERVICES[name].options) for name, image in service_images.items()}
    for name, container in containers.items():
        port = SERVICES[name].port
        waited = container.exec("/probe", "live", f"tcp://localhost:{port}", "--wait", "60s")
        assert waited.returncode == 0, waited.stdout + container.logs()
        report = container.exec("/probe", "suggest", "-o", "json").stdout
        alone = {form: container.exec("/probe", "suggest", f"--format={form}").stdout for form in FORMATS}
        found[name] = container, json.loads(report), alone
    return found


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_suggested(suggestions, name):
    """Goal: the right paths for each service; every command of every format is healthy in the container."""
    container, report, alone = suggestions[name]
    assert (report["live"][1:], report["ready"][1:]) == (SERVICES[name].live, SERVICES[name].ready), report
    stanzas = {form: READERS[form](text) for form, text in alone.items()}
    commands = [stanzas["dockerfile"]["command"], stanzas["compose"]["test"][1:], stanzas["ecs"]["command"][1:]]
    commands += [probe["exec"]["command"] for probe in stanzas["kubernetes"].values()]
    for command in {tuple(command) for command in commands}:
        assert command[0] == "/probe"
        asked = container.exec(*command)
        assert asked.stdout.startswith("healthy in "), asked.stdout


@pytest.fixture(scope="module")
def pasted(engine, service_images, suggestions, kept, tmp_path_factory):
    """Each service's image with the line for a Dockerfile behind its own, running."""
    containers = {}
    for name, image in service_images.items():
        folder = tmp_path_factory.mktemp(f"pasted-{name}")
        (folder / "Dockerfile").write_text(f"FROM {image}\n{suggestions[name][2]['dockerfile']}")
        containers[name] = kept(engine.build(folder, f"{image}:pasted"), SERVICES[name].options)
    return containers


@pytest.mark.parametrize("name", SERVICES)
def test_dockerfile(pasted, name):
    """Goal: with the line pasted into its Dockerfile each container becomes healthy."""
    health = pasted[name].wait_health("healthy", HEALTHY_SECONDS)
    assert health["Log"][-1]["Output"].startswith("healthy in ")


@pytest.fixture(scope="module")
def composed(engine, service_images, suggestions, tmp_path_factory):
    """All of them in one compose file, each with the lines pasted below it; gives the state of one."""
    folder = tmp_path_factory.mktemp("compose")
    text = 'version: "3.8"\nservices:\n'
    for name, image in service_images.items():
        text += f"  {name}:\n    image: {image}\n    network_mode: none\n"
        if SERVICES[name].options:
            text += '    volumes: ["/usr:/usr:ro"]\n'
        text += suggestions[name][2]["compose"]
    (folder / "docker-compose.yml").write_text(text)
    env = {**engine.env, "PATH": "/usr/bin:/bin:/usr/sbin:/sbin"}

    def compose(*arguments):
        return run("docker-compose", "--project-name", "probesuggest", *arguments, cwd=folder, env=env, timeout=200)

    compose("up", "--detach")

    def health(name):
        return json.loads(engine.docker("inspect", compose("ps", "--quiet", name).stdout.strip()).stdout)[0]["State"]["Health"]

    yield health
    compose("down", "--timeout", "1")


@pytest.mark.parametrize("name", SERVICES)
def test_compose(composed, name):
    """Goal: with the lines pasted into a compose file each container becomes healthy."""
    healthy = processes.wait_until(lambda: composed(name)["Status"] == "healthy", HEALTHY_SECONDS, 0.5)
    assert healthy, composed(name)


# Kubernetes -----------------------------------------------------------------------------------------------------------

PROBE = {
    "type": "object",
    "properties": {
        "exec": {
            "type": "object",
            "properties": {"command": {"type": "array", "items": {"type": "string"}, "minItems": 1}},
            "required": ["command"],
            "additionalProperties": False,
        },
        **{name: {"type": "integer", "minimum": 1} for name in ("periodSeconds", "timeoutSeconds", "failureThreshold")},
    },
    "required": ["exec", "periodSeconds", "timeoutSeconds", "failureThreshold"],
    "additionalProperties": False,
}
NAMES = ["startupProbe", "livenessProbe", "readinessProbe"]
PROBES = {
    "type": "object",
    "properties": {name: PROBE for name in NAMES},
    "required": NAMES,
    "additionalProperties": False,
}


def test_kubernetes(pod):
    """Goal: the three probes are what Kubernetes takes, and each is healthy by the call that the kubelet makes."""
    jsonschema = pytest.importorskip("jsonschema")
    status, said = pod.exec("/probe", "suggest", "--format", "kubernetes", timeout=10)
    assert status == 0, said
    probes = yaml.safe_load(said)
    jsonschema.validate(probes, PROBES)
    for probe in probes.values():
        status, said = pod.exec(*probe["exec"]["command"], timeout=probe["timeoutSeconds"])
        assert (status, said.split(" in ")[0]) == (0, "healthy"), said
