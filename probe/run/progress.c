/* The attempts of a wait, remembered and shown. */
#include "run/progress.h"

#include <string.h>

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
