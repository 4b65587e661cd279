/* Chooses the form, writes it once, gives the exit status. */
#include "report/report.h"

#include <string.h>

#include "base/output.h"
#include "machine/container_log.h"
#include "run/watchdog.h"

/* Makes a report in a form. */
static void make(const struct config *config, enum output form, const struct run *run,
                 const struct progress *progress, struct text *out)
{
    if (form == OUTPUT_JSON)
        report_json(config, run, progress, out);
    else
        report_text(config, run, progress, out);
}

static bool is_logged(const struct config *config)
{
    return config->log && (config->command == COMMAND_LIVE || config->command == COMMAND_READY);
}

/* Writes the first line of a report, which is text, into the container's log. */
static void log_first_line(const char *report)
{
    static const char prefix[] = "probe: ";
    char bytes[sizeof prefix + REPORT_LINE_MAX];
    struct text line;
    text_init(&line, TEXT_ARRAY(bytes));
    text_add(&line, prefix);
    text_append(&line, report, strcspn(report, "\n"));
    text_add(&line, "\n");
    container_log_write(bytes, line.length);
}

static size_t printed; /* bytes of report_run()'s report */

void report_attempt(const struct config *config, const struct run *run)
{
    char bytes[REPORT_SIZE_MAX + 1];
    struct text out;
    if (config->quiet)
        return;
    text_init(&out, TEXT_ARRAY(bytes));
    make(config, config->output, run, NULL, &out);
    output_write(bytes, out.length);
}

/* The log is opened before the report, which tells if it cannot be; it is written after it. */
int report_run(const struct config *config, struct run *run, const struct progress *progress)
{
    char bytes[REPORT_SIZE_MAX + 1];
    struct text out;
    int status = run_is_healthy(run) ? EXIT_HEALTHY : EXIT_UNHEALTHY;
    bool is_to_log = status == EXIT_UNHEALTHY && is_logged(config);
    text_init(&out, TEXT_ARRAY(run->note));
    is_to_log = is_to_log && container_log_open(&out);
    text_init(&out, TEXT_ARRAY(bytes));
    if (!config->quiet)
        make(config, config->output, run, progress, &out);
    if (!config->become || status == EXIT_UNHEALTHY)
        watchdog_finish(status); /* not earlier: while the report is made, the watchdog has one */
    output_write(bytes, out.length);
    printed = out.length;
    if (is_to_log && (config->quiet || config->output != OUTPUT_TEXT)) {
        text_init(&out, TEXT_ARRAY(bytes));
        make(config, OUTPUT_TEXT, run, progress, &out);
    }
    if (is_to_log)
        log_first_line(bytes);
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

static void add_line(const struct config *config, enum output form, enum cause cause,
                     const char *why, struct text *out)
{
    if (form == OUTPUT_JSON)
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

/* What a run has come to at the deadline. */
static void add_late(const struct config *config, enum output form, const struct run *late,
                     struct text *out)
{
    char bytes[REPORT_LINE_MAX - HINT_ROOM];
    struct text line;
    text_init(&line, TEXT_ARRAY(bytes));
    if (run_is_healthy(late)) {
        add_late_healthy(late, &line);
        add_line(config, form, CAUSE_TIMEOUT, bytes, out);
    } else if (form == OUTPUT_JSON && config->command == COMMAND_DOCTOR) {
        enum cause first = run_first_cause(late); /* none if what failed decides nothing */
        report_checks(late, &line);               /* doctor's object would need the machine */
        add_line(config, form, first != CAUSE_NONE ? first : CAUSE_TIMEOUT, bytes, out);
    } else {
        make(config, form, late, NULL, out);
    }
}

/* How a run ended before its time: late, with what is known of it, or for another cause. */
struct ending {
    const struct run *late;
    enum cause cause;
    const char *why;
};

static void add_ended(const struct config *config, enum output form, const struct ending *ending,
                      struct text *out)
{
    if (ending->late)
        add_late(config, form, ending->late, out);
    else
        add_line(config, form, ending->cause, ending->why, out);
}

/* The log comes last: to open a file may block. */
void report_ended(const struct config *config, const struct run *run, enum cause cause,
                  const char *why)
{
    static struct run snapshot;
    char bytes[REPORT_SIZE_MAX + 1];
    struct text out;
    struct ending ending = {.cause = cause, .why = why};
    if (cause == CAUSE_TIMEOUT && run) {
        run_snapshot(run, &snapshot);
        ending.late = &snapshot;
    }
    if (!config->quiet) {
        text_init(&out, TEXT_ARRAY(bytes));
        add_ended(config, config->output, &ending, &out);
        output_say(bytes);
    }
    text_init(&out, TEXT_ARRAY(bytes));
    if (cause != CAUSE_ENDED && is_logged(config) && container_log_open(&out)) {
        add_ended(config, OUTPUT_TEXT, &ending, &out);
        log_first_line(bytes);
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
    text_init(&out, TEXT_ARRAY(bytes));
    if (is_logged(config) && container_log_open(&out)) {
        text_format(&out, "misconfigured: %s\n", why);
        log_first_line(bytes);
    }
    return EXIT_UNHEALTHY;
}
