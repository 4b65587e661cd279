/* Goal: the pauses of a wait, in hours of them. Only the clock is simulated: a pause takes no
 * time, and nothing that is asked waits. */
#include "unit.h"

#include <poll.h>
#include <time.h>

#include "base/output.h"
#include "config/options.h"
#include "mode.h"

enum { PAUSES_MAX = 4000, CAP_MS = 30 * 1000, JITTER_PERCENT = 10, LOOK_US = 7 };

static int64_t passed_us = INT64_C(1000000); /* of the simulated time */
static int pauses[PAUSES_MAX];
static size_t count;

/* musl gives the functions of 64 bits of time other names on 32 bits. */
#if defined(_REDIR_TIME64) && _REDIR_TIME64
#define CLOCK_GETTIME "__wrap___clock_gettime64"
#else
#define CLOCK_GETTIME "__wrap_clock_gettime"
#endif

int our_clock_gettime(clockid_t clock, struct timespec *now) __asm__(CLOCK_GETTIME);
int our_poll(struct pollfd *watched, nfds_t n, int limit_ms) __asm__("__wrap_poll");

/* Each look takes some microseconds. */
int our_clock_gettime(clockid_t clock, struct timespec *now)
{
    (void)clock;
    passed_us += LOOK_US;
    now->tv_sec = passed_us / 1000000;
    now->tv_nsec = (long)(passed_us % 1000000 * 1000);
    return 0;
}

int our_poll(struct pollfd *watched, nfds_t n, int limit_ms)
{
    assert_null(watched);
    assert_int_equal(n, 0);
    assert_true(count < PAUSES_MAX);
    pauses[count++] = limit_ms;
    passed_us += (int64_t)limit_ms * 1000;
    return 0;
}

/* Waits for a socket that is missing. */
static void wait_for_nobody(char *wait, char *interval, char *backoff)
{
    static struct plan plan;
    char name[] = "probe";
    char command[] = "live";
    char target[] = "tcp://unix:/no/such";
    char quiet[] = "-q"; /* else it pauses to say that it waits */
    char *argv[] = {name, command, quiet, target, wait, interval, backoff, NULL};
    struct config config;
    char bytes[200];
    struct text why;
    count = 0;
    text_init(&why, TEXT_ARRAY(bytes));
    assert_true(options_parse(&config, (int)COUNT(argv) - (backoff ? 1 : 2), argv, &why));
    assert_true(options_parse_environment(&config, SOURCE_VARIABLE, &why));
    assert_true(options_check(&config, &why));
    assert_true(plan_make(&plan, &config, &why));
    assert_int_equal(mode_wait(&config, &plan, deadline_now()), EXIT_UNHEALTHY);
    target_release(&plan.targets[0]);
}

static int64_t least(int64_t ms)
{
    return ms - ms * JITTER_PERCENT / 100;
}

static int64_t most(int64_t ms)
{
    return ms + ms * JITTER_PERCENT / 100 + 1;
}

/* The longest pause is as long as the jitter lets it be; the last pause is what is left. */
static void assert_grows(int first_ms, int cap_ms)
{
    int64_t shortest = INT64_MAX;
    int64_t longest = 0;
    size_t capped = 0;
    assert_in_range(pauses[0], first_ms, first_ms + 1);
    for (size_t i = 1; i + 1 < count; i++) {
        int64_t doubled = 2 * (int64_t)pauses[i - 1];
        assert_in_range(pauses[i], least(doubled < cap_ms ? doubled : cap_ms), most(cap_ms));
        if (doubled < cap_ms) {
            assert_in_range(pauses[i], least(doubled), most(doubled));
            continue;
        }
        capped++;
        shortest = pauses[i] < shortest ? pauses[i] : shortest;
        longest = pauses[i] > longest ? pauses[i] : longest;
    }
    assert_true(capped > 100);
    assert_in_range(shortest, least(cap_ms), cap_ms - 1);
    assert_in_range(longest, cap_ms + 2, most(cap_ms));
}

static void backoff_up_to_30_s(void **state)
{
    char wait[] = "--wait=6h";
    char interval[] = "--interval=500ms";
    char backoff[] = "--backoff";
    (void)state;
    wait_for_nobody(wait, interval, backoff);
    assert_grows(500, CAP_MS);
}

/* An interval that is longer than the cap is one itself. */
static void backoff_from_a_long_interval(void **state)
{
    char wait[] = "--wait=24h";
    char interval[] = "--interval=1m";
    char backoff[] = "--backoff";
    (void)state;
    wait_for_nobody(wait, interval, backoff);
    assert_grows(60 * 1000, 60 * 1000);
}

static void no_backoff(void **state)
{
    char wait[] = "--wait=1h";
    char interval[] = "--interval=1s";
    (void)state;
    wait_for_nobody(wait, interval, NULL);
    assert_in_range(count, 3500, 3600);
    for (size_t i = 0; i + 1 < count; i++)
        assert_in_range(pauses[i], 1000, 1001);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(backoff_up_to_30_s),
        cmocka_unit_test(backoff_from_a_long_interval),
        cmocka_unit_test(no_backoff),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
