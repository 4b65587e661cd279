#!/bin/bash
# Runs every test there is, what finds a mistake soonest first, and goes on after a failure.
# Usage: tests/run.sh    ends in one line, "N passed, N failed, N skipped", and with 1 if anything failed
#
# A check of the sources or a build counts as one test. Reports and the logs of the builds are in build/reports.
set -uo pipefail
set -m # each child leads a group of processes, so that what it has started can be told to stop with it
cd "$(dirname "$0")/.." || exit 1

python=/usr/bin/python3 # Debian's: the tests need its packages
reports=build/reports
passed=0
failed=0
skipped=0
declare -A children # the process of each child that runs, by name

announce() {
  printf '== %s (at %d s)\n' "$1" "$SECONDS"
}

add() {
  passed=$((passed + $1))
  failed=$((failed + $2))
  skipped=$((skipped + $3))
}

# run COMMAND...: waited for in a way that a signal to us interrupts
run() {
  local status=0
  "$@" </dev/null &
  children[run]=$!
  wait "${children[run]}" || status=$?
  unset 'children[run]'
  return "$status"
}

# step NAME COMMAND...: one test; succeeds when the command does
step() {
  announce "$1"
  if run "${@:2}"; then
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
  run "${@:3}" || status=$?
  mapfile -t counts < <("$python" tests/count.py "$report" "$status")
  add "${counts[@]}"
}

skip() {
  announce "$1: skipped, $2"
  add 0 0 1
}

# begin NAME: runs the stages of the function of that name beside what follows, silent until end NAME
begin() {
  announce "$1: begun, and told when it has ended"
  apart "$1" >"$reports/$1.log" 2>&1 </dev/null &
  children[$1]=$!
}

# In a process of its own, which counts for itself.
apart() {
  passed=0
  failed=0
  skipped=0
  "$1"
  echo "$passed $failed $skipped" >"$reports/$1.counts"
}

end() {
  local counts=(0 1 0)
  wait "${children[$1]}" && read -ra counts <"$reports/$1.counts"
  unset "children[$1]"
  announce "$1: ended"
  cat "$reports/$1.log"
  add "${counts[@]}"
}

# shellcheck disable=SC2317 # called by the trap
stop() {
  local group
  trap '' INT TERM HUP
  for group in "${children[@]}"; do
    kill -TERM -- "-$group" 2>/dev/null
  done
  for group in "${children[@]}"; do
    wait "$group" 2>/dev/null
    # What it has started: the one who stops the servers of the tests takes a moment.
    while kill -0 -- "-$group" 2>/dev/null; do
      sleep 0.1
    done
  done
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
  PROBE_BINARY=build/$1/probe "$python" -m pytest tests/e2e -q -n "$(($(nproc) * 3))" --junitxml "$reports/$2" "${@:3}"
}

# faults PRESET REPORT [OPTION]...: the tables of hostile peers and poor machines against one build
faults() {
  PROBE_BINARY=build/$1/probe tests/faults/run.sh --junitxml "$reports/$2" "${@:3}"
}

# tls PRESET REPORT [OPTION]...: what only a build with TLS can do: certificates, sessions, and other clients beside it
tls() {
  PROBE_BINARY=build/$1/probe "$python" -m pytest tests/tls -q -n "$(($(nproc) * 3))" --junitxml "$reports/$2" "${@:3}"
}

docs() {
  "$python" -m pytest tests/docs -q -p no:cacheprovider --junitxml "$reports/docs.xml"
}

house() {
  "$python" -m pytest tests/house -q --junitxml "$reports/house.xml"
}

packages() {
  "$python" -m pytest tests/package -q --junitxml "$reports/packages.xml"
}

libraries() {
  "$python" -m pytest tests/deps -q -n 4 --junitxml "$reports/libraries.xml"
}

docker() {
  "$python" -m pytest tests/docker -q --junitxml "$reports/docker.xml"
}

# Of other architectures, in the plain flavour: i386, which an x86-64 machine runs by itself, and arm64 under qemu-user.
build_architectures() {
  if [ "$(uname -m)" = x86_64 ] && command -v i686-linux-gnu-gcc >/dev/null; then
    step 'build: i386' build release-i386
  fi
  if command -v aarch64-linux-gnu-gcc >/dev/null; then
    step 'build: arm64' build release-arm64
  fi
}

check_architectures() {
  if [ -x build/release-i386/probe ]; then
    suite 'end to end: i386' e2e-i386.xml e2e release-i386 e2e-i386.xml -m 'not stage'
    suite 'faults: i386' faults-i386.xml faults release-i386 faults-i386.xml -m 'not stage'
  else
    skip 'i386' 'it needs an x86-64 machine and gcc-i686-linux-gnu'
  fi
  if [ ! -x build/release-arm64/probe ]; then
    skip 'arm64' 'it needs gcc-aarch64-linux-gnu'
  elif ! "$python" tests/architectures/binfmt.py arm64 true; then
    skip 'arm64' 'no emulator, for the reason above'
  else
    suite 'end to end, a part: arm64' e2e-arm64.xml tests/architectures/e2e.sh arm64 part -n 4 --junitxml "$reports/e2e-arm64.xml"
  fi
}

check_sources() {
  step 'shell scripts (shellcheck)' tests/lint.sh shell
  step 'Python (pyflakes)' tests/lint.sh python
  step 'formatting (clang-format)' tests/lint.sh format
}

# What needs a Docker engine starts one of its own, and is skipped where that cannot be.
containers() {
  suite 'in containers: release' docker.xml docker
}

# What only computes fills the time in which the tests with deadlines wait, and gives way to them.
computing() {
  renice -n 19 -p "$BASHPID" >/dev/null
  build_architectures
  suite 'where the libraries come from' libraries.xml libraries
  if [ "$release" = yes ]; then
    suite 'packages' packages.xml packages
  else
    skip 'packages' 'nothing built'
  fi
  step 'gcc -fanalyzer' tests/lint.sh analyzer
  step 'cppcheck' tests/lint.sh cppcheck
  step 'clang-tidy' tests/lint.sh tidy
}

check_release() {
  if [ "$release" = yes ]; then
    suite 'layers and size' house.xml house
    suite 'end to end: release' e2e-release.xml e2e release e2e-release.xml
    suite 'faults: release' faults-release.xml faults release faults-release.xml
  else
    # The stage and the helpers can still be proven.
    suite 'end to end: no release, what needs no probe' e2e-release.xml e2e release e2e-release.xml -m stage
    skip 'layers and size' 'nothing built'
    skip 'end to end: release' 'nothing built'
    skip 'faults: release' 'nothing built'
    skip 'in containers: release' 'nothing built'
  fi
}

# All end-to-end tests and faults run with TLS too: as the build for coverage.
check_tls() {
  if [ "$tls" = yes ]; then
    suite 'over TLS: tls' tls.xml tls tls tls.xml
    suite 'end to end: tls, the half that asks databases' e2e-tls.xml e2e tls e2e-tls.xml -m 'not stage' -k 'postgres or redis or discover'
    suite 'faults: tls, the hostile peers' faults-tls.xml faults tls faults-tls.xml -m 'not stage' -k 'not machine'
  else
    skip 'over TLS: tls' 'nothing built'
    skip 'end to end: tls' 'nothing built'
    skip 'faults: tls' 'nothing built'
  fi
}

check_coverage() {
  if [ "$coverage" = yes ]; then
    step 'unit tests, counted' ctest --preset coverage -j 2 -Q
    suite 'end to end: coverage, with TLS' e2e-coverage.xml e2e coverage e2e-coverage.xml -m 'not stage'
    # Neither other clients nor deadlines: those are the release's.
    suite 'over TLS, a part: coverage' tls-coverage.xml tls coverage tls-coverage.xml \
      -k 'not matrix and not psql and not cut and not silent and not dripped'
    suite 'faults: coverage, with TLS' faults-coverage.xml faults coverage faults-coverage.xml -m 'not stage'
    step 'coverage' tests/coverage.sh report
  else
    skip 'end to end: coverage' 'nothing built'
    skip 'over TLS, a part: coverage' 'nothing built'
    skip 'faults: coverage' 'nothing built'
    skip 'coverage' 'nothing built'
  fi
}

check_builds() {
  local release=yes tls=yes dev=yes coverage=yes
  step 'build: release' build release || release=no
  step 'build: tls' build tls || tls=no
  step 'build: plain, for valgrind, and to take its memory away' build plain
  step 'build: plain-tls, for valgrind over TLS, and to take its memory away' build plain-tls
  if [ "$release" = yes ]; then
    begin containers
  fi
  step 'build: dev, with AddressSanitizer' build dev || dev=no
  if [ "$dev" = yes ]; then
    suite 'unit tests' unit.xml unit_tests
  else
    skip 'unit tests' 'nothing built'
  fi
  step 'build: coverage, with TLS, clang, its warnings and AddressSanitizer' tests/coverage.sh prepare || coverage=no
  step 'fuzzers, 3 s each' tests/fuzz/run.sh 3 # in which they should try as much as they can
  begin computing
  check_release
  check_tls
  check_coverage
  if [ "$release" = yes ]; then
    end containers
  fi
  end computing
  check_architectures
}

main() {
  mkdir -p "$reports"
  trap stop EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  announce 'installing what is missing'
  install_packages || exit 1
  check_sources
  check_builds
  suite 'documentation' docs.xml docs
  printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  [ "$failed" -eq 0 ]
}

main "$@"
