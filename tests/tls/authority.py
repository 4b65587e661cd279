"""Certificates made by openssl: an authority, what it signs, and each way in which one can be wrong."""
import datetime
import subprocess

import servers

CURVE = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes".split()


def openssl(*words, folder):
    subprocess.run(["openssl", *map(str, words)], cwd=folder, check=True, capture_output=True, timeout=30)


def day(days):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).strftime("%Y%m%d%H%M%SZ")


class Authority:
    """authority.certificate("web", "DNS:localhost"): the paths of a certificate and of its key, <name>.pem and .key."""

    def __init__(self, folder, name="probe's test authority", issuer=None):
        self.folder = folder
        self.name = name
        self.issuer = issuer
        self.count = 0
        file = name.replace(" ", "-").replace("'", "")
        self.file, self.key = folder / f"{file}.pem", folder / f"{file}.key"
        subject = ["-subj", f"/O=Test/CN={name}"]
        if issuer:
            issuer.sign(self.file, self.key, subject, ["basicConstraints=critical,CA:TRUE", "keyUsage=keyCertSign"], 0, 3650)
        else:
            openssl("req", "-x509", *CURVE, "-days", 3650, *subject, "-out", self.file, "-keyout", self.key, folder=folder)

    def sign(self, file, key, subject, extensions, begin, end, newkey=CURVE, digest="sha256"):
        self.count += 1
        request, config = file.with_suffix(".csr"), file.with_suffix(".cnf")
        database = file.with_suffix(".db")
        database.write_text("")
        config.write_text(
            f"[ca]\ndefault_ca=d\n[d]\ndatabase={database}\nnew_certs_dir={self.folder}\nrand_serial=yes\npolicy=p\n"
            f"default_md={digest}\nunique_subject=no\n[p]\nCN=optional\nO=optional\n[x]\n" + "\n".join(extensions) + "\n"
        )
        openssl("req", "-new", *newkey, *subject, "-out", request, "-keyout", key, folder=self.folder)
        words = ["-config", config, "-cert", self.file, "-keyfile", self.key, "-startdate", day(begin), "-enddate", day(end)]
        openssl("ca", "-batch", "-notext", *words, "-extensions", "x", "-in", request, "-out", file, folder=self.folder)
        key.chmod(0o600)

    def certificate(self, name, names="DNS:localhost,IP:127.0.0.1,IP:::1", begin=-1, end=365, common=None, chain=(), **how):
        """chain: authorities whose certificates the server sends behind its own."""
        file, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        extensions = [f"subjectAltName={names}"] if names else ["basicConstraints=CA:FALSE"]
        self.sign(file, key, ["-subj", f"/CN={common or name}"], extensions, begin, end, **how)
        with open(file, "a") as text:
            for authority in chain:
                text.write(authority.file.read_text())
        servers.give_away(key)
        return file, key

    def self_signed(self, name, names="DNS:localhost,IP:127.0.0.1"):
        file, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        words = ["-days", 30, "-subj", f"/CN={name}", "-addext", f"subjectAltName={names}"]
        openssl("req", "-x509", *CURVE, *words, "-out", file, "-keyout", key, folder=self.folder)
        key.chmod(0o600)
        servers.give_away(key)
        return file, key


class Certificates:
    """One of each kind, made once a session; attributes are (certificate, key)."""

    def __init__(self, folder):
        self.folder = folder
        self.authority = Authority(folder)
        self.stranger = Authority(folder, name="an authority nobody knows")
        self.middle = Authority(folder, name="an intermediate", issuer=self.authority)
        sign = self.authority.certificate
        self.good = sign("good")
        self.soon = sign("soon", end=5)
        self.expired = sign("expired", begin=-10, end=-3)
        self.early = sign("early", begin=3, end=30)
        self.elsewhere = sign("elsewhere", "DNS:db.example,DNS:*.db.example,DNS:c.example,DNS:d.example,DNS:e.example,IP:192.0.2.7")
        self.nameless = sign("nameless", "", common="localhost")
        self.wildcard = sign("wildcard", "DNS:*.app.example")
        self.strange = self.stranger.certificate("strange")
        self.self_signed = self.authority.self_signed("alone")
        self.chained = self.middle.certificate("chained", chain=[self.middle])
        self.unchained = self.middle.certificate("unchained")
        self.weak = sign("weak", newkey=["-newkey", "rsa:1024", "-nodes"])
        self.rsa = sign("rsa", newkey=["-newkey", "rsa:2048", "-nodes"])
        self.client = sign("app", "", common="app")
        self.other_client = self.stranger.certificate("stranger", "", common="app")
        self.locked = folder / "locked.key"
        openssl("pkcs8", "-topk8", "-in", self.client[1], "-out", self.locked, "-passout", "pass:locksmith", folder=folder)
        self.locked.chmod(0o600)
        for file in (self.client[1], self.other_client[1]):
            file.chmod(0o600)

    @property
    def ca(self):
        return self.authority.file
