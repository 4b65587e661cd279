"""Targets of PostgreSQL as they are found in real projects, and random ones: psql (libpq) is the arbiter.

{p} is the server's port, {n} one where nobody listens, {d} the folder of its socket, {e} the same percent-encoded.
The role app has the password of {w}, also percent-encoded in {x} and quoted for a keyword string in {q}; so has the role user@server. Databases: app, a b.
A row is (target, variables, what psql gets in its place, why we differ); None where there is nothing to say.
"""
import random
from urllib.parse import quote

APP = "postgres://app:{x}@127.0.0.1:{p}/app"
OURS = "psql knows two schemes only: it gets the same behind one of them"
ASIDE = "words of another driver, set aside: psql refuses what it does not know"


def row(target, env=None, psql=None, why=None):
    return target, env or {}, psql or target, why


def aside(query):
    return row(f"{APP}?{query}", psql=APP, why=ASIDE)


PARTS = {"PGHOST": "127.0.0.1", "PGPORT": "{p}", "PGUSER": "app", "PGPASSWORD": "{w}", "PGDATABASE": "app"}


def without(*names):
    return {name: value for name, value in PARTS.items() if name not in names}


ROWS = [
    # hosts, ports, sockets
    row(APP),
    row("postgresql://app:{x}@127.0.0.1:{p}/app"),
    row("postgres://app:{x}@localhost:{p}/app"),
    row("postgres://app:{x}@127.0.0.1:{n}/app"),
    row("postgres://app:{x}@[::1]:{n},127.0.0.1:{p}/app"),
    row("postgres://app:{x}@127.0.0.1:{n},127.0.0.1:{p}/app"),
    row("postgres://app:{x}@127.0.0.1,127.0.0.1:{p}/app"),
    row("postgres://app:{x}@/app?host=127.0.0.1,127.0.0.1&port={n},{p}"),
    row("postgres://app:{x}@/app?host=127.0.0.1,127.0.0.1&port={p}"),
    row("postgres://app:{x}@/app?host=127.0.0.1,127.0.0.1,127.0.0.1&port={n},{p}"),
    row("postgres://app:{x}@/app?host=127.0.0.1&port={n},{p}"),
    row("postgres://app:{x}@{e}:{p}/app"),
    row("postgres://app:{x}@{e}/app?port={p}"),
    row("postgres://app:{x}@/app?host={d}&port={p}"),
    row("postgres://app:{x}@/app?host={e}&port={p}"),
    row("postgres://app:{x}@localhost/app?host={d}&port={p}"),
    row("postgres://app:{x}@:{p}/app?host={d}"),
    row("postgres://app:{x}@127.0.0.1:{n}/app?port={p}"),
    row("postgres://app:{x}@no-such-host.invalid:{p}/app?hostaddr=127.0.0.1"),
    row("postgres://app:{x}@a.invalid,b.invalid:{p}/app?hostaddr=127.0.0.1"),
    row("postgres://app:{x}@/app?hostaddr=127.0.0.1&port={p}"),
    row("postgres://app:{x}@127.0.0.1:/app", {"PGPORT": "{p}"}),
    row("postgres://app:{x}@127.0.0.1/app", {"PGPORT": "{p}"}),
    row("postgres://app:{x}@127.0.0.1:{p}"),
    row("postgres://app:{x}@127.0.0.1:{p}/"),
    row("postgres://app:{x}@127.0.0.1:{p}?dbname=app"),
    row("postgres://127.0.0.1:{p}/app?user=app&password={x}"),
    row("postgres://127.0.0.1:{p}/?dbname=app&user=app&password={x}"),
    row("postgres:///app?host=127.0.0.1&port={p}&user=app&password={x}"),
    row("postgres://?host=127.0.0.1&port={p}&user=app&password={x}&dbname=app"),
    row("postgres://app:{x}@127.0.0.1:0/app"),
    row("postgres://app:{x}@127.0.0.1:000000000000000{p}/app"),
    row("postgres://app:{x}@127.0.0.1:%20{p}%20/app"),
    row("postgres://app:{x}@127.0.0.1:+{p}/app"),
    row("postgres://app:{x}@127.0.0.1:70000/app"),
    row("postgres://app:{x}@127.0.0.1:abc/app"),
    row("postgres://app:{x}@127.0.0.1:{p}/app?port=abc"),
    row("postgres://app:{x}@[127.0.0.1]:{p}/app"),
    row("postgres://app:{x}@[::1/app"),
    row("postgres://app:{x}@[]:{p}/app"),
    row("postgres://app:{x}@[::1]x:{p}/app"),
    # users, passwords, databases
    row("postgres://app@127.0.0.1:{p}/app"),
    row("postgres://app:@127.0.0.1:{p}/app", {"PGPASSWORD": "{w}"}),
    row("postgres://app@127.0.0.1:{p}/app", {"PGPASSWORD": "{w}"}),
    row("postgres://app:wrong-one@127.0.0.1:{p}/app", {"PGPASSWORD": "{w}"}),
    row("postgres://:{x}@127.0.0.1:{p}/app", {"PGUSER": "app"}),
    row("postgres://a%70p:{x}@127.0.0.1:{p}/a%70p"),
    row("postgres://app:{x}@127.0.0.1:{p}/nosuch"),
    row("postgres://app:{x}@127.0.0.1:{p}/nosuch%zz"),
    row("postgres://app:{x}@127.0.0.1:{p}/app%00"),
    row("postgres://app:%zz@127.0.0.1:{p}/app"),
    row("postgres://app:{x}@127.0.0.1:{p}/a%20b"),
    row("postgres://app:{x}@127.0.0.1:{p}/a+b"),
    row("postgres://app:{x}@127.0.0.1:{p}/app/"),
    row("postgres://app:{x}@127.0.0.1:{p}//app"),
    row("postgres://user%40server:{x}@127.0.0.1:{p}/app"),
    row("postgres://user@server:{x}@127.0.0.1:{p}/app", psql="postgres://user%40server:{x}@127.0.0.1:{p}/app",
        why="Azure's user@server, which other drivers take; libpq would take server for the host"),
    row("postgres://nosuch:{x}@127.0.0.1:{p}/app"),
    row("postgres://app:{x}@127.0.0.1:{p}/app?user=nosuch"),
    row("postgres://nosuch:{x}@127.0.0.1:{p}/app?user=app"),
    row("postgres://nosuch:{x}@127.0.0.1:{p}/nosuch?user=nosuch&user=app&dbname=app"),
    row("postgres://app:wrong-one@127.0.0.1:{p}/app?password={x}"),
    row("postgres://app:{x}@127.0.0.1:{p}/app?password=" + "x" * 1100),
    row("postgres://app:{x}@127.0.0.1:{p}/app?dbname=" + "x" * 300),
    row("postgres://app:{x}#x@127.0.0.1:{p}/app"),
    row("postgres://app:{x}?x@127.0.0.1:{p}/app"),
    row("postgres://app:{x}/x@127.0.0.1:{p}/app"),
    row("postgres://app:{x}@x@127.0.0.1:{p}/app"),
    # parameters
    row(f"{APP}?"),
    row(f"{APP}?&"),
    row(f"{APP}?sslmode=disable"),
    row(f"{APP}?sslmode=prefer&connect_timeout=10&application_name=x"),
    row(f"{APP}?sslmode=require"),
    row(f"{APP}?sslmode=require&sslmode=disable"),
    row(f"{APP}?sslmode=disable&sslmode=require"),
    row(f"{APP}?sslmode=bogus"),
    row("postgres://app:{x}@{e}:{p}/app?sslmode=require"),
    row("postgres://app:{x}@{e}:{p}/app?sslmode=bogus"),
    row("postgres://app:{x}@{e},127.0.0.1:{p}/app?sslmode=require"),
    row("postgres://app:{x}@{e}:{p}/app?channel_binding=require"),
    row(f"{APP}?ssl=true"),
    row(f"{APP}?ssl=true&sslmode=disable"),
    row(f"{APP}?requiressl=1"),
    row(f"{APP}?requiressl=0"),
    row(f"{APP}?channel_binding=require"),
    row(f"{APP}?channel_binding=prefer"),
    row(f"{APP}?gssencmode=disable"),
    row(f"{APP}?gssencmode=bogus"),
    row(f"{APP}?target_session_attrs=read-write"),
    row(f"{APP}?target_session_attrs=standby"),
    row(f"{APP}?target_session_attrs=bogus"),
    row(f"{APP}?targt_session_attrs=any"),
    row(f"{APP}?options=-csearch_path%3Dx"),
    row(f"{APP}?options=-cno_such_setting%3Dx"),
    row(f"{APP}?client_encoding=UTF8"),
    row(f"{APP}?client_encoding=nonsense"),
    row(f"{APP}?connect_timeout=soon"),
    row(f"{APP}?keepalives=1&keepalives_idle=30"),
    row(f"{APP}?keepalives=yes"),
    row(f"{APP}?nosuch=1"),
    row(f"{APP}?dbname"),
    row(f"{APP}?dbname=app=app"),
    row(f"{APP}?DBNAME=nosuch"),
    row(f"{APP}?host=127.0.0.1&d%62name=a%20b"),
    # keyword strings
    row("host=127.0.0.1 port={p} user=app password={q} dbname=app"),
    row("host=127.0.0.1 port={p} user=app password={q} dbname='a b'"),
    row("  host = 127.0.0.1   port= {p} user =app password={q}  dbname=app "),
    row("host={d} port={p} user=app password={q} dbname=app"),
    row("host=127.0.0.1,127.0.0.1 port={n},{p} user=app password={q} dbname=app"),
    row("host=127.0.0.1 port={p} user=app password={q} dbname=app dbname=nosuch"),
    row("host=127.0.0.1 port={p} user=app password={q} dbname=a\\ b"),
    row("host=127.0.0.1 port={p} user=app password={q} sslmode=require"),
    row("host=127.0.0.1 port={p} user=app password={q} dbname='app"),
    row("host=127.0.0.1 port={p} user=app password={q} nosuch=1"),
    row("host=127.0.0.1 port={p} user=app password={q} dbname"),
    row("Server=127.0.0.1;Port={p};User Id=app;Password={w};Database=app"),
    # libpq's variables
    row("postgres://", PARTS),
    row("postgres:///app", PARTS),
    row("postgres://nosuch@/nosuch", {**PARTS, "PGPASSWORD": "x"}),
    row("postgres://", {**without("PGHOST"), "PGHOST": "{d}"}),
    row("postgres://", {**without("PGHOST"), "PGHOSTADDR": "127.0.0.1"}),
    row("postgres://", {**PARTS, "PGHOST": "no-such-host.invalid", "PGHOSTADDR": "127.0.0.1"}),
    row("postgres://", {**PARTS, "PGHOST": "127.0.0.1,127.0.0.1", "PGPORT": "{n},{p}"}),
    row("postgres://", {**PARTS, "PGHOST": "127.0.0.1,127.0.0.1", "PGPORT": "1,2,{p}"}),
    row("postgres://", {**PARTS, "PGPORT": "five"}),
    row("postgres://", {**PARTS, "PGSSLMODE": "require"}),
    row("postgres://", {**PARTS, "PGREQUIRESSL": "1"}),
    row("postgres://", {**PARTS, "PGREQUIRESSL": "1", "PGSSLMODE": "prefer"}),
    row("postgres://", {**PARTS, "PGREQUIRESSL": "0"}),
    row("postgres://?sslmode=prefer", {**PARTS, "PGSSLMODE": "require"}),
    row("postgres://", {**PARTS, "PGTARGETSESSIONATTRS": "standby"}),
    row("postgres://", {**PARTS, "PGOPTIONS": "-c no_such_setting=1"}),
    row("postgres://", {**PARTS, "PGCHANNELBINDING": "require"}),
    row("postgres://", without("PGDATABASE")),
    row("postgres://", without("PGUSER")),
    row("postgres://", without("PGPASSWORD")),
    # what other drivers write
    *[row(f"{scheme}://app:{{x}}@127.0.0.1:{{p}}/app", psql=APP, why=OURS)
      for scheme in ("postgis", "psql", "pgsql", "timescale", "timescaledb", "timescalegis", "cockroachdb", "postgresql+psycopg2",
                     "postgresql+asyncpg", "PostgreSQL", "jdbc:postgresql")],
    row("jdbc:postgresql://127.0.0.1:{p}/app?user=app&password={x}&currentSchema=public&ApplicationName=y", psql=APP, why=OURS),
    aside("schema=public&connection_limit=5&pool_timeout=2&pgbouncer=true&statement_cache_size=0"),
    aside("conn_max_age=600&conn_health_checks=true"),
    aside("pool=5&encoding=unicode&reaping_frequency=10&prepared_statements=false"),
    aside("pool_max_conns=10&pool_min_conns=1&default_query_exec_mode=simple_protocol"),
    aside("search_path=public&timezone=UTC&statement_timeout=1000"),
    aside("ssl=false"),
    aside("ssl=0&sslmode=disable"),
    aside("serverVersion=15&charset=utf8"),
    aside("async_fallback=true&prepared_statement_cache_size=0"),
    row("host=127.0.0.1 port={p} user=app password={q} dbname=app TimeZone=Asia/Shanghai",
        psql="host=127.0.0.1 port={p} user=app password={q} dbname=app", why=ASIDE),
    *[row(f"{APP}?{wish}") for wish in ("ssl=1", "ssl=require", "sslmode=no-verify", "tls=true", "encrypt=true")],
]


def quote_value(value):
    """As libpq's keyword strings have it."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fill(text, places):
    for name, value in places.items():
        text = text.replace("{" + name + "}", value)
    return text


# Random ones -------------------------------------------------------------------------------------------------------


def encode(rng, text):
    """As people encode: what must be, all of it, or a letter here and there."""
    if rng.random() < 0.5:
        return quote(text, safe="")
    return "".join(f"%{byte:02{rng.choice('xX')}}" if rng.random() < 0.3 else quote(chr(byte), safe="") for byte in text.encode())


def pick_parameters(rng, places):
    known = {
        "host": ["127.0.0.1", places["d"], "127.0.0.1,127.0.0.1"],
        "port": [places["p"], places["n"], f"{places['n']},{places['p']}"],
        "user": ["app", "user@server", "nosuch"],
        "password": [places["w"], "wrong-one"],
        "dbname": ["app", "a b", "nosuch"],
        "sslmode": ["disable", "prefer", "require", "bogus"],
        "ssl": ["true"],
        "target_session_attrs": ["any", "primary", "standby"],
        "application_name": ["x y"],
        "connect_timeout": ["3", "x"],
    }
    names = rng.choices(list(known), k=rng.choice([0, 0, 1, 1, 2, 3, 4]))
    return [(name, rng.choice(known[name])) for name in names]


def random_uri(rng, places):
    user = rng.choice(["", "app", "app", "app", "user@server", "nosuch"])
    password = rng.choice(["", places["w"], places["w"], places["w"], "wrong-one"])
    login = encode(rng, user) + (":" + encode(rng, password) if password else "")
    host = rng.choice(["127.0.0.1", "127.0.0.1", "localhost", places["e"], "", "127.0.0.1:%s,127.0.0.1" % places["n"]])
    port = rng.choice(["", ":", ":" + places["p"], ":" + places["p"], ":" + places["p"], ":" + places["n"]])
    database = rng.choice(["", "/", "/app", "/app", "/app", "/" + encode(rng, "a b"), "/nosuch", "/%zz"])
    parameters = "&".join(f"{encode(rng, name)}={encode(rng, value)}" for name, value in pick_parameters(rng, places))
    query = "?" + parameters if parameters else ""
    return rng.choice(["postgres", "postgresql"]) + "://" + (login + "@" if login else "") + host + port + database + query


def random_keywords(rng, places):
    pairs = [("host", "127.0.0.1"), ("port", places["p"]), ("user", "app"), ("password", places["w"])]
    pairs += pick_parameters(rng, places)
    rng.shuffle(pairs)
    parts = []
    for name, value in pairs:
        written = quote_value(value) if set(value) & set(" '\\") or rng.random() < 0.5 else value
        parts.append(name + rng.choice(["=", " = "]) + written)
    return " ".join(parts)


def random_environment(rng, places):
    return {name: fill(value, places) for name, value in PARTS.items() if rng.random() < 0.2}


def random_rows(seed, count, places):
    rng = random.Random(seed)
    for _ in range(count):
        target = random_keywords(rng, places) if rng.random() < 0.2 else random_uri(rng, places)
        yield target, random_environment(rng, places)
