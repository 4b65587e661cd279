#!/bin/sh
# Fetch the source of one library into the cache, with a record of what it is;
# run by build.sh, which holds the lock:
#
#   fetch.sh NAME
#
# The user's own folder comes first, then Debian, for its security patches,
# then upstream. Only Debian's may differ from the pin, and only be newer.
# shellcheck disable=SC2317 # the functions are called by way of $from
set -eu

deps=$(cd "$(dirname "$0")" && pwd)
. "$deps/common.sh"
. "$deps/debian.sh"
load_recipe "$1"
work=$tmp/fetch-$name

digest_of() {
  sha256sum "$1" | cut -d ' ' -f 1
}

# Put the finished folder in place: keep KIND VERSION FILE ORIGIN.
keep() {
  printf '%s\n' "version=$2" "source=$3" "sha256=$(digest_of "$3")" "origin=$4" >record
  rm -rf "$cache/sources/$name-$version-$1"
  mv "$work" "$cache/sources/$name-$version-$1"
}

# Upstream's tarball must be the pinned one, wherever it comes from.
check() {
  [ "$(digest_of "$file")" = "$sha256" ] || {
    touch "$tmp/told"
    die "$1 is not the $name $version that is pinned: its SHA-256 is $(digest_of "$file")," \
      "not $sha256; $2" 2>&3
  }
}

from_folder() {
  [ -f "${PROBE_SOURCES:-}/$file" ] || return 1
  cp "$PROBE_SOURCES/$file" . || return 1
  check "$PROBE_SOURCES/$file" 'put the right file there, or remove it'
  keep upstream "$version" "$file" "$url"
}

from_debian() {
  debian_source "$debian" || return 1
  full=$(sed -n 's/^Version: *//p' ./*.dsc | head -n 1)
  upstream=${full#*:}
  upstream=${upstream%-*}
  dpkg --compare-versions "$upstream" ge "$version" || return 1
  tarball=$(find . -name '*.orig.tar.*' ! -name '*.asc' -printf '%f\n')
  keep debian "$upstream" "$tarball" "Debian $debian $full"
}

from_upstream() {
  if command -v curl >/dev/null; then
    curl -fsSL --connect-timeout 15 --retry 1 -o "$file" "$url" || return 1
  else
    wget -q --timeout=15 --tries=2 -O "$file" "$url" || return 1
  fi
  check "$url" 'upstream changed it, or something in between did'
  keep upstream "$version" "$file" "$url"
}

# What fails on the way is for the log; only a wrong checksum is told, by &3.
for from in from_folder from_debian from_upstream; do
  rm -rf "$work"
  mkdir "$work"
  cd "$work"
  ! $from 3>&2 2>>"$logs/fetch.log" >&2 || exit 0
done
exit 1
