"""pgbouncer in front of a real PostgreSQL, with a console, users by a file and a pool of its own."""
import servers
from addresses import Address


class Pgbouncer(servers.Server):
    """password: of its user app, and of admin, who may use the console."""

    password = None

    def url(self, user="app", password=None, database="app"):
        password = self.password if password is None else password
        return f"postgres://{user}:{password}@{self.host}:{self.port}/{database}"


def pgbouncer(stage, password, databases, **settings):
    """databases: name to connection string; settings: those of pgbouncer.ini."""
    folder = stage.new_folder("pgbouncer")
    address = Address("127.0.0.1")
    (folder / "users.txt").write_text(f'"app" "{password}"\n"admin" "{password}"\n')
    values = {
        "listen_addr": address.host,
        "listen_port": address.port,
        "auth_type": "scram-sha-256",
        "auth_file": folder / "users.txt",
        "admin_users": "admin",
        "unix_socket_dir": "",
        "server_login_retry": 1,
        "server_tls_sslmode": "disable",
        **settings,
    }
    lines = ["[databases]"] + [f"{name} = {string}" for name, string in databases.items()]
    lines += ["[pgbouncer]"] + [f"{name} = {value}" for name, value in values.items()]
    (folder / "pgbouncer.ini").write_text("\n".join(lines) + "\n")
    server = Pgbouncer("pgbouncer", folder, address, ["/usr/sbin/pgbouncer", folder / "pgbouncer.ini"], unprivileged=True)
    server.password = password
    return server.start()
