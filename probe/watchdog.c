/* Signals that end the process, whatever the rest of the program is doing then. */
#include "watchdog.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

/* A report that is a little late still tells more than this module can. */
enum { GRACE_US = 25 * 1000, STOPPED_GRACE_US = 100 * 1000 };

static volatile sig_atomic_t is_quiet;
static volatile sig_atomic_t is_ending;
static volatile sig_atomic_t was_stopped;
static struct deadline alarm_at; /* set before its timer is */
static volatile sig_atomic_t last_status = 1;
static const char *volatile farewell_words;
static const char *volatile foreseen = "unhealthy: the check itself did not end in time\n";

static void say(const char *words)
{
    ssize_t ignored = words ? write(STDOUT_FILENO, words, strlen(words)) : 0;
    (void)ignored; /* nobody is left to tell */
}

static void set_timer(int64_t us)
{
    const struct itimerval timer = {.it_value = {.tv_sec = us / 1000000, .tv_usec = us % 1000000}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

/* An alarm that itself is late found us stopped, or without a turn: then the rest
 * of the program gets a grace now, once, to say what it was doing. */
static bool is_postponed(int signal_number)
{
    bool is_late = deadline_now() > alarm_at.at_us + GRACE_US;
    if (signal_number != SIGALRM || !is_late || was_stopped)
        return false;
    was_stopped = 1;
    set_timer(STOPPED_GRACE_US);
    return true;
}

/* What is said may block, in a pipe that nobody reads: then a second alarm ends
 * it. */
static void on_signal(int signal_number)
{
    if (is_ending)
        _exit(last_status);
    if (is_postponed(signal_number))
        return;
    is_ending = 1;
    set_timer(GRACE_US);
    say(farewell_words);
    const char *report = foreseen;
    if (!is_quiet)
        say(signal_number == SIGALRM   ? report
            : signal_number == SIGTERM ? "unhealthy: ended by SIGTERM\n"
            : signal_number == SIGXCPU ? "unhealthy: its limit of processor time is used up\n"
                                       : "unhealthy: ended by SIGINT\n");
    _exit(last_status);
}

static void catch_signals(bool quiet, const char *farewell)
{
    static const int caught[] = {SIGALRM, SIGTERM, SIGINT, SIGXCPU};
    const struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_NODEFER | SA_RESTART};
    sigset_t ours;
    is_quiet = quiet;
    farewell_words = farewell;
    sigemptyset(&ours);
    for (size_t i = 0; i < sizeof caught / sizeof *caught; i++) {
        sigaddset(&ours, caught[i]);
        sigaction(caught[i], &action, NULL);
    }
    sigprocmask(SIG_UNBLOCK, &ours, NULL); /* whoever started us may have blocked them */
}

void watchdog_arm_signals(bool quiet, const char *farewell)
{
    catch_signals(quiet, farewell);
    set_timer(0);
}

void watchdog_arm(struct deadline deadline, bool quiet)
{
    alarm_at = (struct deadline){deadline.at_us + GRACE_US};
    int64_t left = alarm_at.at_us - deadline_now();
    catch_signals(quiet, NULL);
    set_timer(left > 0 ? left : 1);
}

void watchdog_foresee(const char *report)
{
    foreseen = report;
}

void watchdog_settle(int exit_status)
{
    last_status = exit_status;
    is_quiet = 1;
}
