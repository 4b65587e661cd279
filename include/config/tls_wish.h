/* tls_wish: what is wanted of TLS, by a target or by options. */
#ifndef PROBE_TLS_WISH_H
#define PROBE_TLS_WISH_H

#include <stdbool.h>

/* The strings are the owner's of the target or the options, and outlive each session. */
struct tls_wish {
    const char *name;        /* of the host: sent as SNI unless it is an address, and what the
                                certificate must be for */
    const char *bundle;      /* a PEM file with the authorities to trust; NULL: the machine's */
    const char *directory;   /* of such files, named by their hashes; NULL: none */
    const char *certificate; /* a PEM file with the client's own; NULL: none */
    const char *key;         /* a PEM file with its key; NULL: it is in the same file */
    const char *passphrase;  /* of the key; NULL: none */
    const char *insecure_by; /* what says that nothing is verified, "--insecure"; NULL: it is */
    bool is_any_host;        /* the certificate may be for another host */
};

#endif
