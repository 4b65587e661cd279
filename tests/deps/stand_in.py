"""A stand-in on loopback for Debian's mirrors and for upstream's hosts: what it has, and how it lies."""
import hashlib
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from runner import REPOSITORY

CODENAME = "trixie"
SUITES = [CODENAME, f"{CODENAME}-security", f"{CODENAME}-updates", f"{CODENAME}-backports", "forky", "sid"]


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, timeout=60, **options)


def digest(data):
    return hashlib.sha256(data).hexdigest()


# How a file is answered: functions of the handler and the file's bytes ------------------------------------------------


def whole(handler, data):
    handler.answer(200, data, [("Content-Length", len(data))])


def absent(handler, _data):
    handler.answer(404, b"no such file", [("Content-Length", 12)])


def wrong(handler, data):
    whole(handler, b"X" + data[1:])


def half(handler, data):
    """The connection closes in the middle of what the header promises."""
    handler.answer(200, data[: len(data) // 2], [("Content-Length", len(data))])


def half_unannounced(handler, data):
    """The same without a promise, so that the client cannot know."""
    handler.answer(200, data[: len(data) // 2], [])


def login_page(handler, _data):
    """As a captive portal does, which answers everything."""
    whole(handler, b"<html>please log in</html>")


def silence(handler, _data):
    handler.server.stopped.wait(120)


def drip(handler, data):
    """A byte a second: alive, but without an end in sight."""
    handler.answer(200, data[:1], [("Content-Length", len(data))])
    for byte in data[1:]:
        if handler.server.stopped.wait(1):
            return
        handler.wfile.write(bytes([byte]))


MOVED = "/moved"


def redirected(handler, _data):
    """To the same file under another name, where it is whole."""
    handler.answer(302, b"", [("Location", MOVED + handler.path), ("Content-Length", 0)])


class Handler(BaseHTTPRequestHandler):
    # HTTP/1.0: one request a connection, and the end of the connection may be that of the answer.
    def do_GET(self):
        url = self.server.base + self.path
        self.server.requests.append(url)
        data = self.server.files.get(self.path.removeprefix(MOVED))
        manner = self.server.manners.get(self.path, whole if data is not None else absent)
        try:
            manner(self, data or b"")
        except OSError:
            pass  # the client has gone

    def answer(self, status, body, headers):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class TunnelHandler(Handler):
    """A proxy that plays every host for which it is asked."""

    def do_CONNECT(self):
        host = self.path.rpartition(":")[0]
        if not self.server.reachable:
            self.server.requests.append(f"https://{host}")
            self.send_error(502)
            return
        self.send_response(200)
        self.end_headers()
        try:
            with self.server.tls.wrap_socket(self.connection, server_side=True) as connection:
                InTunnelHandler(connection, self.client_address, Host(self.server, host))
        except OSError:
            pass  # the client does not trust us, or has gone


class InTunnelHandler(Handler):
    pass


class Host:
    """What a handler sees of the server when it answers for one host."""

    def __init__(self, server, host):
        self.base = f"https://{host}"
        self.stopped = server.stopped
        self.requests = server.requests
        self.files = {url.removeprefix(self.base): data for url, data in server.files.items()}
        self.manners = {url.removeprefix(self.base): manner for url, manner in server.manners.items()}


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.base = f"http://127.0.0.1:{self.server_port}"
        self.files = {}
        self.manners = {}
        self.requests = []
        self.stopped = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def stop(self):
        self.stopped.set()
        self.shutdown()
        self.server_close()


class Key:
    """A key that signs lists, and the file that apt is to trust."""

    def __init__(self):
        self.home = tempfile.mkdtemp(prefix="gpg-")  # short: its agent has a socket there
        self.environment = {**os.environ, "GNUPGHOME": self.home}
        self.gpg("--quick-generate-key", "stand-in", "rsa2048", "sign", "never")
        self.file = Path(self.home) / "stand-in.asc"
        self.file.write_bytes(self.gpg("--armor", "--export"))

    def gpg(self, *words, data=None):
        command = ["gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "", *words]
        return run(*command, env=self.environment, input=data).stdout

    def sign(self, text):
        return self.gpg("--clearsign", data=text.encode())

    def remove(self):
        run("gpgconf", "--kill", "gpg-agent", env=self.environment)
        shutil.rmtree(self.home)


class Mirror(Server):
    """Debian's archive: pools, and lists that may say anything."""

    def __init__(self, key):
        super().__init__(Handler)
        self.key = key

    def pool(self, name, data, manner=whole, area="debian/pool"):
        """Has a file: pool("main/c/cjson/cjson_1.orig.tar.gz", b"...")"""
        path = f"/{area}/{name}"
        self.files[path] = data
        self.manners[path] = manner

    def lists(self, suite, *packages, key=None, area="debian"):
        """Lists in a suite what need not be there: (package, upstream version, upstream's tarball, Debian's)."""
        text = "\n".join(self.stanza(*package) for package in packages)
        release = f"Suite: {suite}\nCodename: {suite}\nDate: {formatdate(usegmt=True)}\nComponents: main\n"
        release += f"SHA256:\n {digest(text.encode())} {len(text)} main/source/Sources\n"
        self.files[f"/{area}/dists/{suite}/InRelease"] = (key or self.key).sign(release)
        self.files[f"/{area}/dists/{suite}/main/source/Sources"] = text.encode()

    @staticmethod
    def stanza(package, version, tarball, patches=b"patches"):
        files = {
            f"{package}_{version}-1.dsc": b"a dsc",
            f"{package}_{version}.orig.tar.gz": tarball,
            f"{package}_{version}-1.debian.tar.xz": patches,
        }
        sums = "".join(f"\n {digest(data)} {len(data)} {name}" for name, data in files.items())
        md5 = "".join(f"\n {hashlib.md5(data).hexdigest()} {len(data)} {name}" for name, data in files.items())
        return (
            f"Package: {package}\nBinary: lib{package}\nVersion: {version}-1\nFormat: 3.0 (quilt)\nArchitecture: any\n"
            f"Directory: pool/main/{package[0]}/{package}\nFiles:{md5}\nChecksums-Sha256:{sums}\n"
        )

    def asked_for(self, word):
        return [url for url in self.requests if word in url]


class Upstream(Server):
    """Upstream's hosts, all behind one proxy. Its files have whole addresses; nothing is reachable until reachable is set."""

    def __init__(self, folder, hosts):
        super().__init__(TunnelHandler)
        self.reachable = False
        self.certificate = folder / "upstream.pem"
        names = ",".join(f"DNS:{host}" for host in hosts)
        run(
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=stand-in"),
            *("-addext", f"subjectAltName={names}", "-keyout", folder / "key.pem", "-out", self.certificate),
        )
        self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.tls.load_cert_chain(self.certificate, folder / "key.pem")

    def has(self, url, data, manner=whole):
        self.reachable = True
        self.files[url] = data
        self.manners[url] = manner


def pinned_files(folder):
    """The files that the project's recipes pin, by the names that they have in a pool: from the cache, or fetched as ever."""
    deps = REPOSITORY / "probe" / "deps"
    folder.mkdir()
    subprocess.run([str(deps / "build.sh"), "sources", str(folder)], check=True, timeout=600, capture_output=True)
    tell = f'. "{deps}/common.sh"; . "{deps}/debian.sh"; load_pin "$1"; echo "$file $(pinned_path)"'
    files = {}
    for recipe in (deps / "recipes").glob("*.sh"):
        words = run("sh", "-euc", f'deps="{deps}"; {tell}', "sh", recipe.stem).stdout.decode().split()
        if (folder / words[0]).is_file():  # not cmocka's, which is for tests
            files[words[1]] = (folder / words[0]).read_bytes()
    return files


def unused_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def environment(folder, mirrors, upstream=None):
    """The environment of a machine in which apt knows these mirrors and no other; [(base, key, area)]."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    sources = folder / "debian.sources"
    sources.write_text("\n".join(source(mirror) for mirror in mirrors))
    config = folder / "apt.conf"
    config.write_text(
        f'Dir::Etc::SourceList "{sources}";\nDir::Etc::SourceParts "/dev/null";\n'
        'Acquire::http::Proxy::127.0.0.1 "DIRECT";\n'
    )
    # Without a stand-in for upstream nobody answers there.
    proxy = upstream.base if upstream else f"http://127.0.0.1:{unused_port()}"
    certificate = {"CURL_CA_BUNDLE": str(upstream.certificate)} if upstream else {}
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "APT_CONFIG": str(config),
        "https_proxy": proxy,
        **certificate,
    }


def source(mirror):
    """The two areas of a mirror, as a machine's configuration names them."""
    areas = [("debian", CODENAME), ("debian-security", f"{CODENAME}-security")]
    return "\n".join(
        f"Types: deb\nURIs: {mirror.base}/{area}\nSuites: {suite}\nComponents: main\nSigned-By: {mirror.key.file}\n"
        for area, suite in areas
    )
