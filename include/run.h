/* run: all checks of a plan, side by side, under one deadline. */
#ifndef PROBE_RUN_H
#define PROBE_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "check.h"
#include "plan.h"

struct run {
    const struct plan *plan;
    int64_t began_us; /* on deadline_now()'s clock: when the process began */
    int64_t took_us;
    struct result *results; /* one a check, in the plan's order */
    bool late; /* a thread was abandoned: it still uses the plan, which must not be released */
};

/* Asks every check and returns when all have answered or the deadline is over
 * but for the margin kept for the report. False when there was no memory. */
bool run_plan(struct run *run, const struct plan *plan, int64_t began_us);

/* The verdict: all checks healthy. */
bool run_is_healthy(const struct run *run);

/* Frees the results; valid in every state. */
void run_release(struct run *run);

#endif
