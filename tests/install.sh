#!/bin/bash
# Installs Debian packages that are not there yet, and starts none of the services they bring.
# Usage: tests/install.sh PACKAGE|LIST...    LIST is a file with one package a line; # begins a comment
set -euo pipefail

policy=/usr/sbin/policy-rc.d
policy_is_ours=

wanted() {
  local word
  for word in "$@"; do
    if [ -f "$word" ]; then
      sed 's/#.*//' "$word"
    else
      echo "$word"
    fi
  done | tr -s '[:space:]' '\n' | sed '/^$/d' | sort -u
}

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing() {
  local package
  wanted "$@" | while read -r package; do
    is_installed "$package" || echo "$package"
  done
}

# Debian starts a service when its package is installed, unless policy-rc.d says no.
forbid_services() {
  if [ -e "$policy" ]; then
    return
  fi
  policy_is_ours=yes
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
}

# shellcheck disable=SC2317 # called by the trap
allow_services() {
  if [ -n "$policy_is_ours" ]; then
    rm -f "$policy"
  fi
}

apt_install() {
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null
}

main() {
  local packages
  mapfile -t packages < <(missing "$@")
  if [ "${#packages[@]}" -eq 0 ]; then
    return
  fi
  if [ "$(id -u)" -ne 0 ]; then
    echo "packages are missing and only root can install them: apt-get install ${packages[*]}" >&2
    exit 1
  fi
  echo "installing ${packages[*]}"
  trap allow_services EXIT
  forbid_services
  # A fresh machine has no package lists, an old one has stale ones: both show as a failure.
  apt_install "${packages[@]}" >/dev/null 2>&1 || {
    apt-get -qq update || echo 'some package lists could not be refreshed' >&2
    apt_install "${packages[@]}" >/dev/null
  }
}

main "$@"
