#!/bin/bash
# Makes what is handed out, in build/dist, for all architectures of probe/deps/architectures.txt or for those named:
#
#   release.sh [--install] [--sign KEY] [ARCH]...
#
# For each architecture and flavour a .tar.gz, a .deb, the naked binary and its list of contents (SPDX); for each flavour
# an OCI archive with an image for each platform; what is known of the libraries' flaws (OpenVEX); SHA256SUMS, and with
# --sign its signature by KEY, minisign's or signify's. --install installs the missing compilers first. The same commit
# gives the same bytes. What was built before is not built again; the logs are build/PRESET.log.
set -euo pipefail
called_from=$PWD
cd "$(dirname "$0")/.."

self=cmake/release.sh
architectures=probe/deps/architectures.txt
dist=build/dist
title=probe
what='The health check that a container runs against itself'
licences='MIT AND curl AND BSD-3-Clause AND PostgreSQL'

say() {
  printf 'release: %s\n' "$*"
}

die() {
  say "$*" >&2
  exit 1
}

usage() {
  sed -n '4s/^# *//p' "$self" >&2
  exit 1
}

# column NUMBER ARCH
column() {
  awk -v number="$1" -v arch="$2" '$1 == arch { print $number }' "$architectures"
}

project() {
  sed -n "s/^project(.* $1 \"\{0,1\}\([^ \"]*\).*/\1/p" CMakeLists.txt
}

# What a flavour's files are called: name_of release|tls.
name_of() {
  case $1 in
  release) echo probe ;;
  tls) echo probe-tls ;;
  esac
}

compiler_packages() {
  local arch
  for arch in "$@"; do
    [ "$arch" = "$(dpkg --print-architecture)" ] || echo "gcc-$(column 2 "$arch" | tr _ -)"
  done
}

# The compilers, what the build needs, and the release itself.
install_or_name_missing() {
  local packages missing=() package
  mapfile -t packages < <(compiler_packages "${archs[@]}" && grep -v '^#' probe/deps/packages.txt)
  packages+=(python3 git dpkg-dev ${signer:+"$signer"})
  for package in "${packages[@]}"; do
    dpkg-query -s "$package" >/dev/null 2>&1 || missing+=("$package")
  done
  if [ "${#missing[@]}" -eq 0 ]; then
    return
  fi
  [ -n "$install" ] || die "packages are missing: apt-get install ${missing[*]} (or call me with --install)"
  tests/install.sh "${missing[@]}"
}

# build FLAVOUR ARCH: with one job, because the other processors build other architectures.
build() {
  local preset=$1-$2 log=build/$1-$2.log began=$SECONDS
  mkdir -p build
  if ! {
    PROBE_PINNED=1 cmake --preset "$preset" -DPROBE_PINNED=ON -DCMAKE_SKIP_INSTALL_ALL_DEPENDENCY=ON &&
      cmake --build "build/$preset" --target size -j 1 &&
      rm -rf "build/$preset/packages" && cd "build/$preset" && cpack -B packages && cd - &&
      rm -rf "build/$preset/root" && docker/root.sh "build/$preset" "build/$preset/root"
  } >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    die "building $preset failed; the log is $log"
  fi
  say "$preset: $(sed -n 's/^size: //p' "$log"), $((SECONDS - began)) s"
}

# Within xargs, one architecture: both flavours, one after the other, because they share libraries.
build_architecture() {
  build release "$1"
  build tls "$1"
}

collect() {
  local flavour=$1 arch=$2 build=build/$1-$2 name
  name=$(name_of "$flavour")-linux-$arch
  cp "$build"/packages/*.tar.gz "$build"/packages/*.deb "$dist"
  cp "$build/probe" "$dist/$name"
  cp "$build/sbom.spdx.json" "$dist/$name.spdx.json"
}

# The OCI archive of a flavour.
pack_images() {
  local flavour=$1 what=$what licences=$licences arch platform images=()
  if [ "$flavour" = tls ]; then
    what="$what, with TLS"
    licences="$licences AND Apache-2.0"
  fi
  for arch in "${archs[@]}"; do
    for platform in $(column 5 "$arch" | tr , ' '); do
      images+=("$platform=build/$flavour-$arch/root")
    done
  done
  /usr/bin/python3 cmake/oci.py "$dist/$(name_of "$flavour")-$version.oci.tar" --tag "$version" --date "$date" \
    --annotation "title=$title" --annotation "description=$what" --annotation "version=$version" \
    --annotation "revision=$revision" --annotation "source=$source" --annotation "licenses=$licences" "${images[@]}"
}

# The sums last: a folder that has them is whole.
sum_and_sign() {
  (cd "$dist" && sha256sum -- * >../SHA256SUMS && mv ../SHA256SUMS .)
  case $signer in
  signify-openbsd) signify-openbsd -S -s "$sign" -m "$dist/SHA256SUMS" -x "$dist/SHA256SUMS.sig" ;;
  minisign) minisign -S -s "$sign" -m "$dist/SHA256SUMS" -t "$title $version" ;;
  esac
}

# Sets $signer, the package and the program that a secret key is for, by its first line.
choose_signer() {
  case $(head -n 1 "$1" 2>/dev/null) in
  *'minisign encrypted secret key') signer=minisign ;;
  *' secret key') signer=signify-openbsd ;;
  *) die "'$1' is no secret key of minisign or signify" ;;
  esac
}

read_options() {
  install=
  sign=
  signer=
  while [ $# -gt 0 ]; do
    case $1 in
    --install) install=yes ;;
    --sign)
      [ $# -gt 1 ] || usage
      sign=$(cd "$called_from" && realpath -m -- "$2")
      choose_signer "$sign"
      shift
      ;;
    -*) usage ;;
    *)
      [ -n "$(column 1 "$1")" ] || die "there is no architecture '$1'; $architectures lists them"
      archs+=("$1")
      ;;
    esac
    shift
  done
  [ "${#archs[@]}" -gt 0 ] || mapfile -t archs < <(sed '/^#/d; s/ .*//' "$architectures")
}

# Sets what the release says of itself.
describe() {
  version=$(project VERSION)
  source=$(project HOMEPAGE_URL)
  revision=$(git rev-parse HEAD) || die 'a release is made from a git repository'
  date=$(git log -1 --format=%ct)
  export SOURCE_DATE_EPOCH=$date
  if [ -n "$(git status --porcelain --untracked-files=no)" ]; then
    revision=$revision-modified
    say 'the sources differ from the commit: this is no release'
  fi
  say "$title $version ($revision) for ${archs[*]}"
}

main() {
  local archs=() arch flavour
  read_options "$@"
  install_or_name_missing
  describe
  printf '%s\n' "${archs[@]}" | PROBE_JOBS=1 xargs -n 1 -P "$(nproc)" "$self" --build || die 'not everything was built'
  rm -rf "$dist"
  mkdir -p "$dist"
  for flavour in release tls; do
    for arch in "${archs[@]}"; do
      collect "$flavour" "$arch"
    done
    pack_images "$flavour"
  done
  /usr/bin/python3 cmake/openvex.py "$dist" "$version" "$date" "$source"
  sum_and_sign
  /usr/bin/python3 cmake/release_check.py "$dist" || die 'the release is not what it should be'
  say "$(find "$dist" -type f | wc -l) files, $(du -sb "$dist" | cut -f 1) bytes in $dist, $SECONDS s"
}

if [ "${1:-}" = --build ]; then
  build_architecture "$2"
else
  main "$@"
fi
