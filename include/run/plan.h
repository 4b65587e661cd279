/* plan: options and environment become a list of checks; all of it is
 * validated before anything is sent. */
#ifndef PROBE_PLAN_H
#define PROBE_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "checks/check.h"
#include "config/discover.h"
#include "config/options.h"

struct plan {
    struct config config; /* a copy of the caller's; what is @FILE or env:NAME there is read here */
    struct target targets[TARGETS_MAX];
    struct check checks[TARGETS_MAX];
    size_t count; /* of checks */
    size_t target_count;
    char *header_values[LIST_MAX]; /* those read from a file */
    char refusals[SERVICES][300];  /* what is wrong with the variables of each service */
    bool is_set_aside[SERVICES];   /* nothing is: they name a kind that probe does not ask */
    char *data;                    /* of --data @FILE */
};

/* Makes the plan, which lives as long as the process: a check that is late may
 * use it to the end. False with the reason in why. To be called before the first thread starts. */
bool plan_make(struct plan *plan, const struct config *config, struct text *why);

/* How a check is named where it stands beside the others: its kind, and its
 * target where there are several of that kind. */
void plan_add_label(const struct plan *plan, size_t i, struct text *text);

#endif
