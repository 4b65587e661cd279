# libpq, out of PostgreSQL: passwords by SCRAM and md5, no TLS.
version=17.11
sha256=dd27f2b3c59e73ed14aa3324901242bf69a032a6347805f274e6260322d42979
file=postgresql-$version.tar.bz2
urls="https://ftp.postgresql.org/pub/source/v$version/$file
  https://download.postgresql.org/pub/source/v$version/$file"
releases=https://ftp.postgresql.org/pub/source/
release_name='v17[.][0-9.]+/'
debian=postgresql-17
debian_next=postgresql-18
license=PostgreSQL
license_file=COPYRIGHT
tools='perl bison flex'

build() {
  # The binary runs where there is no /dev.
  cp "$deps/replaced/pg_strong_random.c" src/port/pg_strong_random.c
  # Where Debian and the official images have the socket; upstream says /tmp.
  edit src/include/pg_config_manual.h 1 'DEFAULT_PGSOCKET_DIR  "/tmp"' 'DEFAULT_PGSOCKET_DIR  "/var/run/postgresql"'
  # A server that claims 1 GB of a row, an error or a notice would be given as much
  # memory as it sends, and no end at the deadline: 1 MB is enough for anybody.
  edit src/interfaces/libpq/fe-protocol3.c 2 'msgLength > 30000 && !VALID_LONG_MESSAGE_TYPE(id)' \
    'msgLength > (VALID_LONG_MESSAGE_TYPE(id) ? 1024 * 1024 : 30000)'
  # 57 kB of the binary that only a password beyond ASCII needs, and then unpacks.
  perl "$deps/pack_unicode_norm.pl" src/include/common/unicode_norm_table.h
  edit src/common/unicode_norm.c 1 'compat = (form ==' 'compat = unpack_tables() && (form =='
  # The prefix ends up in the library, as the place of pg_service.conf.
  ./configure --prefix=/usr --sysconfdir=/etc/postgresql-common \
    --without-readline --without-zlib --without-icu --without-gssapi --without-ldap \
    --without-lz4 --without-zstd --without-openssl \
    CC="$CC" CFLAGS="$CFLAGS" LDFLAGS="$LDFLAGS" AR="$AR" RANLIB="$RANLIB"
  make -j "$jobs" -C src/backend generated-headers
  make -j "$jobs" -C src/common libpgcommon_shlib.a COPT="$heavy"
  make -j "$jobs" -C src/port libpgport_shlib.a COPT="$heavy"
  make -j "$jobs" -C src/interfaces/libpq all-static-lib COPT="$heavy"
  cp src/common/libpgcommon_shlib.a src/port/libpgport_shlib.a src/interfaces/libpq/libpq.a "$stage/lib"
  cp src/interfaces/libpq/libpq-fe.h src/include/postgres_ext.h "$stage/include"
  [ ! -f src/include/pg_config_ext.h ] || cp src/include/pg_config_ext.h "$stage/include" # 18 has none
}
