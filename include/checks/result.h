/* result: what came of a check, phase by phase. */
#ifndef PROBE_RESULT_H
#define PROBE_RESULT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cause.h"
#include "base/deadline.h"
#include "base/text.h"

/* What a check is doing; each kind goes through some of them, in this order. */
enum phase {
    PHASE_NONE,
    PHASE_RESOLVE,
    PHASE_CONNECT,
    PHASE_TLS, /* the handshake */
    PHASE_LOGIN,
    PHASE_QUERY,
    PHASE_ANSWER,  /* asked, and waiting for the first byte */
    PHASE_RECEIVE, /* the rest */
    PHASE_FILE,    /* a file system is asked, which may be another machine's */
    PHASE_COUNT
};

/* "resolve", "connect", ... */
const char *phase_name(enum phase phase);

struct result {
    enum cause cause;   /* CAUSE_NONE: healthy */
    char words[320];    /* for the first line: "200", "503 Service Unavailable: ..." */
    char detail[640];   /* more, for the lines below; lines end in \n */
    const char *hint;   /* the fix that the answer's evidence chose; NULL: the cause's */
    char note[160];     /* healthy or not, worth knowing; "" if nothing is */
    char tls[720];      /* -v: what the session and its certificates are, lines that end in \n */
    bool says_down;     /* HTTP with -v: healthy by its status, but its body says that something is
                           down */
    char *exchange;     /* -vv: what was sent and received; malloc'ed, or NULL */
    int64_t limit_ms;   /* the run's, as its user set it */
    int64_t began_us;   /* on deadline_now()'s clock */
    int64_t took_us;    /* in all */
    int64_t entered_us; /* when the present phase began */
    int64_t phase_us[PHASE_COUNT];
    /* The only members that another thread, or a signal handler, may read while it runs; once it
     * has ended nothing changes. */
    atomic_int phase;
    atomic_bool has_ended;
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
    const char *hint;
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

/* What to do about the failure, a clause; "" when healthy. */
const char *result_hint(const struct result *result);

/* Ends: the clock stops. */
void result_end(struct result *result);

/* Frees what it owns; valid in every state. */
void result_release(struct result *result);

#endif
