#!/bin/bash
# Measures which lines and branches of probe/ the tests run, with AddressSanitizer and UBSan in the same build.
# Usage: tests/coverage.sh [prepare|report]    prepare builds and forgets what was counted, report prints what was since;
#                                              without a word: prepare, the unit and end-to-end tests, report
#
# Fails below 95 % of the lines or 85 % of the branches. tests/coverage/reasons.txt says why a line is not run.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

python=/usr/bin/python3
built=build/coverage

prepare() {
  local log=build/coverage.log
  mkdir -p build
  if ! { cmake --preset coverage && cmake --build --preset coverage; } >"$log" 2>&1; then
    tail -n 40 "$log"
    return 1
  fi
  rm -rf "$built/counters"
  # The first run makes the file that all others count in, as whatever user.
  (umask 0 && "$built/probe" --version >/dev/null)
}

run_tests() {
  local status=0 folder
  ctest --preset coverage -j 2 -Q || status=1
  for folder in tests/e2e tests/faults tests/tls; do
    if [ -d "$folder" ]; then
      PROBE_BINARY=$built/probe "$python" -m pytest "$folder" -q -n 2 -m 'not stage' || status=1
    fi
  done
  return "$status"
}

report() {
  "$python" tests/coverage/report.py "$built"
}

case ${1-} in
  prepare | report) "$1" ;;
  '')
    prepare || exit 1
    status=0
    run_tests || status=1
    report || status=1
    exit "$status"
    ;;
  *)
    sed -n 3,4p "$0" >&2
    exit 1
    ;;
esac
