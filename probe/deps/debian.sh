# Debian's archive, asked with apt: so with the machine's own mirrors, proxies and
# keys, and without touching its apt state. Sourced, never run.
# shellcheck shell=sh disable=SC2154

debian_suites='trixie trixie-security trixie-updates trixie-backports forky sid'
debian_keyring=/usr/share/keyrings/debian-archive-keyring.gpg
apt_helper=/usr/lib/apt/apt-helper

# A mirror that is silent or drips must not stop the build. apt tries twice anyway.
apt_limits="-o Acquire::Retries=0 -o Acquire::http::Timeout=15 -o Acquire::https::Timeout=15
  -o APT::Sandbox::User=$(id -un)"

# The machine's mirrors, a line each: the pool, the mirror, and the file that
# configures it. apt itself reads its configuration, one-line or deb822.
debian_mirrors() {
  # shellcheck disable=SC2016
  apt-get indextargets --no-release-info 'Created-By: Packages' \
    --format '$(RELEASE) $(COMPONENT) $(REPO_URI) $(SOURCESENTRY)' |
    awk -v own="$(. /etc/os-release && echo "${VERSION_CODENAME:-}")" -v suites="$debian_suites" '
      BEGIN {
        count = split(own " oldstable stable testing unstable " suites, names)
        for (i = 1; i <= count; i++) known[names[i]]
      }
      {
        is_security = $1 ~ /(-security|\/updates)$/
        sub(/(-.*|\/updates)$/, "", $1)
        sub(/:[0-9]+$/, "", $4)
      }
      $1 in known && $2 == "main" && $3 !~ /^cdrom:/ && !seen[$3]++ {
        print $3 (is_security ? "pool/updates" : "pool"), $3, $4
      }'
}

# Where a pool has a package's file: pool_path PACKAGE FILE.
pool_path() {
  echo "main/${1%"${1#?}"}/$1/$2"
}

# The same for the file that the loaded recipe pins.
pinned_path() {
  pool_path "$debian" "${debian}_$pinned.orig.tar.${file##*.tar.}"
}

# debian_download URL FILE
debian_download() {
  # shellcheck disable=SC2086
  timeout --foreground 600 "$apt_helper" $apt_limits download-file "$1" "$2"
}

# apt with nothing but one suite, in a folder of its own: suite_apt SUITE ARGUMENT...
suite_apt() {
  dir=$tmp/apt/$1
  shift
  # shellcheck disable=SC2086
  apt-get --quiet=2 $apt_limits \
    -o Dir::Etc::SourceList="$dir/debian.sources" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
    -o Dir::State::Lists="$dir/lists" -o Dir::Cache="$dir/cache" -o APT::Default-Release= "$@"
}

# Debian's own key, and those which the machine's configuration names.
debian_keys() {
  {
    [ ! -f "$debian_keyring" ] || echo "$debian_keyring"
    sed '/^[[:space:]]*#/d' "$1" | grep -i 'signed-by' | grep -Eo '/[^]=, ]*[.](gpg|asc|pgp)'
  } | sort -u | tr '\n' ' '
}

forget_mirror() {
  awk -v mirror="$1" '$2 != mirror' "$tmp/mirrors" >"$tmp/mirrors.left"
  mv "$tmp/mirrors.left" "$tmp/mirrors"
}

# Fetch a suite's list of sources, from the first mirror that has it. A mirror that
# does not answer is not asked again.
debian_index() {
  dir=$tmp/apt/$1
  mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
  while read -r _ mirror entry; do
    keys=$(debian_keys "$entry")
    printf '%s\n' 'Types: deb-src' "URIs: $mirror" "Suites: $1" 'Components: main' \
      ${keys:+"Signed-By: $keys"} >"$dir/debian.sources"
    ! suite_apt "$1" update --error-on=any >"$dir/log" 2>&1 || return 0
    cat "$dir/log" >&2
    ! grep -Eq 'Connection|connect|resolv' "$dir/log" || forget_mirror "$mirror"
  done <"$tmp/mirrors"
  rm -f "$dir/debian.sources"
  return 1
}

# The newest files of a package in a suite, as apt prints them: debian_listed SUITE PACKAGE.
# A line each: 'ADDRESS' NAME SIZE SHA256:DIGEST. What is listed need not be there.
debian_listed() {
  [ -d "$tmp/apt/$1" ] || debian_index "$1" >&2 || return 1
  [ -f "$tmp/apt/$1/debian.sources" ] || return 1
  suite_apt "$1" source --print-uris --only-source "$2"
}
