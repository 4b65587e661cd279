#!/bin/sh
# Build the libraries that probe is made of, and link OUT/NAME to each one's
# folder, which holds include/, lib/, LICENSE and record:
#
#   build.sh FLAVOUR OUT
#
# FLAVOUR is static (musl, small), asan (glibc, AddressSanitizer) or plain
# (glibc, for valgrind, clang and coverage). What was fetched and built is kept
# in $PROBE_CACHE (~/.cache/probe), so that the next run takes milliseconds.
# $PROBE_SOURCES may name a folder of upstream tarballs, for want of a network.
set -eu

deps=$(cd "$(dirname "$0")" && pwd)
. "$deps/common.sh"
. "$deps/debian.sh"

[ $# -eq 2 ] || die 'usage: build.sh static|asan|plain OUT'
flavour=$1
out=$2
case $flavour in
static) names='musl pq curl hiredis cjson' ;;
asan | plain) names='pq curl hiredis cjson' ;; # the slowest first
*) die "there is no flavour '$flavour'; take static, asan or plain" ;;
esac

if [ -n "${PROBE_SOURCES:-}" ]; then
  [ -d "$PROBE_SOURCES" ] || die "PROBE_SOURCES names '$PROBE_SOURCES', which is no folder"
  PROBE_SOURCES=$(cd "$PROBE_SOURCES" && pwd)
  export PROBE_SOURCES
fi

# Link what is built; $missing is what is not.
link_built() {
  missing=
  mkdir -p "$out" || die "cannot write to '$out'"
  for name in $names; do
    dir=$(built_dir "$name")
    if [ -d "$dir" ]; then
      ln -sfn "$dir" "$out/$name"
    else
      missing="$missing $name"
    fi
  done
}

unfetched() {
  for name in $missing; do
    (load_recipe "$name" && [ -f "$(source_dir)/record" ]) || echo "$name"
  done
}

check_tools() {
  absent=
  for tool in gcc gcc-ar make perl tar gzip bzip2 xz flock $(for name in $missing; do
    (load_recipe "$name" && echo "$tools")
  done); do
    command -v "$tool" >/dev/null || absent="$absent $tool"
  done
  # Without it apt's source packages, and so the security patches, are no use.
  ! command -v apt-get >/dev/null || command -v dpkg-source >/dev/null || absent="$absent dpkg-source"
  [ -z "$absent" ] || die "missing tools:$absent; on Debian: apt-get install" \
    "$(grep -v '^#' "$deps/packages.txt" | tr '\n' ' ')"
}

# One run at a time; who waited finds everything built.
lock() {
  mkdir -p "$cache/$flavour" "$cache/sources" "$logs" || die "cannot write to '$cache'"
  exec 9>"$cache/lock"
  flock --nonblock 9 || {
    say 'another run is building, waiting for it ...'
    flock 9
  }
  trap 'rm -rf "$tmp"' EXIT
  trap 'exit 1' HUP INT TERM
  rm -rf "$tmp"
  mkdir "$tmp"
}

# xargs rather than "&": a background job of a script would not hear ctrl-C.
fetch() {
  wanted=$(unfetched)
  [ -n "$wanted" ] || return 0
  say "fetching $(words $wanted) ..."
  : >"$logs/fetch.log"
  debian_index >>"$logs/fetch.log" 2>&1 || true
  echo "$wanted" | xargs -n 1 -P 4 "$deps/fetch.sh" || {
    [ -f "$tmp/told" ] || die "cannot fetch $(words $(unfetched)): no network? put the tarballs into" \
      "a folder and name it in PROBE_SOURCES (log: $logs/fetch.log)"
    exit 1
  }
}

build() {
  case $missing in *musl*) "$deps/build-one.sh" "$flavour" musl || exit 1 ;; esac
  echo "${missing# musl}" | xargs -r -n 1 -P "$jobs" "$deps/build-one.sh" "$flavour" || exit 1
}

link_built
[ -n "$missing" ] || exit 0
check_tools
lock
link_built
fetch
link_built # now that the sources are known, so are the folders
build
link_built
[ -z "$missing" ] || die "these were built and are not there:$missing"
