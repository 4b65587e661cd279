/* run: all checks of a plan, side by side, under one deadline. */
#ifndef PROBE_RUN_H
#define PROBE_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "checks/check.h"
#include "run/plan.h"

struct run {
    const struct plan *plan;
    int64_t began_us; /* on deadline_now()'s clock: when the process began */
    int64_t took_us;
    struct result *results; /* one a check, in the plan's order */
    bool is_explained;
};

/* Asks every check and returns when all have answered or limit_ms after
 * began_us is near, but for the margin kept for the report. A check whose
 * thread of an earlier run is still busy (a resolver that is silent) is not
 * asked again: it is late at once. False when there was no memory. The plan
 * must live as long as the process, because a thread may outlive the run. */
bool run_plan(struct run *run, const struct plan *plan, int64_t began_us, int64_t limit_ms);

/* Adds to the words what this machine knows of each failure (explain.h), the first
 * time it is called. Before a run is shown; most attempts of a wait never are. */
void run_explain(struct run *run);

/* The verdict: healthy if all checks are that decide it (struct reason's weight), and
 * one does. */
bool run_is_healthy(const struct run *run);

/* Whether a check decides the verdict. */
bool run_is_decided_by(const struct run *run, size_t i);

/* "healthy", "unhealthy", or "unknown" where no check decides. */
const char *run_verdict(const struct run *run);

/* Has `foresee` called with the results as they will be if what follows does not
 * return in time: a check that blocks this thread in a resolver, because no
 * other could be had, or the search in /proc for what explains a failure. */
void run_before_blocking(void (*foresee)(const struct run *run));

/* The first failure's cause; CAUSE_NONE when all is well. */
enum cause run_first_cause(const struct run *run);

/* Frees the results; valid in every state. */
void run_release(struct run *run);

#endif
