#!/bin/bash
# Makes a Debian 12 in a folder, where no base image can be pulled: what builds probe, and what the compose example runs.
# Usage: base.sh name      tells the name of the folder, which changes with what is in it
#        base.sh make DIR  makes it, with debootstrap, from the mirror that this machine's apt uses
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
suite=bookworm
services=(python3-django python3-psycopg2 python3-redis gunicorn postgresql redis-server busybox-static)

packages() {
  sed 's/#.*//; /^$/d' "$here/../../probe/deps/packages.txt"
  printf '%s\n' "${services[@]}"
}

mirror() {
  # shellcheck disable=SC2016
  apt-get indextargets --no-release-info 'Created-By: Packages' --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' |
    awk -v suite="$suite" '$1 == suite && $2 == "main" && !found++ { print $3 }'
}

# What no test reads is a third of it.
slim() {
  rm -rf "$1"/var/cache/apt/archives/*.deb "$1"/var/lib/apt/lists/* "$1"/usr/share/{doc,locale,man}/* \
    "$1"/var/lib/postgresql/*/main
}

make() {
  local from
  from=$(mirror)
  if [ -z "$from" ]; then
    echo "apt has no mirror of Debian's $suite" >&2
    exit 1
  fi
  rm -rf "$1" "$1.part"
  mkdir -p "$1.part"
  debootstrap --variant=minbase --include="$(packages | paste -sd ,)" "$suite" "$1.part" "$from"
  slim "$1.part"
  mv "$1.part" "$1"
}

case ${1-} in
  name) printf 'docker-base-%s\n' "$(cat "$0" <(packages) | sha256sum | cut -c 1-12)" ;;
  make) make "$2" ;;
  *)
    sed -n 3,4p "$0" >&2
    exit 1
    ;;
esac
