"""PostgreSQL: what a server, or whatever took its port, can do to a login and to a query."""
import pytest

from foreign import answers, greets
from peers import drip, finish, flood, hold, pause, read, repeat, reset
from pg import (
    ANSWER,
    CLEARTEXT,
    COLUMN,
    DONE,
    KEY,
    LOGIN,
    NOTICE,
    NOTIFICATION,
    OK,
    PARAMETER,
    READY,
    ROW,
    SASL,
    SET_DONE,
    authentication,
    challenges,
    error,
    fields,
    logs_in,
    message,
    row_of,
    until,
)
from runner import binary_path, is_32_bit, is_asan
from table import HEALTHY, ids, row

NOT_POSTGRES = "not PostgreSQL: "
NO_WAY = "not logged in: "
LATE_LOGIN = ["connected, but the login did not finish within 500 ms"]
# libpq reads the number into a long, which on 32 bits becomes 2^31-1, and one that it takes.
TOO_MANY = ("timeout-login", LATE_LOGIN) if is_32_bit(binary_path()) else ("pg-protocol", ["SCRAM"])
LOST = "not PostgreSQL: lost synchronization with server: got message type"
SHORT = "insufficient data in "
LATE_QUERY = ["logged in, no answer to the query in 500 ms"]
ESCAPES = b"a\x1b[2Jb\x07\xff\xc2\x9b\xe2\x80\xae\xd8\x9c"


def login(name, cause, says, *steps, **more):
    """A row whose peer waits for the request to log in."""
    return row(name, cause, says, read(), *steps, **more)


def query(name, cause, says, *steps, **more):
    """A row whose peer lets everybody in and waits for the query."""
    return row(name, cause, says, *logs_in(*steps), **more)


def told(name, cause, says, *steps):
    """A row whose peer answers the request to log in like this, and says no more."""
    return login(name, cause, says, *steps, hold())


def answered(name, cause, says, data=b""):
    """A row whose peer answers the query like this, and is ready for another."""
    return query(name, cause, says, data, READY, hold())


# Every way to leave off, at every place of a login and of an answer.
STAGES = {
    "authentication": ("login", (OK[:5],)),
    "ParameterStatus": ("login", (OK + PARAMETER[:9],)),
    "BackendKeyData": ("login", (OK + PARAMETER + KEY[:6],)),
    "ReadyForQuery of the login": ("login", (LOGIN[:-1],)),
    "wait for the query": ("query", (LOGIN, read())),
    "RowDescription": ("query", (LOGIN, read(), SET_DONE + COLUMN[:20])),
    "DataRow": ("query", (LOGIN, read(), SET_DONE + COLUMN + ROW[:8])),
    "ReadyForQuery of the query": ("query", (LOGIN, read(), ANSWER[:-1])),
}
LATE = {"login": ("timeout-login", LATE_LOGIN), "query": ("timeout-query", LATE_QUERY)}
AT_EVERY_STAGE = [
    each
    for stage, (phase, sent) in STAGES.items()
    for each in (
        login(f"resets in the {stage}", "reset", [f"closed during the {phase}"], *sent, pause(0.05), reset()),
        login(f"closes in the {stage}", "reset", [f"closed during the {phase}"], *sent, pause(0.05)),
        login(f"half-closes in the {stage}", "reset", [f"closed during the {phase}"], *sent, finish()),
        login(f"falls silent in the {stage}", *LATE[phase], *sent, hold()),
    )
]

ROWS = [
    *AT_EVERY_STAGE,
    # as it should be
    login("lets everybody in", HEALTHY, ["postgres ok"], LOGIN, read(), ANSWER, hold()),
    login("sends a notice first", HEALTHY, ["postgres ok"], OK + NOTICE + LOGIN[9:], read(), ANSWER, hold()),
    told("negotiates nothing", "pg-protocol", [NOT_POSTGRES], message(b"v", b"\0\3\0\0\0\0\0\0")),
    login("asks for the password in the clear", HEALTHY, ["ok"], CLEARTEXT, read(), LOGIN, read(), ANSWER),
    # before it is asked
    row("lets in before asked", HEALTHY, ["postgres ok"], LOGIN, until(b"SELECT 1"), ANSWER, hold()),
    row("answers all before asked", "timeout-query", LATE_QUERY, LOGIN + ANSWER, hold()),
    row("refuses before asked", "pg-error", ["error (XX000): as it says"], error(), hold()),
    row("says S to nothing", "pg-protocol", [NOT_POSTGRES], b"S", hold()),
    row("says N to nothing", "pg-protocol", [NOT_POSTGRES], b"N", hold()),
    # a byte at a time
    login("drips the login", "timeout-login", LATE_LOGIN, drip(LOGIN), hold()),
    query("drips the answer", "timeout-query", LATE_QUERY, drip(ANSWER), hold()),
    login("drips bytes of no message", "pg-protocol", [NOT_POSTGRES], repeat(b"x", every=0.01)),
    # without end
    login("notices without end before the login", "pg-protocol", ["received N"], flood(NOTICE)),
    login("notices without end in the login", "timeout-login", LATE_LOGIN, OK, flood(NOTICE)),
    login("parameters without end", "timeout-login", LATE_LOGIN, OK, flood(PARAMETER)),
    login("notifications without end", "timeout-login", LATE_LOGIN, OK, flood(NOTIFICATION)),
    login("keys without end", "timeout-login", LATE_LOGIN, OK, flood(KEY)),
    login("authentication without end", "pg-protocol", ['received character was "R"'], flood(OK)),
    query("notices without end in the query", "timeout-query", LATE_QUERY, flood(NOTICE)),
    query("parameters without end in the query", "timeout-query", LATE_QUERY, flood(PARAMETER)),
    query("notifications without end in the query", "timeout-query", LATE_QUERY, flood(NOTIFICATION)),
    query("rows without end", "timeout-query", LATE_QUERY, COLUMN, flood(ROW)),
    query("results without end", "timeout-query", LATE_QUERY, flood(COLUMN + ROW + DONE)),
    query("a row without end", "pg-protocol", [LOST], COLUMN + message(b"D", length=2**31 - 1), flood(b"x")),
    query("an error without end", "pg-protocol", [LOST], message(b"E", length=2**31 - 1), flood(b"x")),
    login("bytes without end", "pg-protocol", [NOT_POSTGRES], flood(b"x")),
    login("zero bytes without end", "pg-protocol", [NOT_POSTGRES], flood(b"\0")),
    # lies about lengths
    told("length 0", "pg-protocol", [NOT_POSTGRES], message(b"R", b"\0\0\0\0", length=0)),
    told("length 3", "pg-protocol", [NOT_POSTGRES], message(b"R", b"\0\0\0\0", length=3)),
    told("length negative", "pg-protocol", [NOT_POSTGRES], message(b"R", b"\0\0\0\0", length=-1)),
    told("length 2^31-1", "pg-protocol", [NOT_POSTGRES], message(b"R", b"\0\0\0\0", length=2**31 - 1)),
    told("error of length 2^31-1", "pg-error", [NO_WAY + r"\x7f"], message(b"E", b"SFATAL\0", length=2**31 - 1)),
    query("row of length 0", "pg-protocol", [LOST], COLUMN + message(b"D", length=0), hold()),
    query("row of length negative", "pg-protocol", [LOST], COLUMN + message(b"D", length=-9), hold()),
    query("row of length 2^31-1", "pg-protocol", [LOST], COLUMN + message(b"D", length=2**31 - 1), hold()),
    answered("row with too many columns", "pg-protocol", ["unexpected field count"], COLUMN + message(b"D", b"\0\x09")),
    answered("row before it is described", "pg-protocol", ["without prior row"], ROW),
    answered("column of length 2^31-1", "pg-protocol", [SHORT + '"D"'], COLUMN + row_of(2**31 - 1)),
    answered("column of length -5", "pg-protocol", ["not agree with length"], COLUMN + row_of(-5)),
    answered("32767 columns described", "pg-protocol", [SHORT + '"T"'], message(b"T", b"\x7f\xff" + b"x" * 999)),
    answered("-1 columns described", "pg-protocol", [SHORT + '"T"'], message(b"T", b"\xff\xff" + b"x" * 999)),
    told("BackendKeyData of 3 bytes", "pg-protocol", [], OK + message(b"K", b"abc") + READY),
    told("BackendKeyData of 300 bytes", "pg-protocol", [], OK + message(b"K", b"a" * 300) + READY),
    told("ReadyForQuery without a state", "timeout-login", LATE_LOGIN, OK + message(b"Z")),
    told("ParameterStatus without an end", "pg-protocol", [], OK + message(b"S", b"name") + READY),
    # ways to log in
    told("authentication of 3 bytes", "pg-protocol", [NOT_POSTGRES], message(b"R", b"\0\0\0")),
    told("authentication unknown", "pg-login-refused", [NO_WAY + "authentication method 99"], authentication(99)),
    told("authentication by Kerberos 4", "pg-login-refused", [NO_WAY + "Kerberos 4"], authentication(1)),
    told("authentication by Kerberos 5", "pg-login-refused", [NO_WAY + "Kerberos 5"], authentication(2)),
    told("authentication by crypt", "pg-login-refused", [NO_WAY + "Crypt authentication"], authentication(4, b"ab")),
    told("authentication by GSSAPI", "pg-login-refused", [NO_WAY + "GSSAPI authentication"], authentication(7)),
    told("authentication by SSPI", "pg-login-refused", [NO_WAY + "SSPI authentication"], authentication(9)),
    told("MD5 with a salt of 2 bytes", "pg-login-refused", [NO_WAY], authentication(5, b"ab")),
    told("MD5 and silence", "timeout-login", LATE_LOGIN, authentication(5, b"salt")),
    told("SASL without mechanisms", "pg-login-refused", ["mechanisms are supported"], authentication(10, b"\0")),
    told("SASL without an end", "pg-protocol", [], authentication(10, b"SCRAM-SHA-256")),
    told("SASL that nobody knows", "pg-login-refused", ["mechanisms"], authentication(10, b"X-NEW\0\0")),
    told("SASL with TLS alone", "pg-login-refused", ["over a non-SSL"], authentication(10, b"SCRAM-SHA-256-PLUS\0\0")),
    told("SASL continues before it begins", "pg-protocol", [], authentication(11, b"r=x,s=c2FsdA==,i=1")),
    told("SASL ends before it begins", "pg-protocol", [], authentication(12, b"v=x")),
    login("SCRAM and OK at once", HEALTHY, ["ok"], SASL, read(), LOGIN, read(), ANSWER, hold()),
    told("SCRAM with 0 iterations", "pg-protocol", ["SCRAM"], challenges("0")),
    told("SCRAM with -1 iterations", "pg-protocol", ["SCRAM"], challenges("-1")),
    told("SCRAM with x iterations", "pg-protocol", ["SCRAM"], challenges("x")),
    told("SCRAM with 10 million iterations", "timeout-login", LATE_LOGIN, challenges("10000000")),
    told("SCRAM with 2^31-1 iterations", "timeout-login", LATE_LOGIN, challenges("2147483647")),
    told("SCRAM with 2^64 iterations", *TOO_MANY, challenges("18446744073709551616")),
    told("SCRAM with another nonce", "pg-protocol", ["SCRAM"], challenges(nonce="other")),
    told("SCRAM with our nonce alone", "pg-protocol", [], challenges(nonce="{}")),
    told("SCRAM without a salt", "pg-protocol", ["SCRAM"], challenges(salt="")),
    told("SCRAM with a salt not in base64", "pg-protocol", ["SCRAM"], challenges(salt="*")),
    told("SCRAM with a wrong signature", "pg-protocol", ["incorrect"], challenges(signature="A" * 43 + "=")),
    told("SCRAM with a signature not in base64", "pg-protocol", ["SCRAM"], challenges(signature="*")),
    told("SCRAM with an error for a signature", "pg-protocol", [], challenges(signature="*,e=other")),
    # errors
    told("error without fields", "pg-protocol", ["an error without words"], message(b"E", b"\0")),
    told("error of no bytes", "pg-protocol", ["an error without words"], message(b"E")),
    told("error without an end", "pg-protocol", ["invalid error message"], message(b"E", b"SFATAL\0C28P01\0Mno")),
    told("error with unknown fields", "pg-wrong-password", ["28P01"], error("no", "28P01", a="b", Z="?")),
    told("error without a state", "pg-error", ["as it says"], message(b"E", fields(S="FATAL", M="as it says"))),
    told("error with a state of 40 bytes", "pg-error", [], error(state="X" * 40)),
    told("error of version 2", "pg-error", [NO_WAY + "no process"], b"Eno process to be had\n\0"),
    told("error of 29 kB", "pg-error", ["xxx..."], error("x" * 29000)),
    told("error of 60 kB", "pg-protocol", ["an error without words"], error("x" * 60000)),
    told("error with terminal escapes", "pg-error", [r"a\x1b[2Jb\x07\xff\xc2\x9b\u202e\u061c"], error(ESCAPES)),
    told("error with escapes in every field", "pg-error", [], error(ESCAPES, D=ESCAPES, H=ESCAPES, W=ESCAPES)),
    told("error of many lines", "pg-error", [], error("one\n28P01: two\r\n\n  three", D="\n" * 99)),
    answered("error in the query without fields", "pg-error", ["query failed: "], message(b"E", b"\0")),
    answered("error in the query with escapes", "pg-error", [r"a\x1b[2Jb"], error(ESCAPES)),
    query("error behind the row", "pg-error", ["XX000"], COLUMN + ROW + error() + READY, hold()),
    answered("error of 60 kB in the query", "pg-error", ["xxx..."], error("x" * 60000)),
    # answers
    answered("empty query", "pg-protocol", ["query is empty"], message(b"I")),
    answered("no result", "pg-protocol", ["query gave no row"]),
    query("no row", "pg-protocol", ["query gave no row"], COLUMN + DONE + READY, hold()),
    query("two results", HEALTHY, ["ok"], COLUMN + ROW + DONE + COLUMN + ROW + DONE + READY, hold()),
    query("answers twice", HEALTHY, ["postgres ok"], ANSWER + ANSWER, hold()),
    query("copies in", "pg-protocol", ["query is a COPY"], message(b"G", b"\0\0\0"), hold()),
    query("copies out", "pg-protocol", ["query is a COPY"], message(b"H", b"\0\0\0"), flood(message(b"d", b"x"))),
    query("copies both ways", "pg-protocol", ["query is a COPY"], message(b"W", b"\0\0\0"), hold()),
    query("a message of no kind", "pg-protocol", [], message(b"\x01", b"x"), hold()),
    answered("authentication in the query", "pg-protocol", [], OK),
    query("a notification, then the answer", HEALTHY, ["ok"], NOTIFICATION + NOTICE + ANSWER, hold()),
    # other protocols
    row("speaks SSH", "pg-protocol", ["not PostgreSQL but SSH: it answers 'SSH-2.0", "right port"], *greets("SSH")),
    row("speaks SMTP", "pg-protocol", [NOT_POSTGRES], *greets("SMTP")),
    row("speaks FTP", "pg-protocol", [NOT_POSTGRES], *greets("FTP")),
    row("speaks MySQL", "pg-protocol", [NOT_POSTGRES], *greets("MySQL")),
    row("speaks HTTP/2", "pg-protocol", ["not PostgreSQL but HTTP/2: "], *greets("HTTP/2 settings")),
    row("answers GOAWAY of HTTP/2", "pg-protocol", ["not PostgreSQL but HTTP/2: "], *answers("HTTP/2 GOAWAY")),
    row("sends random bytes", "pg-protocol", [NOT_POSTGRES], *greets("random bytes")),
    row("speaks HTTP", "pg-protocol", ["not PostgreSQL but HTTP: it answers 'HTTP/1.1 400"], *answers("HTTP")),
    row("speaks Redis", "pg-protocol", [NOT_POSTGRES], *answers("Redis")),
    row("speaks memcached", "pg-protocol", ["not PostgreSQL but memcached: it answers 'ERROR"], *answers("memcached")),
    row("speaks TLS, an alert", "tls-port", ["the port speaks TLS, not plain PostgreSQL"], *answers("TLS alert")),
    row("speaks TLS, a hello", "tls-port", ["the port speaks TLS, not plain PostgreSQL"], *answers("TLS ServerHello")),
]


@pytest.mark.skipif(is_asan(binary_path()), reason="AddressSanitizer sets no limit of memory")
@pytest.mark.parametrize("length", [2**30, 2**20 + 1], ids=["1 GiB", "1 MiB"])
def test_long_row(against, length):
    """Goal: what a peer sends does not take the memory of the service beside us: 1 MiB at most."""
    row_of_length = query("a long row", "pg-protocol", [f'{LOST} "D", length'], COLUMN + message(b"D", length=length), flood(b"x"))
    against("PostgreSQL", row_of_length, "ready", "postgres://app:{secret}@{place}/db")


@pytest.mark.parametrize("row", ROWS, ids=ids(ROWS))
def test_postgres(against, row):
    """Goal: the right verdict, cause and words, in time."""
    against("PostgreSQL", row, "ready", "postgres://app:{secret}@{place}/db")
