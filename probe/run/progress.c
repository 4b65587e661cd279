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
    struct streak *last =
        progress->streak_count ? &progress->streaks[progress->streak_count - 1] : NULL;
    for (size_t i = 0; i < run->plan->count; i++) {
        progress->has_changed |= !last || progress->causes[i] != run->results[i].cause;
        progress->causes[i] = run->results[i].cause;
    }
    progress->attempts++;
    if (last && last->cause == cause) {
        last->attempts++;
        return;
    }
    if (progress->streak_count == STREAKS_MAX) {
        memmove(progress->streaks, progress->streaks + 1, sizeof *last * (STREAKS_MAX - 1));
        progress->streak_count--;
        progress->has_forgotten = true;
    }
    progress->streaks[progress->streak_count++] = (struct streak){cause, 1};
}

void progress_add_streaks(const struct progress *progress, struct text *text)
{
    if (progress->has_forgotten)
        text_add(text, "..., ");
    for (size_t i = 0; i < progress->streak_count; i++) {
        const struct streak *streak = &progress->streaks[i];
        text_add(text, i ? ", " : "");
        text_add(text, cause_info(streak->cause)->name);
        if (streak->attempts > 1)
            text_format(text, " x%u", streak->attempts);
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

void progress_add_duration(int64_t ms, struct text *text)
{
    enum { SECOND_MS = 1000, MINUTE_S = 60, HOUR_S = 3600 };
    int64_t seconds = ms / SECOND_MS;
    if (seconds >= HOUR_S)
        text_format(text, "%lldh", (long long)(seconds / HOUR_S));
    if (seconds % HOUR_S >= MINUTE_S)
        text_format(text, "%lldm", (long long)(seconds % HOUR_S / MINUTE_S));
    if (seconds % MINUTE_S > 0 || seconds < MINUTE_S)
        text_format(text, "%llds", (long long)(seconds % MINUTE_S));
}

void progress_add_advice(const struct config *config, int64_t start_ms, struct text *text)
{
    text_add(text, "use start_period ");
    progress_add_duration(progress_start_period_ms(start_ms), text);
    text_add(text, ", or ");
    text_add_number(text, progress_retries(config, start_ms));
    text_add(text, " retries of ");
    text_add_limit(text, config->docker_interval_ms);
}
