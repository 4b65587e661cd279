#!/bin/bash
# Measures what a health check costs: probe beside what is used instead of it, and beside the least that can be done.
# Usage: tests/bench/run.sh [--write] [--rounds N]    ends with 1 if a goal is missed; --write puts the table into tests/bench/README.md
#        tests/bench/run.sh --tls [--write]           what TLS costs, in instructions and memory
#
# Needs an idle machine, and is no part of tests/run.sh: a test that depends on time fails on a busy one.
# PROBE_BINARY names another binary than build/release/probe.
set -euo pipefail
cd "$(dirname "$0")/../.."

log=build/bench.log

build() {
  mkdir -p build
  if ! { cmake --preset "$1" && cmake --build --preset "$1"; } >"$log" 2>&1; then
    tail -n 40 "$log"
    return 1
  fi
}

tests/install.sh tests/packages.txt probe/deps/packages.txt
build release
export PYTHONPATH=tests/e2e:tests/docs:tests/tls
if [ "${1-}" = --tls ]; then
  build tls
  exec /usr/bin/python3 tests/bench/tls.py "${@:2}"
fi
exec /usr/bin/python3 tests/bench/bench.py "$@"
