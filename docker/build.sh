#!/bin/sh
# Within docker/Dockerfile: builds one flavour, and puts the root of its image into /result.
set -eu

preset=$1
cmake --preset "$preset" -DPROBE_ARCH="$(probe/deps/platform.sh arch)" -DPROBE_SOURCES=/src/docker/sources
cmake --build --preset "$preset"
docker/root.sh "build/$preset" /result
