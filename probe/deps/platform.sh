#!/bin/sh
# Within docker/Dockerfile: what BuildKit's TARGETARCH and TARGETVARIANT are to Debian.
#
#   platform.sh arch        Debian's name; this machine's own where neither is set
#   platform.sh compiler    the package of the cross compiler, if one is needed
set -eu

deps=$(cd "$(dirname "$0")" && pwd)
. "$deps/common.sh"

# A variant that the table does not have (amd64/v3) is built as any other of its architecture.
found=$(awk -v arch="${TARGETARCH:-}" -v platform="${TARGETARCH:-}${TARGETVARIANT:+/$TARGETVARIANT}" '
  /^#/ { next }
  {
    count = split($5, platforms, ",")
    for (i = 1; i <= count; i++) {
      if (platforms[i] == platform) exact = $1
      sub(/\/.*/, "", platforms[i])
      if (platforms[i] == arch && !any) any = $1
    }
  }
  END { print exact ? exact : any }' "$deps/architectures.txt")
[ -n "$found" ] || [ -z "${TARGETARCH:-}" ] || die "there is no platform '$TARGETARCH'; probe/deps/architectures.txt lists them"
PROBE_ARCH=${found:-$arch}
load_architecture
case ${1:-} in
arch) echo "$arch" ;;
compiler) [ -z "$cross" ] || compiler_package ;;
*) die 'usage: platform.sh arch|compiler' ;;
esac
