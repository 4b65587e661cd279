#!/bin/bash
# The end-to-end tests against another architecture's release, by qemu-user where this machine's kernel cannot run it.
# Usage: tests/architectures/e2e.sh ARCH [all|part] [OPTION OF PYTEST]...
#
# part: what an architecture could have to do with, and no deadline of less than a second. Needs build/release-ARCH/probe;
# ends with 77 and the reason where there is no emulator.
set -euo pipefail
cd "$(dirname "$0")/../.."

arch=$1
which=${2:-part}
python=/usr/bin/python3
tests=(tests/e2e)
part=(contract discover hardening heartbeat http_json http_text json_values log own_addresses postgres_answers ready
  redis_kinds refused_words wait_edges)
plugin=()

if [ "$which" = part ]; then
  tests=("${part[@]/#/tests/e2e/test_}")
  tests=("${tests[@]/%/.py}")
fi
case $arch in
amd64 | i386) ;; # an x86-64 machine runs both by itself
*) plugin=(-p emulated) ;;
esac
export PROBE_BINARY=build/release-$arch/probe PYTHONPATH=tests/architectures
exec "$python" tests/architectures/binfmt.py "$arch" "$python" -m pytest "${plugin[@]}" "${tests[@]}" -q -m 'not stage' "${@:3}"
