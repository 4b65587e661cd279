#!/bin/sh
# The root of an image: the binary of a build, and the licences of all that is in it.
#
#   root.sh BUILD OUT
set -eu

build=$1
out=$2
mkdir -p "$out/licenses"
cp "$build/probe" "$out/"
cp "$(dirname "$0")/../LICENSE" "$out/licenses/probe"
for library in "$build"/deps/*; do
  cp "$library/LICENSE" "$out/licenses/${library##*/}"
done
