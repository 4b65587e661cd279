#!/bin/bash
# Builds the fuzzers and runs each for a while, two at a time, from its corpus and from what earlier runs have found.
# Usage: tests/fuzz/run.sh [SECONDS [NAME...]]    3 seconds each by default; NAME as in fuzz_NAME.c
#
# What a fuzzer fails on is kept in build/fuzz/findings; build/fuzz/fuzz_NAME FILE shows it again.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

found=build/fuzz/findings

build() {
  local log=build/fuzz.log
  mkdir -p build
  if ! { cmake --preset fuzz && cmake --build --preset fuzz; } >"$log" 2>&1; then
    tail -n 40 "$log"
    exit 1
  fi
}

# fuzz SECONDS NAME: one line when all is well, libFuzzer's own words when not
fuzz() {
  local seconds=$1 name=$2 log=build/fuzz/$2.log corpus=build/fuzz/corpus/$2 options=() runs
  mkdir -p "$corpus" "$found"
  if [ -f "tests/fuzz/dictionaries/$name" ]; then
    options+=("-dict=tests/fuzz/dictionaries/$name")
  fi
  if "build/fuzz/fuzz_$name" -max_total_time="$seconds" -max_len=4096 -timeout=25 -rss_limit_mb=1024 \
    -artifact_prefix="$found/$name-" "${options[@]}" "$corpus" "tests/fuzz/corpus/$name" >"$log" 2>&1; then
    runs=$(sed -n 's/^Done \([0-9]*\) runs in \([0-9]*\) second.*/\1 runs in \2 s/p' "$log")
    printf '%-12s %s, no finding\n' "$name" "${runs:?}"
    return
  fi
  grep -Ev '^#[0-9]+|DE: ' "$log" | tail -n 60
  printf 'FAILED: fuzz_%s\n' "$name"
  return 1
}

main() {
  local seconds=${1:-3} names=("${@:2}") name source
  build
  if [ "${#names[@]}" -eq 0 ]; then
    for source in tests/fuzz/fuzz_*.c; do
      name=${source##*/fuzz_}
      names+=("${name%.c}")
    done
  fi
  printf '%s\0' "${names[@]}" | xargs -0 -n 1 -P 2 tests/fuzz/run.sh --one "$seconds"
}

if [ "${1-}" = --one ]; then
  fuzz "$2" "$3"
else
  main "$@"
fi
