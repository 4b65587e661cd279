"""Process 1 of a test's container (containers.py). Each argument is a call of one of the functions below.

When all of them have returned it says that it is ready, and stays.
"""
import contextlib
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

kept = []
RCODES = {"NXDOMAIN": 3, "SERVFAIL": 2}


def listen(host, port, waiting=0, shared=False):
    """Listens and accepts nobody; so many connections wait."""
    listener = socket.socket(family(host))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if ":" in host:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, not host.startswith("::ffff:"))
    listener.bind((host, port))
    listener.listen(64)
    kept.append(listener)
    for _ in range(waiting):
        client = socket.socket(family(host))
        client.connect(listener.getsockname())
        kept.append(client)
    return listener


def listen_at(path, waiting=0, gone=False, backlog=64):
    """The same at a unix socket, whose file may be gone."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(backlog)
    kept.append(listener)
    for _ in range(waiting):
        client = socket.socket(socket.AF_UNIX)
        client.connect(path)
        kept.append(client)
    if gone:
        os.unlink(path)


def listen_on_both(port):
    """One socket for IPv4 and IPv6, as "::" is where nothing forbids it; it answers."""
    listener = socket.socket(socket.AF_INET6)
    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    listener.bind(("::", port))
    listener.listen(64)
    in_thread(answer, listener)


def serve(host, port):
    """Answers every HTTP request with 200."""
    in_thread(answer, listen(host, port))


def reply(host, port, data):
    """Answers everything with these bytes."""
    in_thread(answer, listen(host, port), data)


def greet(host, port, data):
    """Says these bytes to everybody before anything is asked."""
    in_thread(say, listen(host, port), data)


def say(listener, data):
    while True:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):  # some leave in between
            connection.sendall(data)
            connection.recv(65536)


def serve_one_path(host, port, path):
    """Answers this path with 200, and no other at all."""
    listener = listen(host, port, waiting=0)
    for _ in range(32):
        in_thread(answer_one_path, listener, path.encode())


def answer_one_path(listener, path):
    while True:
        connection, _ = listener.accept()
        with connection:
            words = connection.recv(65536).split(b" ")
            if words[1:2] == [path]:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
            while connection.recv(65536):
                pass


def serve_late(host, port, seconds):
    """The same after a start that takes its time."""
    time.sleep(seconds)
    serve(host, port)


def serve_in_child(host, port, seconds):
    """The same by a child that begins later, as after migrations."""
    time.sleep(seconds)
    reading, writing = os.pipe()
    if os.fork() == 0:
        serve(host, port)
        os.write(writing, b".")
        signal.pause()
    os.read(reading, 1)


def serve_nobody(host, port):
    """Accepts, reads and says nothing, until the client leaves."""
    listener = listen(host, port)
    for _ in range(4):
        in_thread(ignore, listener)


def ignore(listener):
    while True:
        connection, _ = listener.accept()
        with connection:
            while connection.recv(65536):
                pass


def answer(listener, data=b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"):
    while True:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(data)


def answer_by_path(host, port, healthy):
    """Answers 200 for one path, and 404 for the others."""
    in_thread(answer_path, listen(host, port), healthy.encode())


def answer_path(listener, healthy):
    while True:
        connection, _ = listener.accept()
        with connection:
            words = connection.recv(65536).split(b" ")
            status = b"200 OK" if words[1] == healthy else b"404 Not Found"
            connection.sendall(b"HTTP/1.1 %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % status)


def serve_pages(host, port, pages, other=(404, "text/plain", "not found"), log=None, once=False):
    """Answers a path with its (status, content type, body[, header...]), for one time only if told so, and writes down
    each request's first line."""
    in_thread(answer_pages, listen(host, port), dict(pages), other, log, once)


def answer_pages(listener, pages, other, log, once):
    while True:
        connection, _ = listener.accept()
        with connection:
            words = connection.recv(65536).decode(errors="replace")
            if not words:
                continue
            if log:
                with open(log, "a") as file:
                    file.write(words.splitlines()[0] + "\n")
            path = words.split(" ")[1]
            status, kind, body, *headers = pages.get(path, other)
            if once:
                pages.pop(path, None)
            lines = [f"HTTP/1.1 {status} Words", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers]
            connection.sendall("\r\n".join([*lines, "Connection: close", "", body]).encode())


def run(port, *command, **variables):
    """Starts a server, and waits until it listens on a port."""
    subprocess.Popen(command, env={**os.environ, **variables}, stdin=subprocess.DEVNULL)
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.05)


def name_server(rcode=None):
    """Answers each question with an error, or takes it and says nothing."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    kept.append(server)
    if rcode:
        in_thread(refuse_names, server, RCODES[rcode])


def refuse_names(server, rcode):
    while True:
        question, client = server.recvfrom(4096)
        server.sendto(question[:2] + struct.pack("!H", 0x8180 | rcode) + question[4:], client)


def zombie():
    """A child that has ended, and whose status nobody takes."""
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)


def child(threads=1):
    """A child that stays, with so many threads."""
    reading, writing = os.pipe()
    if os.fork() == 0:
        for _ in range(threads - 1):
            in_thread(time.sleep, 3600)
        os.write(writing, b".")
        signal.pause()
    os.read(reading, 1)
    os.close(reading)
    os.close(writing)


def stopped():
    """A child that has been stopped, as by SIGSTOP."""
    child = os.fork()
    if child == 0:
        signal.pause()
    os.kill(child, signal.SIGSTOP)
    os.waitpid(child, os.WUNTRACED)


def exhaust(limit):
    """Opens all the descriptors that it may."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    try:
        while True:
            kept.append(open("/dev/null", "rb"))
    except OSError:
        print("exhausted", flush=True)


def open_files(count):
    kept.extend(open("/dev/null", "rb") for _ in range(count))


def family(host):
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def in_thread(function, *arguments):
    threading.Thread(target=function, args=arguments, daemon=True).start()


def stay():
    print("ready", flush=True)
    while True:
        signal.pause()


if __name__ == "__main__":
    for call in sys.argv[1:]:
        eval(call)
    stay()
