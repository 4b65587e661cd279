#!/bin/sh
# Find something newer to build for libraries whose pinned file no place has; run
# by build.sh, which holds the lock:
#
#   newer.sh NAME...
#
# It is the upstream tarball of the first of Debian's suites that lists a newer version and really
# has it. apt verifies the list, and so the file's SHA-256.
set -eu

deps=$(cd "$(dirname "$0")" && pwd)
. "$deps/common.sh"
. "$deps/debian.sh"

# The file from the first pool that has it: download PACKAGE FILE DIGEST.
download() {
  while read -r pool _; do
    rm -f "$tmp/part"
    debian_download "$pool/$(pool_path "$1" "$2")" "$tmp/part" || continue
    [ "$(digest_of "$tmp/part")" = "$3" ] || continue
    mv "$tmp/part" "$sources/$2"
    return
  done <"$tmp/mirrors"
  return 1
}

# Put a suite's version of a package into the cache, with the record that load_recipe
# reads: take SUITE PACKAGE.
take() {
  listed=$(debian_listed "$1" "$2") || return 1
  tarball=$(echo "$listed" | grep -o " ${2}_[^ ]*[.]orig[.]tar[.][a-z0-9]* .*") || return 1
  read -r tarball _ digest <<END
$tarball
END
  full=$(echo "$listed" | sed -n "s/^[^ ]* ${2}_\(.*\)[.]dsc .*/\1/p")
  upstream=${tarball#*_}
  upstream=${upstream%.orig.tar.*}
  dpkg --compare-versions "$upstream" gt "$pinned" || return 1
  download "$2" "$tarball" "${digest#SHA256:}" || return 1
  printf "%s='%s'\n" version "$upstream" file "$tarball" sha256 "${digest#SHA256:}" \
    origin "Debian $2 $full" >"$newer"
}

find_newer() {
  for package in $debian $debian_next; do
    for suite in $debian_suites; do
      ! take "$suite" "$package" || return 0
    done
  done
  return 1
}

exec >>"$logs/fetch.log" 2>&1
for each in "$@"; do
  load_pin "$each"
  find_newer || say "no suite of Debian has anything newer than $name $pinned"
done
