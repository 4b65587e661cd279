#!/usr/bin/python3
"""Writes the OpenVEX document of a release from probe/deps/vex.txt: which flaws of the libraries probe has.

    openvex.py DIST VERSION SECONDS HOMEPAGE

Statements about a version that is not linked are left out: DIST has the lists of contents.
"""
import hashlib
import json
import sys
import time
from pathlib import Path

STATEMENTS = Path(__file__).resolve().parents[1] / "probe" / "deps" / "vex.txt"
# What vex.txt calls it, and OpenVEX's status and justification.
STATUSES = {
    "absent": ("not_affected", "vulnerable_code_not_present"),
    "unused": ("not_affected", "vulnerable_code_not_in_execute_path"),
    "fixed": ("fixed", None),
    "unknown": ("under_investigation", None),
    "affected": ("affected", None),
}


def read_statements():
    lines = [line for line in STATEMENTS.read_text().splitlines() if line and not line.startswith("#")]
    return [line.split(" ", 5) for line in lines]


def linked_by_product(dist):
    """The libraries of each flavour, as (name, version)."""
    linked = {"probe": set(), "probe-tls": set()}
    for path in sorted(dist.glob("*.spdx.json")):
        product = "probe-tls" if path.name.startswith("probe-tls-") else "probe"
        packages = json.loads(path.read_text())["packages"]
        linked[product] |= {(package["name"], package["versionInfo"]) for package in packages}
    return linked


def make_statement(row, products, version):
    library, library_version, _, flaw, status, why = row
    vex_status, justification = STATUSES[status]
    statement = {
        "vulnerability": {"name": flaw},
        "products": [
            {
                "@id": f"pkg:generic/{product}@{version}",
                "subcomponents": [{"@id": f"pkg:generic/{library}@{library_version}"}],
            }
            for product in products
        ],
        "status": vex_status,
    }
    if justification:
        statement["justification"] = justification
        statement["impact_statement"] = why
    elif vex_status == "affected":
        statement["action_statement"] = why
    else:
        statement["status_notes"] = why
    return statement


def make_statements(dist, version):
    linked = linked_by_product(dist)
    statements = []
    for row in read_statements():
        library, library_version, flavour = row[:3]
        products = [product for product in linked if (library, library_version) in linked[product]]
        if flavour == "tls":
            products = [product for product in products if product == "probe-tls"]
        if products:
            statements.append(make_statement(row, products, version))
    return statements


def main():
    dist, version, date, homepage = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
    document = {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "author": "the probe authors",
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(date)),
        "version": 1,
        "statements": make_statements(dist, version),
    }
    # The same content has the same name.
    digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    document = {"@context": document["@context"], "@id": f"{homepage}/vex/{digest}", **document}
    (dist / f"probe-{version}.openvex.json").write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
