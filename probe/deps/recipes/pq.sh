# libpq, out of PostgreSQL: passwords by SCRAM and md5; TLS in the TLS flavour.
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
  tls=--without-openssl
  if [ "$flavour" != static ]; then
    openssl=$(built_dir openssl)
    tls="--with-ssl=openssl --with-includes=$openssl/include --with-libraries=$openssl/lib"
    # Its own hashes are small, and a login with them costs a third of one with EVP's.
    edit src/common/Makefile 1 '	cryptohash_openssl.o \
	hmac_openssl.o \
' '	cryptohash.o hmac.o md5.o sha1.o sha2.o \
'
    # The program watches each session, to say what is wrong with a certificate, and finds the
    # machine's authorities by itself: probe/checks/tls_postgres.c. Without it libpq does as ever.
    tls_source=src/interfaces/libpq/fe-secure-openssl.c
    edit $tls_source 1 '#include <openssl/conf.h>' '#include <openssl/conf.h>
extern void tls_postgres_watch(SSL_CTX *) __attribute__((weak));
extern int tls_postgres_trust(SSL_CTX *) __attribute__((weak));'
    edit $tls_source 1 'SSL_CTX_set_mode(SSL_context, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);' \
      'SSL_CTX_set_mode(SSL_context, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	if (tls_postgres_watch)
		tls_postgres_watch(SSL_context);'
    edit $tls_source 1 'SSL_CTX_set_default_verify_paths(SSL_context) != 1' \
      '(tls_postgres_trust ? tls_postgres_trust(SSL_context) : SSL_CTX_set_default_verify_paths(SSL_context)) != 1'
  fi
  # The prefix ends up in the library, as the place of pg_service.conf. Without tzdata configure wants zic.
  ./configure ${cross:+--host="$triple"} --with-system-tzdata=/usr/share/zoneinfo --prefix=/usr --sysconfdir=/etc/postgresql-common \
    --without-readline --without-zlib --without-icu --without-gssapi --without-ldap \
    --without-lz4 --without-zstd $tls \
    CC="$CC" CFLAGS="$CFLAGS" LDFLAGS="$LDFLAGS" AR="$AR" RANLIB="$RANLIB"
  make -j "$jobs" -C src/backend generated-headers
  make -j "$jobs" -C src/common libpgcommon_shlib.a COPT="$heavy"
  make -j "$jobs" -C src/port libpgport_shlib.a COPT="$heavy"
  make -j "$jobs" -C src/interfaces/libpq all-static-lib COPT="$heavy"
  cp src/common/libpgcommon_shlib.a src/port/libpgport_shlib.a src/interfaces/libpq/libpq.a "$stage/lib"
  cp src/interfaces/libpq/libpq-fe.h src/include/postgres_ext.h "$stage/include"
  [ ! -f src/include/pg_config_ext.h ] || cp src/include/pg_config_ext.h "$stage/include" # 18 has none
}
