/* Preloaded into the plain build: the first folder that is opened takes PROBE_FAULT_SLOW ms. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

static void sleep_ms(long ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    while (nanosleep(&left, &left) != 0)
        ;
}

DIR *opendir(const char *path)
{
    typedef DIR *function(const char *);
    static atomic_flag is_open = ATOMIC_FLAG_INIT;
    union {
        void *symbol;
        function *call;
    } real = {dlsym(RTLD_NEXT, "opendir")};
    const char *ms = getenv("PROBE_FAULT_SLOW");
    if (ms && !atomic_flag_test_and_set(&is_open))
        sleep_ms(atol(ms));
    return real.call(path);
}
