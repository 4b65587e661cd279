"""Counts what a JUnit report of pytest or ctest holds: passed, failed and skipped, a line each.

Usage: count.py REPORT STATUS    STATUS is the runner's exit status: a runner that failed without a report,
or with one in which nothing failed, is a failure too.
"""
import sys
import xml.etree.ElementTree as xml


def count(report):
    try:
        suites = list(xml.parse(report).getroot().iter("testsuite"))
    except (OSError, xml.ParseError):
        return 0, 0, 0
    total, failed, skipped = (
        sum(int(suite.get(name, 0)) for suite in suites for name in names)
        for names in (["tests"], ["failures", "errors"], ["skipped", "disabled"])
    )
    return total - failed - skipped, failed, skipped


def main(report, status):
    passed, failed, skipped = count(report)
    if status != "0" and failed == 0:
        failed = 1
    if passed + failed + skipped == 0:
        failed = 1
    print(passed, failed, skipped, sep="\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
