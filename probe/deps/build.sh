#!/bin/sh
# Build the libraries that probe is made of, and link OUT/NAME to each one's
# folder, which holds include/, lib/, LICENSE and record:
#
#   build.sh FLAVOUR OUT [NAME...]
#
# FLAVOUR is static (musl, small), tls (the same with OpenSSL), asan (glibc, AddressSanitizer,
# OpenSSL) or plain (glibc, OpenSSL, for valgrind and clang). Or it is sources: then nothing is
# built, and OUT holds the files, for a machine without a network. What was
# fetched and built is kept in $PROBE_CACHE (~/.cache/probe), so that the next run
# takes milliseconds. $PROBE_ARCH names another architecture than this machine's, of
# architectures.txt.
#
# Each recipe pins one file. $PROBE_SOURCES may name a folder that has it. Where no
# place has it, a newer version is built and named, unless $PROBE_PINNED is set.
set -eu

deps=$(cd "$(dirname "$0")" && pwd)
. "$deps/common.sh"
. "$deps/debian.sh"

[ $# -ge 2 ] || die 'usage: build.sh static|tls|asan|plain|sources OUT [NAME...]'
flavour=$1
out=$2
shift 2
case $flavour in
static) names=${*:-musl pq curl hiredis cjson} ;;
tls | sources) names=${*:-musl openssl pq curl hiredis cjson} ;;
asan | plain) names=${*:-openssl pq curl hiredis cjson} ;; # the slowest first
*) die "there is no flavour '$flavour'; take static, tls, asan, plain or sources" ;;
esac
for name in $names; do
  [ -f "$deps/recipes/$name.sh" ] || die "there is no recipe for '$name'"
done

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
    (load_recipe "$name" && has_source) || echo "$name"
  done
}

check_tools() {
  absent=
  for tool in "${cross}gcc" "${cross}gcc-ar" make perl tar gzip bzip2 xz flock $(for name in $missing; do
    (load_recipe "$name" && echo "$tools")
  done); do
    command -v "$tool" >/dev/null || absent="$absent $tool"
  done
  [ -z "$absent" ] || die "missing tools:$absent; on Debian: apt-get install" \
    "$(grep -v '^#' "$deps/packages.txt" | tr '\n' ' ')${cross:+$(compiler_package)}"
}

# One run at a time of each architecture; a run that waited finds everything built.
lock() {
  mkdir -p "$cache/static-$arch" "$cache/$flavour-$arch" "$sources" "$logs" || die "cannot write to '$cache'"
  exec 9>"$cache/lock-$arch"
  flock --nonblock 9 || {
    say 'another run is building, waiting for it ...'
    flock 9
  }
  trap 'rm -rf "$tmp"' EXIT
  trap 'exit 1' HUP INT TERM
  rm -rf "$tmp"
  mkdir "$tmp"
}

# What no place has: the libraries, their files, and who gave a wrong one.
describe_unfetched() {
  separator=
  for name in $(unfetched); do
    load_pin "$name"
    wrong=
    [ ! -f "$tmp/wrong-$name" ] || wrong=$(paste -s -d ' ' "$tmp/wrong-$name")
    printf '%s' "$separator$name $version ($file${wrong:+; a wrong file is at $wrong})"
    separator=', '
  done
}

# One run at a time, whatever architecture it is for. xargs rather than "&": a background
# job of a script would not hear ctrl-C.
fetch() {
  exec 8>"$cache/lock-sources"
  flock 8
  wanted=$(unfetched)
  [ -z "$wanted" ] || fetch_wanted
  exec 8>&-
}

fetch_wanted() {
  say "fetching $(words $wanted) ..."
  : >"$logs/fetch.log"
  debian_mirrors >"$tmp/mirrors" 2>>"$logs/fetch.log" || true
  ! echo "$wanted" | xargs -n 1 -P 4 "$deps/fetch.sh" || return 0
  [ -n "${PROBE_PINNED:-}" ] || "$deps/newer.sh" $(unfetched)
  absent=$(describe_unfetched)
  [ -z "$absent" ] || die "no place has $absent; ${PROBE_PINNED:+PROBE_PINNED forbids a newer version; }no network?" \
    "PROBE_SOURCES may name a folder with the files (log: $logs/fetch.log)"
}

# The first and the last line of a build that is not as pinned.
tell_newer() {
  for name in $names; do
    (
      load_recipe "$name"
      [ "$version" = "$pinned" ] || say "NOT AS PINNED: $name $version ($origin) instead of $pinned," \
        "which no place had; PROBE_PINNED=1 tries again and accepts nothing else"
    )
  done
}

# Those that others are built with come first.
build() {
  for name in musl openssl; do
    case " $missing " in *" $name "*) "$deps/build-one.sh" "$flavour" "$name" || exit 1 ;; esac
  done
  printf '%s\n' $missing | grep -vxE 'musl|openssl' | xargs -r -n 1 -P "$jobs" "$deps/build-one.sh" "$flavour" || exit 1
}

copy_sources() {
  missing=$names
  lock
  fetch
  tell_newer
  mkdir -p "$out" || die "cannot write to '$out'"
  for name in $names; do
    load_recipe "$name"
    cp "$sources/$file" "$out"
  done
}

if [ "$flavour" = sources ]; then
  copy_sources
  exit
fi
link_built
if [ -n "$missing" ]; then
  check_tools
  lock
  link_built
  fetch
  link_built # a newer version has another folder
  tell_newer
  build
  link_built
  [ -z "$missing" ] || die "these were built and are not there:$missing"
fi
tell_newer
