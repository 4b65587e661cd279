/* Descriptors, signals, dumpability and environment, as they were and as we
 * need them. */
#include "inherited.h"

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <unistd.h>

static struct sigaction inherited_pipe;
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
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, &inherited_pipe);
    prctl(PR_SET_DUMPABLE, 0);
    inherited_environment = environ; /* setenv(3) copies before it adds */
}

void inherited_become(char *const command[])
{
    const struct itimerval never = {.it_value = {.tv_sec = 0}};
    setitimer(ITIMER_REAL, &never, NULL);
    sigaction(SIGPIPE, &inherited_pipe, NULL);
    sigprocmask(SIG_SETMASK, &inherited_mask, NULL);
    environ = inherited_environment;
    execvp(command[0], command);
}
