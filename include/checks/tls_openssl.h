/* tls_openssl: what the files that know OpenSSL share. */
#ifndef PROBE_TLS_OPENSSL_H
#define PROBE_TLS_OPENSSL_H

#include <openssl/ssl.h>

#include "checks/tls.h"

/* Keeps the chain that the peer sent, and what its own certificate says. */
void tls_certificate_keep(struct tls *tls, X509_STORE_CTX *store);

/* Keeps why a certificate is refused, while OpenSSL still has it. */
void tls_certificate_refuse(struct tls *tls, X509_STORE_CTX *store);

/* Whether a host's text is an IP address. */
bool tls_is_address(const char *host);

/* Has a session keep what it sees of the handshakes of a context. */
void tls_observe(struct tls *tls, SSL_CTX *context);

/* Trusts the machine's authorities. False with the cause in the session. */
bool tls_trust_machine(struct tls *tls, SSL_CTX *context);

#endif
