"""What TLS costs: instructions, bytes of memory and of the file, which are the same on a busy machine.

Run by tests/bench/run.sh --tls. With --write the table also goes into README.md beside this file, between <!-- tls --> and
<!-- /tls -->.
"""
import argparse
import sys

import bench
import generated
import servers
import services
from authority import Authority

TLS = bench.REPOSITORY / "build" / "tls" / "probe"
PATIENCE = {"PROBE_TIMEOUT": "30s"}  # valgrind is slow
SYSTEM = "/etc/ssl/certs/ca-certificates.crt"
COLUMNS = ["asked", "command", "instructions", "resident", "private", "written"]


def http_rows(start, pair, folder, authority):
    """The bundle is the system's, and the server's authority behind its last one."""
    bundle = folder / "bundle.pem"
    with open(SYSTEM) as system:
        bundle.write_text(system.read() + authority.file.read_text())
    roots = bundle.read_text().count("BEGIN CERTIFICATE")
    plain, https = start(servers.nginx), start(services.nginx, pair)
    (plain.folder / "html" / "health").write_text("ok\n")
    asked = f"HTTPS, {roots} authorities"
    env = {"SSL_CERT_FILE": str(bundle)}
    url = f"https://localhost:{https.port}/"
    yield "HTTP", {}, bench.Row("probe live :8000/health, without TLS", [bench.RELEASE / "probe", "live", f":{plain.port}/health"])
    yield "HTTP", {}, bench.Row("probe live :8000/health, with TLS", [TLS, "live", f":{plain.port}/health"])
    yield asked, env, bench.Row("probe live https://localhost/", [TLS, "live", url])
    yield asked, env, bench.Row("curl -fsS -o /dev/null https://localhost/", ["/usr/bin/curl", "-fsS", "-o", "/dev/null", url])


def postgres_rows(start, pair, authority):
    server = start(services.postgres, bench.PASSWORD, pair)
    asked = "PostgreSQL, verify-full"
    root = f"sslrootcert={authority.file}"
    url = f"postgres://postgres:{server.password}@localhost:{server.port}/postgres?sslmode=verify-full&{root}"
    env = {"BENCH_DB": url}
    psql = servers.postgres_program("psql")
    yield asked, env, bench.Row("probe ready --no-http --db", [TLS, "ready", "--no-http", "--db=env:BENCH_DB"])
    yield asked, env, bench.Row("psql -c 'select 1'", [psql, "-X", url, "-c", "select 1"])


def redis_rows(start, pair, authority):
    server = start(services.redis, pair, authority.file, bench.PASSWORD)
    asked = "Redis over TLS"
    env = {"BENCH_REDIS": f"rediss://:{bench.PASSWORD}@localhost:{server.port}", "REDISCLI_AUTH": bench.PASSWORD}
    words = ["ready", "--no-http", "--cacert", authority.file, "--redis=env:BENCH_REDIS"]
    cli = ["/usr/bin/redis-cli", "--tls", "--cacert", authority.file, "-h", "localhost", "-p", server.port, "ping"]
    yield asked, env, bench.Row("probe ready --no-http --redis", [TLS, *words])
    yield asked, env, bench.Row("redis-cli --tls ping", cli)


def measure():
    with bench.starting() as (stage, start):
        folder = stage.new_folder("certificates")
        folder.chmod(0o755)
        authority = Authority(folder)
        pair = authority.certificate("server")
        rows = [*http_rows(start, pair, folder, authority), *postgres_rows(start, pair, authority)]
        rows += redis_rows(start, pair, authority)
        for _, env, row in rows:
            bench.measure_size(row, {**PATIENCE, **env})
            bench.report_progress(row.label)
        return rows


def cells(asked, row):
    numbers = [f"{row.instructions:,}", *(f"{size:,} kB" for size in (row.resident, row.memory, row.written))]
    return [asked, f"`{row.label}`", *numbers]


def markdown(rows):
    lines = [f"| {' | '.join(line)} |" for line in [COLUMNS, *(cells(asked, row) for asked, _, row in rows)]]
    lines.insert(1, "|---|---|---:|---:|---:|---:|")
    sizes = " and ".join(f"{path.stat().st_size:,}" for path in (bench.RELEASE / "probe", TLS))
    return "\n".join(lines) + f"\n\nThe files have {sizes} bytes. The keys are of P-256, all servers speak TLS 1.3.\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="put the table into tests/bench/README.md")
    options = parser.parse_args()
    table = markdown(measure())
    print(f"\n{table}")
    if options.write:
        generated.write_section(bench.README, "tls", f"\n{table}\n")


if __name__ == "__main__":
    sys.exit(main())
