/* Chooses the form, writes it once, gives the exit status. */
#include "report/report.h"

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

static size_t printed; /* bytes of report_run()'s report */

void report_attempt(const struct config *config, const struct run *run)
{
    char bytes[REPORT_SIZE_MAX + 1];
    struct text out;
    if (config->quiet)
        return;
    text_init(&out, TEXT_ARRAY(bytes));
    make(config, run, NULL, &out);
    output_write(bytes, out.length);
}

int report_run(const struct config *config, const struct run *run, const struct progress *progress)
{
    char bytes[REPORT_SIZE_MAX + 1];
    struct text out;
    int status = run_is_healthy(run) ? EXIT_HEALTHY : EXIT_UNHEALTHY;
    text_init(&out, TEXT_ARRAY(bytes));
    if (!config->quiet)
        make(config, run, progress, &out);
    if (!config->become || status == EXIT_UNHEALTHY)
        watchdog_finish(status); /* not earlier: while the report is made, the watchdog has one */
    output_write(bytes, out.length);
    printed = out.length;
    return status;
}

void report_notes(const struct config *config, struct run *run)
{
    bool has_note[TARGETS_MAX] = {false};
    char bytes[REPORT_SIZE_MAX + 1];
    struct text out;
    if (config->quiet || config->output == OUTPUT_JSON || config->verbosity == 0)
        return;
    for (size_t i = 0; i < run->plan->count; i++)
        has_note[i] = *run->results[i].note;
    run_add_notes(run);
    text_init(&out, TEXT_ARRAY(bytes));
    for (size_t i = 0; i < run->plan->count; i++)
        if (!has_note[i] && *run->results[i].note)
            text_format(&out, "  note      %s\n", run->results[i].note);
    if (printed + out.length <= REPORT_SIZE_MAX)
        output_write(bytes, out.length);
}

enum { HINT_ROOM = 100 };

static void add_line(const struct config *config, enum cause cause, const char *why,
                     struct text *out)
{
    if (config->output == OUTPUT_JSON)
        report_json_line(config, "unhealthy", cause, why, out);
    else if (cause == CAUSE_ENDED)
        text_format(out, "unhealthy: %s\n", why);
    else
        text_format(out, "unhealthy: %s; hint: %s\n", why, cause_info(cause)->hint);
}

/* What was checked in time was not reported in time. */
static void add_late_healthy(const struct run *run, struct text *out)
{
    report_checks(run, out);
    text_add(out, ", but the report was not ready within ");
    text_add_limit(out, run->limit_ms);
}

void report_ended(const struct config *config, const struct run *run, enum cause cause,
                  const char *why, struct text *out)
{
    static struct run late;
    char bytes[REPORT_LINE_MAX - HINT_ROOM];
    struct text line;
    if (cause != CAUSE_TIMEOUT || !run) {
        add_line(config, cause, why, out);
        return;
    }
    run_snapshot(run, &late);
    text_init(&line, TEXT_ARRAY(bytes));
    if (run_is_healthy(&late)) {
        add_late_healthy(&late, &line);
        add_line(config, CAUSE_TIMEOUT, bytes, out);
    } else if (config->output == OUTPUT_JSON && config->command == COMMAND_DOCTOR) {
        report_checks(&late, &line); /* doctor's object would need the machine */
        add_line(config, run_first_cause(&late), bytes, out);
    } else {
        make(config, &late, NULL, out);
    }
}

int report_misconfigured(const struct config *config, const char *why)
{
    char bytes[REPORT_SIZE_MAX + 1];
    struct text out;
    text_init(&out, TEXT_ARRAY(bytes));
    if (config->output == OUTPUT_JSON)
        report_json_line(config, "misconfigured", CAUSE_USAGE, why, &out);
    else
        text_format(&out, "misconfigured: %s\n", why);
    watchdog_finish(EXIT_UNHEALTHY);
    output_write(bytes, out.length);
    return EXIT_UNHEALTHY;
}
