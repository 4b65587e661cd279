# OpenSSL, for the TLS flavour: a client of TLS 1.2 and 1.3 that verifies certificates.
version=3.5.7
sha256=a8c0d28a529ca480f9f36cf5792e2cd21984552a3c8e4aa11a24aa31aeac98e8
file=openssl-$version.tar.gz
urls="https://github.com/openssl/openssl/releases/download/openssl-$version/$file
  https://www.openssl.org/source/$file"
debian=openssl
debian_next=
license=Apache-2.0
license_file=LICENSE.txt
tools=perl

# Protocols, algorithms and parts that a TLS client does not need.
without='module dso engine legacy async autoload-config ui-console filenames comp ct cms cmp ts rfc3779
  ocsp http quic dtls dgram srtp sctp psk srp gost nextprotoneg ssl3 ssl3-method tls1 tls1-method
  tls1_1 tls1_1-method ssl-trace multiblock dsa dh ec2m des idea bf cast rc2 rc4 md4 mdc2 rmd160
  whirlpool camellia seed aria sm2 sm3 sm4 siphash siv ocb cmac blake2 argon2 scrypt ml-kem ml-dsa
  slh-dsa integrity-only-ciphers tls-deprecated-ec thread-pool default-thread-pool secure-memory tfo
  ktls egd rdrand sslkeylog shared tests apps docs pic makedepend autoerrinit'

# What the default provider offers: the algorithms of TLS 1.2 and 1.3, of certificates and of encrypted
# private keys. "offer" drops all others from its tables, and so from the binary.
offered='NULL AES_256_ECB AES_128_ECB AES_256_CBC AES_128_CBC AES_256_CTR AES_128_CTR AES_256_GCM AES_128_GCM
  ChaCha20_Poly1305 SHA1 SHA2_224 SHA2_256 SHA2_384 SHA2_512 MD5_SHA1 HMAC HKDF TLS1_3_KDF TLS1_PRF PBKDF2
  ECDH X25519 CTR_DRBG SEED_SRC RSA RSA_PSS EC ED25519 ECDSA
  RSA_SHA1 RSA_SHA224 RSA_SHA256 RSA_SHA384 RSA_SHA512
  ECDSA_SHA1 ECDSA_SHA224 ECDSA_SHA256 ECDSA_SHA384 ECDSA_SHA512'

offer() {
  perl -0777 -i -pe '
    BEGIN { %kept = map { $_ => 1 } split " ", shift @ARGV; %missing = %kept }
    s/^    (?:\{|ALGC?\()\s*PROV_NAMES_(\w+),.*?(?:\}|\)),\n/delete $missing{$1}; $kept{$1} ? $& : ""/gmse;
    END { die "openssl offers no ", join(" ", sort keys %missing), "\n" if %missing }' \
    "$offered" providers/defltprov.c
}

build() {
  offer
  # Tables that no client reads.
  for table in encoder store asym_kem skeymgmt; do
    edit providers/defltprov.c 1 "return deflt_$table;" 'return NULL;'
  done
  # A table of 150 kB that makes one curve faster; its plain code is constant-time too.
  for code in x86.S x86_64.s armv4.S armv8.S sparcv9.S; do
    edit crypto/ec/build.info 1 "=ecp_nistz256.c ecp_nistz256-$code" '='
  done
  edit crypto/ec/build.info 1 '=ecp_nistz256.c ecp_ppc.c ecp_nistz256-ppc64.s' '='
  edit crypto/ec/build.info 6 '=ECP_NISTZ256_ASM' '='
  # musl has getauxval too. Without it, what the processor can do is found out at each start, TLS
  # or none, by a handler of SIGILL.
  for code in arm ppc s390x; do
    edit crypto/${code}cap.c 1 '#if defined(__GLIBC__) && defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 16)' '#if 1
#if 1'
  done
  # A card for RSA, which would be looked for at each start; musl has no header for it.
  edit include/crypto/bn.h 1 'defined(__s390x__)' 0
  edit crypto/s390xcap.c 1 '#include <asm/zcrypt.h>' ''
  # Asked for the assembler's version, the compiler names one without AVX: the code
  # for it has 900 kB. AES-NI stays.
  printf '#!/bin/sh\ncase " $* " in *" -Wa,-v "*) echo "GNU assembler version 2.18" ;; *) exec %s "$@" ;; esac\n' "$CC" >"$work/cc"
  chmod +x "$work/cc"
  ./Configure "$openssl_target" --openssldir=/etc/ssl $(printf 'no-%s ' $without) \
    CC="$work/cc" AR="$AR" RANLIB="$RANLIB" CFLAGS="$CFLAGS $heavy"
  make -j "$jobs" build_libs
  cp libssl.a libcrypto.a "$stage/lib"
  cp -r include/openssl "$stage/include"
}
