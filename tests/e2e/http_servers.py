"""More real web servers, for the tests of what their answers show. Each is started like those of servers.py."""
import fcntl
import shutil
import subprocess
from pathlib import Path

import pytest

from addresses import Address, free_port
from servers import Server, give_away

CACHE = Path.home() / ".cache" / "probe"
MODULES = "/usr/lib/apache2/modules"
APACHE_MODULES = ["mpm_event", "authz_core", "authz_host", "alias", "dir", "proxy", "proxy_http", "rewrite"]


def page_folder(folder):
    """<folder>/html with one page, /ok."""
    html = folder / "html"
    html.mkdir()
    (html / "ok").write_text("ok\n")
    give_away(html)
    return html


def apache(stage, conf="", at="127.0.0.1", wait=True):
    """Apache with conf in its server's configuration; files are served from <folder>/html."""
    folder = stage.new_folder("apache")
    address = Address(at)
    html = page_folder(folder)
    lines = [f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in APACHE_MODULES]
    lines += [f"Listen {address.listen}", f"ServerRoot {folder}", "PidFile pid", "ErrorLog error.log"]
    lines += ["ServerName localhost", f"DocumentRoot {html}", "DefaultRuntimeDir .", conf]
    (folder / "apache.conf").write_text("\n".join(lines) + "\n")
    command = ["/usr/sbin/apache2", "-X", "-d", folder, "-f", "apache.conf"]
    return Server("apache", folder, address, command, unprivileged=True).start(wait)


def lighttpd(stage, conf="", at="127.0.0.1", wait=True):
    """lighttpd with conf; files are served from <folder>/html."""
    folder = stage.new_folder("lighttpd")
    address = Address(at)
    html = page_folder(folder)
    lines = [f'server.document-root = "{html}"', f'server.bind = "{address.host}"', f"server.port = {address.port}"]
    (folder / "lighttpd.conf").write_text("\n".join([*lines, conf, ""]))
    return Server("lighttpd", folder, address, ["/usr/sbin/lighttpd", "-D", "-f", folder / "lighttpd.conf"]).start(wait)


HAPROXY = """
defaults
    mode http
    timeout client 5s
    timeout server 1s
    timeout connect 1s
    retries 0
frontend front
    bind {listen} {options}
    {front}
    default_backend back
backend back
    {back}
"""


def haproxy(stage, front="", back="", options="", at="127.0.0.1", wait=True):
    """HAProxy with one frontend and one backend; options are those of the bind line."""
    folder = stage.new_folder("haproxy")
    address = Address(at)
    text = HAPROXY.format(listen=address.listen, front=front, back=back, options=options)
    (folder / "haproxy.cfg").write_text(text)
    return Server("haproxy", folder, address, ["/usr/sbin/haproxy", "-db", "-f", folder / "haproxy.cfg"]).start(wait)


def caddy(stage, site, at="127.0.0.1", wait=True):
    """Caddy; site is a Caddyfile in which {address} stands for the port it is to listen on."""
    folder = stage.new_folder("caddy")
    address = Address(at)
    page_folder(folder)
    options = "{\n admin off\n auto_https disable_certs\n http_port %d\n https_port %d\n}\n" % (address.port, free_port())
    (folder / "Caddyfile").write_text(options + site.replace("{folder}", str(folder)))
    env = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    command = ["/usr/bin/caddy", "run", "--config", folder / "Caddyfile", "--adapter", "caddyfile"]
    return Server("caddy", folder, address, command, env=env).start(wait)


def php_fpm(stage, wait=True):
    """PHP-FPM on a port of its own, for a web server in front: fastcgi_pass 127.0.0.1:<port>."""
    folder = stage.new_folder("php")
    address = Address("127.0.0.1")
    (folder / "ok.php").write_text('<?php echo "ok";\n')
    (folder / "raise.php").write_text('<?php throw new Exception("no database");\n')
    (folder / "secret.txt").write_text("no script\n")
    lines = ["[global]", f"error_log = {folder}/error.log", "daemonize = no", "[www]", f"listen = {address.listen}"]
    lines += ["pm = static", "pm.max_children = 1", "ping.path = /ping", "php_admin_flag[display_errors] = off"]
    (folder / "fpm.conf").write_text("\n".join([*lines, ""]))
    program = sorted(Path("/usr/sbin").glob("php-fpm*"))[-1]
    command = [program, "-n", "-F", "-y", folder / "fpm.conf"]
    return Server("php-fpm", folder, address, command, unprivileged=True).start(wait)


EXPRESS = """
const express = require("express"), net = require("net");
const app = express();
app.get("/ok", (request, response) => response.send("ok"));
app.get("/db", (request, response, next) => net.connect(DATABASE, "127.0.0.1").on("error", next));
app.listen(%d, "127.0.0.1");
"""


def express_modules():
    """Where Express is installed; installs it once, and skips the test where npm cannot."""
    folder = CACHE / "express"
    folder.mkdir(parents=True, exist_ok=True)
    if not shutil.which("npm") or not shutil.which("node"):
        pytest.skip("Express needs npm and node")
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "node_modules" / "express").is_dir():
            command = ["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", folder, "express@4"]
            done = subprocess.run(command, capture_output=True, text=True, timeout=120)
            if done.returncode != 0:
                pytest.skip(f"npm cannot install Express: {done.stdout}{done.stderr}"[:200])
    return folder / "node_modules"


def node(stage, script, modules="", wait=True):
    """A script of node's that listens on the port for which its %d stands."""
    folder = stage.new_folder("node")
    address = Address("127.0.0.1")
    (folder / "app.js").write_text(script % address.port)
    env = {"NODE_PATH": str(modules), "HOME": str(folder)}
    return Server("node", folder, address, [shutil.which("node"), folder / "app.js"], env=env).start(wait)


def express(stage, database_port, wait=True):
    """Express in its development mode: /ok, and /db, which asks a database on that port."""
    return node(stage, EXPRESS.replace("DATABASE", str(database_port)), express_modules(), wait)
