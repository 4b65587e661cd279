# hiredis, without TLS.
version=1.2.0
sha256=82ad632d31ee05da13b537c124f819eb88e18851d9cb0c30ae0552084811588c
file=hiredis-$version.tar.gz
urls=https://github.com/redis/hiredis/archive/refs/tags/v$version.tar.gz
releases=https://github.com/redis/hiredis/tags
release_name='tags/v[0-9.]+[.]tar'
debian=hiredis
debian_next=
license=BSD-3-Clause
license_file=COPYING
tools=

# Its Makefile would compile position independent code.
build() {
  archive "$stage/lib/libhiredis.a" alloc.c async.c hiredis.c net.c read.c sds.c sockcompat.c
  mkdir "$stage/include/hiredis"
  cp alloc.h hiredis.h read.h sds.h sockcompat.h "$stage/include/hiredis"
}
