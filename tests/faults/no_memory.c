/* Preloaded into the plain build: one allocation of a run fails, or all from one on.
 *
 * PROBE_FAULT_MEMORY names a file of at least 8 bytes that is mapped and shared: the first four
 * count the allocations, so that the test knows whether the one that fails was reached; the other
 * four are the number of the one that fails, with the highest bit set when all the later ones fail
 * too. Without the variable nothing fails.
 *
 * It is for glibc, whose own functions (strdup, getaddrinfo, opendir) come here as well. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);

struct plan {
    _Atomic uint32_t count;
    uint32_t failing;
};

static const uint32_t for_ever = 1u << 31;
static struct plan *plan;

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("PROBE_FAULT_MEMORY");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *shared = mmap(NULL, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (shared != MAP_FAILED)
        plan = shared;
}

static bool fails(void)
{
    if (!plan)
        return false;
    uint32_t number = atomic_fetch_add(&plan->count, 1) + 1;
    uint32_t first = plan->failing & ~for_ever;
    bool is_failing = number == first || (plan->failing & for_ever && number > first);
    if (is_failing)
        errno = ENOMEM;
    return is_failing;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
    return fails() ? NULL : __libc_realloc(block, size);
}
