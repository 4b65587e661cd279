/* Signals that end the process, whatever the rest of the program is doing then. */
#include "run/watchdog.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/output.h"
#include "run/inherited.h"

enum {
    GRACE_US = 25 * 1000, /* for a report that is a little late */
    STOPPED_GRACE_US = 100 * 1000
};

/* Of the handler: what it was told by the rest of the program, and where it is. */
static volatile struct {
    const struct config *config;
    watchdog_report *report;
    const struct run *run;
    const char *terminal_reset;
    int64_t alarm_at_us[2]; /* the unused one is set: on 32 bits that takes two instructions */
    sig_atomic_t used;      /* which of the two; changes before the timer is set */
    int exit_status;
    bool was_postponed;
} watchdog = {.alarm_at_us = {INT64_MAX}, .exit_status = EXIT_UNHEALTHY};

/* Who writes the last line; changes once or twice. */
enum { NOBODY, THE_REPORT, THE_WATCHDOG };
static atomic_int writer = NOBODY;

static void set_timer(int64_t us)
{
    const struct itimerval timer = {
        .it_value = {.tv_sec = (time_t)(us / 1000000), .tv_usec = (suseconds_t)(us % 1000000)}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

static void set_alarm_at(int64_t us)
{
    sig_atomic_t next = !watchdog.used;
    watchdog.alarm_at_us[next] = us;
    watchdog.used = next;
}

/* Whether an alarm is not to end the process yet: one that somebody else sent; and
 * one that itself is late, because we were stopped or had no turn: then the rest of
 * the program gets a grace, once, to say what it was doing. */
static bool is_too_early(void)
{
    int64_t late_us = deadline_now() - watchdog.alarm_at_us[watchdog.used];
    if (late_us < 0)
        return true;
    if (late_us < GRACE_US || watchdog.was_postponed)
        return false;
    watchdog.was_postponed = true;
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
                               : "no check was started before the deadline";
}

/* What is written may block all the same, in a socket that nobody reads: then a
 * second alarm ends it. */
static _Noreturn void end(enum cause cause, const char *why, bool must_write)
{
    set_timer(2 * OUTPUT_PATIENCE_MS * 1000);
    if (watchdog.terminal_reset)
        output_say(watchdog.terminal_reset);
    if (must_write)
        watchdog.report(watchdog.config, watchdog.run, cause, why);
    _exit(watchdog.exit_status);
}

/* While the last line is written only an alarm ends the process earlier: another
 * signal, which another thread may get, would cut it. */
static void on_signal(int number)
{
    int error = errno;
    if (atomic_load(&writer) == THE_WATCHDOG) {
        if (number == SIGALRM)
            _exit(watchdog.exit_status);
    } else if (number != SIGALRM || !is_too_early()) {
        int before = atomic_exchange(&writer, THE_WATCHDOG);
        if (before != THE_WATCHDOG)
            end(number == SIGALRM ? CAUSE_TIMEOUT : CAUSE_ENDED, reason(number), before == NOBODY);
    }
    errno = error;
}

/* The caller waits for the process to end: another thread is about to write. */
static _Noreturn void wait_for_end(void)
{
    for (;;)
        pause();
}

void watchdog_run_out_of_memory(void)
{
    int before = NOBODY;
    sigset_t all;
    sigfillset(&all);
    sigdelset(&all, SIGALRM);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    if (!atomic_compare_exchange_strong(&writer, &before, THE_WATCHDOG))
        wait_for_end();
    end(CAUSE_NO_RESOURCES, "no memory is left", true);
}

void watchdog_arm(const struct config *config, watchdog_report *report)
{
    static const int caught[] = {SIGALRM, SIGTERM, SIGINT, SIGXCPU, SIGHUP, SIGQUIT};
    sigset_t ours;
    watchdog.config = config;
    watchdog.report = report;
    sigemptyset(&ours);
    for (size_t i = 0; i < sizeof caught / sizeof *caught; i++) {
        bool may_stay = caught[i] == SIGHUP || caught[i] == SIGQUIT;
        inherited_catch(caught[i], on_signal, may_stay ? KEEP_IGNORED : CATCH_IGNORED);
        sigaddset(&ours, caught[i]);
    }
    sigprocmask(SIG_UNBLOCK, &ours, NULL); /* whoever started us may have blocked them */
}

void watchdog_set_run(const struct run *run)
{
    watchdog.run = run;
}

void watchdog_set_deadline(struct deadline deadline)
{
    int64_t alarm_at_us = deadline.at_us + GRACE_US;
    int64_t left = alarm_at_us - deadline_now();
    set_alarm_at(alarm_at_us);
    set_timer(left > 0 ? left : 1);
}

void watchdog_remove_deadline(void)
{
    set_alarm_at(INT64_MAX);
    set_timer(0);
}

void watchdog_set_terminal_reset(const char *words)
{
    watchdog.terminal_reset = words;
}

void watchdog_finish(int exit_status)
{
    int before = NOBODY;
    if (!atomic_compare_exchange_strong(&writer, &before, THE_REPORT) && before == THE_WATCHDOG)
        wait_for_end();
    watchdog.exit_status = exit_status;
}
