"""PostgreSQL's ErrorResponse, for servers that are scripted."""
import struct


def message(kind, payload):
    return kind + struct.pack("!i", len(payload) + 4) + payload


def error(text, state, severity="FATAL"):
    """Version 3.0 of the protocol: S severity, C SQLSTATE, M the words."""
    fields = [("S", severity), ("V", severity), ("C", state), ("M", text)]
    return message(b"E", b"".join(name.encode() + value.encode() + b"\0" for name, value in fields) + b"\0")
