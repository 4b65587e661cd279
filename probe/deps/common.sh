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
*[[:space:]]*) die "configure scripts accept no space in '$cache'; name another folder in PROBE_CACHE" ;;
/*) ;;
*) cache=$PWD/$cache ;;
esac
# shellcheck source=architecture.sh
. "$deps/architecture.sh"
load_architecture
sources=$cache/sources
logs=$cache/log
tmp=$cache/tmp-$arch # build.sh empties it, under the architecture's lock
jobs=${PROBE_JOBS:-$(nproc)}

# On one line.
words() {
  echo "$*"
}

digest_of() {
  sha256sum "$1" | cut -d ' ' -f 1
}

# A recipe says what a library is and how it is built; recipes/cjson.sh is the
# shortest. It pins one file, whatever place that comes from.
load_pin() {
  name=$1
  # shellcheck source=recipes/cjson.sh
  . "$deps/recipes/$name.sh"
  pinned=$version
  origin=${urls%%[[:space:]]*}
  newer=$sources/$name-$version.newer # written by newer.sh where no place had that file
}

# The same for what is really built.
load_recipe() {
  load_pin "$1"
  if [ -z "${PROBE_PINNED:-}" ] && [ -f "$newer" ]; then
    # shellcheck disable=SC1090 # version, file, sha256 and origin
    . "$newer"
  fi
}

has_source() {
  [ -f "$sources/$file" ] && [ "$(digest_of "$sources/$file")" = "$sha256" ]
}

# The flavour whose build of the loaded recipe serves: libraries that know nothing of
# TLS are the same in both static ones, and OpenSSL, which is slow to build, in both others.
serving_flavour() {
  case $flavour-$name in
  tls-musl | tls-hiredis | tls-cjson) echo static ;;
  asan-openssl) echo plain ;;
  *) echo "$flavour" ;;
  esac
}

# The folder of a built library. Its name holds a digest of everything that
# shaped it: a change of any of that builds anew, and the way back is free.
built_dir() (
  load_recipe "$1"
  serving=$(serving_flavour)
  digest=$({
    cat "$deps/common.sh" "$deps/build-one.sh" "$deps/recipes/$name.sh" "$deps"/replaced/*.c "$deps"/*.pl
    echo "$serving $triple $openssl_target $arch_flags $compiler $version $sha256"
    case $serving-$name in
    *-musl) ;;
    static-* | tls-openssl) built_dir musl ;;
    tls-* | asan-pq | asan-curl | plain-pq | plain-curl) built_dir openssl ;;
    esac
  } | sha256sum | cut -c 1-12)
  echo "$cache/$serving-$arch/$name-$version-$digest"
)

# The compiler and its flags. What a configure script's hundreds of test
# programs would only be slowed or confused by stands apart, in $heavy.
flavour_flags() {
  AR=${cross}gcc-ar
  RANLIB=${cross}gcc-ranlib
  case $flavour in
  static | tls)
    CC=$(built_dir musl)/bin/musl-gcc
    CFLAGS='-Oz -fno-pie'
    LDFLAGS='-static -no-pie'
    # Fat objects, because the size report reads their symbols.
    heavy='-flto=auto -ffat-lto-objects -ffunction-sections -fdata-sections
      -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-ident'
    ;;
  asan)
    CC=${cross}gcc
    CFLAGS='-O1 -g -fno-omit-frame-pointer'
    LDFLAGS=
    heavy=-fsanitize=address
    ;;
  plain)
    CC=${cross}gcc
    CFLAGS='-O2 -g'
    LDFLAGS=
    heavy=
    ;;
  esac
  heavy=$(words $heavy)
}

# Asked for once, then handed down.
compiler=${PROBE_COMPILER:-$("${cross}gcc" --version 2>/dev/null | head -n 1)}
PROBE_COMPILER=$compiler
export PROBE_COMPILER
