#!/bin/sh
# Fetch the pinned file of one library into the cache; run by build.sh, which
# holds the lock:
#
#   fetch.sh NAME
#
# The places are asked in turn: the user's own folder, the pools of the machine's
# Debian mirrors, upstream's addresses. What any of them gives is the pinned file
# or is not kept. The log has what each of them said.
set -eu

deps=$(cd "$(dirname "$0")" && pwd)
. "$deps/common.sh"
. "$deps/debian.sh"
load_pin "$1"
log=$logs/fetch.log
work=$tmp/fetch-$name

# try PLACE COMMAND...: the command writes the file $work/part.
try() {
  place=$1
  shift
  rm -rf "$work"
  mkdir "$work"
  say "$name $version is not at $place:" >"$work/log"
  if ! "$@" >>"$work/log" 2>&1 || ! [ -s "$work/part" ]; then
    cat "$work/log" >>"$log"
    return 1
  fi
  got=$(digest_of "$work/part")
  if [ "$got" != "$sha256" ]; then
    say "$place gave a wrong file for $name $version: its SHA-256 is $got, not $sha256" | tee -a "$log" >&2
    echo "$place" >>"$tmp/wrong-$name"
    return 1
  fi
  mv "$work/part" "$sources/$file"
  say "$name $version is from $place" >>"$log"
}

upstream() {
  if command -v curl >/dev/null; then
    curl -fsSL --connect-timeout 15 --speed-limit 1000 --speed-time 15 --retry 1 -o "$work/part" "$1"
  else
    timeout --foreground 600 wget -q --timeout=15 --tries=2 -O "$work/part" "$1"
  fi
}

places() {
  path=$(pinned_path)
  [ -z "${PROBE_SOURCES:-}" ] || ! [ -f "$PROBE_SOURCES/$file" ] ||
    ! try "$PROBE_SOURCES/$file" cp "$PROBE_SOURCES/$file" "$work/part" || return 0
  while read -r pool _; do
    ! try "$pool/$path" debian_download "$pool/$path" "$work/part" || return 0
  done <"$tmp/mirrors"
  for url in $urls; do
    ! try "$url" upstream "$url" || return 0
  done
  return 1
}

places
rm -f "$newer" # the pinned file is back
