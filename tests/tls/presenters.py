"""nginx, Redis and PostgreSQL that change their certificate while they run, so that a table of certificates is quick.

Their OpenSSL is told to take what it would refuse by itself: old versions, short keys, weak hashes.
"""
import os
import socket
import ssl
import struct
import time
from pathlib import Path

import redis as redis_client

import servers
from addresses import Address
from services import postgres

LAX = """
openssl_conf = library
[library]
ssl_conf = modules
[modules]
system_default = all
[all]
MinProtocol = TLSv1
CipherString = ALL:@SECLEVEL=0
"""

NGINX = """
daemon off;
pid nginx.pid;
error_log stderr;
events {{ }}
http {{
    access_log off;
    client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
    map $ssl_server_name $shown {{ default {folder}/current; }}
    server {{
        listen 127.0.0.1:{port} ssl;
        listen [::1]:{port} ssl;
        ssl_certificate $shown.pem; ssl_certificate_key $shown.key;
        ssl_protocols TLSv1.2 TLSv1.3;
        location / {{ return 200 "ok"; }}
    }}
}}
"""
SSL_REQUEST = struct.pack("!ii", 8, 80877103)


class Presenter:
    """A server whose files are <folder>/current.pem and .key."""

    def __init__(self, services, folder):
        self.services = services
        self.folder = folder
        self.shown = None
        self.copy("good")

    def copy(self, name):
        for source, suffix in zip(getattr(self.services.certificates, name), (".pem", ".key")):
            new = self.folder / f"new{suffix}"
            new.write_text(source.read_text())
            new.chmod(0o600)
            servers.give_away(new)
            os.replace(new, self.folder / f"current{suffix}")

    def present(self, name):
        if name != self.shown:
            self.copy(name)
            self.reload()
            self.shown = name
        return self

    @property
    def files(self):
        return self.folder / "current.pem", self.folder / "current.key"

    @property
    def port(self):
        return self.server.port


class Web(Presenter):
    """nginx reads its files for each connection."""

    def __init__(self, services):
        super().__init__(services, services.stage.new_folder("nginx"))
        address = Address("127.0.0.1")
        (self.folder / "nginx.conf").write_text(NGINX.format(folder=self.folder, port=address.port))
        command = ["nginx", "-e", "stderr", "-p", self.folder, "-c", self.folder / "nginx.conf"]
        env = lax(self.folder)
        self.server = servers.Server("nginx", self.folder, address, command, env=env, unprivileged=True).start()

    def reload(self):
        pass

    def url(self, host="localhost"):
        return f"https://{host}:{self.port}/"


class Redis(Presenter):
    def __init__(self, services):
        super().__init__(services, services.stage.new_folder("redis"))
        self.password = services.password
        address = Address("127.0.0.1")
        self.socket = self.folder / "socket"
        values = {"bind": "127.0.0.1 ::1", "port": 0, "tls-port": address.port, "unixsocket": self.socket, "tls-auth-clients": "no"}
        values.update(zip(("tls-cert-file", "tls-key-file"), self.files))
        values.update({"tls-ca-cert-file": services.certificates.ca, "save": '""', "requirepass": f'"{self.password}"'})
        (self.folder / "redis.conf").write_text("".join(f"{name} {value}\n" for name, value in values.items()))
        command = ["redis-server", self.folder / "redis.conf"]
        env = lax(self.folder)
        self.server = servers.Server("redis", self.folder, address, command, env=env, unprivileged=True).start()

    def reload(self):
        with redis_client.Redis(unix_socket_path=str(self.socket), password=self.password) as client:
            names = zip(("tls-cert-file", "tls-key-file"), map(str, self.files))
            client.execute_command("CONFIG", "SET", *(word for pair in names for word in pair))

    def url(self, host="localhost"):
        return f"rediss://:{self.password}@{host}:{self.port}/0"


class Postgres(Presenter):
    def __init__(self, services):
        super().__init__(services, services.stage.new_folder("shown"))
        password = services.password
        settings = {"ssl": "on", "listen_addresses": "127.0.0.1,::1", "ssl_min_protocol_version": "TLSv1"}
        settings.update(zip(("ssl_cert_file", "ssl_key_file"), self.files))
        self.server = postgres(services.stage, password, env=lax(self.folder), **settings)

    def reload(self):
        wanted = ssl.PEM_cert_to_DER_cert(self.files[0].read_text().partition("-----END")[0] + "-----END CERTIFICATE-----")
        self.server.sql("SELECT pg_reload_conf()")
        end = time.monotonic() + 5
        while self.served() != wanted:
            if time.monotonic() > end:
                raise RuntimeError(f"PostgreSQL did not take the certificate:\n{self.server.log()}")
            time.sleep(0.005)

    def served(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(SSL_REQUEST)
            connection.recv(1)
            with context.wrap_socket(connection) as session:
                return session.getpeercert(binary_form=True)

    def url(self, host="localhost"):
        return f"postgres://postgres:{self.server.password}@{host}:{self.port}/postgres?sslmode=verify-full"


def lax(folder):
    file = Path(folder) / "openssl.cnf"
    file.write_text(LAX)
    file.chmod(0o644)
    return {"OPENSSL_CONF": str(file)}


class Presenters:
    """Started when first asked for."""

    KINDS = {"http": Web, "postgres": Postgres, "redis": Redis}

    def __init__(self, services):
        self.services = services
        self.running = {}

    def __getitem__(self, kind):
        if kind not in self.running:
            self.running[kind] = self.KINDS[kind](self.services)
        return self.running[kind]

    def close(self):
        for presenter in self.running.values():
            presenter.server.stop()
