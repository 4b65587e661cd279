#!/bin/sh
# Build one library from its fetched source; run by build.sh, which holds the
# lock:
#
#   build-one.sh FLAVOUR NAME
#
# It is made in a temporary folder and moved into place when all is done.
set -eu

deps=$(cd "$(dirname "$0")" && pwd)
. "$deps/common.sh"
flavour=$1
load_recipe "$2"
flavour_flags
source=$(source_dir)
prefix=$(built_dir "$name")
work=$tmp/$name
stage=$work/stage
log=$logs/$flavour-$name.log

report() {
  { set +x; } 2>/dev/null
  [ "$1" -ne 0 ] || return 0
  say "building $name failed; the end of $log:"
  tail -n 20 "$log"
} >&3

unpack() {
  if [ -f "$source/$file" ]; then
    mkdir src
    tar -xf "$source/$file" -C src --strip-components=1
  else
    dpkg-source --no-copy -x "$source"/*.dsc src # with Debian's patches
  fi
}

# Recipes: compile C files as they are, into a library.
archive() {
  lib=$1
  shift
  $CC $CFLAGS $heavy -c "$@"
  $AR rcs "$lib" ./*.o
}

exec 3>&1 >"$log" 2>&1
trap 'report $?' EXIT
say "building $name $(sed -n 's/^version=//p' "$source/record") ($flavour) ..." >&3

mkdir -p "$stage/include" "$stage/lib"
cd "$work"
unpack
# No path of this machine in what is built.
CFLAGS="$CFLAGS -ffile-prefix-map=$work/src=$name"
cd src
set -x
build
cp "$license_file" "$stage/LICENSE"
{
  echo "name=$name"
  echo "license=$license"
  cat "$source/record"
} >"$stage/record"
mv "$stage" "$prefix"
