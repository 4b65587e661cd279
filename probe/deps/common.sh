# Shared by the scripts of this folder; sourced, never run.
# shellcheck shell=sh disable=SC2034,SC2154

LC_ALL=C
export LC_ALL

say() {
  printf 'deps: %s\n' "$*"
}

die() {
  printf 'deps: %s\n' "$*" >&2
  exit 1
}

[ -n "${PROBE_CACHE:-${XDG_CACHE_HOME:-${HOME:-}}}" ] ||
  die 'HOME is not set; name a folder for what is built in PROBE_CACHE'
cache=${PROBE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/probe}
case $cache in
*[[:space:]]*) die "configure scripts bear no space in '$cache'; name another folder in PROBE_CACHE" ;;
/*) ;;
*) cache=$PWD/$cache ;;
esac
logs=$cache/log
tmp=$cache/tmp # build.sh empties it, under the lock
jobs=${PROBE_JOBS:-$(nproc)}

# On one line.
words() {
  echo "$*"
}

# A recipe says what a library is and how it is built; recipes/cjson.sh is the
# shortest.
load_recipe() {
  name=$1
  # shellcheck source=recipes/cjson.sh
  . "$deps/recipes/$name.sh"
}

# Where the loaded recipe's source is kept, or will be. Debian's and upstream's
# may both be there: a tarball in the user's folder asks for upstream's.
source_dir() {
  if [ -f "${PROBE_SOURCES:-}/$file" ] || ! [ -d "$cache/sources/$name-$version-debian" ]; then
    echo "$cache/sources/$name-$version-upstream"
  else
    echo "$cache/sources/$name-$version-debian"
  fi
}

# The folder of a built library. Its name holds a digest of everything that
# shaped it: a change of any of that builds anew, and the way back is free.
built_dir() (
  load_recipe "$1"
  digest=$({
    cat "$deps/common.sh" "$deps/build-one.sh" "$deps/recipes/$name.sh" \
      "$deps"/replaced/*.c "$(source_dir)/record" 2>/dev/null
    echo "$flavour $compiler"
    [ "$flavour" != static ] || [ "$name" = musl ] || built_dir musl
  } | sha256sum | cut -c 1-12)
  echo "$cache/$flavour/$name-$version-$digest"
)

# The compiler and its flags. What a configure script's hundreds of test
# programs would only be slowed or confused by stands apart, in $heavy.
flavour_flags() {
  AR=gcc-ar
  RANLIB=gcc-ranlib
  case $flavour in
  static)
    CC=$(built_dir musl)/bin/musl-gcc
    CFLAGS='-Os -fno-pie'
    LDFLAGS='-static -no-pie'
    # Fat objects, because the size report reads their symbols.
    heavy='-flto=auto -ffat-lto-objects -ffunction-sections -fdata-sections
      -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-ident'
    ;;
  asan)
    CC=gcc
    CFLAGS='-O1 -g -fno-omit-frame-pointer'
    LDFLAGS=
    heavy=-fsanitize=address
    ;;
  plain)
    CC=gcc
    CFLAGS='-O2 -g'
    LDFLAGS=
    heavy=
    ;;
  esac
  heavy=$(words $heavy)
}

# Asked for once, then handed down.
compiler=${PROBE_COMPILER:-$(gcc --version 2>/dev/null | head -n 1) $(uname -m)}
PROBE_COMPILER=$compiler
export PROBE_COMPILER
