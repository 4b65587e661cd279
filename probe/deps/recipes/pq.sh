# libpq, out of PostgreSQL: passwords by SCRAM and md5, no TLS.
version=17.11
url=https://ftp.postgresql.org/pub/source/v17.11/postgresql-17.11.tar.bz2
file=postgresql-17.11.tar.bz2
sha256=dd27f2b3c59e73ed14aa3324901242bf69a032a6347805f274e6260322d42979
debian=postgresql-17
license=PostgreSQL
license_file=COPYRIGHT
tools='perl bison flex'

build() {
  # The binary runs where there is no /dev.
  cp "$deps/replaced/pg_strong_random.c" src/port/pg_strong_random.c
  cp "$deps/replaced/fe-trace.c" src/interfaces/libpq/fe-trace.c
  # Upstream's function gets another name, and is left out of the binary.
  sed -i 's/^scram_SaltedPassword(/unused_&/' src/common/scram-common.c
  cat "$deps/replaced/scram_SaltedPassword.c" >>src/common/scram-common.c
  # Where Debian and the official images have the socket; upstream says /tmp.
  sed -i '/define DEFAULT_PGSOCKET_DIR/s,"/tmp","/var/run/postgresql",' src/include/pg_config_manual.h
  # A server that claims 1 GB of a row, an error or a notice would be given as much
  # memory as it sends, and no end at the deadline: 1 MB is enough for anybody.
  sed -i 's/msgLength > 30000 && !VALID_LONG_MESSAGE_TYPE(id)/msgLength > (VALID_LONG_MESSAGE_TYPE(id) ? 1024 * 1024 : 30000)/' \
    src/interfaces/libpq/fe-protocol3.c
  # "15.18 (Debian ...)" is all that sscanf(3) would be for, 3 kB of the binary.
  sed -i 's/cnt = sscanf(value, "%d.%d.%d", &vmaj, &vmin, &vrev);/cnt = read_version(value, \&vmaj, \&vmin, \&vrev);/' \
    src/interfaces/libpq/fe-exec.c
  sed -i "/^static int.check_field_number/r $deps/replaced/read_version.c" src/interfaces/libpq/fe-exec.c
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
  cp src/interfaces/libpq/libpq-fe.h src/include/postgres_ext.h src/include/pg_config_ext.h "$stage/include"
}
