# Debian's source archive, read with apt and without touching the machine's own
# apt state; sourced by build.sh and fetch.sh.
# shellcheck shell=sh disable=SC2154

debian_suite=trixie
debian_keyring=/usr/share/keyrings/debian-archive-keyring.gpg

private_apt() {
  apt-get --quiet \
    -o Dir::Etc::SourceList="$tmp/apt/debian.sources" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
    -o Dir::State::Lists="$tmp/apt/lists" -o Dir::Cache="$tmp/apt/cache" \
    -o APT::Default-Release= -o APT::Sandbox::User="$(id -un)" \
    -o Acquire::Retries=1 -o Acquire::http::Timeout=15 -o Acquire::https::Timeout=15 "$@"
}

# The machine's own Debian mirrors, and the file that names each: apt itself
# reads its configuration, one-line or deb822. Never -security or -updates:
# with these the newest version is listed, and then often not there.
debian_mirrors() {
  # shellcheck disable=SC2016
  apt-get indextargets --no-release-info 'Created-By: Packages' \
    --format '$(RELEASE) $(COMPONENT) $(REPO_URI) $(SOURCESENTRY)' |
    awk -v own="$(. /etc/os-release && echo "${VERSION_CODENAME:-}")" -v suite="$debian_suite" '
      ($1 == own || $1 == suite || $1 ~ /^(oldstable|stable|testing|unstable|sid)$/) &&
      $2 == "main" && $3 !~ /^cdrom:/ && !seen[$3]++ { sub(/:[0-9]+$/, "", $4); print $3, $4 }'
}

# Debian's own key, and those which the machine's configuration names.
debian_keys() {
  {
    [ ! -f "$debian_keyring" ] || echo "$debian_keyring"
    sed '/^[[:space:]]*#/d' "$1" | grep -i 'signed-by' | grep -Eo '/[^]=, ]*[.](gpg|asc|pgp)'
  } | sort -u | tr '\n' ' '
}

# Fetch the index, from the first mirror that has it.
debian_index() {
  mkdir -p "$tmp/apt/lists/partial" "$tmp/apt/cache/archives/partial"
  debian_mirrors | {
    while read -r mirror entry; do
      keys=$(debian_keys "$entry")
      printf '%s\n' 'Types: deb-src' "URIs: $mirror" "Suites: $debian_suite" 'Components: main' \
        ${keys:+"Signed-By: $keys"} >"$tmp/apt/debian.sources"
      ! private_apt update --error-on=any || exit 0
    done
    rm -f "$tmp/apt/debian.sources"
    exit 1
  }
}

# Download a source package into the current folder.
debian_source() {
  [ -f "$tmp/apt/debian.sources" ] && private_apt source --download-only --only-source "$1"
}
