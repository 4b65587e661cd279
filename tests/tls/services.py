"""The three kinds of servers with TLS, started when a test first asks for one and kept for the session."""
import servers
from addresses import Address

NGINX = """
daemon off;
pid nginx.pid;
error_log stderr;
events {{ }}
http {{
    access_log off;
    client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
    server {{
        listen {listen} ssl;
        ssl_certificate {certificate}; ssl_certificate_key {key};
        {conf}
        location / {{ return 200 "ok $ssl_protocol $ssl_server_name"; }}
        location /wants {{ if ($ssl_client_verify != SUCCESS) {{ return 403; }} return 200; }}
    }}
}}
"""


def nginx(stage, pair, conf=""):
    folder = stage.new_folder("nginx")
    address = Address("127.0.0.1")
    text = NGINX.format(listen=address.listen, certificate=pair[0], key=pair[1], conf=conf.replace("LISTEN", address.listen))
    (folder / "nginx.conf").write_text(text)
    command = ["nginx", "-e", "stderr", "-p", folder, "-c", folder / "nginx.conf"]
    return servers.Server("nginx", folder, address, command, unprivileged=True).start()


def s_server(stage, pair, *options):
    """OpenSSL's own server, which can be made odd; it serves a status page over HTTP."""
    folder = stage.new_folder("s_server")
    address = Address("127.0.0.1")
    command = ["openssl", "s_server", "-accept", address.port, "-cert", pair[0], "-key", pair[1], "-www", *options]
    return servers.Server("s_server", folder, address, command).start()


def redis(stage, pair, authority, password, auth_clients="no", **settings):
    """Redis that speaks TLS only. settings: lines of redis.conf, "_" for "-"."""
    folder = stage.new_folder("redis")
    address = Address("127.0.0.1")
    values = {"bind": "127.0.0.1", "port": 0, "tls-port": address.port, "tls-cert-file": pair[0], "tls-key-file": pair[1]}
    values.update({"tls-ca-cert-file": authority, "tls-auth-clients": auth_clients, "save": '""', "requirepass": f'"{password}"'})
    values.update({name.replace("_", "-"): value for name, value in settings.items()})
    lines = [(name, value) for name, values in values.items() for value in (values if isinstance(values, list) else [values])]
    (folder / "redis.conf").write_text("".join(f"{name} {value}\n" for name, value in lines))
    server = servers.Server("redis", folder, address, ["redis-server", folder / "redis.conf"], unprivileged=True)
    return server.start()


def postgres(stage, password, pair=None, authority=None, hba=("hostssl all all all scram-sha-256",), **settings):
    """PostgreSQL with TLS, or without any where there is no certificate."""
    if pair:
        settings.update({"ssl": "on", "ssl_cert_file": pair[0], "ssl_key_file": pair[1]})
    if authority:
        settings["ssl_ca_file"] = authority
    return servers.postgres(stage, password, hba=hba, **settings)


class Services:
    """services.http("good"): started once for the same arguments."""

    def __init__(self, stage, certificates, registry):
        self.stage, self.certificates = stage, certificates
        self.registry = registry
        self.password = registry.secret()
        self.running = {}

    def once(self, start, kind, *arguments, **options):
        key = (kind, repr(arguments), repr(options))
        if key not in self.running:
            self.running[key] = start(self.stage, *arguments, **options)
        return self.running[key]

    def pair(self, name):
        return getattr(self.certificates, name)

    def http(self, name, conf=""):
        return self.once(nginx, "http", self.pair(name), conf)

    def plain(self):
        return self.once(servers.busybox_httpd, "plain")

    def odd(self, name, *options):
        return self.once(s_server, "odd", self.pair(name), *options)

    def redis(self, name, **settings):
        return self.once(redis, "redis", self.pair(name), self.certificates.ca, self.password, **settings)

    def postgres(self, name, **settings):
        pair = self.pair(name) if name else None
        self.stage.postgres_data(self.password)
        return self.once(postgres, "postgres", self.stage.postgres_password, pair, **settings)

    def url(self, kind, name, host="localhost", **settings):
        """A target that wants everything verified by the test's authority, but for what a test adds."""
        server = getattr(self, kind)(name, **settings)
        if kind == "http":
            return f"https://{host}:{server.port}/"
        if kind == "redis":
            return f"rediss://:{self.password}@{host}:{server.port}/0"
        return f"postgres://postgres:{server.password}@{host}:{server.port}/postgres?sslmode=verify-full"

    def close(self):
        for server in self.running.values():
            server.stop()
