/* Descriptors, signals, dumpability and environment, as they were and as we
 * need them. */
#include "inherited.h"

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <unistd.h>

/* The signals whose actions we change, here and in watchdog. */
static const int changed[] = {SIGPIPE, SIGALRM, SIGTERM, SIGINT};
enum { CHANGED_COUNT = sizeof changed / sizeof *changed };

static struct sigaction inherited_actions[CHANGED_COUNT];
static sigset_t inherited_mask;
static char **inherited_environment;

void inherited_settle(void)
{
    int fd;
    do
        fd = open("/", O_PATH | O_CLOEXEC);
    while (fd >= 0 && fd <= STDERR_FILENO);
    close(fd);
    sigset_t ours;
    sigemptyset(&ours);
    sigaddset(&ours, SIGALRM);
    sigaddset(&ours, SIGTERM);
    sigaddset(&ours, SIGINT);
    sigprocmask(SIG_UNBLOCK, &ours, &inherited_mask);
    for (size_t i = 0; i < CHANGED_COUNT; i++)
        sigaction(changed[i], NULL, &inherited_actions[i]);
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
    prctl(PR_SET_DUMPABLE, 0);
    inherited_environment = environ; /* setenv(3) copies before it adds */
}

void inherited_renounce(void)
{
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

void inherited_become(char *const command[])
{
    const struct itimerval never = {.it_value = {.tv_sec = 0}};
    setitimer(ITIMER_REAL, &never, NULL);
    for (size_t i = 0; i < CHANGED_COUNT; i++)
        sigaction(changed[i], &inherited_actions[i], NULL);
    sigprocmask(SIG_SETMASK, &inherited_mask, NULL);
    environ = inherited_environment;
    execvp(command[0], command);
}
