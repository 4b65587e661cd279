/* The attempts of a wait, shown: a line each, or one line on a terminal. */
#include "base/output.h"
#include "report/report.h"
#include "report/terminal.h"
#include "run/watchdog.h"

enum {
    SILENCE_MAX_US = 10 * 1000000,
    TICK_US = 1000000, /* of the time that is drawn */
    RARE_MS = 5000,    /* attempts this far apart are each worth a line */
    BAR_WIDTH = 20
};

static const char wipe[] = "\r\033[K";

/* "12 s [====      ] attempt 7: http refused by ..." on the same line again. */
static void draw(const struct progress *progress, const struct config *config,
                 const struct run *run)
{
    char bytes[400];
    struct text line;
    int64_t waited_us = deadline_now() - progress->began_us;
    int64_t filled = waited_us / 1000 * BAR_WIDTH / config->wait_ms;
    text_init(&line, TEXT_ARRAY(bytes));
    text_add_duration(&line, waited_us);
    text_add(&line, " [");
    for (int64_t i = 0; i < BAR_WIDTH; i++)
        text_add(&line, i < filled ? "=" : " ");
    text_format(&line, "] attempt %u: ", progress->attempts);
    report_checks(run, &line);
    char drawn[sizeof bytes + sizeof wipe];
    text_init(&line, TEXT_ARRAY(drawn));
    text_add(&line, wipe);
    text_add_columns(&line, bytes, terminal_columns() - 1);
    watchdog_set_terminal_reset(wipe);
    output_write(drawn, line.length);
}

static void print_line(const struct progress *progress, const struct run *run)
{
    char bytes[REPORT_LINE_MAX];
    struct text line;
    text_init(&line, bytes, sizeof bytes - 1);
    text_add(&line, "waiting for ");
    text_add_duration(&line, deadline_now() - progress->began_us);
    text_format(&line, ", attempt %u: ", progress->attempts);
    report_checks(run, &line);
    bytes[line.length++] = '\n';
    output_write(bytes, line.length);
}

void report_progress(struct progress *progress, const struct config *config, struct run *run)
{
    int64_t now = deadline_now();
    bool is_due = progress->has_changed || now - progress->shown_us >= SILENCE_MAX_US ||
                  config->interval_ms >= RARE_MS;
    bool is_drawn = config->output == OUTPUT_TEXT && terminal_is_there();
    if (config->quiet || (!is_due && !is_drawn))
        return;
    run_explain(run);
    if (config->output == OUTPUT_JSON)
        report_attempt(config, run);
    else if (is_drawn)
        draw(progress, config, run);
    else
        print_line(progress, run);
    progress->shown_us = now;
    progress->is_drawn = is_drawn;
    progress->has_changed = false;
}

struct deadline report_progress_due(const struct progress *progress)
{
    return (struct deadline){progress->shown_us + (progress->is_drawn ? TICK_US : SILENCE_MAX_US)};
}

void report_progress_wipe(const struct progress *progress)
{
    if (!progress->is_drawn)
        return;
    output_write(wipe, sizeof wipe - 1);
    watchdog_set_terminal_reset(NULL);
}
