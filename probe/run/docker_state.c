/* Docker's own arithmetic of a container's health. */
#include "run/docker_state.h"

/* --start-interval, unless somebody has set it. */
enum { START_INTERVAL_MS = 5000 };

static bool is_in_start_period(const struct docker_state *state, int64_t age_ms)
{
    return state->health == DOCKER_STARTING && age_ms < state->start_period_ms;
}

/* When Docker probes next after a container's age. */
static void plan_next(struct docker_state *state, int64_t age_ms)
{
    while (state->next_ms <= age_ms && is_in_start_period(state, state->next_ms))
        state->next_ms += START_INTERVAL_MS;
    if (state->next_ms <= age_ms)
        state->next_ms += ((age_ms - state->next_ms) / state->interval_ms + 1) * state->interval_ms;
}

void docker_state_init(struct docker_state *state, int64_t interval_ms, int64_t retries,
                       int64_t start_period_ms, int64_t age_ms)
{
    *state = (struct docker_state){
        .interval_ms = interval_ms,
        .retries = retries,
        .start_period_ms = start_period_ms,
    };
    plan_next(state, age_ms);
}

void docker_state_note(struct docker_state *state, int64_t age_ms, bool is_healthy)
{
    if (age_ms < state->next_ms)
        return;
    if (is_healthy) {
        state->failures = 0;
        state->health = DOCKER_HEALTHY;
    } else if (!is_in_start_period(state, age_ms) && ++state->failures >= state->retries) {
        state->health = DOCKER_UNHEALTHY;
    }
    plan_next(state, age_ms);
}

const char *docker_state_name(const struct docker_state *state)
{
    static const char *const names[] = {"starting", "healthy", "unhealthy"};
    return names[state->health];
}
