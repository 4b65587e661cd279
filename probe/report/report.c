/* Chooses the form, writes it once, gives the exit status. */
#include "report/report.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/output.h"
#include "run/watchdog.h"

/* Makes a report in either form. */
static void make(const struct config *config, const struct run *run,
                 const struct progress *progress, struct text *out)
{
    if (config->output == OUTPUT_JSON)
        report_json(config, run, progress, out);
    else
        report_text(config, run, progress, out);
}

static void print(const struct config *config, const struct run *run,
                  const struct progress *progress)
{
    char bytes[REPORT_SIZE_MAX + 1];
    struct text out;
    if (config->quiet)
        return;
    text_init(&out, TEXT_ARRAY(bytes));
    make(config, run, progress, &out);
    output_write(bytes, out.length);
}

void report_foresee(const struct run *run)
{
    static char *last; /* what the watchdog has */
    char *bytes = malloc(REPORT_SIZE_MAX + 1);
    struct text out;
    if (!bytes)
        return;
    text_init(&out, bytes, REPORT_SIZE_MAX + 1);
    make(run->plan->config, run, NULL, &out);
    watchdog_foresee(bytes);
    free(last);
    last = bytes;
}

void report_attempt(const struct config *config, const struct run *run)
{
    print(config, run, NULL);
}

int report_wait(const struct config *config, const struct run *run, const struct progress *progress)
{
    int status = run_is_healthy(run) ? EXIT_HEALTHY : EXIT_UNHEALTHY;
    if (!config->become || status == EXIT_UNHEALTHY)
        watchdog_settle(status);
    print(config, run, progress);
    return status;
}

int report_run(const struct config *config, const struct run *run)
{
    return report_wait(config, run, NULL);
}

int report_misconfigured(const struct config *config, const char *why)
{
    char bytes[REPORT_SIZE_MAX + 1];
    struct text out;
    enum cause cause = memory_is_out() ? CAUSE_NO_RESOURCES : CAUSE_USAGE;
    watchdog_settle(EXIT_UNHEALTHY);
    if (cause == CAUSE_NO_RESOURCES)
        why = "no memory is left";
    if (config->quiet)
        return EXIT_UNHEALTHY;
    text_init(&out, TEXT_ARRAY(bytes));
    if (config->output == OUTPUT_JSON)
        report_json_misconfigured(config, cause, why, &out);
    else
        text_format(&out, "misconfigured: %s\n", why);
    output_write(bytes, out.length);
    return EXIT_UNHEALTHY;
}
