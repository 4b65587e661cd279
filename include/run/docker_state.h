/* docker_state: the state that Docker would show for what a watch saw (moby
 * daemon/health.go). Pure. */
#ifndef PROBE_DOCKER_STATE_H
#define PROBE_DOCKER_STATE_H

#include <stdbool.h>
#include <stdint.h>

enum docker_health { DOCKER_STARTING, DOCKER_HEALTHY, DOCKER_UNHEALTHY };

struct docker_state {
    int64_t interval_ms; /* of the HEALTHCHECK; the first probe runs one interval after the start,
                            or after 5 s when there is a start period */
    int64_t retries;
    int64_t start_period_ms;
    int64_t next_ms;  /* when Docker would probe next, since the container's start */
    int64_t failures; /* in a row, as far as they count */
    enum docker_health health;
};

/* Begins with a container whose age is age_ms; Docker's probes before that are
 * not known. */
void docker_state_init(struct docker_state *state, int64_t interval_ms, int64_t retries,
                       int64_t start_period_ms, int64_t age_ms);

/* Takes what a probe would give when the container's age is age_ms. Counts only
 * when Docker would probe by then: in the start period every 5 s, as from 25.0 on
 * unless --start-interval is set (older ones every interval), else every
 * interval. A failure in the start period does not count; the first success
 * ends it. */
void docker_state_note(struct docker_state *state, int64_t age_ms, bool is_healthy);

/* "starting", "healthy", "unhealthy" */
const char *docker_state_name(const struct docker_state *state);

#endif
