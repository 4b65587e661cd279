/* The build without TLS: nothing that needs it passes the plan, so that no session is
 * ever begun. */
#include <errno.h>

#include "checks/tls.h"

void tls_prepare(void)
{
}

bool tls_check_files(const struct tls_wish *wish, struct text *why)
{
    (void)wish;
    (void)why;
    return true;
}

void tls_init(struct tls *tls, const struct tls_wish *wish)
{
    *tls = (struct tls){.wish = *wish, .alert = -1};
}

bool tls_attach(struct tls *tls, void *ssl_context)
{
    (void)tls, (void)ssl_context;
    return false;
}

bool tls_open(struct tls *tls, int fd, struct deadline deadline, struct result *result)
{
    (void)tls, (void)fd, (void)deadline, (void)result;
    return false;
}

ssize_t tls_read(struct tls *tls, char *bytes, size_t size)
{
    (void)tls, (void)bytes, (void)size;
    errno = ENOSYS;
    return -1;
}

ssize_t tls_write(struct tls *tls, const char *bytes, size_t length)
{
    (void)tls, (void)bytes, (void)length;
    errno = ENOSYS;
    return -1;
}

bool tls_has_pending(const struct tls *tls)
{
    (void)tls;
    return false;
}

void tls_release(struct tls *tls)
{
    (void)tls;
}

bool tls_fail(const struct tls *tls, const char *words, struct result *result)
{
    (void)tls, (void)words, (void)result;
    return false;
}

void tls_fail_handshake(const struct tls *tls, const char *words, struct result *result)
{
    (void)tls, (void)words, (void)result;
}

bool tls_fail_stream(struct tls *tls, struct result *result)
{
    (void)tls, (void)result;
    return false;
}

bool tls_fail_answer(const struct tls *tls, const char *words, struct result *result)
{
    (void)tls, (void)words, (void)result;
    return false;
}

void tls_postgres_begin(struct tls *tls)
{
    (void)tls;
}

void tls_postgres_end(void)
{
}

void tls_show(const struct tls *tls, int verbosity, struct result *result)
{
    (void)tls, (void)verbosity, (void)result;
}

void tls_judge_age(const struct tls *tls, int64_t min_days, struct result *result)
{
    (void)tls, (void)min_days, (void)result;
}
