/* plan_parts: what plan_make.c makes a plan of. */
#ifndef PROBE_PLAN_PARTS_H
#define PROBE_PLAN_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "run/plan.h"

/* Where a target's text comes from. */
struct origin {
    const char *name;                /* to say what is wrong with it: "target", "DATABASE_URL" */
    bool is_secret;                  /* the text is not shown */
    const struct check_type *wanted; /* the only kind it may be of; NULL: any */
    struct reason reason;            /* of the check; its source must outlive the plan */
};

/* Adds the check of a target. False with the reason in why. */
bool plan_add_target(struct plan *plan, const char *written, struct origin origin,
                     struct text *why);

/* The same for a target as a user writes it, which may be env:NAME. */
bool plan_add_written(struct plan *plan, const char *written, struct origin origin,
                      struct text *why);

/* The same for each word of a variable's value. */
bool plan_add_words(struct plan *plan, const char *words, struct origin origin, struct text *why);

/* Adds a check that fails for its variables, in words that must outlive the plan. False when
 * the plan is full. */
bool plan_add_refused(struct plan *plan, struct origin origin, const char *words);

/* Adds a service when its variables name one; what is wrong with them fails its check,
 * so that the others are asked all the same. False when the plan is full. */
bool plan_add_if_there(struct plan *plan, enum service service);

/* Whether a port is that of servers that would log a request of HTTP as an attack, or as noise. */
bool plan_is_foreign_port(int port);

/* Takes the last check back. */
void plan_drop_last(struct plan *plan);

/* Reads a header's value from where it is. False with the reason in why. */
bool plan_complete_header(struct plan *plan, size_t i, struct text *why);

/* Reads the body of --data from its file, if it is in one, and hides it. False with
 * the reason in why. */
bool plan_complete_data(struct plan *plan, struct text *why);

#endif
