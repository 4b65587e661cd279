#!/bin/bash
# Runs every test there is, what finds a mistake soonest first, and goes on after a failure.
# Usage: tests/run.sh    ends in one line, "N passed, N failed, N skipped", and with 1 if anything failed
#
# A check of the sources or a build counts as one test. Reports and the logs of the builds are in build/reports.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

python=/usr/bin/python3 # Debian's: the tests need its packages
reports=build/reports
passed=0
failed=0
skipped=0
beside= # the process of a suite that runs beside the others

announce() {
  printf '== %s (at %d s)\n' "$1" "$SECONDS"
}

add() {
  passed=$((passed + $1))
  failed=$((failed + $2))
  skipped=$((skipped + $3))
}

# step NAME COMMAND...: one test; succeeds when the command does
step() {
  announce "$1"
  if "${@:2}"; then
    add 1 0 0
  else
    add 0 1 0
    printf 'FAILED: %s\n' "$1"
    return 1
  fi
}

# count REPORT STATUS: adds the tests of a JUnit report, whose command ended with that status
count() {
  local counts
  mapfile -t counts < <("$python" tests/count.py "$1" "$2")
  add "${counts[@]}"
}

# suite NAME REPORT COMMAND...: the tests that the command's JUnit report counts
suite() {
  local report=$reports/$2 status=0
  announce "$1"
  rm -f "$report"
  "${@:3}" || status=$?
  count "$report" "$status"
}

# begin_suite NAME REPORT COMMAND...: the same beside what follows, and silent until end_suite; one at a time
begin_suite() {
  beside_name=$1
  beside_report=$reports/$2
  announce "$beside_name: begun, and told when it has ended"
  rm -f "$beside_report"
  "${@:3}" >"$beside_report.log" 2>&1 &
  beside=$!
}

end_suite() {
  local status=0
  wait "$beside" || status=$?
  beside=
  announce "$beside_name"
  cat "$beside_report.log"
  count "$beside_report" "$status"
}

# shellcheck disable=SC2317 # called by the trap
stop_suite() {
  if [ -n "$beside" ]; then
    kill -TERM "$beside"
    wait "$beside"
  fi
}

skip() {
  announce "$1: skipped, $2"
  add 0 0 1
}

install_packages() {
  local lists=(tests/packages.txt)
  if [ -f probe/deps/packages.txt ]; then
    lists+=(probe/deps/packages.txt)
  fi
  tests/install.sh "${lists[@]}"
}

build() {
  local log=$reports/build-$1.log
  if ! { cmake --preset "$1" && cmake --build --preset "$1"; } >"$log" 2>&1; then
    tail -n 40 "$log"
    return 1
  fi
}

unit_tests() {
  ctest --test-dir "build/dev" --output-on-failure -j 2 --output-junit "$PWD/$reports/unit.xml"
}

# e2e PRESET REPORT [OPTION]...: the end-to-end tests against one build; most of them wait, which several can do at a time
e2e() {
  PROBE_BINARY=build/$1/probe "$python" -m pytest tests/e2e -q -n "$(($(nproc) * 2))" --junitxml "$reports/$2" "${@:3}"
}

# faults PRESET REPORT [OPTION]...: the tables of hostile peers and poor machines against one build
faults() {
  PROBE_BINARY=build/$1/probe tests/faults/run.sh --junitxml "$reports/$2" "${@:3}"
}

docs() {
  "$python" -m pytest tests/docs -q -p no:cacheprovider --junitxml "$reports/docs.xml"
}

# What needs a Docker engine starts one of its own, and is skipped where that cannot be. It runs beside the others: by
# exec, so that the signal that stops it reaches the one who stops the engine.
docker() {
  exec "$python" -m pytest tests/docker -q --junitxml "$reports/docker.xml"
}

packages() {
  "$python" -m pytest tests/package -q --junitxml "$reports/packages.xml"
}

check_sources() {
  step 'shell scripts (shellcheck)' tests/lint.sh shell
  step 'Python (pyflakes)' tests/lint.sh python
  step 'formatting (clang-format)' tests/lint.sh format
}

check_builds() {
  local release=yes dev=yes coverage=yes
  step 'build: release' build release || release=no
  step 'build: dev, with AddressSanitizer' build dev || dev=no
  step 'build: plain, for valgrind, and to take its memory away' build plain
  if [ "$dev" = yes ]; then
    suite 'unit tests' unit.xml unit_tests
  else
    skip 'unit tests' 'nothing built'
  fi
  step 'fuzzers, 3 s each' tests/fuzz/run.sh 3
  step 'clang, its warnings and clang-tidy' tests/lint.sh tidy
  step 'gcc -fanalyzer' tests/lint.sh analyzer
  step 'cppcheck' tests/lint.sh cppcheck
  if [ "$release" = yes ]; then
    begin_suite 'in containers: release' docker.xml docker
    suite 'end to end: release' e2e-release.xml e2e release e2e-release.xml
    suite 'faults: release' faults-release.xml faults release faults-release.xml
    suite 'packages' packages.xml packages
    end_suite
  else
    # The stage and the helpers can still be proven.
    suite 'end to end: no release, what needs no probe' e2e-release.xml e2e release e2e-release.xml -m stage
    skip 'end to end: release' 'nothing built'
    skip 'faults: release' 'nothing built'
    skip 'packages' 'nothing built'
    skip 'in containers: release' 'nothing built'
  fi
  step 'build: coverage, with AddressSanitizer' tests/coverage.sh prepare || coverage=no
  if [ "$coverage" = yes ]; then
    step 'unit tests, counted' ctest --preset coverage -j 2 -Q
    suite 'end to end: coverage' e2e-coverage.xml e2e coverage e2e-coverage.xml -m 'not stage'
    suite 'faults: coverage' faults-coverage.xml faults coverage faults-coverage.xml -m 'not stage'
    step 'coverage' tests/coverage.sh report
  else
    skip 'end to end: coverage' 'nothing built'
    skip 'faults: coverage' 'nothing built'
    skip 'coverage' 'nothing built'
  fi
}

main() {
  mkdir -p "$reports"
  trap stop_suite EXIT
  announce 'packages'
  install_packages || exit 1
  check_sources
  check_builds
  suite 'documentation' docs.xml docs
  printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  [ "$failed" -eq 0 ]
}

main "$@"
