/*
 * Takes the place of PostgreSQL's src/port/pg_strong_random.c, which without
 * TLS reads /dev/urandom: a file that an image made FROM scratch may not have.
 */
#include "c.h"

#include <errno.h>
#include <sys/random.h>

void pg_strong_random_init(void)
{
}

bool pg_strong_random(void *buf, size_t len)
{
    char *next = buf;

    while (len > 0) {
        ssize_t got = getrandom(next, len, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        next += got;
        len -= (size_t)got;
    }
    return true;
}
