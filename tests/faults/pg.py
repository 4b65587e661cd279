"""PostgreSQL's side of a conversation, message by message: version 3.0 of its protocol."""
import base64
import hashlib
import hmac
import struct

from peers import read


def message(kind, payload=b"", length=None):
    """A lie about its length can be told."""
    return kind + struct.pack("!i", len(payload) + 4 if length is None else length) + payload


def fields(**values):
    """Of an error or a notice: fields(S="FATAL", C="28P01", M="no")."""
    return b"".join(name.encode() + as_bytes(value) + b"\0" for name, value in values.items()) + b"\0"


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode()


def error(text="as it says", state="XX000", severity="FATAL", **more):
    return message(b"E", fields(S=severity, V=severity, C=state, M=text, **more))


def authentication(number, rest=b""):
    return message(b"R", struct.pack("!i", number) + rest)


def row_of(length):
    """A row of one value, and how long it is said to be."""
    return message(b"D", b"\0\x01" + struct.pack("!i", length) + b"1")


OK = authentication(0)
CLEARTEXT = authentication(3)
SASL = authentication(10, b"SCRAM-SHA-256\0\0")
PARAMETER = message(b"S", b"server_version\0" b"15.18\0")
KEY = message(b"K", b"\0\0\x12\x34" b"\x56\x78\x9a\xbc")
READY = message(b"Z", b"I")
NOTICE = message(b"N", fields(S="NOTICE", C="00000", M="x" * 1000))
NOTIFICATION = message(b"A", b"\0\0\0\x01channel\0payload\0")
COLUMN = message(b"T", b"\0\x01" b"?column?\0" + struct.pack("!ihihih", 0, 0, 23, 4, -1, 0))
ROW = row_of(1)
SET_DONE = message(b"C", b"SET\0")
DONE = message(b"C", b"SELECT 1\0")
LOGIN = OK + PARAMETER + KEY + READY
ANSWER = SET_DONE + COLUMN + ROW + DONE + READY


def logs_in(*steps):
    """A login without a password, the query, and then the steps."""
    return (read(), LOGIN, read(), *steps)


def until(words):
    """Waits for these words."""

    def step(talk):
        while words not in talk.received:
            talk.receive()

    return step


def challenges(iterations="4096", nonce="{}+server", salt="c2FsdA==", signature="d3Jvbmc="):
    """Asks for SCRAM with these parts, {} is the client's nonce, and takes whatever proof comes."""

    def step(talk):
        talk.send(SASL)
        talk.receive()
        theirs = bytes(talk.received).rpartition(b",r=")[2].decode()
        talk.send(authentication(11, f"r={nonce.format(theirs)},s={salt},i={iterations}".encode()))
        talk.receive()
        talk.send(authentication(12, f"v={signature}".encode()) + LOGIN)

    return step


def asks_for_scram(password):
    """SCRAM as it should be, for a server that has the password."""

    def step(talk):
        talk.send(SASL)
        talk.receive()
        theirs = bytes(talk.received).rpartition(b"n=,r=")[2].decode()
        first = f"r={theirs}+server,s=c2FsdA==,i=4096"
        talk.send(authentication(11, first.encode()))
        talk.receive()
        bare = bytes(talk.received).rpartition(b"c=")[2].rpartition(b",p=")[0].decode()
        signed = ",".join((f"n=,r={theirs}", first, "c=" + bare)).encode()
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), b"salt", 4096)
        key = hmac.digest(salted, b"Server Key", "sha256")
        proof = base64.b64encode(hmac.digest(key, signed, "sha256"))
        talk.send(authentication(12, b"v=" + proof))

    return step
