/* Whatever the command line is, it is taken with all values in their ranges, or
 * refused with a reason. Each line of the input is a word. */
#include "fuzz.h"

#include "checks/check_hint.h"
#include "config/options.h"

enum { WORDS_MAX = 48 };

static void check_texts(const struct texts *texts, bool may_be_bare)
{
    REQUIRE(texts->count <= LIST_MAX);
    for (size_t i = 0; i < texts->count; i++)
        REQUIRE(texts->items[i] || may_be_bare);
}

static void check_targets(const struct config *config, struct text *why)
{
    REQUIRE(config->target_count <= TARGETS_MAX);
    for (size_t i = 0; i < config->target_count; i++) {
        const struct target_word *word = &config->targets[i];
        const struct texts *items = word->service == SERVICE_DB ? &config->db : &config->redis;
        REQUIRE(word->service == SERVICES || !items->items[word->item]);
        if (check_is_formless(word->text))
            check_add_nearest(word->text, config->command, why);
    }
}

static void check_config(const struct config *config)
{
    if (config->command == COMMAND_HELP || config->command == COMMAND_VERSION)
        return;
    REQUIRE(config->timeout_ms >= 10 && config->timeout_ms <= 3600 * 1000);
    REQUIRE(config->statuses.count > 0 && config->statuses.count <= LIST_MAX);
    for (size_t i = 0; i < config->statuses.count; i++) {
        REQUIRE(config->statuses.items[i].first >= 100 && config->statuses.items[i].last <= 599);
        REQUIRE(config->statuses.items[i].first <= config->statuses.items[i].last);
    }
    REQUIRE(config->headers.count <= LIST_MAX);
    for (size_t i = 0; i < config->headers.count; i++)
        REQUIRE(config->headers.items[i].value > config->headers.items[i].name);
    REQUIRE(config->verbosity >= 0 && config->verbosity <= 2);
    check_texts(&config->expect_body, false);
    check_texts(&config->expect_json, false);
    check_texts(&config->db_queries, false);
    check_texts(&config->db_migrations, false);
    check_texts(&config->env_files, false);
    check_texts(&config->db, true);
    check_texts(&config->redis, true);
    for (size_t i = 0; i < config->expect_json.count; i++)
        REQUIRE(strchr(config->expect_json.items[i], '='));
    REQUIRE(config->command != COMMAND_LIVE || config->db.count + config->redis.count == 0);
}

static void check_parsed(struct config *config, struct text *why)
{
    check_config(config);
    check_targets(config, why);
    if (!options_check(config, why))
        REQUIRE(why->length > 0);
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
        check_parsed(&config, &why);
    else
        REQUIRE(why.length > 0);
    REQUIRE(fuzz_is_clean(bytes));
    free(text);
    return 0;
}
