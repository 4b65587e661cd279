"""The real servers of the tests. Each runs in a folder of its own, on a port of its own, and is stopped by its pid.

Every function here starts one and returns when it is ready (with wait=False at once). Tests use them through the
fixtures of the same names, which also stop them.
"""
import contextlib
import fcntl
import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg2
import redis as redis_client

import processes
from addresses import Address

DJANGO_APP = Path(__file__).resolve().parent / "django_app"
START_SECONDS = 20
STOP_SECONDS = 4
LOG_TAIL = 4000
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUNBUFFERED": "1",
}


class Stage:
    """A session's folder, open to the unprivileged user of the servers, and what is made once and shared.

    shared: a folder that it has in common with the other processes of the session, if there are any.
    """

    def __init__(self, shared=None):
        self.shared = shared
        self.folder = Path(tempfile.mkdtemp(prefix="probe-e2e-"))
        self.folder.chmod(0o755)
        self.count = 0
        self.postgres_password = None
        self._certificate = None
        self._postgres_data = None

    def new_folder(self, name):
        self.count += 1
        folder = self.folder / f"{name}-{self.count}"
        folder.mkdir()
        give_away(folder)
        return folder

    def certificate(self):
        """(certificate, key): self-signed, for localhost."""
        if self._certificate is None:
            folder = self.new_folder("tls")
            self._certificate = folder / "cert.pem", folder / "key.pem"
            make_certificate(*self._certificate)
        return self._certificate

    def postgres_data(self, password):
        """A data directory just made by initdb. It takes a second, so that servers get copies of it; the superuser's
        password is that of the first who asks."""
        if self._postgres_data is None:
            folder = self.shared or self.new_folder("initdb")
            with open(folder / "initdb-lock", "w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if not (folder / "initdb").exists():
                    make_postgres_data(folder / "initdb", password)
            self.postgres_password = (folder / "initdb" / "password").read_text()
            self._postgres_data = folder / "initdb" / "data"
        return self._postgres_data

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class Server:
    """A process that serves. `is_ready` is asked until it says yes."""

    stop_signal = signal.SIGTERM

    def __init__(self, name, folder, address, command, env=None, unprivileged=False):
        self.name = name
        self.folder = folder
        self.address = address
        self.argv = [str(word) for word in command]
        self.env = {**ENVIRONMENT, **(env or {})}
        self.user = unprivileged_user() if unprivileged else {}
        self.log_file = folder / "log"
        self.process = None

    @property
    def host(self):
        return self.address.host

    @property
    def port(self):
        return self.address.port

    @property
    def pid(self):
        return self.process.pid

    def url(self, path="/", scheme="http"):
        return self.address.url(path, scheme)

    def is_ready(self):
        return self.address.accepts()

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def start(self, wait=True):
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                self.argv,
                cwd=self.folder,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self.user,
            )
        if wait:
            self.wait()
        return self

    def wait(self, seconds=START_SECONDS):
        """Returns when the server is ready; raises with its log when it ends or takes too long."""
        processes.wait_until(lambda: not self.is_running() or self.is_ready(), seconds)
        if not self.is_running() or not self.is_ready():
            self.stop()
            raise RuntimeError(f"{self.name} is not ready after {seconds} s; its log:\n{self.log()}")

    def stop(self):
        """Asks, waits, then kills; what it started ends with it. May be called twice."""
        if self.process is None:
            return
        if self.is_running():
            self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        processes.kill_all(processes.in_session(self.process.pid))

    def log(self):
        return self.log_file.read_text(errors="replace")[-LOG_TAIL:]

    def __repr__(self):
        return f"<{self.name} at {self.address.listen}>"


# Gunicorn and Django ------------------------------------------------------------------------------------------------


class Gunicorn(Server):
    workers = 1

    def is_ready(self):
        return self.log_file.read_text().count("worker is ready") >= self.workers

    @contextlib.contextmanager
    def busy_worker(self):
        """One of its workers is busy for longer than any check."""
        with self.address.connect() as client:
            client.sendall(b"GET /sleep/20/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
            time.sleep(0.2)
            yield


def gunicorn(stage, at="127.0.0.1", workers=1, wait=True, options=(), **settings):
    """The Django service; settings are the switches of django_app/service/settings.py: gunicorn(DEBUG="1")."""
    folder = stage.new_folder("gunicorn")
    address = Address(at, folder)
    command = [sys.executable, "-m", "gunicorn", "--chdir", DJANGO_APP, "--bind", address.listen]
    command += ["--config", DJANGO_APP / "gunicorn.conf.py", "--workers", workers]
    command += ["--graceful-timeout", "1", *options, "service.wsgi"]
    server = Gunicorn("gunicorn", folder, address, command, env=settings)
    server.workers = workers
    return server.start(wait)


def manage(*arguments, **settings):
    """Django's command line on the same project: manage("migrate", "orders", "0001", DB_HOST=...)."""
    command = [sys.executable, str(DJANGO_APP / "manage.py"), *arguments]
    env = {**ENVIRONMENT, **settings}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise RuntimeError(f"manage.py {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


# nginx --------------------------------------------------------------------------------------------------------------

NGINX_CONF = """
daemon off;
pid nginx.pid;
error_log stderr;
events {{ }}
http {{
    access_log off;
    client_body_temp_path tmp;
    proxy_temp_path tmp;
    fastcgi_temp_path tmp;
    uwsgi_temp_path tmp;
    scgi_temp_path tmp;
    server {{
        listen {listen};
        {tls}
        root html;
        {conf}
    }}
}}
"""


def nginx(stage, conf="", at="127.0.0.1", tls=False, wait=True):
    """nginx with one server block that holds conf; files are served from <folder>/html."""
    folder = stage.new_folder("nginx")
    address = Address(at, folder)
    (folder / "html").mkdir()
    listen, certificate = address.listen, ""
    if tls:
        cert, key = stage.certificate()
        listen, certificate = f"{listen} ssl", f"ssl_certificate {cert}; ssl_certificate_key {key};"
    text = NGINX_CONF.format(listen=listen, tls=certificate, conf=conf)
    (folder / "nginx.conf").write_text(text)
    command = ["nginx", "-e", "stderr", "-p", folder, "-c", folder / "nginx.conf"]
    return Server("nginx", folder, address, command, unprivileged=True).start(wait)


def make_certificate(cert, key):
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    command += ["-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"]
    subprocess.run([*command, "-out", cert, "-keyout", key], check=True, capture_output=True)
    give_away(key)


# busybox ------------------------------------------------------------------------------------------------------------


def busybox_httpd(stage, root=None, at="127.0.0.1", wait=True):
    """The smallest real web server: serves the folder `root`, by default an empty one, <folder>/html."""
    folder = stage.new_folder("busybox")
    address = Address(at)
    if root is None:
        root = folder / "html"
        root.mkdir()
    command = ["busybox", "httpd", "-f", "-p", address.listen, "-h", root]
    return Server("busybox httpd", folder, address, command).start(wait)


# PostgreSQL ---------------------------------------------------------------------------------------------------------


class Postgres(Server):
    """The superuser is postgres; on the unix socket (in the server's folder) it needs no password."""

    stop_signal = signal.SIGINT  # the fast shutdown: does not wait for clients to leave
    password = None

    def is_ready(self):
        try:
            self.connect().close()
            return True
        except psycopg2.OperationalError:
            return False

    def connect(self, database="postgres"):
        return psycopg2.connect(
            host=str(self.folder), port=self.port, user="postgres", dbname=database, connect_timeout=5
        )

    def sql(self, statement, *values, database="postgres"):
        """Runs one statement as the superuser, outside a transaction; gives the rows if there are any."""
        connection = self.connect(database)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement, values or None)
                return cursor.fetchall() if cursor.description else None
        finally:
            connection.close()

    @contextlib.contextmanager
    def locked_table(self, name):
        """A table that somebody else has to himself."""
        self.sql(f"CREATE TABLE {name} ()")
        with contextlib.closing(self.connect()) as locker:
            locker.cursor().execute(f"LOCK TABLE {name}")
            yield

    def url(self, user="postgres", password=None, database="postgres", scheme="postgres"):
        password = self.password if password is None else password
        return f"{scheme}://{user}:{password}@{self.address.client_host}:{self.port}/{database}"

    def settings(self):
        """The same as the environment of the Django service: gunicorn(**postgres.settings())."""
        return {
            "DB_HOST": self.address.client_host,
            "DB_PORT": str(self.port),
            "DB_NAME": "postgres",
            "DB_USER": "postgres",
            "DB_PASSWORD": self.password,
        }


def postgres(stage, password, hba=("host all all all scram-sha-256",), prepare=None, wait=True, env=None, **settings):
    """PostgreSQL; hba are the lines of pg_hba.conf, settings those of postgresql.conf.

    prepare(data) is called with the data directory before the start (standby.signal, ...).
    """
    template = stage.postgres_data(password)
    folder = stage.new_folder("postgres")
    data = folder / "data"
    subprocess.run(["cp", "-a", "--reflink=auto", template, data], check=True)
    (data / "pg_hba.conf").write_text("\n".join(["local all postgres trust", *hba, ""]))
    if prepare:
        prepare(data)
    address = Address("127.0.0.1")
    values = {"fsync": "off", "shared_buffers": "16MB", "unix_socket_directories": folder}
    values.update({"listen_addresses": address.host, "port": address.port, **settings})
    command = [postgres_program("postgres"), "-D", data]
    command += [f"--{name}={value}" for name, value in values.items()]
    server = Postgres("postgres", folder, address, command, env=env, unprivileged=True)
    server.password = stage.postgres_password
    return server.start(wait)


def make_postgres_data(folder, password):
    """Puts data and password into a new folder."""
    folder.mkdir()
    give_away(folder)
    data, password_file = folder / "data", folder / "password"
    password_file.write_text(password)
    give_away(password_file)
    command = [postgres_program("initdb"), "-D", data, "-U", "postgres", "--pwfile", password_file]
    command += ["-A", "scram-sha-256", "--no-sync", "--wal-segsize=1", "--encoding=UTF8", "--locale=C.UTF-8"]
    options = {"env": ENVIRONMENT, "cwd": data.parent, "stdin": subprocess.DEVNULL, **unprivileged_user()}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, **options)
    if done.returncode != 0:
        raise RuntimeError(f"initdb failed:\n{done.stdout}{done.stderr}")


def postgres_program(name):
    """Debian keeps them by major version, out of PATH."""
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))
    if not found:
        raise RuntimeError(f"no {name} under /usr/lib/postgresql")
    return found[-1]


# Redis --------------------------------------------------------------------------------------------------------------


class Redis(Server):
    password = None

    def is_ready(self):
        """Any answer will do: NOAUTH and LOADING are what tests are after."""
        try:
            with self.address.connect() as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(1) != b""
        except (OSError, socket.timeout):
            return False

    def client(self, **options):
        return redis_client.Redis(
            host=self.address.client_host, port=self.port, password=self.password, socket_timeout=5, **options
        )

    def command(self, *words):
        """Runs one command as the default user: redis.command("SET", "name", "value")."""
        with self.client() as client:
            return client.execute_command(*words)

    def url(self, database=0, scheme="redis"):
        secret = f":{self.password}@" if self.password else ""
        return f"{scheme}://{secret}{self.address.client_host}:{self.port}/{database}"


def redis(stage, password=None, prepare=None, wait=True, **settings):
    """Redis without persistence; settings are the lines of redis.conf, "_" for "-": redis(maxmemory="1mb").

    It also listens on <folder>/socket. prepare(folder) is called before the start (dump.rdb, ...).
    """
    folder = stage.new_folder("redis")
    if prepare:
        prepare(folder)
    address = Address("127.0.0.1")
    values = {"bind": address.host, "port": address.port, "dir": folder, "save": '""'}
    values["unixsocket"] = folder / "socket"
    if password:
        values["requirepass"] = f'"{password}"'
    values.update(settings)
    lines = [f"{name.replace('_', '-')} {value}\n" for name, value in values.items()]
    (folder / "redis.conf").write_text("".join(lines))
    command = ["redis-server", folder / "redis.conf"]
    server = Redis("redis", folder, address, command, unprivileged=True)
    server.password = password
    return server.start(wait)


# The unprivileged user ----------------------------------------------------------------------------------------------


def unprivileged_user():
    """PostgreSQL refuses root, nginx leaves it: when we are root, they run as nobody."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def give_away(path):
    user = unprivileged_user()
    if user:
        os.chown(path, user["user"], user["group"])
