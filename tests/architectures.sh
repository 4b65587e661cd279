#!/bin/bash
# Builds and tests each architecture's release, and prints a table. For a machine that has nothing else to do.
# Usage: tests/architectures.sh [ARCH]...    without a name all of probe/deps/architectures.txt
#
# Of each: the build within its budget, what SECURITY.md promises of the file, end-to-end tests under qemu-user (all of
# them for arm64, a part for the others; i386 runs natively), and its own Debian kernel in qemu-system with the probe and
# peers. What a missing tool forbids is "-", and the log says why: build/reports/architectures/.
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
  cmake --preset "release-$1" && cmake --build --preset "release-$1"
}

# The counts that pytest's last line has, in few words.
counts() {
  grep -E '^[0-9]+ (passed|failed)' "$1" | tail -n 1 | grep -Eo '[0-9]+ (failed|passed|skipped|xfailed)' | paste -sd ' '
}

test_architecture() {
  local arch=$1 log=$reports/$1 bytes file end_to_end kernel which=part
  if [ "$(note "$log-build.log" build "$arch")" != right ]; then
    printf '%-8s does not build: %s-build.log\n' "$arch" "$log"
    return 1
  fi
  case $arch in
  arm64) which=all ;;
  esac
  bytes=$(stat -c %s "build/release-$arch/probe")
  file=$(note "$log-file.log" env PROBE_BINARY="build/release-$arch/probe" "$python" -m pytest -q tests/e2e/test_hardening.py)
  end_to_end=$(note "$log-e2e.log" tests/architectures/e2e.sh "$arch" "$which" -n "$(nproc)")
  kernel=$(note "$log-kernel.log" "$python" tests/architectures/boot.py "$arch")
  printf '%-8s %9d  %-5s  %-5s %-34s  %-5s %s\n' "$arch" "$bytes" "$file" "$end_to_end" "$(counts "$log-e2e.log")" "$kernel" \
    "$(sed -n '$s/.*: //p' "$log-kernel.log")"
  [[ $file$end_to_end$kernel != *WRONG* ]]
}

main() {
  local arch architectures=("$@")
  mkdir -p "$reports"
  if [ $# -eq 0 ]; then
    mapfile -t architectures < <(awk '/^[^#]/ { print $1 }' probe/deps/architectures.txt)
  fi
  printf '%-8s %9s  %-5s  %-40s  %s\n' '' bytes file 'end to end' 'its own kernel'
  for arch in "${architectures[@]}"; do
    test_architecture "$arch" || failed=1
  done
  echo "logs: $reports; $SECONDS s"
  return "$failed"
}

main "$@"
