/* Goal: what is written is JSON, whatever is in its strings, and a cut is marked. */
#include "unit.h"

#include "base/json_text.h"

static char bytes[200];
static struct text text;

static void begin(void)
{
    text_init(&text, TEXT_ARRAY(bytes));
}

static void commas_stand_between_members(void **state)
{
    (void)state;
    begin();
    json_text_open(&text, NULL, '{');
    json_text_number(&text, "a", 1);
    json_text_open(&text, "b", '[');
    json_text_string(&text, NULL, "x");
    json_text_open(&text, NULL, '{');
    json_text_close(&text, '}');
    json_text_close(&text, ']');
    json_text_open(&text, "c", '{');
    json_text_close(&text, '}');
    json_text_close(&text, '}');
    assert_string_equal(bytes, "{\"a\":1,\"b\":[\"x\",{}],\"c\":{}}");
}

static void strings_are_escaped(void **state)
{
    (void)state;
    begin();
    json_text_string(&text, "n\"", "\"a\\b\nc\x1b\x01 \xc3\xa9{[");
    json_text_string(&text, "m", "[");
    assert_string_equal(bytes, "\"n\\\"\":\"\\\"a\\\\b\\nc\\u001b\\u0001 \xc3\xa9{[\",\"m\":\"[\"");
}

static void microseconds_become_milliseconds(void **state)
{
    (void)state;
    begin();
    json_text_milliseconds(&text, NULL, 12045);
    json_text_milliseconds(&text, NULL, 7);
    json_text_milliseconds(&text, NULL, 3000);
    assert_string_equal(bytes, "12.045,0.007,3");
}

static void what_was_read_is_written_as_it_was(void **state)
{
    static const char json[] = "{\"a\":[1,-2.5,0.1,0.30000000000000004,8589934592,1e+300],\"b\":{},"
                               "\"c\":[null,true,false],"
                               "\"d\":\"x\"}";
    (void)state;
    cJSON *item = cJSON_Parse(json);
    begin();
    json_text_item(&text, NULL, item);
    cJSON_Delete(item);
    assert_string_equal(bytes, json);
}

static void a_cut_is_marked(void **state)
{
    char small[10];
    (void)state;
    text_init(&text, TEXT_ARRAY(small));
    json_text_string(&text, "name", "a value that is too long");
    assert_true(text.cut);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_stand_between_members),
        cmocka_unit_test(strings_are_escaped),
        cmocka_unit_test(microseconds_become_milliseconds),
        cmocka_unit_test(what_was_read_is_written_as_it_was),
        cmocka_unit_test(a_cut_is_marked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
