/* Goal: the command line and the variables give one typed config; the option
 * wins; what is wrong is said with its word. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/options.h"

static struct config config;
static char bytes[512];

static int begin(void **state)
{
    static const char *const variables[] = {"PROBE_TIMEOUT", "PROBE_VERBOSE",       "PROBE_HEADER",
                                            "PROBE_FOLLOW",  "PROBE_EXPECT_STATUS", "PROBE_OUTPUT",
                                            "PROBE_DB"};
    (void)state;
    for (size_t i = 0; i < COUNT(variables); i++)
        unsetenv(variables[i]);
    return 0;
}

/* Parses "probe" and words separated by |. */
static bool parse(const char *line)
{
    static char copy[512];
    static char *argv[40];
    int argc = 0;
    struct text why;
    strncpy(copy, line, sizeof copy - 1);
    argv[argc++] = (char[]){"probe"};
    for (char *word = strtok(copy, "|"); word; word = strtok(NULL, "|"))
        argv[argc++] = word;
    argv[argc] = NULL;
    text_init(&why, TEXT_ARRAY(bytes));
    return options_parse(&config, argc, argv, &why) &&
           options_parse_environment(&config, SOURCE_VARIABLE, &why);
}

static void defaults(void **state)
{
    (void)state;
    assert_true(parse("live"));
    assert_int_equal(config.command, COMMAND_LIVE);
    assert_int_equal(config.timeout_ms, 2500);
    assert_int_equal(config.statuses.count, 1);
    assert_int_equal(config.statuses.items[0].first, 200);
    assert_int_equal(config.statuses.items[0].last, 299);
    assert_string_equal(config.method, "GET");
    assert_int_equal(config.target_count, 0);
    assert_false(config.follow || config.allow_remote || config.quiet);
}

static void options_and_targets_mix(void **state)
{
    (void)state;
    assert_true(
        parse("ready|/a|-t|500ms|:81/b|-vv|--follow|-s200,300-399|-H|A: b|--header=C:d|-o|json"));
    assert_int_equal(config.command, COMMAND_READY);
    assert_int_equal(config.timeout_ms, 500);
    assert_int_equal(config.verbosity, 2);
    assert_true(config.follow);
    assert_int_equal(config.statuses.count, 2);
    assert_int_equal(config.statuses.items[1].last, 399);
    assert_int_equal(config.headers.count, 2);
    assert_string_equal(config.headers.items[0].value, "b");
    assert_string_equal(config.headers.items[1].value, "d");
    assert_int_equal(config.output, OUTPUT_JSON);
    assert_int_equal(config.target_count, 2);
    assert_string_equal(config.targets[0].text, "/a");
    assert_string_equal(config.targets[1].text, ":81/b");
    assert_true(parse("live|--|/a"));
    assert_int_equal(config.target_count, 1);
}

static void the_option_wins_over_its_variable(void **state)
{
    (void)state;
    setenv("PROBE_TIMEOUT", "7s", 1);
    setenv("PROBE_HEADER", "A: from-variable", 1);
    setenv("PROBE_FOLLOW", "yes", 1);
    setenv("PROBE_VERBOSE", "2", 1);
    setenv("PROBE_EXPECT_STATUS", "", 1); /* empty is not set */
    assert_true(parse("live"));
    assert_int_equal(config.timeout_ms, 7000);
    assert_int_equal(config.headers.count, 1);
    assert_true(config.follow);
    assert_int_equal(config.verbosity, 2);
    assert_int_equal(config.statuses.items[0].first, 200);
    assert_true(parse("live|-t|1s|-H|B: c|-v"));
    assert_int_equal(config.timeout_ms, 1000);
    assert_int_equal(config.headers.count, 1);
    assert_string_equal(config.headers.items[0].value, "c");
    assert_int_equal(config.verbosity, 1);
    setenv("PROBE_TIMEOUT", "soon", 1);
    assert_true(parse("live|-t|1s"));
    assert_false(parse("live"));
    assert_string_equal(bytes, "PROBE_TIMEOUT 'soon' is not a duration from 10ms to 1h: write "
                               "500ms, 3s or 1m30s");
}

static void services(void **state)
{
    (void)state;
    setenv("PROBE_DB", "1", 1);
    assert_true(parse("live") &&
                config.db.count == 0); /* the image's variable, the other command's */
    assert_true(parse("ready") && config.db.count == 1 && !config.db.items[0]);
    setenv("PROBE_DB", "env:OTHER_URL", 1);
    assert_true(parse("ready") && config.db.count == 1);
    assert_string_equal(config.db.items[0], "env:OTHER_URL");
    setenv("PROBE_DB", "off", 1);
    assert_true(parse("ready") && config.db.count == 0);
    assert_true(parse("ready|--db|--redis=redis://h/1|/a") && config.db.count == 1);
    assert_null(config.db.items[0]);
    assert_string_equal(config.redis.items[0], "redis://h/1");
    assert_string_equal(config.targets[0].text, "/a"); /* not --db's */
}

static void mistakes(void **state)
{
    static const struct {
        const char *line;
        const char *why; /* a part of it */
    } rows[] = {
        {"", "no command"},
        {"alive", "unknown command 'alive'"},
        {"doctr", "unknown command 'doctr': did you mean doctor?"},
        {"--versoin", "unknown command '--versoin': did you mean --version?"},
        {"live|--tiemout|3", "unknown option '--tiemout': did you mean --timeout?"},
        {"live|-Z", "unknown option '-Z': see probe --help"},
        {"live|-t", "--timeout needs a value: --timeout=DUR"},
        {"live|--follow=yes", "--follow takes no value"},
        {"live|-t|5ms", "--timeout '5ms'"},
        {"live|-t|2h", "--timeout '2h'"},
        {"live|-s|6xx", "--expect-status '6xx'"},
        {"live|-s|2x", "--expect-status '2x'"},
        {"live|-s|200...299", "--expect-status"},
        {"live|-s|200-2xx", "--expect-status"},
        {"live|-s|2xx-3xx", "--expect-status"},
        {"live|-s|2 00", "--expect-status"},
        {"live|-s|600", "--expect-status"},
        {"live|-s|299-200", "--expect-status"},
        {"live|-s|200,", "--expect-status"},
        {"live|-H|no colon", "--header is not 'NAME: VALUE'"},
        {"live|-H|Bad Name: x", "--header is not 'NAME: VALUE'"},
        {"live|-H|hOsT: example.com", "ALLOWED_HOSTS"},
        {"live|-X|GE T", "--method"},
        {"live|--expect-json|status", "--expect-json"},
        {"live|--expect-json|status=1", "--expect-json"},
        {"live|-o|xml", "--output 'xml'"},
        {"ready|--wait|3s|--", "no command stands behind --: write probe ready ... -- COMMAND"},
        {"live|--db", "not for probe live"},
        {"doctor|--wait|3s", "--wait is not for probe doctor, which asks once"},
        {"--live", "unknown command '--live'"},
        {":8000/health", "unknown command ':8000/health'"},
        {"postgres://u:pass@h/x", "unknown command 'postgres'"},
        {"ready|--db-migration|orders", "APP.NAME"},
        {"live|/1|/2|/3|/4|/5|/6|/7|/8|/9|/10|/11|/12|/13|/14|/15|/16|/17", "16 targets"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_false(parse(rows[i].line));
        if (!strstr(bytes, rows[i].why))
            fail_msg("'%s' gave: %s", rows[i].line, bytes);
    }
    setenv("PROBE_OUTPUT", "json", 1); /* how to report is known before what is wrong */
    assert_false(parse("live|--nonsense"));
    assert_int_equal(config.output, OUTPUT_JSON);
}

static void statuses_as_people_write_them(void **state)
{
    static const struct {
        const char *line;
        int first;
        int last;
    } rows[] = {
        {"live|-s|2xx", 200, 299},      {"live|-s|3XX", 300, 399},
        {"live|-s|200..204", 200, 204}, {"live|-s|200-204", 200, 204},
        {"live|-s| 404 ", 404, 404},    {"live|-s|301, 404", 404, 404},
        {"live|-s|301 ,404", 404, 404}, {"live|-s301,5xx", 500, 599},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_true(parse(rows[i].line));
        const struct status_range *last = &config.statuses.items[config.statuses.count - 1];
        assert_int_equal(last->first, rows[i].first);
        assert_int_equal(last->last, rows[i].last);
    }
}

/* Goal: a row's initial value is one that its user could write. */
static void every_default_is_read_as_a_value_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < options_count; i++) {
        const struct option_row *row = &options_table[i];
        struct text why;
        text_init(&why, TEXT_ARRAY(bytes));
        assert_true(!row->initial || option_read(row, &config, row->initial, &why));
        assert_true(!option_is_list(row) || strstr(row->help, "repeatable"));
    }
}

/* Goal: what is in effect without an option is what its row says, and nothing else. */
static void every_default_is_its_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < options_count; i++) {
        const struct option_row *row = &options_table[i];
        bool is_time = row->kind == OPTION_DURATION || row->kind == OPTION_PERIOD;
        char line[80];
        if (!is_time && row->kind != OPTION_NUMBER)
            continue;
        snprintf(line, sizeof line, row->kind == OPTION_PERIOD ? "ready|--%s" : "ready", row->name);
        assert_true(parse(line));
        int64_t in_effect = *(int64_t *)((char *)&config + row->field);
        snprintf(line, sizeof line, "ready|--%s=%s", row->name, row->initial);
        assert_true(!row->initial ? in_effect == 0 : parse(line));
        assert_true(!row->initial || *(int64_t *)((char *)&config + row->field) == in_effect);
    }
}

static void a_secret_in_a_header_is_not_repeated(void **state)
{
    (void)state;
    assert_false(parse("live|-H|Authorization Bearer hunter22"));
    assert_null(strstr(bytes, "hunter22"));
}

static void help_and_version(void **state)
{
    (void)state;
    assert_true(parse("--version") && config.command == COMMAND_VERSION);
    assert_true(parse("--help") && config.command == COMMAND_HELP && !config.help_topic);
    assert_true(parse("help|causes") && config.command == COMMAND_HELP);
    assert_string_equal(config.help_topic, "causes");
    assert_true(parse("-V") && config.command == COMMAND_VERSION);
    assert_true(parse("live|--help") && config.wants_help && config.command == COMMAND_LIVE);
    assert_true(parse("ready|-h") && config.wants_help);
    assert_true(parse("ready") && !config.wants_help);
}

static void every_row_is_complete(void **state)
{
    (void)state;
    for (size_t i = 0; i < options_count; i++) {
        assert_non_null(options_table[i].name);
        assert_non_null(options_table[i].help);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(options_table[i].name, options_table[j].name);
            assert_true(!options_table[i].letter ||
                        options_table[i].letter != options_table[j].letter);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(defaults, begin),
        cmocka_unit_test_setup(options_and_targets_mix, begin),
        cmocka_unit_test_setup(the_option_wins_over_its_variable, begin),
        cmocka_unit_test_setup(services, begin),
        cmocka_unit_test_setup(mistakes, begin),
        cmocka_unit_test_setup(statuses_as_people_write_them, begin),
        cmocka_unit_test_setup(every_default_is_read_as_a_value_is, begin),
        cmocka_unit_test_setup(every_default_is_its_rows, begin),
        cmocka_unit_test_setup(a_secret_in_a_header_is_not_repeated, begin),
        cmocka_unit_test_setup(help_and_version, begin),
        cmocka_unit_test_setup(every_row_is_complete, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
