# cJSON, and cJSON_Utils for JSON Pointer.
version=1.7.19
# Debian's orig tarball is this very file (it bears the tag's commit id), and
# other distributions pin the same digest.
sha256=7fa616e3046edfa7a28a32d5f9eacfd23f92900fe1f8ccd988c1662f30454562
file=cJSON-$version.tar.gz
urls=https://github.com/DaveGamble/cJSON/archive/refs/tags/v$version.tar.gz
releases=https://github.com/DaveGamble/cJSON/tags
release_name='tags/v[0-9.]+[.]tar'
debian=cjson
debian_next=
license=MIT
license_file=LICENSE
tools=

# The nesting limit is for what a hostile body does to a thread's small stack.
build() {
  CFLAGS="$CFLAGS -DCJSON_NESTING_LIMIT=100"
  archive "$stage/lib/libcjson.a" cJSON.c cJSON_Utils.c
  mkdir "$stage/include/cjson"
  cp cJSON.h cJSON_Utils.h "$stage/include/cjson"
}
