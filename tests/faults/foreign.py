"""What other protocols say on a port: before they are asked, or when they get something that is not theirs."""
from peers import BLOCK, hold, read, send

GREETINGS = {
    "SSH": b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n",
    "SMTP": b"220 mail.example ESMTP Postfix\r\n",
    "FTP": b"220 (vsFTPd 3.0.3)\r\n",
    "MySQL": b"\x4a\0\0\0\x0a8.0.36\0\x08\0\0\0\x3b\x1f\x4a\x61\x1c\x2d\x3e\x5f\0\xff\xff\xff\x02\0\xff\xdf\x15",
    "HTTP/2 settings": b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x64\0\x04\0\x10\0\0\0\x06\0\x01\0\0",
    "random bytes": bytes(number * 167 % 251 for number in range(7, 700)),
}
ANSWERS = {
    "HTTP": b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    "PostgreSQL": b"E\0\0\0\x71SFATAL\0VFATAL\0C0A000\0Munsupported frontend protocol 8245.8224: "
    b"server supports 3.0 to 3.0\0Fpostmaster.c\0\0",
    "Redis": b"-ERR unknown command 'GET', with args beginning with: '/' 'HTTP/1.1' \r\n",
    "TLS alert": b"\x15\x03\x01\0\x02\x02\x46",
    "TLS ServerHello": b"\x16\x03\x03\0\x7a\x02\0\0\x76\x03\x03" + BLOCK[:100],
    "HTTP/2 GOAWAY": b"\0\0\0\x04\0\0\0\0\0" b"\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\x01",
    "memcached": b"ERROR\r\n",
}


def greets(name):
    """Says it at once, and then nothing more."""
    return send(GREETINGS[name]), hold()


def answers(name):
    """Says it when asked, and closes."""
    return read(), send(ANSWERS[name])
