"""Certificates made by openssl: an authority, what it signs, and each way in which one can be wrong.

The workers of a session share one folder: each file is made by who needs it first, under a lock.
"""
import contextlib
import datetime
import fcntl
import subprocess

import servers

CURVE = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes".split()
LOCAL = "DNS:localhost,IP:127.0.0.1,IP:::1"


def openssl(*words, folder):
    done = subprocess.run(["openssl", *map(str, words)], cwd=folder, capture_output=True, text=True, timeout=30)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {' '.join(map(str, words))} failed:\n{done.stderr}")


def day(days):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).strftime("%Y%m%d%H%M%SZ")


@contextlib.contextmanager
def lock(folder):
    with open(folder / "lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class Authority:
    """authority.certificate("web", "DNS:localhost"): the paths of a certificate and of its key, <name>.pem and .key."""

    def __init__(self, folder, name="probe's test authority", issuer=None, more=(), begin=0, end=3650, ca="TRUE", newkey=CURVE):
        """more: extensions; ca: what basicConstraints says."""
        self.folder = folder
        self.name = name
        self.issuer = issuer
        file = name.replace(" ", "-").replace("'", "")
        self.file, self.key = folder / f"{file}.pem", folder / f"{file}.key"
        subject = ["-subj", f"/O=Test/CN={name}"]
        if self.key.exists():
            return
        if issuer:
            extensions = [f"basicConstraints=critical,CA:{ca}", "keyUsage=keyCertSign,cRLSign", *more]
            issuer.sign(self.file, self.key, subject, extensions, begin, end, newkey)
        else:
            words = ["-days", end, *subject, *(word for line in more for word in ("-addext", line))]
            openssl("req", "-x509", *newkey, *words, "-out", self.file, "-keyout", self.key, folder=folder)

    def sign(self, file, key, subject, extensions, begin, end, newkey=CURVE, digest="sha256"):
        request, config = file.with_suffix(".csr"), file.with_suffix(".cnf")
        database = file.with_suffix(".db")
        database.write_text("")
        config.write_text(
            f"[ca]\ndefault_ca=d\n[d]\ndatabase={database}\nnew_certs_dir={self.folder}\nrand_serial=yes\npolicy=p\n"
            f"default_md={digest}\nunique_subject=no\nstring_mask=utf8only\n[p]\nCN=optional\nO=optional\n[x]\n" + "\n".join(extensions) + "\n"
        )
        openssl("req", "-new", *newkey, "-utf8", *subject, "-out", request, "-keyout", key, folder=self.folder)
        words = ["-config", config, "-cert", self.file, "-keyfile", self.key, "-startdate", day(begin), "-enddate", day(end)]
        openssl("ca", "-batch", "-notext", "-utf8", *words, "-extensions", "x", "-in", request, "-out", file, folder=self.folder)
        key.chmod(0o600)

    def certificate(self, name, names=LOCAL, begin=-1, end=365, common=None, chain=(), more=(), **how):
        """chain: authorities whose certificates the server sends behind its own; more: extensions."""
        file, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        extensions = [f"subjectAltName={names}"] if names else ["basicConstraints=CA:FALSE"]
        self.sign(file, key, ["-subj", "/O=nobody" if common == "" else f"/CN={common or name}"], [*extensions, *more], begin, end, **how)
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


def rsa(bits):
    return ["-newkey", f"rsa:{bits}", "-nodes"]


def curve(name):
    return ["-newkey", "ec", "-pkeyopt", f"ec_paramgen_curve:{name}", "-nodes"]


def der_name(name):
    """A subjectAltName of one DNS name, byte by byte: with a NUL in it, for one."""
    return "DER:" + bytes([0x30, len(name) + 2, 0x82, len(name), *name]).hex(":")


# What the authority signs: certificate()'s arguments by name.
SIGNED = {
    "good": {},
    "soon": {"end": 4.5},
    "tomorrow": {"end": 1.5},
    "today": {"end": 0.5},
    "expired": {"begin": -10, "end": -3},
    "early": {"begin": 3, "end": 30},
    "elsewhere": {"names": "DNS:db.example,DNS:*.db.example,DNS:c.example,DNS:d.example,DNS:e.example,IP:192.0.2.7"},
    "nameless": {"names": "", "common": "localhost"},
    "wildcard": {"names": "DNS:*.app.example"},
    "weak": {"newkey": rsa(1024)},
    "rsa": {"newkey": rsa(2048)},
    "app": {"names": "", "common": "app"},
    # names
    "address": {"names": "IP:127.0.0.1"},
    "address_as_name": {"names": "DNS:127.0.0.1"},
    "address_six": {"names": "IP:::1"},
    "address_common": {"names": "", "common": "127.0.0.1"},
    "named": {"names": "DNS:localhost"},
    "upper": {"names": "DNS:LOCALHOST"},
    "dotted": {"names": "DNS:localhost."},
    "common_and_other": {"names": "DNS:other.example", "common": "localhost"},
    "common_and_address": {"names": "IP:192.0.2.7", "common": "localhost"},
    "common_and_mail": {"names": "email:root@example.org", "common": "localhost"},
    "no_name": {"names": "", "common": ""},
    "uri": {"names": "URI:https://localhost/", "common": "uri"},
    "wild_part": {"names": "DNS:w*.app.example"},
    "wild_top": {"names": "DNS:*.example"},
    "wild_all": {"names": "DNS:*"},
    "wild_inner": {"names": "DNS:web.*.example"},
    "idn": {"names": "DNS:xn--bcher-kva.example"},
    "idn_wild": {"names": "DNS:*.xn--bcher-kva.example"},
    "nul": {"names": der_name(b"localhost\0.evil.example"), "common": "nul"},
    "nul_behind": {"names": der_name(b"localhost\0"), "common": "nul"},
    "many_names": {"names": ",".join(f"DNS:host-{i}.of-many.example" for i in range(300)) + ",DNS:localhost"},
    # keys and hashes
    "rsa_3072": {"newkey": rsa(3072)},
    "rsa_pss": {"newkey": ["-newkey", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048", "-nodes"]},
    "p384": {"newkey": curve("secp384r1")},
    "p521": {"newkey": curve("secp521r1")},
    "ed25519": {"newkey": ["-newkey", "ed25519", "-nodes"]},
    "sha1": {"digest": "sha1"},
    "sha512": {"digest": "sha512"},
    # extensions
    "critical": {"more": ["1.2.3.4=critical,ASN1:NULL"]},
    "not_critical": {"more": ["1.2.3.4=ASN1:NULL"]},
    "of_a_client": {"more": ["extendedKeyUsage=clientAuth"]},
    "of_a_server": {"more": ["extendedKeyUsage=serverAuth"]},
    "can_sign": {"more": ["basicConstraints=critical,CA:TRUE"]},
    "stapled": {"more": ["tlsfeature=status_request"]},
    "large": {"more": ["1.2.3.4=ASN1:UTF8:" + "x" * 9000]},
}


class Certificates:
    """Those of SIGNED, and those below; attributes are (certificate, key), made when first asked for."""

    def __init__(self, folder):
        self.folder = folder
        self.made = {}
        with lock(folder):
            self.authority = Authority(folder)
            self.stranger = Authority(folder, name="an authority nobody knows")
            self.middle = Authority(folder, name="an intermediate", issuer=self.authority)

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self.made:
            with lock(self.folder):
                self.made[name] = self.find(name)
        return self.made[name]

    def find(self, name):
        """Its files; a mark says that they are complete."""
        mark = self.folder / f"{name}.made"
        if not mark.exists():
            pair = self.make(name)
            mark.write_text("\n".join(map(str, pair)))
        return tuple(self.folder / line for line in mark.read_text().splitlines())

    def make(self, name):
        if name in SIGNED:
            return self.authority.certificate(name, **SIGNED[name])
        return getattr(self, f"make_{name}")()

    def under(self, name, chain=True, **how):
        """Signed by an intermediate that is odd."""
        middle = Authority(self.folder, name=f"an intermediate, {name}", issuer=self.authority, **how)
        return middle.certificate(name, chain=[middle] if chain else [])

    def make_strange(self):
        return self.stranger.certificate("strange")

    def make_self_signed(self):
        return self.authority.self_signed("alone")

    def make_chained(self):
        return self.middle.certificate("chained", chain=[self.middle])

    def make_unchained(self):
        return self.middle.certificate("unchained")

    def make_chained_to_the_root(self):
        return self.middle.certificate("chained_to_the_root", chain=[self.middle, self.authority])

    def make_chained_in_disorder(self):
        return self.middle.certificate("chained_in_disorder", chain=[self.stranger, self.authority, self.middle])

    def make_strange_to_the_root(self):
        return self.stranger.certificate("strange_to_the_root", chain=[self.stranger])

    def make_middle_expired(self):
        return self.under("middle_expired", begin=-10, end=-3)

    def make_middle_no_authority(self):
        return self.under("middle_no_authority", ca="FALSE")

    def make_middle_weak(self):
        return self.under("middle_weak", newkey=rsa(1024))

    def make_middle_for_others(self):
        return self.under("middle_for_others", more=["nameConstraints=critical,permitted;DNS:example.org"])

    def make_middle_for_us(self):
        return self.under("middle_for_us", more=["nameConstraints=critical,permitted;DNS:localhost,permitted;IP:0.0.0.0/0.0.0.0,permitted;IP:::/::"])

    def make_too_long(self):
        first = Authority(self.folder, name="an intermediate, last", issuer=self.authority, ca="TRUE,pathlen:0")
        second = Authority(self.folder, name="an intermediate, too many", issuer=first)
        return second.certificate("too_long", chain=[second, first])

    def make_long_chain(self):
        """Fifty intermediates."""
        chain = [self.authority]
        for i in range(50):
            chain.append(Authority(self.folder, name=f"intermediate number {i}", issuer=chain[-1]))
        return chain[-1].certificate("long_chain", chain=reversed(chain[1:]))

    def make_client(self):
        return self.find("app")

    def make_other_client(self):
        return self.stranger.certificate("stranger", "", common="app")

    def make_locked(self):
        """The client's certificate, and its key encrypted."""
        file, key = self.find("client")
        locked = self.folder / "locked.key"
        openssl("pkcs8", "-topk8", "-in", key, "-out", locked, "-passout", "pass:locksmith", folder=self.folder)
        locked.chmod(0o600)
        return file, locked

    @property
    def ca(self):
        return self.authority.file
