/* check: one question to one target, and what came of it.
 *
 * A kind of check is one file that exports one const struct check_type, and a
 * line in check.c's table. */
#ifndef PROBE_CHECK_H
#define PROBE_CHECK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cause.h"
#include "deadline.h"
#include "options.h"
#include "target.h"
#include "text.h"

/* What a check is doing; each kind goes through some of them, in this order. */
enum phase {
    PHASE_NONE,
    PHASE_RESOLVE,
    PHASE_CONNECT,
    PHASE_LOGIN,
    PHASE_QUERY,
    PHASE_ANSWER,  /* asked, and waiting for the first byte */
    PHASE_RECEIVE, /* the rest */
    PHASE_COUNT
};

/* "resolve", "connect", ... */
const char *phase_name(enum phase phase);

struct result {
    enum cause cause;   /* CAUSE_NONE: healthy */
    char words[320];    /* for the first line: "200", "503 Service Unavailable: ..." */
    char detail[640];   /* more, for the lines below; lines end in \n */
    char note[160];     /* healthy or not, worth knowing; "" if nothing is */
    char *exchange;     /* -vv: what was sent and received; malloc'ed, or NULL */
    int64_t limit_ms;   /* the run's, as its user set it */
    int64_t began_us;   /* on deadline_now()'s clock */
    int64_t took_us;    /* in all */
    int64_t entered_us; /* when the present phase began */
    int64_t phase_us[PHASE_COUNT];
    atomic_int phase; /* the only member another thread may read while it runs */
};

/* Begins: the clock runs, the verdict is healthy until something fails. */
void result_begin(struct result *result, int64_t limit_ms);

/* The check goes on to a phase; the time since the last one is that one's. */
void result_enter(struct result *result, enum phase phase);

/* Healthy; returns the text for its words. Not to be called after a failure. */
struct text result_pass(struct result *result);

/* Unhealthy for this cause. The first failure wins; later ones do nothing.
 * Returns a text at the end of the words, to add what others wrote. */
struct text result_fail(struct result *result, enum cause cause, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Forgets a failure, because another address is tried. */
void result_retry(struct result *result);

/* A failure set aside while another address is tried, and put back. */
struct failure {
    enum cause cause;
    char words[320];
    char detail[640];
};
struct failure result_failure(const struct result *result);
void result_restore(struct result *result, const struct failure *failure);

/* The deadline is over while the result's phase lasted: the cause is that
 * phase's. */
void result_fail_late(struct result *result);

/* A text that continues a result's words, its detail or its note. */
struct text result_words(struct result *result);
struct text result_detail(struct result *result);
struct text result_note(struct result *result);

/* Ends: the clock stops. */
void result_end(struct result *result);

/* Frees what it owns; valid in every state. */
void result_release(struct result *result);

struct check {
    const struct check_type *type;
    struct target *target; /* owned by the plan */
    const struct config *config;
};

struct check_type {
    const char *name;    /* "http": how the first line calls it */
    const char *schemes; /* separated by spaces; the first is what a user would write */
    unsigned commands;   /* COMMAND_BIT(...)s that may ask it */
    bool local_only;     /* another host needs --allow-remote */
    bool may_compute;    /* longer than to the deadline, because a peer asks it to */
    /* Completes and validates a target before anything is sent or a thread is
     * started: reads variables at most, and registers a secret that it finds
     * there. False with the reason in why. */
    bool (*prepare)(struct target *target, const struct config *config, struct text *why);
    /* Asks. Blocks until it is done or the deadline is over; may run in a
     * thread of its own, so it touches nothing but its result. */
    void (*run)(const struct check *check, struct deadline deadline, struct result *result);
};

/* The kind that a scheme belongs to, its +driver left aside; NULL if there is
 * none. */
const struct check_type *check_type_of(const char *scheme);

/* How the first line names a check: its kind, and its target where a run has
 * several of that kind. */
void check_label(const struct check *check, bool alone, struct text *text);

/* Asks, from begin to end. */
void check_run(const struct check *check, struct deadline deadline, int64_t limit_ms,
               struct result *result);

extern const struct check_type check_file;
extern const struct check_type check_http;
extern const struct check_type check_postgres;
extern const struct check_type check_redis;
extern const struct check_type check_tcp;

#endif
