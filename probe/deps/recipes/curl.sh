# libcurl: HTTP, and HTTPS in the TLS flavour. 8.14.1 is that of Debian's stable release, whose pool
# keeps the file for years; 8.21.0 would make the binary 12.6 kB larger. The fixes that
# Debian has for it, as of deb13u5, are all in what is left out or not used: TLS (CVE-2025-13034
# is of GnuTLS, CVE-2025-14819 of an option that is not set) and STARTTLS (CVE-2026-4873), logins and .netrc (CVE-2025-14524,
# CVE-2026-1965, CVE-2026-3783, CVE-2026-5545, CVE-2026-6429), proxies (CVE-2026-3784,
# CVE-2026-6253, CVE-2026-7168), cookies (CVE-2026-6276), SMB (CVE-2026-3805,
# CVE-2026-5773), WebSockets (CVE-2025-10148).
version=8.14.1
sha256=6766ada7101d292b42b8b15681120acd68effa4a9660935853cf6d61f0d984d4
file=curl-$version.tar.gz
urls="https://curl.se/download/$file
  https://github.com/curl/curl/releases/download/curl-$(echo "$version" | tr . _)/$file"
releases=https://curl.se/download.html
release_name='curl-[0-9.]+[.]tar'
debian=curl
debian_next=
license=curl
license_file=COPYING
tools=cmake

on='HTTP_ONLY BUILD_STATIC_LIBS
  CURL_DISABLE_ALTSVC CURL_DISABLE_AWS CURL_DISABLE_BASIC_AUTH
  CURL_DISABLE_BEARER_AUTH CURL_DISABLE_BINDLOCAL CURL_DISABLE_COOKIES
  CURL_DISABLE_DIGEST_AUTH CURL_DISABLE_DOH CURL_DISABLE_FORM_API
  CURL_DISABLE_GETOPTIONS CURL_DISABLE_HEADERS_API CURL_DISABLE_HSTS
  CURL_DISABLE_HTTP_AUTH CURL_DISABLE_KERBEROS_AUTH
  CURL_DISABLE_LIBCURL_OPTION CURL_DISABLE_MIME CURL_DISABLE_NEGOTIATE_AUTH
  CURL_DISABLE_NETRC CURL_DISABLE_NTLM CURL_DISABLE_PARSEDATE
  CURL_DISABLE_PROGRESS_METER CURL_DISABLE_PROXY CURL_DISABLE_SHA512_256
  CURL_DISABLE_SHUFFLE_DNS CURL_DISABLE_SOCKETPAIR CURL_DISABLE_SRP
  CURL_DISABLE_VERBOSE_STRINGS CURL_DISABLE_WEBSOCKETS'

off='BUILD_CURL_EXE BUILD_EXAMPLES BUILD_LIBCURL_DOCS BUILD_MISC_DOCS
  BUILD_SHARED_LIBS BUILD_TESTING CURL_BROTLI CURL_ENABLE_EXPORT_TARGET
  CURL_USE_LIBPSL CURL_USE_LIBSSH2 CURL_USE_PKGCONFIG CURL_ZLIB
  CURL_ZSTD ENABLE_ARES ENABLE_CURL_MANUAL ENABLE_THREADED_RESOLVER
  PICKY_COMPILER USE_LIBIDN2 USE_NGHTTP2'

# Its own inet_ntop costs half of musl's instructions. Without getsockname it
# does not ask twice a connection for our own port, which nobody wants to know.
#
# The tests of what the system has are tried with the flags of Debug, so that
# they are spared the heavy ones.
build() {
  tls='-DCURL_ENABLE_SSL=OFF'
  if [ "$flavour" != static ]; then
    openssl=$(built_dir openssl)
    tls="-DCURL_ENABLE_SSL=ON -DCURL_USE_OPENSSL=ON -DOPENSSL_ROOT_DIR=$openssl -DOPENSSL_USE_STATIC_LIBS=ON
      -DCURL_CA_BUNDLE=none -DCURL_CA_PATH=none -DCURL_DISABLE_OPENSSL_AUTO_LOAD_CONFIG=ON"
    # Started here, OpenSSL costs a check of plain HTTP many times the check itself;
    # it starts itself where it is first used.
    edit lib/vtls/openssl.c 1 'OPENSSL_init_ssl(flags, NULL);' '(void)flags;'
  fi
  cmake -S . -B build -G 'Unix Makefiles' ${cross:+-DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR="${triple%%-*}"} \
    $(printf -- '-D%s=ON ' $on) $(printf -- '-D%s=OFF ' $off) $tls \
    -DCMAKE_C_COMPILER="$CC" -DCMAKE_AR="$(command -v $AR)" -DCMAKE_RANLIB="$(command -v $RANLIB)" \
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS="$CFLAGS" -DCMAKE_C_FLAGS_DEBUG= \
    -DCMAKE_C_FLAGS_RELEASE="$heavy" -DCMAKE_POSITION_INDEPENDENT_CODE=OFF \
    -DCMAKE_EXE_LINKER_FLAGS="$LDFLAGS" -DHAVE_INET_NTOP=0 -DHAVE_GETSOCKNAME=0
  make -C build -j "$jobs" libcurl_static
  cp build/lib/libcurl.a "$stage/lib"
  mkdir "$stage/include/curl"
  cp include/curl/*.h "$stage/include/curl"
}
