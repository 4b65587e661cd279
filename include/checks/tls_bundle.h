/* tls_bundle: whom to trust: the machine's file of authorities, of which only the issuer
 * that is needed is parsed. */
#ifndef PROBE_TLS_BUNDLE_H
#define PROBE_TLS_BUNDLE_H

#include <openssl/x509_vfy.h>
#include <stdbool.h>

/* Has a store find authorities in the machine's bundle: SSL_CERT_FILE and SSL_CERT_DIR where
 * one of them is set, else the first there is of the files in which distributions keep
 * theirs. False when there is none. */
bool tls_bundle_add(X509_STORE *store);

#endif
