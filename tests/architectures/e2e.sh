#!/bin/bash
# The end-to-end tests against another architecture's release, by qemu-user where this machine's kernel cannot run it.
# Usage: tests/architectures/e2e.sh ARCH [all|part|tls] [OPTION OF PYTEST]...
#
# part: what an architecture could have to do with, and no deadline of less than a second. tls: the same of the tests over
# TLS. Needs build/release-ARCH/probe, or build/tls-ARCH/probe; ends with 77 and the reason where there is no emulator.
set -euo pipefail
cd "$(dirname "$0")/../.."

arch=$1
which=${2:-part}
python=/usr/bin/python3
build=release
tests=(tests/e2e)
part=(contract discover hardening heartbeat http_json http_text json_values log own_addresses postgres_answers ready
  redis_kinds refused_words wait_edges)
plugin=()

case $which in
all) ;;
part)
  tests=("${part[@]/#/tests/e2e/test_}")
  tests=("${tests[@]/%/.py}")
  ;;
tls)
  build=tls
  tests=(tests/tls/test_causes.py tests/tls/test_certificates.py tests/tls/test_connections.py)
  ;;
esac
case $arch in
amd64 | i386) ;; # an x86-64 machine runs both by itself
*) plugin=(-p emulated) ;;
esac
export PROBE_BINARY=build/$build-$arch/probe PYTHONPATH=tests/architectures
exec "$python" tests/architectures/binfmt.py "$arch" "$python" -m pytest "${plugin[@]}" "${tests[@]}" -q -m 'not stage' "${@:3}"
