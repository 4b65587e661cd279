#!/bin/bash
# Hostile peers and poor machines: runs every row, and prints the table.
# Usage: tests/faults/run.sh [-v] [OPTION OF PYTEST]...    -v: with every row
#
# PROBE_BINARY names another build than build/release/probe. Most rows wait for a deadline, so that many run at a time.
set -euo pipefail
cd "$(dirname "$0")/../.."

options=()
if [ "${1-}" = -v ]; then
  options=(--rows)
  shift
fi
exec /usr/bin/python3 -m pytest tests/faults -q -n 6 "${options[@]}" "$@"
