#!/bin/bash
# Shows the probe at work on this machine: builds it, starts a small web server and asks for its health, first well,
# then with its page gone, then stopped. Every answer is checked. Usage: tests/try.sh
# PROBE_BINARY=PATH tries a binary that is there already.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
server=
port=

# shellcheck disable=SC2317 # called by the trap
clean_up() {
  stop_server
  rm -rf "$work"
}

stop_server() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    server=
  fi
}

fail() {
  printf 'NOT AS EXPECTED: %s\n' "$1" >&2
  exit 1
}

build() {
  tests/install.sh probe/deps/packages.txt busybox
  echo 'building (the first time with the libraries: a minute or two)'
  { cmake --preset release && cmake --build --preset release; } >"$work/build.log" 2>&1 || {
    cat "$work/build.log"
    exit 1
  }
  tell_newer
  install build/release/probe "$work/probe"
}

# What the build said of libraries that are not the pinned ones.
tell_newer() {
  if [ -f "$work/build.log" ]; then
    sed -n 's/^deps: \(NOT AS PINNED: .*\)/\1/p' "$work/build.log" | sort -u
  fi
}

use_binary() {
  tests/install.sh busybox
  install "$1" "$work/probe"
}

listens() {
  (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# The first port from 8000 on that is free.
start_server() {
  port=8000
  while listens "$port"; do
    port=$((port + 1))
  done
  mkdir -p "$work/www"
  echo 'up' >"$work/www/health"
  busybox httpd -f -p "127.0.0.1:$port" -h "$work/www" &
  server=$!
  for _ in {1..50}; do
    listens "$port" && return
    sleep 0.1
  done
  fail 'the web server does not start'
}

# expect STATUS WORDS COMMAND...: shows a command as a user would type it, and what comes of it
expect() {
  local status=0 output
  printf '\n$ %s\n' "${*:3}"
  output=$(PATH=$work:$PATH "${@:3}" 2>&1) || status=$?
  printf '%s\n(exit status %d)\n' "$output" "$status"
  [ "$status" -eq "$1" ] || fail "exit status $status instead of $1"
  [[ $output == *"$2"* ]] || fail "no word of \"$2\""
}

say() {
  printf '\n# %s\n' "$1"
}

main() {
  trap clean_up EXIT
  if [ -n "${PROBE_BINARY-}" ]; then
    use_binary "$PROBE_BINARY"
  else
    build
  fi
  start_server
  say "a web server runs on port $port"
  expect 0 'healthy' probe live ":$port/health"
  say 'its page is removed'
  rm "$work/www/health"
  expect 1 '404' probe live ":$port/health"
  say 'the web server is stopped'
  stop_server
  expect 1 'refused' probe live ":$port/health"
  say 'the same for a program'
  expect 1 '"status":"unhealthy"' probe live --output json ":$port/health"
  printf '\n'
  tell_newer
  printf 'all as expected, and nothing is left running\n'
}

main "$@"
