"""containerd as Kubernetes' kubelet drives it: by CRI's calls over gRPC.

The few messages that it takes are encoded here by hand, field number by field number as CRI's runtime.v1 numbers them:
Debian has no Python classes of them.
"""
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import processes
from engine import CGROUP, DOCKER, mounts_below, run

CONTAINERD = "/usr/bin/containerd"
NODE = 2  # NamespaceMode: the machine's own network, because there is no plug-in to make another
CONFIG = """version = 2
root = "{folder}/root"
state = "{folder}/state"
[grpc]
  address = "{folder}/socket"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/library/{image}"
  restrict_oom_score_adj = true
"""


def varint(number):
    data = bytearray()
    while number > 0x7F:
        data.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*data, number])


def message(*fields):
    """(number, value) each; a value is an int, a text, or another message."""
    data = b""
    for number, value in fields:
        if isinstance(value, int):
            data += varint(number << 3) + varint(value)
        else:
            content = value.encode() if isinstance(value, str) else value
            data += varint(number << 3 | 2) + varint(len(content)) + content
    return data


def read_varint(data, at):
    number = shift = 0
    while True:
        byte = data[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return number, at


def fields_of(data):
    """The fields of a message that holds none but integers and bytes."""
    found, at = {}, 0
    while at < len(data):
        key, at = read_varint(data, at)
        value, at = read_varint(data, at)
        if key & 7 == 2:
            value, at = data[at : at + value], at + value
        found[key >> 3] = value
    return found


class Containerd:
    """A containerd of our own with the image of an engine in it."""

    def __init__(self, engine, image, pause):
        """pause: the image of each pod's first container, which only holds its namespaces."""
        import grpc

        self.grpc = grpc
        self.folder = Path(tempfile.mkdtemp(prefix="probe-cri-"))
        self.image = f"docker.io/library/{image}"
        (self.folder / "config.toml").write_text(CONFIG.format(folder=self.folder, image=pause))
        self.log_file = self.folder / "log"
        self.process = None
        self.pods = []
        self.engine = engine
        self.tags = [image, pause]

    def start(self):
        with open(self.log_file, "wb") as log:
            self.process = subprocess.Popen(
                [CONTAINERD, "--config", str(self.folder / "config.toml")], stdout=log, stderr=log, start_new_session=True
            )
        socket = self.folder / "socket"
        if not processes.wait_until(lambda: self.process.poll() is not None or socket.exists(), 20, 0.1):
            raise RuntimeError(self.log_file.read_text()[-2000:])
        self.channel = self.grpc.insecure_channel(f"unix://{socket}")
        self.load()
        return self

    def load(self):
        tar = self.folder / "image.tar"
        run(DOCKER, "save", "--output", tar, *self.tags, env=self.engine.env)
        run("ctr", "--address", self.folder / "socket", "--namespace", "k8s.io", "images", "import", tar)
        tar.unlink()

    def call(self, method, *fields, timeout=30):
        """One of RuntimeService's calls; gives the fields of what it returns."""
        stub = self.channel.unary_unary(f"/runtime.v1.RuntimeService/{method}")
        return fields_of(stub(message(*fields), timeout=timeout))

    def pod(self, name, env):
        """A pod with one container of the image; gives the container's identity."""
        namespaces = message((1, NODE))
        config = message(
            (1, message((1, name), (2, name), (3, "default"))),
            (8, message((1, f"/{CGROUP}"), (2, message((1, namespaces))))),
        )
        pod = self.call("RunPodSandbox", (1, config))[1].decode()
        self.pods.append(pod)
        variables = [(6, message((1, key), (2, value))) for key, value in env.items()]
        container = message(
            (1, message((1, name))),
            (2, message((1, self.image))),
            *variables,
            (15, message((2, message((3, namespaces))))),
        )
        identity = self.call("CreateContainer", (1, pod), (2, container), (3, config))[1].decode()
        self.call("StartContainer", (1, identity))
        return identity

    def pid(self, container):
        lines = run("ctr", "--address", self.folder / "socket", "--namespace", "k8s.io", "tasks", "list").stdout
        return next(int(line.split()[1]) for line in lines.splitlines() if line.startswith(container))

    def exec(self, container, command, timeout):
        """ExecSync, the call behind an exec probe: (exit status, stdout). Raises grpc.RpcError at the timeout."""
        answer = self.call("ExecSync", (1, container), *((2, word) for word in command), (3, timeout), timeout=timeout + 10)
        return answer.get(3, 0), answer.get(1, b"").decode()

    def stop(self):
        for pod in self.pods:
            for method in ("StopPodSandbox", "RemovePodSandbox"):
                try:
                    self.call(method, (1, pod))
                except self.grpc.RpcError:
                    pass
        if self.process is not None:
            self.channel.close()
            os.kill(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for mount in sorted(mounts_below(self.folder), reverse=True):
            run("umount", "--lazy", mount, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)
