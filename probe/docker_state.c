/* Docker's own arithmetic of a container's health. */
#include "docker_state.h"

void docker_state_init(struct docker_state *state, int64_t interval_ms, int64_t retries,
                       int64_t start_period_ms, int64_t age_ms)
{
    *state = (struct docker_state){
        .interval_ms = interval_ms,
        .retries = retries,
        .start_period_ms = start_period_ms,
        .next_ms = (age_ms / interval_ms + 1) * interval_ms,
    };
}

void docker_state_note(struct docker_state *state, int64_t age_ms, bool is_healthy)
{
    if (age_ms < state->next_ms)
        return;
    state->next_ms = (age_ms / state->interval_ms + 1) * state->interval_ms;
    if (is_healthy) {
        state->failures = 0;
        state->has_succeeded = true;
        state->health = DOCKER_HEALTHY;
        return;
    }
    if (!state->has_succeeded && age_ms < state->start_period_ms)
        return;
    if (++state->failures >= state->retries)
        state->health = DOCKER_UNHEALTHY;
}

const char *docker_state_name(const struct docker_state *state)
{
    static const char *const names[] = {"starting", "healthy", "unhealthy"};
    return names[state->health];
}
