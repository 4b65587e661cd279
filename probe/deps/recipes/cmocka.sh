# cmocka, with which the unit tests of another architecture are linked; no part of the program.
version=1.1.7
# Debian's orig tarball is upstream's file.
sha256=810570eb0b8d64804331f82b29ff47c790ce9cd6b163e98d47a4807047ecad82
file=cmocka-$version.tar.xz
urls=https://cmocka.org/files/1.1/cmocka-$version.tar.xz
releases=https://cmocka.org/files/1.1/
release_name='cmocka-[0-9.]+[.]tar'
debian=cmocka
debian_next=
license=Apache-2.0
license_file=COPYING
tools=

# Without HAVE_CLOCK_GETTIME, because the tests have a clock of their own.
build() {
  CFLAGS="$CFLAGS -Iinclude -DHAVE_SIGNAL_H -DHAVE_STRINGS_H -DHAVE_TIME_H -DHAVE_UINTPTR_T"
  archive "$stage/lib/libcmocka.a" src/cmocka.c
  cp include/cmocka.h "$stage/include"
}
