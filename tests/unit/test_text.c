/* Goal: whatever is put into a text, it is valid UTF-8 on one line, within its
 * array, and without a secret. */
#include "unit.h"

#include <string.h>
#include <time.h>

#include "base/secret.h"
#include "base/text.h"

static char bytes[64];
static struct text text;

static int begin(void **state)
{
    (void)state;
    secret_clear();
    memset(bytes, 'Z', sizeof bytes);
    text_init(&text, TEXT_ARRAY(bytes));
    return 0;
}

static void foreign_bytes_become_printable(void **state)
{
    static const struct {
        const char *in;
        size_t length;
        const char *out;
    } rows[] = {
        {"plain", 5, "plain"},
        {"a\nb\r\tc", 6, "a\\nb\\r\\tc"},
        {"\x1b[31m\x00\x7f", 7, "\\x1b[31m\\x00\\x7f"},
        {"gr\xc3\xbc\xc3\x9f", 6, "gr\xc3\xbc\xc3\x9f"},
        {"\xf0\x9f\x90\x98", 4, "\xf0\x9f\x90\x98"},
        {"\xff\xfe", 2, "\\xff\\xfe"},
        {"\xc3", 1, "\\xc3"},          /* cut off */
        {"\xc0\xaf", 2, "\\xc0\\xaf"}, /* overlong */
        {"\xe0\x80\xaf", 3, "\\xe0\\x80\\xaf"},
        {"\xf0\x80\x80\xaf", 4, "\\xf0\\x80\\x80\\xaf"},
        {"\xe2\x28\xa1", 3, "\\xe2(\\xa1"},              /* broken off */
        {"\xed\xa0\x80", 3, "\\xed\\xa0\\x80"},          /* surrogate */
        {"\xf4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80"}, /* above U+10FFFF */
        {"\xe2\x80\xae"
         "abc",
         6, "\\u202eabc"},
        {"\xc2\x85", 2, "\\xc2\\x85"}, /* a C1 control */
        {"\xef\xbb\xbf", 3, "\\ufeff"},
        {"\xd8\x9c", 2, "\\u061c"}, /* the Arabic letter mark */
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        text_init(&text, TEXT_ARRAY(bytes));
        text_add_foreign(&text, rows[i].in, rows[i].length, sizeof bytes);
        assert_string_equal(bytes, rows[i].out);
    }
}

static void limits_cut_between_characters(void **state)
{
    (void)state;
    text_add_foreign(&text, "abcdefgh", 8, 5);
    assert_string_equal(bytes, "ab...");
    text_init(&text, TEXT_ARRAY(bytes));
    text_add_foreign(&text, "abcde", 5, 5);
    assert_string_equal(bytes, "abcde");
    text_init(&text, TEXT_ARRAY(bytes));
    text_add_foreign(&text, "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc", 8, 6);
    assert_string_equal(bytes, "\xc3\xbc...");
    /* the array is the last limit, and it cuts between characters too */
    for (size_t size = 8; size < sizeof bytes; size++) {
        text_init(&text, bytes, size);
        for (int i = 0; i < 40; i++)
            text_add(&text, "\xc3\xbc");
        assert_true(text.cut && text.length < size && bytes[size] == 'Z');
        assert_int_equal(strlen(bytes), text.length);
        assert_int_equal(text.length % 2, 1); /* whole characters and three points */
    }
}

static void formats_are_cut_as_well(void **state)
{
    (void)state;
    text_init(&text, bytes, 12);
    text_format(&text, "%s", "0123456789abcdef");
    assert_string_equal(bytes, "01234567...");
    text_add(&text, "never");
    text_format(&text, "%d", 1);
    assert_string_equal(bytes, "01234567...");
}

static void secrets_are_hidden(void **state)
{
    (void)state;
    secret_add("s3cret");
    secret_add("s3cret-and-longer");
    secret_add("abc"); /* too short to look for */
    text_add_foreign(&text, "a s3cret, s3cret-and-longer, abc", 32, sizeof bytes);
    assert_string_equal(bytes, "a ***, ***, abc");
    text_init(&text, TEXT_ARRAY(bytes));
    text_add_foreign(&text, "xs3cre", 6, sizeof bytes); /* not whole: nothing to hide */
    assert_string_equal(bytes, "xs3cre");
}

static void durations_are_readable(void **state)
{
    static const struct {
        int64_t us;
        const char *words;
    } rows[] = {
        {-5, "<1 ms"},        {0, "<1 ms"},         {999, "<1 ms"},
        {1000, "1 ms"},       {9999999, "9999 ms"}, {10000000, "10.0 s"},
        {59940000, "59.9 s"}, {60000000, "1 min"},  {250000000, "4 min 10 s"},
        {7200000000, "2 h"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        text_init(&text, TEXT_ARRAY(bytes));
        text_add_duration(&text, rows[i].us);
        assert_string_equal(bytes, rows[i].words);
    }
    text_init(&text, TEXT_ARRAY(bytes));
    text_add_limit(&text, 1500);
    assert_string_equal(bytes, "1 s 500 ms");
}

/* Against the C library, a day at a time and some more, to the year 2400. */
static void times_are_those_of_the_calendar(void **state)
{
    enum { DAY = 86400 };
    (void)state;
    for (int64_t at = 0; at < INT64_C(430) * 366 * DAY; at += DAY - 61) {
        char expected[32];
        struct tm utc;
        const time_t moment = (time_t)at;
        gmtime_r(&moment, &utc);
        strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%SZ", &utc);
        text_init(&text, TEXT_ARRAY(bytes));
        text_add_time(&text, at);
        assert_string_equal(bytes, expected);
    }
}

static void columns_are_counted_as_a_terminal_does(void **state)
{
    static const struct {
        const char *in;
        int columns;
        const char *out;
    } rows[] = {
        {"plain", 5, "plain"},
        {"plain", 4, "p..."},
        {"plain", 3, "..."},
        {"plain", 2, ".."},
        {"plain", 0, ""},
        {"plain", -1, ""},
        {"", 0, ""},
        {"gr\xc3\xbc\xc3\x9f", 4, "gr\xc3\xbc\xc3\x9f"},
        {"\xe2\x96\x81\xe2\x96\x88\xe2\x96\x81\xe2\x96\x88x", 4, "\xe2\x96\x81..."},
        {"\xe4\xbd\xa0\xe5\xa5\xbd", 4, "\xe4\xbd\xa0\xe5\xa5\xbd"}, /* wide */
        {"\xe4\xbd\xa0\xe5\xa5\xbd!", 4, "..."},
        {"\xe4\xbd\xa0\xe5\xa5\xbd!!", 5, "\xe4\xbd\xa0..."},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        text_init(&text, TEXT_ARRAY(bytes));
        text_add_columns(&text, rows[i].in, rows[i].columns);
        assert_string_equal(bytes, rows[i].out);
    }
}

static void own_words(void **state)
{
    (void)state;
    text_add_number(&text, -42);
    text_add(&text, " ");
    text_add_cut(&text, "gr\xc3\xbc\xc3\xbc\xc3\x9f", 6); /* would end in half a character */
    assert_string_equal(bytes, "-42 gr...");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(foreign_bytes_become_printable, begin),
        cmocka_unit_test_setup(limits_cut_between_characters, begin),
        cmocka_unit_test_setup(formats_are_cut_as_well, begin),
        cmocka_unit_test_setup(secrets_are_hidden, begin),
        cmocka_unit_test_setup(durations_are_readable, begin),
        cmocka_unit_test(times_are_those_of_the_calendar),
        cmocka_unit_test(columns_are_counted_as_a_terminal_does),
        cmocka_unit_test_setup(own_words, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
