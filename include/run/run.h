/* run: all checks of a plan, side by side, under one deadline. */
#ifndef PROBE_RUN_H
#define PROBE_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "checks/check.h"
#include "run/plan.h"

struct run {
    const struct plan *plan;
    int64_t limit_ms;
    int64_t began_us; /* on deadline_now()'s clock: when the process, or the attempt, began */
    int64_t took_us;
    struct result results[TARGETS_MAX]; /* one a check, in the plan's order */
    /* What is known of each check at this moment, for run_snapshot(): its result above, or its
     * thread's; NULL before it has started. */
    const struct result *_Atomic present[TARGETS_MAX];
    bool is_explained;
    char note[200]; /* of the whole run, worth knowing; "" if nothing is */
};

/* Begins with nothing asked. The plan must live as long as the process, because a
 * thread may outlive the run. */
void run_init(struct run *run, const struct plan *plan);

/* Asks every check and returns when all have answered or limit_ms after
 * began_us is near, but for the margin kept for the report. A check whose
 * thread of an earlier run is still busy (a resolver that is silent) is not
 * asked again: it is late at once. May be called again after run_release(). */
void run_plan(struct run *run, int64_t began_us, int64_t limit_ms);

/* Adds to the words what this machine knows of each failure (explain.h), the first
 * time it is called. Before a run is shown; most attempts of a wait never are. */
void run_explain(struct run *run);

/* Adds notes to healthy checks (explain_note()). After the verdict is printed. */
void run_add_notes(struct run *run);

/* Copies a run as it is at this moment: a check that has not ended is late, in
 * the phase that it is in. For signal handlers of the main thread, too. */
void run_snapshot(const struct run *run, struct run *snapshot);

/* The verdict: healthy if all checks are that decide it (struct reason's weight), and
 * one does. */
bool run_is_healthy(const struct run *run);

/* Whether a check decides the verdict. */
bool run_is_decided_by(const struct run *run, size_t i);

/* "healthy", "unhealthy", or "unknown" where no check decides. */
const char *run_verdict(const struct run *run);

/* The first failure's cause; CAUSE_NONE when all is well. */
enum cause run_first_cause(const struct run *run);

/* Frees what the results own. */
void run_release(struct run *run);

#endif
