/* Whatever the command line is, it is taken with all values in their ranges, or
 * refused with a reason. Each line of the input is a word. */
#include "fuzz.h"

#include "config/options.h"

enum { WORDS_MAX = 48 };

static void check_config(const struct config *config)
{
    if (config->command == COMMAND_HELP || config->command == COMMAND_VERSION)
        return;
    REQUIRE(config->timeout_ms >= 10 && config->timeout_ms <= 3600 * 1000);
    REQUIRE(config->status_count > 0 && config->status_count <= STATUS_RANGES_MAX);
    for (size_t i = 0; i < config->status_count; i++) {
        REQUIRE(config->statuses[i].first >= 100 && config->statuses[i].last <= 599);
        REQUIRE(config->statuses[i].first <= config->statuses[i].last);
    }
    REQUIRE(config->header_count <= HEADERS_MAX);
    for (size_t i = 0; i < config->header_count; i++)
        REQUIRE(config->headers[i].value > config->headers[i].name);
    REQUIRE(config->verbosity >= 0 && config->verbosity <= 2);
    REQUIRE(config->target_count <= TARGETS_MAX);
    REQUIRE(config->command != COMMAND_LIVE || !(config->db || config->redis));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char program[] = "probe";
    char *argv[WORDS_MAX + 2] = {program};
    char *text = fuzz_string(data, size);
    char bytes[500];
    struct text why;
    struct config config;
    int argc = 1;
    for (char *word = text; word && argc <= WORDS_MAX;)
        argv[argc++] = strsep(&word, "\n");
    text_init(&why, TEXT_ARRAY(bytes));
    if (options_parse(&config, argc, argv, &why))
        check_config(&config);
    else
        REQUIRE(why.length > 0);
    REQUIRE(fuzz_is_clean(bytes));
    free(text);
    return 0;
}
