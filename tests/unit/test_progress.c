/* Goal: what a wait saw is told in streaks, the latest of them, and the
 * start_period that it advises leaves room. */
#include "unit.h"

#include <string.h>

#include "run/progress.h"

static struct progress progress;

/* Takes attempts with that outcome. */
static void note(enum cause cause, unsigned times)
{
    static struct plan plan = {.count = 1};
    struct run run = {.plan = &plan, .results = {{.cause = cause}}};
    while (times-- > 0)
        progress_note(&progress, &run);
}

static const char *seen(void)
{
    static char bytes[400];
    struct text text;
    text_init(&text, TEXT_ARRAY(bytes));
    progress_add_streaks(&progress, &text);
    return bytes;
}

static void attempts_in_a_row_are_one_spell(void **state)
{
    (void)state;
    progress_init(&progress, 0);
    assert_string_equal(seen(), "");
    note(CAUSE_REFUSED, 9);
    assert_string_equal(seen(), "refused x9");
    note(CAUSE_PG_NOT_ACCEPTING, 3);
    note(CAUSE_REFUSED, 1);
    note(CAUSE_NONE, 1);
    assert_string_equal(seen(), "refused x9, pg-not-accepting x3, refused, ok");
    assert_int_equal(progress.attempts, 14);
    assert_int_equal(progress.streak_count, 4);
}

static void a_change_is_marked_until_it_is_shown(void **state)
{
    (void)state;
    progress_init(&progress, 0);
    assert_false(progress.has_changed);
    note(CAUSE_REFUSED, 1);
    assert_true(progress.has_changed);
    progress.has_changed = false;
    note(CAUSE_REFUSED, 5);
    assert_false(progress.has_changed);
    note(CAUSE_TIMEOUT_ANSWER, 1);
    assert_true(progress.has_changed);
}

static void a_change_of_any_check_is_one(void **state)
{
    static struct plan plan = {.count = 2};
    struct run run = {.plan = &plan, .results = {{.cause = CAUSE_REFUSED}, {.cause = CAUSE_NONE}}};
    (void)state;
    progress_init(&progress, 0);
    progress_note(&progress, &run);
    progress.has_changed = false;
    progress_note(&progress, &run);
    assert_false(progress.has_changed);
    run.results[1].cause = CAUSE_RESET;
    progress_note(&progress, &run);
    assert_true(progress.has_changed);
    assert_string_equal(seen(), "refused x3"); /* the first failure's */
    progress.has_changed = false;
    run.results[0].cause = CAUSE_TIMEOUT_ANSWER;
    progress_note(&progress, &run);
    assert_true(progress.has_changed);
}

static void the_oldest_spell_is_forgotten(void **state)
{
    (void)state;
    progress_init(&progress, 0);
    note(CAUSE_PG_NOT_ACCEPTING, 7);
    for (int i = 1; i < STREAKS_MAX; i++)
        note(i % 2 ? CAUSE_REFUSED : CAUSE_RESET, 2);
    assert_false(progress.has_forgotten);
    assert_non_null(strstr(seen(), "pg-not-accepting x7"));
    note(CAUSE_NONE, 1);
    assert_true(progress.has_forgotten);
    assert_int_equal(progress.streak_count, STREAKS_MAX);
    assert_null(strstr(seen(), "pg-not-accepting"));
    assert_ptr_equal(strstr(seen(), "..., refused x2, reset x2"), seen());
    assert_int_equal(progress.attempts, 7 + 2 * (STREAKS_MAX - 1) + 1);
    for (int i = 0; i < 1000; i++)
        note(i % 2 ? CAUSE_REFUSED : CAUSE_RESET, 1);
    assert_int_equal(progress.streak_count, STREAKS_MAX);
}

static void start_period_leaves_room(void **state)
{
    static const struct {
        int64_t start_ms;
        int64_t period_ms;
    } rows[] = {
        {1, 5000},      {3333, 5000},     {3334, 10000},
        {10000, 20000}, {100000, 155000}, {24 * 3600 * 1000, 129605 * 1000LL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(progress_start_period_ms(rows[i].start_ms), rows[i].period_ms);
    for (int64_t start = 1; start < 400000; start += 77) {
        int64_t period = progress_start_period_ms(start);
        assert_int_equal(period % 5000, 0);
        assert_true(2 * period > 3 * start && 2 * (period - 5000) <= 3 * start);
    }
}

static void so_do_retries(void **state)
{
    static const struct {
        int64_t interval_ms;
        int64_t retries;
        int64_t start_ms;
        int64_t enough;
        const char *words;
    } rows[] = {
        {30000, 3, 2000, 3, "use start_period 5s, or 3 retries of 30 s"},
        {30000, 3, 59999, 3, "use start_period 1m30s, or 3 retries of 30 s"},
        {30000, 3, 60000, 4, "use start_period 1m35s, or 4 retries of 30 s"},
        {30000, 1, 100000, 6, "use start_period 2m35s, or 6 retries of 30 s"},
        {30000, 3, 76000, 4, "use start_period 1m55s, or 4 retries of 30 s"},
        {60000, 3, 39 * 60000, 59, "use start_period 58m35s, or 59 retries of 1 min"},
        {60000, 3, 2397000, 60, "use start_period 1h, or 60 retries of 1 min"},
        {60000, 3, 2500000, 63, "use start_period 1h2m35s, or 63 retries of 1 min"},
        {7000, 5, 20000, 5, "use start_period 35s, or 5 retries of 7 s"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct config config = {.docker_interval_ms = rows[i].interval_ms,
                                      .docker_retries = rows[i].retries};
        char bytes[100];
        struct text text;
        text_init(&text, TEXT_ARRAY(bytes));
        progress_add_advice(&config, rows[i].start_ms, &text);
        assert_string_equal(bytes, rows[i].words);
        assert_int_equal(progress_retries(&config, rows[i].start_ms), rows[i].enough);
        assert_true(rows[i].enough * rows[i].interval_ms >=
                    progress_start_period_ms(rows[i].start_ms));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attempts_in_a_row_are_one_spell),
        cmocka_unit_test(a_change_is_marked_until_it_is_shown),
        cmocka_unit_test(a_change_of_any_check_is_one),
        cmocka_unit_test(the_oldest_spell_is_forgotten),
        cmocka_unit_test(start_period_leaves_room),
        cmocka_unit_test(so_do_retries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
