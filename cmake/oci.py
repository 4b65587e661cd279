#!/usr/bin/python3
"""Writes an OCI archive with one image for each platform, without an engine. The same input gives the same bytes.

    oci.py OUT --tag TAG --date SECONDS [--annotation NAME=VALUE]... PLATFORM=FOLDER...

PLATFORM is as in probe/deps/architectures.txt, without "linux/"; FOLDER is the root of the image, and holds /probe.
"""
import argparse
import gzip
import hashlib
import io
import json
import tarfile
import time
from pathlib import Path

MEDIA = "application/vnd.oci.image."
ANNOTATION = "org.opencontainers.image."
NOBODY = "65534:65534"


def dump(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Tar:
    """A tar file of root's, whose every time is the same."""

    def __init__(self, date):
        self.date = date
        self.bytes = io.BytesIO()
        self.tar = tarfile.open(fileobj=self.bytes, mode="w", format=tarfile.USTAR_FORMAT)

    def folder(self, name):
        self.add(name, tarfile.DIRTYPE, 0o755, b"")

    def file(self, name, data, mode=0o644):
        self.add(name, tarfile.REGTYPE, mode, data)

    def add(self, name, kind, mode, data):
        entry = tarfile.TarInfo(name)
        entry.type, entry.mode, entry.mtime, entry.size = kind, mode, self.date, len(data)
        self.tar.addfile(entry, io.BytesIO(data))

    def close(self):
        self.tar.close()
        return self.bytes.getvalue()


class Archive:
    """The blobs of an OCI archive, by digest."""

    def __init__(self, date, annotations):
        self.date = date
        self.annotations = annotations
        self.created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(date))
        self.blobs = {}

    def add(self, data, kind):
        digest = digest_of(data)
        self.blobs[digest] = data
        return {"mediaType": MEDIA + kind, "digest": digest, "size": len(data)}

    def layer(self, root):
        """The tar of what a folder holds."""
        tar = Tar(self.date)
        for path in sorted(root.rglob("*")):
            name = str(path.relative_to(root))
            if path.is_dir():
                tar.folder(name)
            else:
                tar.file(name, path.read_bytes(), 0o755 if name == "probe" else 0o644)
        return tar.close()

    def image(self, platform, root):
        """Adds the image of a platform; returns its descriptor."""
        layer = self.layer(root)
        config = {
            **platform,
            "created": self.created,
            "config": {"User": NOBODY, "Entrypoint": ["/probe"], "Cmd": ["--help"], "Labels": self.annotations},
            "rootfs": {"type": "layers", "diff_ids": [digest_of(layer)]},
            "history": [{"created": self.created, "created_by": "cmake/oci.py"}],
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": MEDIA + "manifest.v1+json",
            "config": self.add(dump(config), "config.v1+json"),
            "layers": [self.add(gzip.compress(layer, 9, mtime=0), "layer.v1.tar+gzip")],
            "annotations": self.annotations,
        }
        return {**self.add(dump(manifest), "manifest.v1+json"), "platform": platform}

    def index(self, manifests, annotations):
        return dump(
            {
                "schemaVersion": 2,
                "mediaType": MEDIA + "index.v1+json",
                "manifests": manifests,
                **({"annotations": annotations} if annotations else {}),
            }
        )

    def write(self, path, tag, images):
        """The archive whose one entry is an index of the images."""
        index = self.add(self.index(images, self.annotations), "index.v1+json")
        tar = Tar(self.date)
        tar.file("oci-layout", dump({"imageLayoutVersion": "1.0.0"}))
        tar.file("index.json", self.index([{**index, "annotations": {ANNOTATION + "ref.name": tag}}], {}))
        tar.folder("blobs")
        tar.folder("blobs/sha256")
        for digest in sorted(self.blobs):
            tar.file(digest.replace("sha256:", "blobs/sha256/"), self.blobs[digest])
        path.write_bytes(tar.close())


def read_platform(text):
    architecture, _, variant = text.partition("/")
    return {"os": "linux", "architecture": architecture, **({"variant": variant} if variant else {})}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--tag", required=True)
    parser.add_argument("--date", type=int, required=True)
    parser.add_argument("--annotation", action="append", default=[])
    parser.add_argument("images", nargs="+", metavar="PLATFORM=FOLDER")
    options = parser.parse_args()
    annotations = {ANNOTATION + name: value for name, _, value in (word.partition("=") for word in options.annotation)}
    archive = Archive(options.date, annotations)
    archive.annotations[ANNOTATION + "created"] = archive.created
    roots = [word.split("=", 1) for word in options.images]
    archive.write(
        options.out, options.tag, [archive.image(read_platform(platform), Path(root)) for platform, root in roots]
    )


if __name__ == "__main__":
    main()
