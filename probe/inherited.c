/* Descriptors, signals, dumpability and environment, as they were and as we
 * need them. */
#include "inherited.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <unistd.h>

/* The signals whose actions we change, here and in watchdog. */
static struct change {
    int number;
    bool is_made;
    struct sigaction inherited;
} changes[] = {{.number = SIGPIPE}, {.number = SIGALRM}, {.number = SIGTERM}, {.number = SIGINT}};
enum { CHANGES = sizeof changes / sizeof *changes };

static sigset_t inherited_mask;
static char **inherited_environment;

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

void inherited_change_action(int number, void (*handler)(int number))
{
    const struct sigaction action = {.sa_handler = handler};
    for (size_t i = 0; i < CHANGES; i++)
        if (changes[i].number == number) {
            sigaction(number, &action, changes[i].is_made ? NULL : &changes[i].inherited);
            changes[i].is_made = true;
        }
}

void inherited_settle(void)
{
    sigset_t ours;
    fill_standard_descriptors();
    sigemptyset(&ours);
    sigaddset(&ours, SIGALRM);
    sigaddset(&ours, SIGTERM);
    sigaddset(&ours, SIGINT);
    sigprocmask(SIG_UNBLOCK, &ours, &inherited_mask);
    inherited_change_action(SIGPIPE, SIG_IGN);
    prctl(PR_SET_DUMPABLE, 0);
    inherited_environment = environ; /* setenv(3) copies before it adds */
}

void inherited_become(char *const command[])
{
    const struct itimerval never = {.it_value = {.tv_sec = 0}};
    setitimer(ITIMER_REAL, &never, NULL);
    for (size_t i = 0; i < CHANGES; i++)
        if (changes[i].is_made)
            sigaction(changes[i].number, &changes[i].inherited, NULL);
    sigprocmask(SIG_SETMASK, &inherited_mask, NULL);
    environ = inherited_environment;
    execvp(command[0], command);
}
