/* Goal: the state that --watch shows is the one that moby would give, for
 * containers of any age, over a day of simulated time. */
#include "unit.h"

#include <stdbool.h>

#include "run/docker_state.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, DAY = 24 * 60 * MINUTE };

static struct docker_state state_of;

static void begin(int64_t interval_ms, int64_t retries, int64_t start_period_ms, int64_t age_ms)
{
    docker_state_init(&state_of, interval_ms, retries, start_period_ms, age_ms);
}

/* The state after a look at that age. */
static const char *look(int64_t age_ms, bool is_healthy)
{
    docker_state_note(&state_of, age_ms, is_healthy);
    return docker_state_name(&state_of);
}

static void the_first_probe_runs_one_interval_after_the_start(void **state)
{
    (void)state;
    begin(30 * SECOND, 1, 0, 0);
    assert_string_equal(docker_state_name(&state_of), "starting");
    assert_string_equal(look(0, true), "starting");
    assert_string_equal(look(30 * SECOND - 1, false), "starting");
    assert_string_equal(look(30 * SECOND, true), "healthy");
}

static void only_what_docker_would_see_counts(void **state)
{
    (void)state;
    begin(30 * SECOND, 2, 0, 0);
    assert_string_equal(look(30 * SECOND, true), "healthy");
    for (int64_t age = 31 * SECOND; age < 60 * SECOND; age += SECOND)
        assert_string_equal(look(age, false), "healthy"); /* between two probes */
    assert_string_equal(look(60 * SECOND, true), "healthy");
    assert_int_equal(state_of.failures, 0);
}

static void retries_are_failures_in_a_row(void **state)
{
    (void)state;
    begin(10 * SECOND, 3, 0, 0);
    assert_string_equal(look(10 * SECOND, false), "starting");
    assert_string_equal(look(20 * SECOND, false), "starting");
    assert_string_equal(look(30 * SECOND, true), "healthy"); /* resets */
    assert_string_equal(look(40 * SECOND, false), "healthy");
    assert_string_equal(look(50 * SECOND, false), "healthy");
    assert_string_equal(look(60 * SECOND, false), "unhealthy");
    assert_string_equal(look(70 * SECOND, false), "unhealthy");
    assert_string_equal(look(80 * SECOND, true), "healthy"); /* one success is enough */
    assert_int_equal(state_of.failures, 0);
}

static void failures_in_the_start_period_do_not_count(void **state)
{
    (void)state;
    begin(10 * SECOND, 1, 35 * SECOND, 0);
    assert_string_equal(look(10 * SECOND, false), "starting");
    assert_string_equal(look(20 * SECOND, false), "starting");
    assert_string_equal(look(30 * SECOND, false), "starting");
    assert_string_equal(look(40 * SECOND, false), "unhealthy");
    begin(10 * SECOND, 1, 40 * SECOND, 0); /* its end is no part of it */
    assert_string_equal(look(40 * SECOND, false), "unhealthy");
}

static void in_the_start_period_probes_are_5_s_apart(void **state)
{
    (void)state;
    begin(30 * SECOND, 1, MINUTE, 0);
    assert_string_equal(look(4 * SECOND, true), "starting");
    assert_string_equal(look(5 * SECOND, false), "starting");
    assert_string_equal(look(9 * SECOND, true), "starting");
    assert_string_equal(look(10 * SECOND, true), "healthy");
    assert_string_equal(look(15 * SECOND, false), "healthy"); /* the next is 30 s later */
    assert_string_equal(look(39 * SECOND, false), "healthy");
    assert_string_equal(look(40 * SECOND, false), "unhealthy");
    begin(30 * SECOND, 1, MINUTE, 17 * SECOND); /* between two of them */
    assert_string_equal(look(19 * SECOND, true), "starting");
    assert_string_equal(look(20 * SECOND, true), "healthy");
}

static void without_success_the_start_period_ends_on_time(void **state)
{
    (void)state;
    begin(30 * SECOND, 2, 12 * SECOND, 0); /* probes at 5, 10, 15, 45 s */
    assert_string_equal(look(10 * SECOND, false), "starting");
    assert_string_equal(look(15 * SECOND, false), "starting");
    assert_int_equal(state_of.failures, 1);
    assert_string_equal(look(44 * SECOND, false), "starting");
    assert_string_equal(look(45 * SECOND, false), "unhealthy");
}

static void the_first_success_ends_the_start_period(void **state)
{
    (void)state;
    begin(10 * SECOND, 2, 5 * MINUTE, 0);
    assert_string_equal(look(10 * SECOND, false), "starting");
    assert_string_equal(look(20 * SECOND, true), "healthy");
    assert_string_equal(look(30 * SECOND, false), "healthy");
    assert_string_equal(look(40 * SECOND, false), "unhealthy");
}

static void a_watch_that_begins_late(void **state)
{
    (void)state;
    begin(30 * SECOND, 1, MINUTE, 10 * MINUTE + 12 * SECOND);
    assert_string_equal(look(10 * MINUTE + 12 * SECOND, false), "starting"); /* not known yet */
    assert_string_equal(look(10 * MINUTE + 29 * SECOND, false), "starting");
    assert_string_equal(look(10 * MINUTE + 30 * SECOND, false), "unhealthy");
    begin(30 * SECOND, 1, 0, 10 * MINUTE); /* on a probe: that one is over */
    assert_string_equal(look(10 * MINUTE, false), "starting");
}

static void looks_rarer_than_probes_count_once_each(void **state)
{
    (void)state;
    begin(SECOND, 3, 0, 0);
    assert_string_equal(look(5 * SECOND, false), "starting");
    assert_string_equal(look(10 * SECOND, false), "starting");
    assert_string_equal(look(15 * SECOND, false), "unhealthy");
}

/* Whether the service of the day is up: not in its first 100 s, nor for a
 * minute and a half after noon, nor for a moment each hour. */
static bool is_up(int64_t age_ms)
{
    int64_t noon = DAY / 2;
    bool is_blip = age_ms > 60 * MINUTE && age_ms % (60 * MINUTE) < 2 * SECOND;
    return age_ms >= 100 * SECOND && !(age_ms >= noon && age_ms < noon + 95 * SECOND) && !is_blip;
}

static void a_day(void **state)
{
    int64_t healthy_at = 0;
    int64_t unhealthy_at = 0;
    int64_t again_at = 0;
    enum docker_health before = DOCKER_STARTING;
    int changes = 0;
    (void)state;
    begin(30 * SECOND, 3, 2 * MINUTE, 0);
    for (int64_t age = 0; age < DAY; age += SECOND) {
        docker_state_note(&state_of, age, is_up(age));
        if (state_of.health == before)
            continue;
        before = state_of.health;
        int64_t *const at[] = {&healthy_at, &unhealthy_at, &again_at};
        assert_in_range(++changes, 1, 3);
        *at[changes - 1] = age;
    }
    assert_int_equal(changes, 3);
    assert_int_equal(healthy_at, 100 * SECOND);
    assert_int_equal(unhealthy_at, DAY / 2 + 70 * SECOND); /* the third failure */
    assert_int_equal(again_at, DAY / 2 + 100 * SECOND);
    assert_int_equal(state_of.health, DOCKER_HEALTHY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_probe_runs_one_interval_after_the_start),
        cmocka_unit_test(only_what_docker_would_see_counts),
        cmocka_unit_test(retries_are_failures_in_a_row),
        cmocka_unit_test(failures_in_the_start_period_do_not_count),
        cmocka_unit_test(in_the_start_period_probes_are_5_s_apart),
        cmocka_unit_test(without_success_the_start_period_ends_on_time),
        cmocka_unit_test(the_first_success_ends_the_start_period),
        cmocka_unit_test(a_watch_that_begins_late),
        cmocka_unit_test(looks_rarer_than_probes_count_once_each),
        cmocka_unit_test(a_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
