"""Process 1 of a container (containers.py) whose name server lies. How is what the asked name begins with.

"truncated.example" asks for the lie truncated(); it serves HTTP on 127.0.0.1:8000, which the right answer leads to.
"""
import socket
import struct
import time

import guest

A, CNAME, AAAA = 1, 5, 28
HERE = socket.inet_aton("127.0.0.1")
TRUNCATED = 0x0200


class Question:
    def __init__(self, packet, is_tcp=False):
        self.id, self.is_tcp = packet[:2], is_tcp
        end = packet.index(b"\0", 12) + 5
        self.section, self.type = packet[12:end], struct.unpack("!H", packet[end - 4 : end - 2])[0]
        self.name = self.section[:-4]

    @property
    def lie(self):
        return self.name[1 : 1 + self.name[0]].decode()

    def pointer_to_itself(self):
        """The compressed name of the first record, which is the place where it stands."""
        return struct.pack("!H", 0xC000 | (12 + len(self.section)))

    def reply(self, *records, flags=0, rcode=0, id=None, section=None):
        """records: those of the type that was asked for, or made for another on purpose."""
        section = self.section if section is None else section
        counts = struct.pack("!HHHHH", 0x8180 | flags | rcode, 1 if section else 0, len(records), 0, 0)
        return (id or self.id) + counts + section + b"".join(records)

    def here(self, **how):
        """The right answer: an address for A, nothing for AAAA."""
        return self.reply(*([record(A, HERE)] if self.type == A else []), **how)


def record(kind, data, name=b"\xc0\x0c", length=None):
    return name + struct.pack("!HHIH", kind, 1, 60, len(data) if length is None else length) + data


def named(*labels):
    return b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0"


ONE_SIDED = {"nxdomain": 3, "servfail": 2, "refused": 5, "formerr": 1, "notimp": 4, "silence": None}

LIES = {
    "right": lambda asked: asked.here(),
    "silent": lambda asked: None,
    # who answers with an error
    "nxdomain": lambda asked: asked.reply(rcode=3),
    "servfail": lambda asked: asked.reply(rcode=2),
    "refused": lambda asked: asked.reply(rcode=5),
    "formerr": lambda asked: asked.reply(rcode=1),
    "notimp": lambda asked: asked.reply(rcode=4),
    "nodata": lambda asked: asked.reply(),
    # who answers with less or more than a whole answer
    "truncated": lambda asked: asked.here() if asked.is_tcp else asked.reply(flags=TRUNCATED),
    "always-truncated": lambda asked: asked.reply(flags=TRUNCATED),
    "short": lambda asked: asked.id + b"\x81",
    "empty": lambda asked: b"",
    "header-alone": lambda asked: asked.id + struct.pack("!HHHHH", 0x8180, 1, 1, 0, 0),
    "counts-lie": lambda asked: asked.id + struct.pack("!HHHHH", 0x8180, 65535, 65535, 65535, 65535) + asked.section,
    "garbage": lambda asked: asked.id + b"\x81\x80" + bytes(range(256)),
    "many": lambda asked: many(asked),
    "long-record": lambda asked: asked.reply(record(asked.type, HERE, length=65535)),
    "half-address": lambda asked: asked.reply(record(asked.type, b"\x7f\0\0")),
    "loop-in-name": lambda asked: asked.reply(record(asked.type, HERE, name=asked.pointer_to_itself())),
    # who answers something else
    "wrong-id": lambda asked: asked.here(id=bytes(byte ^ 0x55 for byte in asked.id)),
    "cname-loop": lambda asked: asked.reply(record(CNAME, b"\xc0\x0c")),
    "cname-chain": lambda asked: chain(asked),
    "cname-alone": lambda asked: asked.reply(record(CNAME, named("elsewhere", "example"))),
    "cname-to-garbage": lambda asked: asked.reply(record(CNAME, b"\x3f\x1b[2J\xff\0")),
    "other-family": lambda asked: asked.reply(record(A if asked.type == AAAA else AAAA, HERE + bytes(12))),
    "no-address": lambda asked: asked.reply(record(A, bytes(4))) if asked.type == A else asked.reply(),
    "broadcast": lambda asked: asked.reply(record(A, b"\xff" * 4)) if asked.type == A else asked.reply(),
    "only-ipv6": lambda asked: asked.reply(record(AAAA, bytes(15) + b"\1")) if asked.type == AAAA else asked.reply(),
    "wrong-question": lambda asked: asked.here(section=named("other", "example") + asked.section[-4:]),
    "no-question": lambda asked: asked.here(section=b""),
    # who answers for one family alone, and for the other with an error or not at all
    **{f"{how}-for-aaaa": lambda asked, how=how: one_family(asked, A, how) for how in ONE_SIDED},
    **{f"{how}-for-a": lambda asked, how=how: one_family(asked, AAAA, how) for how in ONE_SIDED},
    "late": lambda asked: time.sleep(0.1) or asked.here(),
    "thrice": lambda asked: asked.here(),
}


def one_family(asked, family, how):
    """The right answer for this family, and ::1 where it is IPv6's."""
    if asked.type == family:
        return asked.here() if family == A else asked.reply(record(AAAA, bytes(15) + b"\1"))
    return None if how == "silence" else asked.reply(rcode=ONE_SIDED[how])


def many(asked):
    """More addresses than anybody keeps: nobody is at the first 200, and the service is at the last."""
    if asked.type != A:
        return asked.reply()
    if not asked.is_tcp:
        return asked.reply(flags=TRUNCATED)
    return asked.reply(*(record(A, bytes([127, 0, 1, 1 + i])) for i in range(200)), record(A, HERE))


def chain(asked):
    """A hundred names, each an alias of the next, and no address at the end."""
    names = [named(f"n{i}", "example") for i in range(100)]
    return asked.reply(*(record(CNAME, after, before) for before, after in zip([asked.name, *names], names)))


def serve_udp(server):
    while True:
        packet, client = server.recvfrom(4096)
        guest.in_thread(answer_udp, server, Question(packet), client)


def answer_udp(server, asked, client):
    reply = LIES[asked.lie](asked)
    if asked.lie in ("many", "cname-chain") and reply and len(reply) > 512:
        reply = asked.reply(flags=TRUNCATED)
    for _ in range(3 if asked.lie == "thrice" else 1):
        if reply is not None:
            server.sendto(reply, client)


def serve_tcp(listener):
    while True:
        connection, _ = listener.accept()
        guest.in_thread(answer_tcp, connection)


def answer_tcp(connection):
    with connection:
        while length := connection.recv(2, socket.MSG_WAITALL):
            packet = connection.recv(struct.unpack("!H", length)[0], socket.MSG_WAITALL)
            asked = Question(packet, is_tcp=True)
            reply = LIES[asked.lie](asked)
            if reply is not None:
                connection.sendall(struct.pack("!H", len(reply)) + reply)


def main():
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 53))
    guest.in_thread(serve_udp, udp)
    guest.in_thread(serve_tcp, socket.create_server(("127.0.0.1", 53)))
    guest.serve("127.0.0.1", 8000)
    guest.stay()


if __name__ == "__main__":
    main()
