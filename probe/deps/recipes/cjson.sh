# cJSON, and cJSON_Utils for JSON Pointer.
version=1.7.18
url=https://github.com/DaveGamble/cJSON/archive/refs/tags/v1.7.18.tar.gz
file=cJSON-1.7.18.tar.gz
# Debian's orig tarball is this very file (it bears the tag's commit id), and
# other distributions pin the same digest.
sha256=3aa806844a03442c00769b83e99970be70fbef03735ff898f4811dd03b9f5ee5
debian=cjson
license=MIT
license_file=LICENSE
tools=

# The nesting limit is for what a hostile body does to a thread's small stack.
build() {
  # Without sscanf(3), here and in libpq, the binary is 3.7 kB smaller.
  sed -i 's/(sscanf((char\*)number_buffer, "%lg", &test) != 1)/(test = strtod((char*)number_buffer, NULL), 0)/' cJSON.c
  CFLAGS="$CFLAGS -DCJSON_NESTING_LIMIT=100"
  archive "$stage/lib/libcjson.a" cJSON.c cJSON_Utils.c
  mkdir "$stage/include/cjson"
  cp cJSON.h cJSON_Utils.h "$stage/include/cjson"
}
