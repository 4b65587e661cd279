/* Goal: numbers, durations and switches are taken whole or not at all. */
#include "unit.h"

#include "base/parse.h"

static void durations(void **state)
{
    static const struct {
        const char *text;
        int64_t ms; /* -1: refused */
    } rows[] = {
        {"500ms", 500},
        {"3s", 3000},
        {"3", 3000},
        {"1m30s", 90000},
        {"1h", 3600000},
        {"1.5s", 1500},
        {"0.25", 250},
        {".5s", 500},
        {".5", 500},
        {"1m.5s", 60500},
        {"2m", 120000},
        {"0", 0},
        {"24h", 86400000},
        {"1h1m1s1ms", 3661001},
        {"", -1},
        {"s", -1},
        {"3x", -1},
        {"-3s", -1},
        {"3 s", -1},
        {" 3", -1},
        {"1s1m", -1},
        {"1s1s", -1},
        {"1m30", -1},
        {"25h", 90000000},
        {"10000h", 36000000000},
        {"10001h", -1},
        {"10000h1ms", -1},
        {"1.s", -1},
        {".", -1},
        {".s", -1},
        {"1s.", -1},
        {"3ss", -1},
        {"99999999999999999999", -1},
        {"0x10", -1},
        {"23h60m1s", 86401000},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t ms = -1;
        bool parsed = parse_duration(rows[i].text, &ms);
        if (parsed != (rows[i].ms >= 0) || ms != rows[i].ms)
            fail_msg("'%s' gave %lld", rows[i].text, (long long)ms);
    }
}

static void numbers(void **state)
{
    int64_t number = 7;
    (void)state;
    assert_true(parse_number("1", 1, 65535, &number));
    assert_int_equal(number, 1);
    assert_true(parse_number("65535", 1, 65535, &number));
    static const char *const refused[] = {"0",  "65536", "",   "-1",
                                          "+1", "1 ",    "1a", "9999999999999"};
    for (size_t i = 0; i < COUNT(refused); i++) {
        number = 7;
        assert_false(parse_number(refused[i], 1, 65535, &number));
        assert_int_equal(number, 7);
    }
}

static void switches(void **state)
{
    bool on = false;
    (void)state;
    assert_true(parse_switch("YES", &on) && on);
    assert_true(parse_switch("0", &on) && !on);
    assert_true(parse_switch("on", &on) && on);
    assert_true(parse_switch("False", &on) && !on);
    assert_false(parse_switch("2", &on));
    assert_false(parse_switch("", &on));
}

static void distances(void **state)
{
    (void)state;
    assert_int_equal(parse_distance("timeout", "timeout"), 0);
    assert_int_equal(parse_distance("tiemout", "timeout"), 2);
    assert_int_equal(parse_distance("", "abc"), 3);
    assert_int_equal(parse_distance("follow", "folow"), 1);
    assert_int_equal(parse_distance("a", "a-word-that-is-longer-than-the-table-is"), 99);
}

/* A slip is told from another word: two of seven letters are one, two of six are not. */
static void near_words(void **state)
{
    (void)state;
    assert_true(parse_is_near("timout", "timeout"));
    assert_true(parse_is_near("tiemout", "timeout"));
    assert_false(parse_is_near("tmout", "method"));
    assert_true(parse_is_near("mehtods", "methods"));
    assert_false(parse_is_near("mehtod", "method"));
    assert_true(parse_is_near("wit", "wait"));
    assert_false(parse_is_near("bd", "db"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations), cmocka_unit_test(numbers),    cmocka_unit_test(switches),
        cmocka_unit_test(distances), cmocka_unit_test(near_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
