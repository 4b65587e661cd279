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

announce() {
  printf '== %s\n' "$1"
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

# suite NAME REPORT COMMAND...: the tests that the command's JUnit report counts
suite() {
  local report=$reports/$2 status=0 counts
  announce "$1"
  rm -f "$report"
  "${@:3}" || status=$?
  mapfile -t counts < <("$python" tests/count.py "$report" "$status")
  add "${counts[@]}"
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

# e2e PRESET REPORT [OPTION]...: the end-to-end tests against one build
e2e() {
  PROBE_BINARY=build/$1/probe "$python" -m pytest tests/e2e -q -n 2 --junitxml "$reports/$2" "${@:3}"
}

docs() {
  "$python" -m pytest tests/docs -q -p no:cacheprovider --junitxml "$reports/docs.xml"
}

# What needs a Docker engine starts one of its own, and is skipped where that cannot be.
docker() {
  "$python" -m pytest tests/docker -q --junitxml "$reports/docker.xml"
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
  step 'build: plain, for valgrind' build plain
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
    suite 'end to end: release' e2e-release.xml e2e release e2e-release.xml
  else
    # The stage and the helpers can still be proven.
    suite 'end to end: no release, what needs no probe' e2e-release.xml e2e release e2e-release.xml -m stage
    skip 'end to end: release' 'nothing built'
  fi
  if [ "$release" = yes ]; then
    suite 'packages' packages.xml packages
    suite 'in containers: release' docker.xml docker
  else
    skip 'packages' 'nothing built'
    skip 'in containers: release' 'nothing built'
  fi
  step 'build: coverage, with AddressSanitizer' tests/coverage.sh prepare || coverage=no
  if [ "$coverage" = yes ]; then
    step 'unit tests, counted' ctest --preset coverage -j 2 -Q
    suite 'end to end: coverage' e2e-coverage.xml e2e coverage e2e-coverage.xml -m 'not stage'
    step 'coverage' tests/coverage.sh report
  else
    skip 'end to end: coverage' 'nothing built'
    skip 'coverage' 'nothing built'
  fi
}

main() {
  mkdir -p "$reports"
  announce 'packages'
  install_packages || exit 1
  check_sources
  check_builds
  suite 'documentation' docs.xml docs
  printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  [ "$failed" -eq 0 ]
}

main "$@"
