/* watch: what a person who watches is shown: what each check did lately, what
 * changed when, and what Docker would make of it. Of one size, however long. */
#ifndef PROBE_WATCH_H
#define PROBE_WATCH_H

#include "run/docker_state.h"
#include "run/run.h"

enum { WATCH_SAMPLES = 60, WATCH_CHANGES = 12 };

/* What a check did lately. */
struct history {
    int64_t samples_us[WATCH_SAMPLES]; /* how long it took, a ring; -1: failed */
    size_t count;                      /* of all, ever */
    int64_t slowest_us;
};

struct change {
    int64_t at; /* seconds since 1970 */
    char words[120];
};

struct watch {
    const struct config *config;
    const struct plan *plan;
    struct history histories[TARGETS_MAX];
    enum cause causes[TARGETS_MAX];       /* of the last look */
    struct change changes[WATCH_CHANGES]; /* a ring */
    size_t change_count;                  /* of all, ever */
    int64_t age_ms;                       /* the container's, when the watch began */
    int64_t began_us;
    size_t rounds;
    struct docker_state docker;
    enum docker_health docker_health; /* at the last look */
};

/* Draws it, and the last look's run, as far as the terminal has room. */
void report_watch(const struct watch *watch, const struct run *run);

#endif
