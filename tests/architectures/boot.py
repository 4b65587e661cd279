"""Boots an architecture's own Debian kernel in qemu-system, with probe and peers to ask: boot.py ARCH [BINARY]

Prints each case, and last what it took; exits with 1 if a case is not right, with 77 where a tool is missing. Kernels and
busybox are Debian's packages, fetched by apt with a state of its own and kept, unpacked, in ~/.cache/probe/kernels.
"""
import lzma
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
KERNELS = Path(os.environ.get("PROBE_CACHE") or Path.home() / ".cache" / "probe") / "kernels"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
MODULES = ["inet_diag", "tcp_diag", "unix_diag"]
SECONDS = 300
CANNOT = 77


@dataclass(frozen=True)
class Machine:
    package: str  # of the kernel
    qemu: str
    options: tuple
    console: str
    kernel_of: str = None  # another architecture's kernel
    suite: str = "bookworm"


MACHINES = {
    "amd64": Machine("linux-image-amd64", "x86_64", (), "ttyS0"),
    "arm64": Machine("linux-image-arm64", "aarch64", ("-M", "virt", "-cpu", "cortex-a57"), "ttyAMA0"),
    "armhf": Machine("linux-image-armmp", "arm", ("-M", "virt", "-cpu", "cortex-a15"), "ttyAMA0"),
    # Debian's own kernels of armel are for boards that qemu does not have.
    "armel": Machine("linux-image-armmp", "arm", ("-M", "virt", "-cpu", "cortex-a15"), "ttyAMA0", kernel_of="armhf"),
    "i386": Machine("linux-image-686-pae", "i386", (), "ttyS0"),
    "riscv64": Machine("linux-image-riscv64", "riscv64", ("-M", "virt"), "ttyS0", suite="trixie"),
    "ppc64el": Machine("linux-image-powerpc64le", "ppc64", ("-M", "pseries", "-cpu", "power9", "-vga", "none"), "hvc0"),
    "s390x": Machine("linux-image-s390x", "s390x", ("-M", "s390-ccw-virtio"), "ttysclp0"),
}
LISTENING = "listening: 127.0.0.1:8000, 127.0.0.1:8001, 127.0.0.1:8002, 127.0.0.1:8003, [::1]:8004"
# Of each case of init.sh its exit status, and words that it says.
CASES = {
    "version": (0, ["probe "]),
    "live": (0, ["healthy in ", "http 200"]),
    "IPv6": (0, ["healthy in ", "tcp accepted"]),
    "number": (0, ["healthy in "]),
    "another number": (1, ["unhealthy in ", "0.1"]),
    "refused, by /proc": (1, ["refused by 127.0.0.1", LISTENING]),
    "refused, by sock_diag": (1, ["refused by 127.0.0.1", LISTENING]),
    "silent": (1, ["connected, no answer in 1 s"]),
    "half an answer": (1, ["timeout-receive"]),
    "full queue": (1, ["queue"]),
    "silent Redis": (1, ["connected, no answer in 1 s"]),
    "wait": (0, ["started"]),
    "doctor": (0, ["httpd", "127.0.0.1:8000"]),
    "doctor in JSON": (0, ['"port":8003']),
}


def cannot(reason):
    print(f"not booted: {reason}")
    sys.exit(CANNOT)


def run(*command, **options):
    words = [str(word) for word in command]
    return subprocess.run(words, check=True, capture_output=True, text=True, **options).stdout


# Debian's packages ----------------------------------------------------------------------------------------------------


class Packages:
    """apt for one architecture, in a folder of its own."""

    def __init__(self, arch, suite, folder):
        self.folder = folder
        for name in ("lists/partial", "cache/archives/partial"):
            (folder / name).mkdir(parents=True)
        (folder / "status").touch()
        self.options = [f"APT::Architecture={arch}", f"APT::Architectures={arch}", "APT::Sandbox::User=root"]
        self.options += [f"Dir::State::Lists={folder}/lists", f"Dir::Cache={folder}/cache", f"Dir::State::status={folder}/status"]
        self.options += [f"Dir::Etc::SourceList={folder}/list", "Dir::Etc::SourceParts=/dev/null"]
        mirror = run("apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages").split()[0]
        (folder / "list").write_text(f"deb [signed-by={KEYRING}] {mirror} {suite} main\n")
        self.apt("update")

    def apt(self, *arguments):
        return run("apt-get", "-q", *[word for option in self.options for word in ("-o", option)], *arguments, cwd=self.folder)

    def kernel(self, package):
        """The package with the kernel that the other one stands for."""
        planned = self.apt("-s", "install", "--no-install-recommends", package)
        return re.search(r"^Inst (linux-image-\d\S*)", planned, re.MULTILINE)[1]

    def unpack(self, package, target):
        self.apt("download", package)
        (file,) = self.folder.glob("*.deb")
        run("dpkg-deb", "-x", file, target)
        file.unlink()


def fetch(arch, machine):
    """The folder with "kernel", "busybox" and the modules of an architecture."""
    target = KERNELS / arch
    if target.is_dir():
        return target
    part = KERNELS / f"{arch}.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    with tempfile.TemporaryDirectory(dir=KERNELS) as work:
        tree = Path(work) / "tree"
        packages = Packages(arch, machine.suite, Path(work) / "apt")
        packages.unpack("busybox-static", tree)
        if machine.kernel_of:
            packages = Packages(machine.kernel_of, machine.suite, Path(work) / "apt-of-kernel")
        packages.unpack(packages.kernel(machine.package), tree)
        (kernel,) = tree.glob("boot/vmlinu[xz]-*")
        shutil.copy(kernel, part / "kernel")
        (busybox,) = [path for path in tree.glob("**/bin/busybox") if not path.is_symlink()]
        shutil.copy(busybox, part / "busybox")
        for name in MODULES:
            for file in tree.glob(f"**/{name}.ko*"):
                data = file.read_bytes()
                (part / f"{name}.ko").write_bytes(lzma.decompress(data) if file.suffix == ".xz" else data)
    part.rename(target)
    return target


# The machine ----------------------------------------------------------------------------------------------------------


def make_root(parts, binary, root):
    for name in ("bin", "proc", "sys", "dev", "tmp", "modules", "www"):
        (root / name).mkdir()
    shutil.copy(parts / "busybox", root / "bin" / "busybox")
    shutil.copy(binary, root / "probe")
    shutil.copy(HERE / "init.sh", root / "init")
    for module in parts.glob("*.ko"):
        shutil.copy(module, root / "modules")
    (root / "www" / "health").write_text('{"status":"ok","n":0.1}')
    compiler = binary.parent / "deps" / "musl" / "bin" / "musl-gcc"
    run(compiler, "-Os", "-Wall", "-Wextra", "-Werror", "-static", "-no-pie", "-o", root / "peers", HERE / "peers.c")


def pack(root, file):
    names = "\n".join(str(path.relative_to(root)) for path in sorted(root.rglob("*")))
    with open(file, "wb") as out:
        command = ["busybox", "cpio", "-o", "-H", "newc"]
        subprocess.run(command, input=names.encode(), stdout=out, stderr=subprocess.DEVNULL, cwd=root, check=True)


def boot(machine, kernel, initrd):
    """All that the console showed."""
    command = [f"qemu-system-{machine.qemu}", *machine.options, "-m", "512", "-nographic", "-nic", "none", "-no-reboot"]
    command += ["-kernel", kernel, "-initrd", initrd, "-append", f"console={machine.console} quiet panic=-1"]
    if not shutil.which(command[0]):
        cannot(f"no {command[0]}")
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS)
    except subprocess.TimeoutExpired as expired:
        return f"{(expired.output or b'').decode(errors='replace')}\nnot over after {SECONDS} s"
    return (done.stdout + done.stderr).decode(errors="replace")


def judge(console):
    """Prints each case; whether all are right."""
    text = console.replace("\r", "")
    found = {name: (int(status), said) for name, said, status in re.findall(r"^--- (.+)\n(?s:(.*?))^=> (\d+)$", text, re.MULTILINE)}
    wrong = 0
    for name, (status, words) in CASES.items():
        got, said = found.get(name, (None, ""))
        is_right = got == status and all(word in said for word in words)
        wrong += not is_right
        print(f"  {'right' if is_right else 'WRONG'}  {name}")
        if not is_right:
            print(f"{said}=> {got}, expected {status} and {words}")
    if not found:
        print(text[-3000:])
    return wrong == 0


def main():
    arch = sys.argv[1]
    binary = Path(sys.argv[2] if len(sys.argv) > 2 else REPOSITORY / "build" / f"release-{arch}" / "probe").resolve()
    machine = MACHINES[arch]
    if not binary.is_file():
        cannot(f"no {binary}")
    KERNELS.mkdir(parents=True, exist_ok=True)
    try:
        parts = fetch(arch, machine)
    except subprocess.CalledProcessError as error:
        cannot(f"{' '.join(error.cmd)}: {error.stderr[-500:]}")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        root.mkdir()
        make_root(parts, binary, root)
        pack(root, Path(folder) / "initrd")
        is_right = judge(boot(machine, parts / "kernel", Path(folder) / "initrd"))
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = used.ru_utime + used.ru_stime
    print(f"{arch}: {len(CASES)} cases {'right' if is_right else 'NOT right'}, {seconds:.0f} s of processor time")
    return 0 if is_right else 1


sys.exit(main())
