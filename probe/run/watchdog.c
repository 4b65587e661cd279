/* Signals that end the process, whatever the rest of the program is doing then. */
#include "run/watchdog.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/cause.h"
#include "base/output.h"
#include "run/inherited.h"
#include "version.h"

enum {
    GRACE_US = 25 * 1000, /* a report that is a little late tells more than this module can */
    STOPPED_GRACE_US = 100 * 1000,
    LINE_MAX_BYTES = 500
};

static const struct config *volatile asked;
static volatile int64_t alarm_at_us = INT64_MAX; /* set before its timer is */
static volatile sig_atomic_t is_settled;
static volatile sig_atomic_t is_ending;
static volatile sig_atomic_t was_stopped;
static volatile sig_atomic_t last_status = 1;
static const char *volatile farewell_words;
static const char *volatile foreseen;

static void set_timer(int64_t us)
{
    const struct itimerval timer = {.it_value = {.tv_sec = us / 1000000, .tv_usec = us % 1000000}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

/* An alarm that itself is late found us stopped, or without a turn: then the rest
 * of the program gets a grace now, once, to say what it was doing. */
static bool is_postponed(void)
{
    if (deadline_now() - alarm_at_us < GRACE_US || was_stopped)
        return false;
    was_stopped = 1;
    set_timer(STOPPED_GRACE_US);
    return true;
}

static const char *reason(int number)
{
    return number == SIGTERM   ? "ended by SIGTERM"
           : number == SIGINT  ? "ended by SIGINT"
           : number == SIGHUP  ? "ended by SIGHUP"
           : number == SIGQUIT ? "ended by SIGQUIT"
           : number == SIGXCPU ? "its limit of processor time is used up"
                               : "the check itself did not end in time";
}

/* Without cJSON, which allocates. */
static void write_ended(const struct config *config, enum cause cause, const char *why,
                        struct text *out)
{
    if (config->output == OUTPUT_TEXT) {
        text_format(out, "unhealthy: %s\n", why);
        return;
    }
    text_format(out, "{\"status\":\"unhealthy\",\"command\":\"%s\",\"time\":\"",
                command_name(config->command));
    text_add_time(out, time(NULL));
    text_format(out, "\",\"version\":\"%s\",\"cause\":\"%s\",\"message\":\"%s\"}\n", PROBE_VERSION,
                cause_info(cause)->name, why);
}

/* What is said may block all the same, in a socket that nobody reads: then a
 * second alarm ends it. */
static void on_signal(int number)
{
    char bytes[LINE_MAX_BYTES];
    struct text line;
    int error = errno;
    if (is_ending)
        _exit(last_status);
    if (number == SIGALRM && is_postponed()) {
        errno = error;
        return;
    }
    is_ending = 1;
    set_timer(2 * OUTPUT_PATIENCE_MS * 1000);
    text_init(&line, TEXT_ARRAY(bytes));
    if (farewell_words)
        output_say(farewell_words);
    write_ended(asked, number == SIGALRM ? CAUSE_TIMEOUT : CAUSE_ENDED, reason(number), &line);
    if (!asked->quiet && !is_settled)
        output_say(number == SIGALRM && foreseen ? foreseen : bytes);
    _exit(last_status);
}

void watchdog_arm(const struct config *config)
{
    static const int caught[] = {SIGALRM, SIGTERM, SIGINT, SIGXCPU, SIGHUP, SIGQUIT};
    sigset_t ours;
    asked = config;
    sigemptyset(&ours);
    for (size_t i = 0; i < sizeof caught / sizeof *caught; i++) {
        bool may_stay = caught[i] == SIGHUP || caught[i] == SIGQUIT;
        inherited_catch(caught[i], on_signal, may_stay ? KEEP_IGNORED : CATCH_IGNORED);
        sigaddset(&ours, caught[i]);
    }
    sigprocmask(SIG_UNBLOCK, &ours, NULL); /* whoever started us may have blocked them */
}

void watchdog_set(struct deadline deadline)
{
    alarm_at_us = deadline.at_us + GRACE_US;
    int64_t left = alarm_at_us - deadline_now();
    set_timer(left > 0 ? left : 1);
}

void watchdog_lift(void)
{
    alarm_at_us = INT64_MAX;
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
