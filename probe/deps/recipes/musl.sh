# musl, the C library of the static flavour. Debian's own musl-tools (1.2.3)
# knows no DNS over TCP, and makes the binary 16 kB larger, 24 kB with libpq.
version=1.2.6
sha256=d585fd3b613c66151fc3249e8ed44f77020cb5e6c1e635a616d3f9f82460512a
file=musl-$version.tar.gz
urls="https://musl.libc.org/releases/$file
  https://www.musl-libc.org/releases/$file"
releases=https://musl.libc.org/releases.html
release_name='musl-[0-9.]+[.]tar'
debian=musl
debian_next=
license=MIT
license_file=COPYRIGHT
tools=

build() {
  # "options attempts:0" in /etc/resolv.conf would end the process in a division by zero.
  edit src/network/res_msend.c 1 'attempts = conf->attempts;' 'attempts = conf->attempts ? conf->attempts : 1;'
  # A name at the end of /etc/hosts without a newline would not be found,
  edit src/network/lookup_name.c 1 '!isspace(p[l])' '(!isspace(p[l]) && (p[l] || !feof(f)))'
  # nor one that has capitals there or in the question.
  edit src/network/lookup_name.c 1 'p=strstr(p, name)' 'p=strcasestr(p, name)'
  edit src/network/lookup_name.c 1 '#include <sys/socket.h>' '#define _GNU_SOURCE
#include <sys/socket.h>'
  # CVE-2026-40200: qsort of a very large array overran the stack: a first bit that is the low one
  # of the second word counted as none.
  edit src/stdlib/qsort.c 1 'int r = ntz(p[0] - 1);' 'int r = p[0] == 1 ? 0 : ntz(p[0] - 1);'
  edit src/stdlib/qsort.c 1 'r != 0 || (r = 8*sizeof(size_t) + ntz(p[1])) != 8*sizeof(size_t)' \
    'p[0] != 1 || (p[1] && (r = 8*sizeof(size_t) + ntz(p[1])))'
  # An old filter of system calls answers EPERM, not ENOSYS, to those that it does not know. On
  # 32 bits the clock then could not be read where there is no vDSO, nor the age of a file.
  edit src/time/clock_gettime.c 1 'r!=-ENOSYS)' '(r!=-ENOSYS && r!=-EPERM))'
  edit src/stat/fstatat.c 1 'ret!=-ENOSYS)' 'ret!=-ENOSYS && ret!=-EPERM)'
  # Its older allocator takes its memory from one heap instead of a mapping for
  # each size: a run makes 14 system calls fewer and starts in less time.
  ./configure --prefix="$prefix" --disable-shared --enable-wrapper=gcc \
    --enable-optimize=size --with-malloc=oldmalloc --target="$triple" \
    CC="${cross}gcc" AR="$AR" RANLIB="$RANLIB" \
    CFLAGS="$arch_flags -Os -fno-pie -ffunction-sections -fdata-sections -fno-ident -ffile-prefix-map=$PWD=$name"
  make -j "$jobs"
  make install DESTDIR="$work/root"
  rm -r "$stage"
  mv "$work/root/$prefix" "$stage"
  # Whatever is compiled with it has to agree with it.
  edit "$stage/bin/musl-gcc" 1 '"$@"' "$arch_flags \"\$@\""
}
