/* Chooses the form, writes it once, gives the exit status. */
#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "memory.h"
#include "version.h"
#include "watchdog.h"

static bool is_gone;

bool report_is_gone(void)
{
    return is_gone;
}

void report_write(const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(STDOUT_FILENO, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            is_gone = true;
            return;
        }
        bytes += written;
        length -= (size_t)written;
    }
}

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
    report_write(bytes, out.length);
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
    report_write(bytes, out.length);
    return EXIT_UNHEALTHY;
}

/* Without cJSON, which allocates. */
void report_ended(const struct config *config, enum cause cause, const char *why, struct text *out)
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
