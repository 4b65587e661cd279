/* Preloaded into the plain build: what waits never returns, as on a machine that gives no turn.
 *
 * PROBE_FAULT_HANG is the number of the poll(2) from which on each lasts for ever (0: each does),
 * not counting those that do not wait and those for stdout. Waiting for a thread, for a name and
 * for a file lasts for ever, too; a signal is still handled. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Noreturn void hang(void)
{
    for (;;)
        pause();
}

int poll(struct pollfd *list, nfds_t count, int timeout)
{
    static atomic_int polls;
    const char *first = getenv("PROBE_FAULT_HANG");
    if (first && timeout != 0 && list->fd != STDOUT_FILENO && ++polls >= atoi(first))
        hang();
    return (int)syscall(SYS_poll, list, count, timeout);
}

int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict end)
{
    (void)condition;
    (void)end;
    pthread_mutex_unlock(mutex);
    hang();
}

/* libpq writes addresses as names. */
int getaddrinfo(const char *restrict node, const char *restrict service,
                const struct addrinfo *restrict hints, struct addrinfo **restrict result)
{
    typedef int function(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    union {
        void *symbol;
        function *call;
    } real = {dlsym(RTLD_NEXT, "getaddrinfo")};
    if (!hints || !(hints->ai_flags & AI_NUMERICHOST))
        hang();
    return real.call(node, service, hints, result);
}

int stat(const char *restrict path, struct stat *restrict info)
{
    (void)path;
    (void)info;
    hang();
}
