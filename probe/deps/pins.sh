#!/bin/sh
# Look after the pins; no part of the build.
#
#   pins.sh [NAME...]           what is pinned, what Debian and upstream have now,
#                               and which CVEs are fixed there and not in the pinned file
#   pins.sh move NAME VERSION   pin the version that one of Debian's suites lists
#
# What a suite lists is downloaded, because the list alone proves nothing. CVEs are
# those that Debian's changelog and patches name. vex.txt says of each whether probe has it; those
# that it says nothing of are named.
set -eu

deps=$(cd "$(dirname "$0")" && pwd)
. "$deps/common.sh"
. "$deps/debian.sh"

usage() {
  sed -n '4,6s/^#   //p' "$0" >&2
  exit 1
}

# listed_value EXPRESSION: a part of what debian_listed printed, $listed.
listed_value() {
  echo "$listed" | sed -n "$1" | head -n 1
}

# Ask a suite for a package: sets full, tarball, tarball_sum, patches, patches_sum
# and version_there. Fails if it lists none.
look_up() {
  listed=$(debian_listed "$1" "$2" 2>>"$tmp/log") || return 1
  full=$(listed_value "s/^[^ ]* ${2}_\(.*\)[.]dsc .*/\1/p")
  tarball=$(listed_value "s/^[^ ]* \(${2}_[^ ]*[.]orig[.]tar[.][a-z0-9]*\) .*/\1/p")
  tarball_sum=$(listed_value "s/^[^ ]* ${2}_[^ ]*[.]orig[.]tar[.][a-z0-9]* .*SHA256://p")
  patches=$(listed_value "s/^[^ ]* \(${2}_[^ ]*[.]debian[.]tar[.][a-z0-9]*\) .*/\1/p")
  patches_sum=$(listed_value "s/^[^ ]* ${2}_[^ ]*[.]debian[.]tar[.][a-z0-9]* .*SHA256://p")
  version_there=${tarball#*_}
  version_there=${version_there%.orig.tar.*}
  [ -n "$full" ] && [ -n "$tarball" ]
}

# have PACKAGE FILE SHA256: downloads a file of a pool to $tmp/files, once; fails if no mirror has it.
have() {
  [ ! -f "$tmp/files/$2" ] || return 0
  while read -r pool _; do
    rm -f "$tmp/part"
    debian_download "$pool/$(pool_path "$1" "$2")" "$tmp/part" >>"$tmp/log" 2>&1 || continue
    [ "$(digest_of "$tmp/part")" = "$3" ] || continue
    mv "$tmp/part" "$tmp/files/$2"
    return 0
  done <"$tmp/mirrors"
  return 1
}

there() {
  if have "$@"; then echo 'can be had'; else echo 'no mirror has it'; fi
}

# The entries of a changelog that are newer than the pinned upstream version: all
# down to the first one that packaged it.
newer_entries() {
  awk -v pinned="$pinned" '
    /^[^ ]+ \(/ {
      match($0, /\([^)]*\)/)
      upstream = substr($0, RSTART + 1, RLENGTH - 2)
      sub(/^[0-9]+:/, "", upstream)
      sub(/-[^-]*$/, "", upstream)
      if (upstream == pinned) at_pinned = 1
      else if (at_pinned) exit
      count++
    }
    { entry[count] = entry[count] $0 "\n"; is_pinned[count] = upstream == pinned }
    END { for (i = 1; i <= count && (!at_pinned || i < count); i++) printf "%s", entry[i] }'
}

# The CVEs that the version looked up fixes, and the pinned release does not.
fixes() {
  rm -rf "$tmp/debian"
  mkdir "$tmp/debian"
  tar -xf "$tmp/files/$patches" -C "$tmp/debian"
  {
    newer_entries <"$tmp/debian/debian/changelog"
    [ "$version_there" != "$pinned" ] || cat "$tmp/debian/debian/patches/series" 2>/dev/null || true
  } | grep -Eo 'CVE-[0-9]+-[0-9]+' | sort -Vu | paste -s -d ' '
}

# Of CVEs those that vex.txt has no line for.
not_in_vex() {
  for cve in $1; do
    grep -q "^$name $pinned [a-z]* $cve " "$deps/vex.txt" || echo "$cve"
  done
}

# An older version's changelog tells of much that the pinned one has fixed too.
report_fixes() {
  [ -n "$1" ] || return 0
  echo "$1" | fold -s -w 90 | sed 's/^/    /; s/ $//'
  ! dpkg --compare-versions "$version_there" lt "$pinned" || return 0
  unsaid=$(not_in_vex "$1" | paste -s -d ' ')
  [ -z "$unsaid" ] || echo "    vex.txt says nothing of $unsaid"
}

# Lines of vex.txt about another version than the pinned one, which would be left out silently.
report_stale() {
  stale=$(awk -v name="$name" -v pinned="$pinned" '$1 == name && $2 != pinned { print $4 }' "$deps/vex.txt" | paste -s -d ' ')
  [ -z "$stale" ] || echo "  vex.txt           is of another version: $stale"
}

report_suite() {
  look_up "$1" "$2" || return 0
  printf '  %-17s %s (%s)\n' "$1" "$2 $full" "$(there "$2" "$tarball" "$tarball_sum")"
  if [ "$2" != "$debian" ]; then
    echo '    another series: its changelog does not tell what the pinned one lacks'
  elif have "$2" "$patches" "$patches_sum"; then
    report_fixes "$(fixes)"
  else
    echo "    no mirror has its changelog ($patches)"
  fi
}

# download_upstream URL FILE
download_upstream() {
  curl -fsSL --connect-timeout 15 --speed-limit 1000 --speed-time 15 -o "$2" "$1" 2>>"$tmp/log"
}

report_upstream() {
  if [ -z "$releases" ]; then
    return
  fi
  if ! download_upstream "$releases" "$tmp/page"; then
    echo "  upstream          cannot be reached ($releases)"
    return
  fi
  newest=$(grep -Eo "$release_name" "$tmp/page" | grep -Eo '[0-9]+([.][0-9]+)+' | sort -V | tail -n 1)
  echo "  upstream          ${newest:-names no version} ($releases)"
}

report() {
  releases=
  load_pin "$1"
  file_in_pool=$(basename "$(pinned_path)")
  echo "$name $version is pinned ($file_in_pool: $(there "$debian" "$file_in_pool" "$sha256"))"
  for package in $debian $debian_next; do
    for suite in $debian_suites; do
      report_suite "$suite" "$package"
    done
  done
  report_upstream
  report_stale
}

# The file of a version from the first suite that lists it and really has it.
find_version() {
  for suite in $debian_suites; do
    if look_up "$suite" "$debian"; then
      versions="$versions $version_there"
      [ "$version_there" != "$1" ] || ! have "$debian" "$tarball" "$tarball_sum" || return 0
    fi
  done
  return 1
}

# Upstream's file must be the same, if upstream can be asked.
compare_upstream() {
  for url in $urls; do
    if download_upstream "$url" "$tmp/upstream"; then
      [ "$(digest_of "$tmp/upstream")" = "$tarball_sum" ] || die "$url is another file than Debian's $tarball"
      say "$url is the same file"
      return
    fi
  done
  say "upstream cannot be reached: not compared"
}

move() {
  load_pin "$1"
  recipe=$deps/recipes/$1.sh
  versions=
  find_version "$2" || die "no suite of Debian has $debian $2; they list" \
    "$(echo "$versions" | xargs -n 1 | sort -Vu | paste -s -d ' ')"
  sed "s/^version=.*/version=$2/; s/^sha256=.*/sha256=$tarball_sum/" "$recipe" >"$tmp/recipe"
  # shellcheck source=recipes/cjson.sh
  . "$tmp/recipe"
  compare_upstream
  cat "$tmp/recipe" >"$recipe"
  mkdir -p "$sources"
  cp "$tmp/files/$tarball" "$sources/$file"
  say "$1 $2 is pinned, as $suite lists it; is its edits' text still right? build and test it"
}

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$tmp/files"
debian_mirrors >"$tmp/mirrors"

case ${1:-} in
move)
  { [ $# -eq 3 ] && [ -f "$deps/recipes/$2.sh" ]; } || usage
  move "$2" "$3"
  ;;
*)
  [ $# -gt 0 ] || set -- curl pq hiredis cjson musl openssl
  for each in "$@"; do
    [ -f "$deps/recipes/$each.sh" ] || usage
  done
  for each in "$@"; do
    report "$each"
  done
  ;;
esac
