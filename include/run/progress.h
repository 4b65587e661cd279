/* progress: what happened over the attempts of a wait. */
#ifndef PROBE_PROGRESS_H
#define PROBE_PROGRESS_H

#include <stdint.h>

#include "config/options.h"
#include "run/run.h"

enum { STREAKS_MAX = 12 };

/* Attempts in a row with the same outcome. */
struct streak {
    enum cause cause; /* the first failure's; CAUSE_NONE: healthy */
    unsigned attempts;
};

struct progress {
    int64_t began_us;
    unsigned attempts;
    struct streak streaks[STREAKS_MAX]; /* the latest; older ones are forgotten */
    size_t streak_count;
    enum cause causes[TARGETS_MAX]; /* of each check, at the last attempt */
    bool has_forgotten;
    int64_t shown_us; /* when something was printed last; 0: never */
    bool is_drawn;    /* that was a line on a terminal, without an end */
    bool has_changed; /* the state of any check, since then */
    int64_t start_ms; /* how long the service took to start; 0: it did not */
};

void progress_init(struct progress *progress, int64_t began_us);

/* Takes an attempt's outcome. */
void progress_note(struct progress *progress, const struct run *run);

/* Appends "refused x9, pg-not-accepting x3, ok". */
void progress_add_streaks(const struct progress *progress, struct text *text);

/* A start_period that fits a start of that length with room: half as much
 * again, in whole steps of 5 s. Milliseconds. */
int64_t progress_start_period_ms(int64_t start_ms);

/* The retries that, times the HEALTHCHECK's interval, leave the same room without
 * a start_period; the HEALTHCHECK's own if they do. */
int64_t progress_retries(const struct config *config, int64_t start_ms);

/* Appends whole seconds as Docker and compose take them: 5s, 1m30s. */
void progress_add_duration(int64_t ms, struct text *text);

/* Appends "use start_period 5s, or 3 retries of 30 s". */
void progress_add_advice(const struct config *config, int64_t start_ms, struct text *text);

#endif
