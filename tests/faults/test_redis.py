"""Redis: what a server, or whatever took its port, can answer to AUTH, SELECT and PING."""
import pytest

from foreign import answers, greets
from peers import drip, finish, flood, hold, pause, read, repeat, reset, send
from runner import binary_path, is_32_bit
from table import HEALTHY, ids, row

OK = b"+OK\r\n"
PONG = b"+PONG\r\n"
IN = OK + OK
NESTED = b"*1\r\n" * 16000 + PONG
NOT_REDIS = "not Redis: "
SPEAKS_TLS = ["the port speaks TLS, not plain Redis"]
NO_ANSWER = ["connected, no answer in 500 ms"]
LATE = ["answer not complete in 500 ms"]
# hiredis waits for as much as there could be memory for.
LARGEST = ("redis-protocol", [NOT_REDIS]) if is_32_bit(binary_path()) else ("timeout-receive", LATE)
ESCAPED = r"a\x1b[2Jb\x07\xff\xc2\x9b\u202e\u061c\x00c"
ESCAPES = b"a\x1b[2Jb\x07\xff\xc2\x9b\xe2\x80\xae\xd8\x9c\0c"


def asked(name, cause, says, *steps, **more):
    """A row whose peer waits for the commands."""
    return row(name, cause, says, read(), *steps, **more)


# Every way to leave off, at every place of the three replies.
STAGES = {
    "reply to AUTH": b"+O",
    "wait for SELECT": OK,
    "reply to SELECT": OK + b"+",
    "wait for PING": IN,
    "reply to PING": IN + b"+PONG\r",
}
GONE = ("reset", ["connection reset before an answer"])
CLOSED = ("redis-closed", ["closed without an answer"])
AT_EVERY_STAGE = [
    each
    for stage, sent in STAGES.items()
    for each in (
        asked(f"resets in the {stage}", *GONE, sent, pause(0.05), reset()),
        asked(f"closes in the {stage}", *CLOSED, sent),
        asked(f"half-closes in the {stage}", *CLOSED, sent, finish()),
        asked(f"falls silent in the {stage}", "timeout-receive", LATE, sent, hold()),
    )
]

ROWS = [
    *AT_EVERY_STAGE,
    # as it should be
    asked("answers", HEALTHY, ["redis ok"], IN + PONG, hold()),
    row("answers before asked", HEALTHY, ["redis ok"], IN + PONG, hold()),
    asked("answers PING like an echo", HEALTHY, ["redis ok"], IN + b"$4\r\nPONG\r\n", hold()),
    # before an answer
    asked("closes after the commands", *CLOSED),
    asked("resets after the commands", *GONE, reset()),
    asked("half-closes after the commands", *CLOSED, finish()),
    asked("reads the commands and is silent", "timeout-answer", NO_ANSWER, hold()),
    # a byte at a time
    asked("drips the replies", "timeout-receive", LATE, drip(IN + PONG), hold()),
    asked("drips a line", "timeout-receive", LATE, repeat(b"+", every=0.05)),
    asked("drips a bulk string", "timeout-receive", LATE, b"$999\r\n", repeat(b"x", every=0.05)),
    # without end
    asked("simple string without end", "redis-protocol", [NOT_REDIS], b"+", flood(b"x")),
    asked("error without end", "redis-protocol", [NOT_REDIS], b"-ERR ", flood(b"x")),
    asked("number without end", "redis-protocol", [NOT_REDIS], b":", flood(b"1")),
    asked("bulk string without end", "redis-protocol", [NOT_REDIS], b"$536870912\r\n", flood(b"x")),
    asked("array without end", "redis-protocol", [NOT_REDIS], b"*1000000000\r\n", flood(b":1\r\n")),
    asked("nested arrays without end", "redis-protocol", [NOT_REDIS], flood(b"*1\r\n")),
    asked("empty lines without end", "redis-protocol", [NOT_REDIS], flood(b"\r\n")),
    asked("pushes without end", "redis-protocol", [NOT_REDIS], flood(b">2\r\n+a\r\n+b\r\n")),
    asked("zero bytes without end", "redis-protocol", [NOT_REDIS], flood(b"\0")),
    asked("bytes without end", "redis-protocol", [NOT_REDIS], flood(b"x")),
    asked("errors without end", "redis-error", ["error: ERR no"], flood(b"-ERR no\r\n")),
    asked("16,000 nested arrays", "redis-protocol", [NOT_REDIS], NESTED, hold()),
    asked("9 nested arrays", "redis-protocol", [NOT_REDIS], b"*1\r\n" * 9 + b"+x\r\n", hold()),
    # lies about lengths
    asked("bulk of length 2^31", "timeout-receive", LATE, b"$2147483648\r\nx", hold()),
    asked("bulk of length 2^63", "redis-protocol", [NOT_REDIS], b"$9223372036854775808\r\nx", hold()),
    asked("bulk of length 2^63-1", *LARGEST, b"$9223372036854775807\r\nx", hold()),
    asked("bulk of length 10^99", "redis-protocol", [NOT_REDIS], b"$1%s\r\nx" % (b"0" * 99), hold()),
    asked("bulk of length -5", "redis-protocol", [NOT_REDIS], b"$-5\r\nx", hold()),
    asked("bulk of no length", "redis-protocol", [NOT_REDIS], b"$\r\nx", hold()),
    asked("bulk of length x", "redis-protocol", [NOT_REDIS], b"$x\r\nx", hold()),
    asked("bulk longer than its length", "redis-protocol", [NOT_REDIS], b"$2\r\nxxxx\r\n" + IN, hold()),
    asked("array of 2^31", "redis-protocol", [NOT_REDIS], b"*2147483648\r\n", hold()),
    asked("array of 2^32", "redis-protocol", [NOT_REDIS], b"*4294967296\r\n", hold()),
    asked("array of 2^63-1", "redis-protocol", [NOT_REDIS], b"*9223372036854775807\r\n", hold()),
    asked("array of -5", "redis-protocol", [NOT_REDIS], b"*-5\r\n", hold()),
    # another type than asked for
    asked("a number for PING", "redis-protocol", [NOT_REDIS], IN + b":1\r\n", hold()),
    asked("nothing for PING", "redis-protocol", [NOT_REDIS], IN + b"$-1\r\n", hold()),
    asked("no array for PING", "redis-protocol", [NOT_REDIS], IN + b"*-1\r\n", hold()),
    asked("an array for PING", "redis-protocol", [NOT_REDIS], IN + b"*2\r\n+PONG\r\n+PONG\r\n", hold()),
    asked("a map of RESP3", "redis-protocol", [NOT_REDIS], IN + b"%1\r\n+a\r\n+b\r\n", hold()),
    asked("a true of RESP3", "redis-protocol", [NOT_REDIS], IN + b"#t\r\n", hold()),
    asked("a null of RESP3", "redis-protocol", [NOT_REDIS], IN + b"_\r\n", hold()),
    asked("a double of RESP3", "redis-protocol", [NOT_REDIS], IN + b",1.5e999\r\n", hold()),
    asked("a big number of RESP3", "redis-protocol", [NOT_REDIS], IN + b"(" + b"9" * 99 + b"\r\n", hold()),
    asked("a verbatim string of RESP3", "redis-protocol", [NOT_REDIS], IN + b"=8\r\ntxt:PONG\r\n", hold()),
    asked("a push before the replies", "redis-protocol", [NOT_REDIS], b">2\r\n+a\r\n+b\r\n" + IN + PONG, hold()),
    asked("a bulk error of RESP3", "redis-protocol", [NOT_REDIS], IN + b"!3\r\nERR\r\n", hold()),
    asked("another word than PONG", "redis-protocol", [NOT_REDIS], IN + b"+HELLO\r\n", hold()),
    asked("an empty PONG", "redis-protocol", [NOT_REDIS], IN + b"+\r\n", hold()),
    asked("PONG with more behind it", "redis-protocol", [NOT_REDIS], IN + b"+PONG and more\r\n", hold()),
    asked("PONG and garbage", HEALTHY, ["redis ok"], IN + PONG + b"garbage", hold()),
    asked("PONG that ends in LF alone", "timeout-receive", LATE, IN + b"+PONG\n", hold()),
    asked("a reply too many", HEALTHY, ["redis ok"], IN + PONG + PONG, hold()),
    asked("PONG for everything", HEALTHY, ["redis ok"], PONG * 3, hold()),
    # errors
    asked("error that nobody knows", "redis-error", ["error: ERR something new"], b"-ERR something new\r\n", hold()),
    asked("error without words", "redis-error", ["error: "], b"-\r\n", hold()),
    asked("ERR without words", "redis-error", ["error: ERR"], b"-ERR\r\n", hold()),
    asked("error of a space", "redis-error", ["error: "], b"- \r\n", hold()),
    asked("error of 60 kB", "redis-error", ["error: ERR xxx", "..."], b"-ERR " + b"x" * 60000 + b"\r\n", hold()),
    asked("error with escapes", "redis-error", [ESCAPED], b"-ERR %s\r\n" % ESCAPES, hold()),
    asked("NOPERM with escapes", "redis-noperm", [r"a\x1b[2Jb"], b"-NOPERM %s\r\n" % ESCAPES, hold()),
    asked("error behind PONG", HEALTHY, ["redis ok"], IN + PONG + b"-ERR late\r\n", hold()),
    asked("error to PING alone", "redis-loading", ["LOADING"], IN + b"-LOADING Redis is loading\r\n", hold()),
    asked("error and closes", "redis-max-clients", ["maxclients"], b"-ERR max number of clients reached\r\n"),
    asked("word with escapes", "redis-protocol", [r"a\x1b[2Jb"], b"%s\r\n" % ESCAPES, hold()),
    # other protocols
    row("speaks SSH", "redis-protocol", ["not Redis but SSH: it answers 'SSH-2.0", "right port"], *greets("SSH")),
    row("speaks SMTP", "redis-protocol", [NOT_REDIS + "it answers '220 mail"], *greets("SMTP")),
    row("speaks FTP", "redis-protocol", [NOT_REDIS + "it answers '220 (vsFTPd"], *greets("FTP")),
    row("speaks MySQL", "redis-protocol", [NOT_REDIS + "it answers 'J"], *greets("MySQL")),
    row("speaks HTTP/2", "redis-protocol", ["not Redis but HTTP/2: "], *greets("HTTP/2 settings")),
    row("answers GOAWAY of HTTP/2", "redis-protocol", ["not Redis but HTTP/2: "], *answers("HTTP/2 GOAWAY")),
    row("sends random bytes", "redis-protocol", [NOT_REDIS], *greets("random bytes")),
    row("speaks HTTP", "redis-protocol", ["not Redis but HTTP: it answers 'HTTP/1.1 400"], *answers("HTTP")),
    row("speaks PostgreSQL", "redis-protocol", [NOT_REDIS + "it answers 'E"], *answers("PostgreSQL")),
    row("speaks memcached", "redis-protocol", [r"not Redis but memcached: it answers 'ERROR\r\n'"], *answers("memcached")),
    row("speaks TLS, an alert", "tls-port", SPEAKS_TLS, *answers("TLS alert")),
    row("speaks TLS, a hello", "tls-port", SPEAKS_TLS, *answers("TLS ServerHello")),
]


def test_nested_arrays_for_two(peer, trial):
    """Goal: they take no more stack than a thread has."""
    url = f"redis://127.0.0.1:{peer(read(), send(NESTED), hold()).port}"
    trial("Redis", "ready", url, f"{url}/1", cause=["redis-protocol"] * 2, says=[NOT_REDIS])


@pytest.mark.parametrize("row", ROWS, ids=ids(ROWS))
def test_redis(against, row):
    """Goal: the right verdict, cause and words, in time."""
    against("Redis", row, "ready", "redis://:{secret}@{place}/1")
