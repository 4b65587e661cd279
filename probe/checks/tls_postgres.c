/* libpq makes its own sessions, with verification as psql has it. Two edits of its source
 * (probe/deps/recipes/pq.sh) call the functions here: libpq tells only that a session
 * failed, and looks for the machine's authorities in one place. */
#include "checks/tls_openssl.h"

void tls_postgres_watch(SSL_CTX *context);
int tls_postgres_trust(SSL_CTX *context);

static _Thread_local struct tls *current;

void tls_postgres_begin(struct tls *tls)
{
    current = tls;
}

void tls_postgres_end(void)
{
    current = NULL;
}

/* A session that begins, with what libpq wants of it already set. */
void tls_postgres_watch(SSL_CTX *context)
{
    if (current)
        tls_observe(current, context);
}

/* As SSL_CTX_set_default_verify_paths(): 1, or 0. */
int tls_postgres_trust(SSL_CTX *context)
{
    return current && tls_trust_machine(current, context);
}
