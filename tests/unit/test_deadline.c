/* Goal: what is left of a time, to the microsecond; the clock is simulated. */
#include "unit.h"

#include <time.h>

#include "base/deadline.h"

/* musl gives the functions of 64 bits of time other names on 32 bits. */
#if defined(_REDIR_TIME64) && _REDIR_TIME64
#define CLOCK_GETTIME "__wrap___clock_gettime64"
#else
#define CLOCK_GETTIME "__wrap_clock_gettime"
#endif

int our_clock_gettime(clockid_t clock, struct timespec *now) __asm__(CLOCK_GETTIME);

/* It is always one second after the start. */
int our_clock_gettime(clockid_t clock, struct timespec *now)
{
    assert_int_equal(clock, CLOCK_MONOTONIC);
    *now = (struct timespec){.tv_sec = 1};
    return 0;
}

enum { NOW_US = 1000000 };

static void milliseconds_left_are_rounded_up(void **state)
{
    static const struct {
        int64_t us;
        int ms;
    } rows[] = {{0, 0},   {-1, 0},   {-5000000, 0}, {1, 1},
                {999, 1}, {1000, 1}, {1001, 2},     {2500000, 2500}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(deadline_left_ms((struct deadline){NOW_US + rows[i].us}), rows[i].ms);
}

static void shares_are_equal(void **state)
{
    const struct deadline deadline = deadline_after(deadline_now(), 900);
    (void)state;
    assert_int_equal(deadline_share(deadline, 1).at_us, deadline.at_us);
    assert_int_equal(deadline_share(deadline, 3).at_us, NOW_US + 300000);
    assert_int_equal(deadline_earlier(deadline, 50).at_us, NOW_US + 850000);
}

static void a_tenth_is_kept_within_bounds(void **state)
{
    static const int64_t rows[][2] = {{10, 2},   {20, 2},    {30, 3},      {300, 30},
                                      {500, 50}, {2500, 50}, {3600000, 50}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(deadline_margin_ms(rows[i][0]), rows[i][1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(milliseconds_left_are_rounded_up),
        cmocka_unit_test(shares_are_equal),
        cmocka_unit_test(a_tenth_is_kept_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
