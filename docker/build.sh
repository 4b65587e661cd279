#!/bin/sh
# Within docker/Dockerfile: builds one flavour, and puts the binary and the licences into /result.
set -eu

preset=$1
cmake --preset "$preset" -DPROBE_SOURCES=/src/docker/sources
cmake --build --preset "$preset"
mkdir -p /result/licenses
cp "build/$preset/probe" /result/
cp LICENSE /result/licenses/probe
for library in "build/$preset"/deps/*; do
  cp "$library/LICENSE" "/result/licenses/${library##*/}"
done
