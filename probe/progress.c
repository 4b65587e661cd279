/* The attempts of a wait, remembered and shown. */
#include "progress.h"

#include <string.h>

#include "report.h"
#include "terminal.h"
#include "watchdog.h"

enum {
    SILENCE_MAX_US = 10 * 1000000,
    TICK_US = 1000000, /* of the time that is drawn */
    RARE_MS = 5000,    /* attempts this far apart are each worth a line */
    BAR_WIDTH = 20
};

static const char wipe[] = "\r\033[K";

void progress_init(struct progress *progress, int64_t began_us)
{
    *progress = (struct progress){.began_us = began_us};
}

void progress_note(struct progress *progress, const struct run *run)
{
    enum cause cause = run_first_cause(run);
    struct spell *last =
        progress->spell_count ? &progress->spells[progress->spell_count - 1] : NULL;
    for (size_t i = 0; i < run->plan->count; i++) {
        progress->has_changed |= !last || progress->causes[i] != run->results[i].cause;
        progress->causes[i] = run->results[i].cause;
    }
    progress->attempts++;
    if (last && last->cause == cause) {
        last->attempts++;
        return;
    }
    if (progress->spell_count == SPELLS_MAX) {
        memmove(progress->spells, progress->spells + 1, sizeof *last * (SPELLS_MAX - 1));
        progress->spell_count--;
        progress->has_forgotten = true;
    }
    progress->spells[progress->spell_count++] = (struct spell){cause, 1};
}

void progress_add_spells(const struct progress *progress, struct text *text)
{
    if (progress->has_forgotten)
        text_add(text, "..., ");
    for (size_t i = 0; i < progress->spell_count; i++) {
        const struct spell *spell = &progress->spells[i];
        text_add(text, i ? ", " : "");
        text_add(text, cause_info(spell->cause)->name);
        if (spell->attempts > 1)
            text_format(text, " x%u", spell->attempts);
    }
}

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
    watchdog_farewell(wipe);
    report_write(drawn, line.length);
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
    report_write(bytes, line.length);
}

void progress_show(struct progress *progress, const struct config *config, struct run *run)
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

struct deadline progress_due(const struct progress *progress)
{
    return (struct deadline){progress->shown_us + (progress->is_drawn ? TICK_US : SILENCE_MAX_US)};
}

void progress_wipe(const struct progress *progress)
{
    if (!progress->is_drawn)
        return;
    report_write(wipe, sizeof wipe - 1);
    watchdog_farewell(NULL);
}

int64_t progress_start_period_ms(int64_t start_ms)
{
    enum { STEP_MS = 5000 };
    return (start_ms * 3 / 2 / STEP_MS + 1) * STEP_MS;
}

int64_t progress_retries(const struct config *config, int64_t start_ms)
{
    int64_t period = progress_start_period_ms(start_ms);
    int64_t retries = (period + config->docker_interval_ms - 1) / config->docker_interval_ms;
    return retries > config->docker_retries ? retries : config->docker_retries;
}

void progress_add_advice(const struct config *config, int64_t start_ms, struct text *text)
{
    text_add(text, "start_period ");
    text_add_limit(text, progress_start_period_ms(start_ms));
    text_add(text, " leaves room, as do ");
    text_add_number(text, progress_retries(config, start_ms));
    text_add(text, " retries x ");
    text_add_limit(text, config->docker_interval_ms);
}
