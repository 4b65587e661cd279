/* check: one question to one target, and what came of it.
 *
 * A kind of check is one file that exports one const struct check_type, and a
 * line in check.c's table. */
#ifndef PROBE_CHECK_H
#define PROBE_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/deadline.h"
#include "base/text.h"
#include "checks/result.h"
#include "config/options.h"
#include "config/target.h"

/* What a check's failure means for the verdict. */
enum weight {
    WEIGHT_FULL,       /* unhealthy */
    WEIGHT_IF_HEALTHY, /* nothing: a default that nobody configured */
    WEIGHT_NONE        /* nothing, and nor does its success: doctor only looks */
};

/* Why a check is asked. */
struct reason {
    const char *source; /* "argument", "--db", "PROBE_LIVE", "DATABASE_URL", "default", ... */
    unsigned commands;  /* COMMAND_BIT()s of those that ask it by themselves; 0: none */
    enum weight weight;
};

struct check {
    const struct check_type *type;
    struct target *target; /* owned by the plan */
    const struct config *config;
    struct reason reason;
    const char *refused; /* what is wrong with the variables that name its target: it fails with
                            these words and asks nothing; NULL: nothing is */
};

struct check_type {
    struct kind kind;
    unsigned commands;    /* COMMAND_BIT(...)s that may ask it */
    bool local_only;      /* another host needs --allow-remote */
    bool may_compute;     /* longer than to the deadline, because a peer asks it to */
    bool has_no_peer;     /* it asks this machine, not a server: nothing is resolved */
    bool is_worker_queue; /* connections that wait to be accepted mean that all workers are busy */
    bool sends_headers;   /* those of --header */
    /* Completes and validates a target before anything is sent or a thread is
     * started: reads variables at most, and registers a secret that it finds
     * there. False with the reason in why. */
    bool (*prepare)(struct target *target, const struct config *config, struct text *why);
    /* Asks. Blocks until it is done or the deadline is over; may run in a
     * thread of its own, so it touches nothing but its result. */
    void (*run)(const struct check *check, struct deadline deadline, struct result *result);
};

/* The table of kinds, which ends in NULL. */
extern const struct check_type *const check_types[];

/* The kind that a target's text is of; NULL if there is none. */
const struct check_type *check_type_of(const char *text);

/* target_parse() with the kind that the text is of. */
bool check_parse(struct target *target, const char *text, struct text *why);

/* How the first line names a check: its kind, and its target where a run has
 * several of that kind. */
void check_label(const struct check *check, bool alone, struct text *text);

/* Asks, from begin to end. */
void check_run(const struct check *check, struct deadline deadline, int64_t limit_ms,
               struct result *result);

extern const struct check_type check_file;
extern const struct check_type check_http;
extern const struct check_type check_listen;
extern const struct check_type check_mysql;
extern const struct check_type check_postgres;
extern const struct check_type check_process;
extern const struct check_type check_redis;
extern const struct check_type check_tcp;

#endif
