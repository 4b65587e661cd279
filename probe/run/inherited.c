/* Descriptors, signals, memory, dumpability and environment, as they were and as we
 * need them. */
#include "run/inherited.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* The signals whose actions we change, here and in watchdog, if the command may
 * come after it. */
static const int changed[] = {SIGPIPE, SIGXFSZ, SIGALRM, SIGTERM, SIGINT,
                              SIGHUP,  SIGQUIT, SIGXCPU, SIGCHLD};
enum { CHANGED_COUNT = sizeof changed / sizeof *changed };

static struct {
    sigset_t ignored;
    sigset_t known; /* those of which ignored tells */
    sigset_t mask;
    struct rlimit memory;
    char **environment;
} inherited;

/* A peer that sends without end shall not take the memory of the service that
 * shares our limit; a run needs less than 1 MB. */
static void limit_memory(void)
{
    enum { MEMORY_MAX = 32 * 1024 * 1024 };
    prlimit(0, RLIMIT_DATA, NULL, &inherited.memory); /* setrlimit(3) is 2 kB of musl */
    struct rlimit ours = inherited.memory;
    if (ours.rlim_cur > MEMORY_MAX)
        ours.rlim_cur = MEMORY_MAX;
#ifndef PROBE_SANITIZED /* whose own memory is more than that */
    prlimit(0, RLIMIT_DATA, &ours, NULL);
#endif
}

void inherited_catch(int number, void (*handler)(int), enum ignored ignored)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART | SA_NODEFER};
    struct sigaction before;
    sigfillset(&action.sa_mask);
    sigdelset(&action.sa_mask, SIGALRM);
    sigaction(number, &action, &before);
    bool is_known = sigismember(&inherited.known, number);
    sigaddset(&inherited.known, number);
    if (is_known || before.sa_handler != SIG_IGN)
        return;
    sigaddset(&inherited.ignored, number);
    if (ignored == KEEP_IGNORED)
        sigaction(number, &before, NULL);
}

/* poll(2) with nothing to wait for only tells whether a descriptor is closed; or
 * that it has hung up, and then there is nothing to fill. */
static void fill_standard_descriptors(void)
{
    struct pollfd standard[] = {{.fd = STDIN_FILENO}, {.fd = STDOUT_FILENO}, {.fd = STDERR_FILENO}};
    int fd;
    if (poll(standard, sizeof standard / sizeof *standard, 0) == 0)
        return;
    do
        fd = open("/", O_PATH | O_CLOEXEC);
    while (fd >= 0 && fd <= STDERR_FILENO);
    close(fd);
}

void inherited_init(void)
{
    fill_standard_descriptors();
    sigprocmask(SIG_BLOCK, NULL, &inherited.mask);
    inherited_catch(SIGPIPE, SIG_IGN, CATCH_IGNORED);
    inherited_catch(SIGXFSZ, SIG_IGN, CATCH_IGNORED); /* RLIMIT_FSIZE, and stdout a file */
    inherited_catch(SIGALRM, SIG_IGN, CATCH_IGNORED); /* one of another's may be pending */
    prctl(PR_SET_DUMPABLE, 0);
    limit_memory();
    inherited.environment = environ; /* setenv(3) copies before it adds */
}

void inherited_set_no_new_privs(void)
{
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* Puts a signal's action back where execve(2) would not: it resets those that
 * are caught, in the moment in which the command takes over. */
static void put_back(int number)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    if (sigismember(&inherited.ignored, number))
        action.sa_handler = SIG_IGN;
    else if (number != SIGPIPE && number != SIGXFSZ && number != SIGCHLD)
        return;
    sigaction(number, &action, NULL);
}

/* An ignored SIGCHLD has the kernel reap, sigaction(2); before that some may have ended. */
void inherited_reap(void)
{
    inherited_catch(SIGCHLD, SIG_IGN, CATCH_IGNORED);
    pid_t ended;
    do
        ended = waitpid(-1, NULL, WNOHANG);
    while (ended > 0);
}

void inherited_exec(char *const command[])
{
    const struct itimerval never = {.it_value = {.tv_sec = 0}};
    setitimer(ITIMER_REAL, &never, NULL);
    for (size_t i = 0; i < CHANGED_COUNT; i++)
        put_back(changed[i]);
    sigprocmask(SIG_SETMASK, &inherited.mask, NULL);
    prlimit(0, RLIMIT_DATA, &inherited.memory, NULL);
    environ = inherited.environment;
    execvp(command[0], command);
    int error = errno;
    inherited_catch(SIGPIPE, SIG_IGN, CATCH_IGNORED); /* what went wrong is still to be told */
    errno = error;
}
