/* Signals that end the process, whatever the rest of the program is doing then. */
#include "watchdog.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "cause.h"
#include "inherited.h"
#include "report.h"

enum {
    GRACE_US = 25 * 1000, /* a report that is a little late tells more than this module can */
    PATIENCE_MS = 100     /* with a slow terminal; a full pipe must not keep the process */
};

static const struct config *volatile asked;
static volatile sig_atomic_t is_settled;
static volatile sig_atomic_t last_status = 1;
static const char *volatile farewell_words;
static const char *volatile foreseen;

/* Nobody is left to tell when it fails. */
void watchdog_say(const char *words)
{
    int error = errno;
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    bool is_ready = poll(&out, 1, PATIENCE_MS) == 1 && out.revents & POLLOUT;
    ssize_t ignored = is_ready ? write(STDOUT_FILENO, words, strlen(words)) : 0;
    (void)ignored;
    errno = error;
}

static const char *reason(int number)
{
    return number == SIGTERM   ? "ended by SIGTERM"
           : number == SIGINT  ? "ended by SIGINT"
           : number == SIGHUP  ? "ended by SIGHUP"
           : number == SIGQUIT ? "ended by SIGQUIT"
                               : "the check itself did not end in time";
}

static void on_signal(int number)
{
    char bytes[REPORT_LINE_MAX];
    struct text line;
    text_init(&line, TEXT_ARRAY(bytes));
    if (farewell_words)
        watchdog_say(farewell_words);
    report_ended(asked, number == SIGALRM ? CAUSE_TIMEOUT : CAUSE_ENDED, reason(number), &line);
    if (!asked->quiet && !is_settled)
        watchdog_say(number == SIGALRM && foreseen ? foreseen : bytes);
    _exit(last_status);
}

void watchdog_arm(const struct config *config)
{
    asked = config;
    inherited_catch(SIGALRM, on_signal, CATCH_IGNORED);
    inherited_catch(SIGTERM, on_signal, CATCH_IGNORED);
    inherited_catch(SIGINT, on_signal, CATCH_IGNORED);
    inherited_catch(SIGHUP, on_signal, KEEP_IGNORED);
    inherited_catch(SIGQUIT, on_signal, KEEP_IGNORED);
}

static void set_timer(int64_t us)
{
    const struct itimerval timer = {.it_value = {.tv_sec = us / 1000000, .tv_usec = us % 1000000}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

void watchdog_set(struct deadline deadline)
{
    int64_t left = deadline.at_us + GRACE_US - deadline_now();
    set_timer(left > 0 ? left : 1);
}

void watchdog_lift(void)
{
    set_timer(0);
}

void watchdog_farewell(const char *words)
{
    farewell_words = words;
}

void watchdog_foresee(const char *report)
{
    foreseen = report;
}

void watchdog_settle(int exit_status)
{
    last_status = exit_status;
    is_settled = 1;
}
