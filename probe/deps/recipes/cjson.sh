# cJSON, and cJSON_Utils for JSON Pointer.
version=1.7.18
# Debian's orig tarball is this very file (it bears the tag's commit id), and
# other distributions pin the same digest.
sha256=3aa806844a03442c00769b83e99970be70fbef03735ff898f4811dd03b9f5ee5
file=cJSON-$version.tar.gz
urls=https://github.com/DaveGamble/cJSON/archive/refs/tags/v$version.tar.gz
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
