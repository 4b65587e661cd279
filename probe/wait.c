/* Waiting until a service is healthy, and the exec of the command that needs it. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "machine/procfs.h"
#include "mode.h"
#include "report/report.h"
#include "run/inherited.h"
#include "run/progress.h"
#include "run/run.h"
#include "run/watchdog.h"

enum {
    REPORT_MS = 200,             /* the last attempt's report may be that late: it has the causes */
    LAST_LEAST_MS = 50,          /* kept for a last attempt, however long the interval ... */
    LAST_MOST_MS = 200,          /* ... and however long the one before it took */
    INTERVAL_MAX_MS = 30 * 1000, /* --backoff grows up to this, or to a longer --interval */
    JITTER_PERCENT = 20
};

/* The pause before the next attempt: with --backoff it doubles, and jitter keeps
 * many waiting containers from asking at the same moments. */
static int64_t next_interval(const struct config *config, int64_t interval_ms)
{
    int64_t most = config->interval_ms > INTERVAL_MAX_MS ? config->interval_ms : INTERVAL_MAX_MS;
    if (!config->backoff)
        return config->interval_ms;
    interval_ms *= 2;
    if (interval_ms > most)
        interval_ms = most;
    int64_t jitter = interval_ms * JITTER_PERCENT / 100;
    return interval_ms - jitter / 2 + (jitter > 0 ? deadline_now() % (jitter + 1) : 0);
}

static int64_t left_of(struct deadline end)
{
    int64_t left = end.at_us - deadline_now();
    return left > 0 ? left / 1000 : 0;
}

/* How long the service took to start: since the container did, where that is
 * when the waiting began, else since then. */
static int64_t start_took_ms(int64_t began_us)
{
    enum { SAME_START_MS = 30 * 1000 };
    struct process first;
    int64_t waited = (deadline_now() - began_us) / 1000;
    bool is_known = procfs_process("", 1, &first) && first.age_ms >= waited;
    return is_known && first.age_ms - waited < SAME_START_MS ? first.age_ms : waited;
}

static int exec_command(const struct config *config)
{
    inherited_exec(config->become);
    int error = errno;
    char bytes[REPORT_LINE_MAX];
    struct text why;
    text_init(&why, TEXT_ARRAY(bytes));
    text_add(&why, "cannot run '");
    text_add_foreign(&why, config->become[0], strlen(config->become[0]), 200);
    text_format(&why, "': %s", strerror(error));
    return report_misconfigured(config, bytes);
}

/* The pause between two attempts, in which nobody is left without a word. */
static void rest(const struct config *config, struct progress *progress, struct run *run,
                 struct deadline end)
{
    while (!config->quiet && report_progress_due(progress).at_us < end.at_us) {
        deadline_sleep(report_progress_due(progress));
        report_progress(progress, config, run);
    }
    deadline_sleep(end);
}

/* When the next attempt begins: after the interval, or as late as leaves it twice the time
 * that the one before took. In the past: there is no room for one. */
static struct deadline next_attempt(const struct run *run, struct deadline end, int64_t interval_ms)
{
    int64_t needed_ms = 2 * run->took_us / 1000;
    if (needed_ms < LAST_LEAST_MS)
        needed_ms = LAST_LEAST_MS;
    if (needed_ms > LAST_MOST_MS)
        needed_ms = LAST_MOST_MS;
    struct deadline latest = deadline_earlier(end, needed_ms);
    struct deadline next = deadline_after(deadline_now(), interval_ms);
    return next.at_us < latest.at_us ? next : latest;
}

/* Attempts until one is healthy or the time is over; the last one's results
 * stay in run. */
static void attempt_all(const struct config *config, struct progress *progress, struct run *run)
{
    struct deadline end = deadline_after(progress->began_us, config->wait_ms);
    int64_t interval_ms = config->interval_ms;
    for (;;) {
        int64_t left = config->wait_ms > 0 ? left_of(end) : config->timeout_ms;
        int64_t limit = left < config->timeout_ms ? left : config->timeout_ms;
        run_plan(run, deadline_now(), limit);
        progress_note(progress, run);
        struct deadline next = next_attempt(run, end, interval_ms);
        if (run_is_healthy(run) || config->wait_ms == 0 || next.at_us <= deadline_now())
            return;
        report_progress(progress, config, run);
        rest(config, progress, run, next);
        if (left_of(end) == 0) /* it was stopped: what was seen last still tells most */
            return;
        interval_ms = next_interval(config, interval_ms);
        run_release(run);
    }
}

int mode_wait(const struct config *config, const struct plan *plan, int64_t began_us)
{
    static struct run run; /* 32 kB, half of the least stack */
    struct progress progress;
    int64_t limit = config->wait_ms > 0 ? config->wait_ms + REPORT_MS : config->timeout_ms;
    run_init(&run, plan);
    watchdog_set_run(&run);
    watchdog_set_deadline(deadline_after(began_us, limit));
    progress_init(&progress, began_us);
    inherited_reap();
    attempt_all(config, &progress, &run);
    bool is_healthy = run_is_healthy(&run);
    if (is_healthy)
        progress.start_ms = start_took_ms(began_us);
    if (!config->quiet)
        run_explain(&run);
    report_progress_wipe(&progress);
    int status = report_run(config, &run, &progress);
    if (!config->become)
        report_notes(config, &run);
    run_release(&run);
    return is_healthy && config->become ? exec_command(config) : status;
}
