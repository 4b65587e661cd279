"""The image with TLS, beside a service whose certificate a private authority has signed."""
import pytest

from authority import Authority
from test_healthcheck import OFTEN

URL = "https://localhost:8443/"
SERVICE = """
import http.server
import ssl

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204)
        self.end_headers()

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/service.pem", "/service.key")
server = http.server.ThreadingHTTPServer(("127.0.0.1", 8443), Handler)
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""
WITH_CACERT = """FROM {tls_image} AS probe
FROM {base}
COPY --from=probe /probe /probe
COPY service.py service.pem service.key ca.pem /
HEALTHCHECK {often} CMD ["/probe", "live", "--cacert", "/ca.pem", "{url}"]
CMD ["/usr/bin/python3", "/service.py"]
"""
WITH_BUNDLE = """FROM {tls_image}
COPY ca.pem /etc/ssl/certs/ca-certificates.crt
"""


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """What the images are made of: the service, its certificate, and the file of the authority."""
    folder = tmp_path_factory.mktemp("private")
    authority = Authority(folder, name="a private authority")
    authority.certificate("service")
    authority.file.rename(folder / "ca.pem")
    (folder / "service.py").write_text(SERVICE)
    return folder


@pytest.fixture(scope="session")
def build(engine, base, tls_image, folder):
    def build(tag, dockerfile):
        text = dockerfile.format(tls_image=tls_image, base=base, often=" ".join(OFTEN), url=URL)
        (folder / "Dockerfile").write_text(text)
        return engine.build(folder, tag)

    return build


@pytest.fixture
def service(start, build):
    container = start(build("probe-test-service:tls", WITH_CACERT))
    container.wait_health("healthy")
    return container


def ask(engine, image, service):
    """What a container of an image says of the service, in whose network it is."""
    options = ["--rm", "--read-only", "--cap-drop", "ALL", "--network", f"container:{service.identity}"]
    return engine.docker("run", *options, image, "live", URL, check=False)


def test_private_authority(engine, service, build, tls_image):
    """Goal: the two ways to a private authority, --cacert and a bundle that was copied in, and what is said without one:
    in an image that has the public authorities, and in one that has none."""
    entry = service.health()["Log"][-1]
    assert entry["Output"].startswith("healthy in "), entry
    done = service.exec("/probe", "live", URL)
    assert done.returncode == 1
    assert "has an unknown authority: 'a private authority'" in done.stdout.splitlines()[0]
    done = ask(engine, tls_image, service)
    assert done.returncode == 1
    assert "no file of trusted authorities on this machine" in done.stdout.splitlines()[0]
    assert "COPY /etc/ssl/certs/ca-certificates.crt into the image" in done.stdout
    done = ask(engine, build("probe-test-bundle:tls", WITH_BUNDLE), service)
    assert (done.returncode, done.stdout.split(" in ")[0]) == (0, "healthy"), done


def test_image_without_tls_names_the_other(engine, service, probe_image):
    """Goal: who took the image without TLS is told which one has it."""
    done = ask(engine, probe_image, service)
    assert done.returncode == 1
    assert "probe:tls" in done.stdout.splitlines()[0]
