#!/bin/bash
# Builds and tests each architecture's release, and prints a table. For a machine that has nothing else to do.
# Usage: tests/architectures.sh [ARCH]...    without a name all of probe/deps/architectures.txt
#
# Of each, without TLS and with it: the build within its budget, what SECURITY.md promises of the file, the unit tests (without
# TLS alone), end-to-end tests under qemu-user (all of them for arm64 without TLS, a part for the others; i386 runs natively),
# and its own Debian kernel in qemu-system with the probe and peers. What a missing tool forbids is "-", and the log says why:
# build/reports/architectures/.
# Needs besides the cross compilers: qemu-user-static, qemu-system-x86, -arm, -misc, -ppc, opensbi.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

python=/usr/bin/python3
reports=build/reports/architectures
failed=0

# note LOG COMMAND...: "right", "WRONG" or "-", by its exit status
note() {
  local status=0
  "${@:2}" >"$1" 2>&1 </dev/null || status=$?
  case $status in
  0) echo right ;;
  77) echo - ;;
  *) echo WRONG ;;
  esac
}

build() {
  cmake --preset "$1-$2" && cmake --build --preset "$1-$2"
}

# The counts that pytest's last line has, in few words.
counts() {
  grep -E '^[0-9]+ (passed|failed)' "$1" | tail -n 1 | grep -Eo '[0-9]+ (failed|passed|skipped|xfailed)' | paste -sd ' '
}

# test_build FLAVOUR ARCH: a row of the table.
test_build() {
  local flavour=$1 arch=$2 log=$reports/$1-$2 binary=build/$1-$2/probe bytes file unit end_to_end kernel which=part
  if [ "$(note "$log-build.log" build "$flavour" "$arch")" != right ]; then
    printf '%-8s %-8s does not build: %s-build.log\n' "$arch" "$flavour" "$log"
    return 1
  fi
  case $flavour-$arch in
  tls-*) which=tls ;;
  release-arm64) which=all ;;
  esac
  bytes=$(stat -c %s "$binary")
  file=$(note "$log-file.log" env PROBE_BINARY="$binary" "$python" -m pytest -q tests/e2e/test_hardening.py)
  unit=-
  if [ "$flavour" = release ]; then
    unit=$(note "$log-unit.log" tests/architectures/unit.sh "$arch")
  fi
  end_to_end=$(note "$log-e2e.log" tests/architectures/e2e.sh "$arch" "$which" -n "$(nproc)")
  kernel=$(note "$log-kernel.log" "$python" tests/architectures/boot.py "$arch" "$binary")
  printf '%-8s %-8s %9d  %-5s  %-5s  %-5s %-34s  %-5s %s\n' "$arch" "$flavour" "$bytes" "$file" "$unit" "$end_to_end" "$(counts "$log-e2e.log")" \
    "$kernel" "$(sed -n '$s/.*: //p' "$log-kernel.log")"
  [[ $file$unit$end_to_end$kernel != *WRONG* ]]
}

main() {
  local arch flavour architectures=("$@")
  mkdir -p "$reports"
  if [ $# -eq 0 ]; then
    mapfile -t architectures < <(awk '/^[^#]/ { print $1 }' probe/deps/architectures.txt)
  fi
  printf '%-8s %-8s %9s  %-5s  %-5s  %-40s  %s\n' '' '' bytes file unit 'end to end' 'its own kernel'
  for arch in "${architectures[@]}"; do
    for flavour in release tls; do
      test_build "$flavour" "$arch" || failed=1
    done
  done
  echo "logs: $reports; $SECONDS s"
  return "$failed"
}

main "$@"
