/* Descriptors, signals, memory, dumpability and environment, as they were and as we
 * need them. */
#include "inherited.h"

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

/* The signals whose actions we change, here and in watchdog. */
static const int changed[] = {SIGPIPE, SIGXFSZ, SIGALRM, SIGTERM, SIGINT, SIGXCPU};
enum { CHANGED_COUNT = sizeof changed / sizeof *changed };

static struct sigaction inherited_actions[CHANGED_COUNT];
static sigset_t inherited_mask;
static struct rlimit inherited_memory;
static char **inherited_environment;

/* A peer that sends without end shall not take the memory of the service that
 * shares our limit; a run needs less than 1 MB. */
static void limit_memory(void)
{
    enum { MEMORY_MAX = 32 * 1024 * 1024 };
    prlimit(0, RLIMIT_DATA, NULL, &inherited_memory); /* setrlimit(3) is 2 kB of musl */
    struct rlimit ours = inherited_memory;
    if (ours.rlim_cur > MEMORY_MAX)
        ours.rlim_cur = MEMORY_MAX;
#ifndef __SANITIZE_ADDRESS__ /* whose own memory is more than that */
    prlimit(0, RLIMIT_DATA, &ours, NULL);
#endif
}

void inherited_settle(void)
{
    int fd;
    do
        fd = open("/", O_PATH | O_CLOEXEC);
    while (fd >= 0 && fd <= STDERR_FILENO);
    close(fd);
    sigprocmask(SIG_BLOCK, NULL, &inherited_mask);
    for (size_t i = 0; i < CHANGED_COUNT; i++)
        sigaction(changed[i], NULL, &inherited_actions[i]);
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGALRM, &ignore, NULL); /* one of another's may be pending */
    sigaction(SIGXFSZ, &ignore, NULL); /* stdout may be a file, and RLIMIT_FSIZE small */
    prctl(PR_SET_DUMPABLE, 0);
    limit_memory();
    inherited_environment = environ; /* setenv(3) copies before it adds */
}

void inherited_become(char *const command[])
{
    const struct itimerval never = {.it_value = {.tv_sec = 0}};
    setitimer(ITIMER_REAL, &never, NULL);
    for (size_t i = 0; i < CHANGED_COUNT; i++)
        sigaction(changed[i], &inherited_actions[i], NULL);
    sigprocmask(SIG_SETMASK, &inherited_mask, NULL);
    prlimit(0, RLIMIT_DATA, &inherited_memory, NULL);
    environ = inherited_environment;
    execvp(command[0], command);
}
