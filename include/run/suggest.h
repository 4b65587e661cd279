/* suggest: which health check the service of this container could have, found by asking
 * all that listens here. */
#ifndef PROBE_SUGGEST_H
#define PROBE_SUGGEST_H

#include "base/cause.h"
#include "base/output.h"
#include "config/options.h"

enum {
    SUGGEST_FOUND_SIZE = 3072,
    SUGGEST_LOOK_MS = 2000 /* to look around takes no longer */
};

struct suggestion {
    int64_t timeout_ms; /* probe's own */
    int64_t start_period_ms;
    enum cause cause;
    bool is_guess;                  /* the start period is: nothing tells how long the start took */
    bool asks[SERVICES];            /* ready has --db, --redis */
    const char *live;               /* the target of live; NULL: nothing can be suggested */
    const char *ready;              /* of ready: another, the same, or --no-http */
    char first[REPORT_LINE_MAX];    /* what is suggested, or why nothing is and what to do */
    char found[SUGGEST_FOUND_SIZE]; /* what was found: lines "  label     words\n" */
};

/* Finds it: asks each port for the usual paths, at most two seconds in all and 16 requests a port,
 * and then what it suggests. config is suggest's; the variables of live and ready count as they
 * would in the check itself: false with the reason in why when one of them is wrong. */
bool suggest_find(struct suggestion *suggestion, const struct config *config, struct text *why);

#endif
