#!/bin/bash
# The unit tests as another architecture's release has them: musl, its own order of bytes and size of a long; by qemu-user.
# Usage: tests/architectures/unit.sh ARCH    ends with 77 and the reason where there is no emulator
set -euo pipefail
cd "$(dirname "$0")/../.."

arch=$1
deps=build/unit-$arch/deps

emulator=qemu-$(awk -v arch="$arch" '$1 == arch { print $4 }' probe/deps/architectures.txt)-static

if [[ $arch != @(amd64|i386) ]] && ! command -v "$emulator" >/dev/null; then
  echo "no $emulator: qemu-user-static has it"
  exit 77
fi
mkdir -p "$deps"
PROBE_ARCH=$arch probe/deps/build.sh static "$PWD/$deps" cmocka
cmake --preset "release-$arch" -B "build/unit-$arch" -DPROBE_CMOCKA="$PWD/$deps/cmocka"
cmake --build "build/unit-$arch" -j "$(nproc)"
exec ctest --test-dir "build/unit-$arch" --output-on-failure --timeout 600 -j "$(nproc)"
