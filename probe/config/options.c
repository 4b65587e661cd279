/* The one parser for argv and environment, by the table of options. */
#include "config/options.h"

#include <ctype.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/parse.h"

enum {
    LONG_ONLY = 256,
    HELP_VALUE = 'h',
    VERSION_VALUE = COMMAND_VERSION,
    LICENSES_VALUE = COMMAND_LICENSES,
    LETTERS = 2 * OPTIONS_MAX + 3, /* each with a colon, ":h" before them, the NUL */
    LONGS = OPTIONS_MAX + 4        /* those three, and the end */
};

/* Says which value of what is wrong, as far as it is no secret. */
static bool refuse(const struct option_row *row, const char *from, const char *value,
                   const struct text *reason, struct text *why)
{
    size_t shown = option_shown_length(row, value);
    text_add(why, from);
    if (shown > 0 || !*value) {
        text_add(why, " '");
        text_add_foreign(why, value, shown, 80);
        text_add(why, "'");
    }
    text_format(why, " %s", reason->bytes);
    return false;
}

static bool apply(struct config *config, const struct option_row *row, const char *from,
                  const char *value, struct text *why)
{
    char bytes[250];
    struct text reason;
    text_init(&reason, TEXT_ARRAY(bytes));
    return option_read(row, config, value, &reason) || refuse(row, from, value, &reason, why);
}

/* Whether the option whose field has this offset has a value of the user's. */
static bool is_given(const struct config *config, size_t field)
{
    size_t i = 0;
    while (options_table[i].field != field)
        i++;
    return config->values[i].written != NULL;
}

/* Whether NAME=VALUE is an option's variable: expect-status is PROBE_EXPECT_STATUS. */
static bool is_variable(const char *option, const char *entry)
{
    if (strncmp(entry, "PROBE_", strlen("PROBE_")) != 0)
        return false;
    entry += strlen("PROBE_");
    for (; *option; option++, entry++)
        if (*entry != (*option == '-' ? '_' : toupper((unsigned char)*option)))
            return false;
    return *entry == '=';
}

/* The row of a variable's NAME=VALUE; NULL if it is none. */
static const struct option_row *row_of_variable(const char *entry)
{
    for (size_t i = 0; i < options_count; i++)
        if (is_variable(options_table[i].name, entry))
            return &options_table[i];
    return NULL;
}

/* An empty variable is not set: compose files pass one for "no value". */
bool options_parse_environment(struct config *config, enum option_source source, struct text *why)
{
    for (char **entry = environ; *entry; entry++) {
        const struct option_row *row = row_of_variable(*entry);
        const char *value = strchr(*entry, '=');
        char name[48] = "";
        if (!row || !value || !value[1] || !(row->commands & COMMAND_BIT(config->command)) ||
            config->values[row - options_table].written)
            continue;
        memcpy(name, *entry, (size_t)(value - *entry));
        config->values[row - options_table].source = source;
        if (!apply(config, row, name, value + 1, why))
            return false;
    }
    return true;
}

void options_finish(struct config *config)
{
    if (config->data && !is_given(config, offsetof(struct config, method)))
        config->method = "POST";
}

/* A row's number from what getopt_long returns for it. */
static size_t row_of_value(int value)
{
    if (value >= LONG_ONLY)
        return (size_t)(value - LONG_ONLY);
    for (size_t i = 0; i < options_count; i++)
        if (options_table[i].letter == value)
            return i;
    return options_count;
}

static void add_similar(struct text *why, const char *word)
{
    char name[40] = "";
    size_t length = strcspn(word, "=");
    if (length < 3 || length >= sizeof name)
        return;
    memcpy(name, word + 2, length - 2);
    const struct option_row *best = NULL;
    unsigned least = 4;
    for (size_t i = 0; i < options_count; i++) {
        unsigned distance = parse_distance(name, options_table[i].name);
        if (distance < least) {
            least = distance;
            best = &options_table[i];
        }
    }
    if (best)
        text_format(why, " (did you mean --%s?)", best->name);
}

/* Whether it is an option that asks of probe itself, and so is a command. */
static bool is_about_probe(int value)
{
    return value == HELP_VALUE || value == VERSION_VALUE || value == LICENSES_VALUE;
}

/* Says what getopt_long could not take: '?' or ':' with optopt. */
static bool refuse_word(int kind, const char *word, struct text *why)
{
    size_t row = optopt ? row_of_value(optopt) : options_count;
    if (row < options_count && kind == ':') {
        text_format(why, "--%s needs a value: --%s=%s", options_table[row].name,
                    options_table[row].name, options_table[row].argument);
    } else if (row < options_count) {
        text_format(why, "--%s takes no value", options_table[row].name);
    } else if (optopt && optopt < LONG_ONLY && !is_about_probe(optopt)) {
        char letter = (char)optopt;
        text_add(why, "unknown option '-");
        text_add_foreign(why, &letter, 1, 8);
        text_add(why, "'; see probe --help");
    } else {
        text_add(why, "unknown or ambiguous option '");
        text_add_foreign(why, word, strcspn(word, "="), 60);
        text_add(why, "'");
        add_similar(why, word);
        text_add(why, "; see probe --help");
    }
    return false;
}

/* getopt's own form of the table. */
static void describe(char letters[LETTERS], struct option longs[LONGS])
{
    *letters++ = ':';
    *letters++ = HELP_VALUE;
    for (size_t i = 0; i < options_count; i++) {
        const struct option_row *row = &options_table[i];
        int value = row->letter ? row->letter : LONG_ONLY + (int)i;
        int argument = !row->argument          ? no_argument
                       : *row->argument == '[' ? optional_argument
                                               : required_argument;
        longs[i] = (struct option){row->name, argument, NULL, value};
        if (row->letter)
            *letters++ = row->letter;
        if (row->letter && row->argument)
            *letters++ = ':';
    }
    *letters = '\0';
    longs[options_count] = (struct option){"help", no_argument, NULL, HELP_VALUE};
    longs[options_count + 1] = (struct option){"version", no_argument, NULL, VERSION_VALUE};
    longs[options_count + 2] = (struct option){"licenses", no_argument, NULL, LICENSES_VALUE};
    longs[options_count + 3] = (struct option){0};
}

static bool take_option(struct config *config, size_t i, const char *value, struct text *why)
{
    const struct option_row *row = &options_table[i];
    char from[40];
    struct text name;
    text_init(&name, TEXT_ARRAY(from));
    text_add(&name, "--");
    text_add(&name, row->name);
    if (!(row->commands & COMMAND_BIT(config->command))) {
        text_format(why, "%s %s", from,
                    config->command == COMMAND_LIVE ? NOT_FOR_LIVE
                                                    : "is not for probe doctor, which asks once");
        return false;
    }
    config->values[i].source = SOURCE_OPTION;
    return apply(config, row, from, value, why);
}

/* Reads argv's options. */
static bool parse_arguments(struct config *config, int argc, char *argv[], struct text *why)
{
    char letters[LETTERS];
    struct option longs[LONGS];
    describe(letters, longs);
    opterr = 0;
    optind = 0;
    for (int value; (value = getopt_long(argc, argv, letters, longs, NULL)) != -1;) {
        if (value == '?' || value == ':')
            return refuse_word(value, argv[optind - 1], why);
        if (is_about_probe(value)) {
            config->command = value == HELP_VALUE ? COMMAND_HELP : (enum command)value;
            return true;
        }
        if (!take_option(config, row_of_value(value), optarg ? optarg : "1", why))
            return false;
    }
    return true;
}

static const char *const command_names[] = {
    [COMMAND_HELP] = "help", [COMMAND_VERSION] = "version", [COMMAND_LICENSES] = "licenses",
    [COMMAND_LIVE] = "live", [COMMAND_READY] = "ready",     [COMMAND_DOCTOR] = "doctor",
};

const char *command_name(enum command command)
{
    return command_names[command];
}

static bool take_command(struct config *config, const char *word, struct text *why)
{
    if (strcmp(word, "-h") == 0)
        word = "help";
    size_t dashes = strncmp(word, "--", 2) == 0 ? 2 : 0; /* --help, --version, --licenses */
    size_t count = dashes ? COMMAND_LIVE : sizeof command_names / sizeof *command_names;
    for (size_t i = 0; i < count; i++)
        if (strcmp(word + dashes, command_names[i]) == 0) {
            config->command = (enum command)i;
            config->verbosity = i == COMMAND_DOCTOR ? 1 : 0; /* -v adds to it */
            return true;
        }
    size_t colons = strspn(word, ":"); /* of a target; behind another one there may be a secret */
    text_add(why, "unknown command '");
    text_add_foreign(why, word, colons + strcspn(word + colons, "=:"), 40);
    text_add(why, "': write probe live, ready or doctor; see probe --help");
    return false;
}

/* ready's command stands behind a -- of its own: cuts argv there. For the other
 * commands it ends the options, as usual. */
static bool take_become(struct config *config, int *argc, char *argv[], struct text *why)
{
    for (int i = 2; config->command == COMMAND_READY && i < *argc; i++) {
        if (strcmp(argv[i], "--") != 0)
            continue;
        config->become = argv + i + 1;
        argv[i] = NULL;
        *argc = i;
    }
    if (config->become && !*config->become) {
        text_add(why, "no command stands behind --: write probe ready ... -- COMMAND");
        return false;
    }
    return true;
}

static bool take_targets(struct config *config, char *argv[], struct text *why)
{
    for (; *argv; argv++) {
        if (config->target_count == TARGETS_MAX) {
            text_add(why, "more than 16 targets were given");
            return false;
        }
        config->targets[config->target_count++] = *argv;
    }
    return true;
}

/* How a mistake is reported, wherever it stands: before --output is read. */
static enum output expect_output(char *argv[])
{
    const char *variable = getenv("PROBE_OUTPUT");
    bool is_json = variable && strcmp(variable, "json") == 0;
    for (; *argv; argv++) {
        const char *word = *argv;
        if ((strcmp(word, "-o") == 0 || strcmp(word, "--output") == 0) && argv[1])
            is_json = strcmp(argv[1], "json") == 0;
        else if (strcmp(word, "-ojson") == 0 || strcmp(word, "--output=json") == 0)
            is_json = true;
    }
    return is_json ? OUTPUT_JSON : OUTPUT_TEXT;
}

bool options_parse(struct config *config, int argc, char *argv[], struct text *why)
{
    *config = (struct config){.command = COMMAND_HELP};
    options_init(config);
    if (argc < 2) {
        text_add(why, "no command: write probe live, ready or doctor; see probe --help");
        return false;
    }
    config->output = expect_output(argv);
    if (!take_command(config, argv[1], why))
        return false;
    if (config->command < COMMAND_LIVE) {
        config->help_topic = argv[2];
        return true;
    }
    enum command asked = config->command;
    if (!take_become(config, &argc, argv, why))
        return false;
    if (!parse_arguments(config, argc - 1, argv + 1, why))
        return false;
    if (config->command != asked) {
        config->help_topic = argv[1];
        return true;
    }
    return take_targets(config, argv + 1 + optind, why);
}
