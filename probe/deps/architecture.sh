# The architecture that is built for: PROBE_ARCH, else the machine's own. Sourced by common.sh.
# shellcheck shell=sh disable=SC2034,SC2154

# architecture_row NAME: the row of architectures.txt with Debian's name, or the kernel's.
architecture_row() {
  awk -v name="$1" '$1 == name || $3 == name { print; exit }' "$deps/architectures.txt"
}

# Debian's package of the cross compiler.
compiler_package() {
  echo "gcc-$triple" | tr _ -
}

own_architecture() {
  architecture_row "$(dpkg --print-architecture 2>/dev/null || uname -m)" | cut -d ' ' -f 1
}

# Sets arch, triple, platform, openssl_target, arch_flags, and cross: the prefix of the tools' names, empty for the own.
load_architecture() {
  own=$(own_architecture)
  row=$(architecture_row "${PROBE_ARCH:-$own}")
  [ -n "$row" ] || die "there is no architecture '${PROBE_ARCH:-$(uname -m)}'; probe/deps/architectures.txt lists them"
  read -r arch triple _ _ platform openssl_target _ _ arch_flags <<END
$row
END
  cross=
  [ "$arch" = "$own" ] || cross=$triple-
}
