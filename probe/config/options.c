/* The one parser for argv and environment, by the table of options. */
#include "config/options.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/parse.h"
#include "config/options_foreign.h"

/* The words that are left to be read. */
struct reader {
    struct config *config;
    char *const *next; /* ends in NULL */
    bool is_first;     /* the present word is the first behind the command */
    struct text *why;
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

void option_variable(const struct option_row *row, char name[static OPTION_NAME_SIZE])
{
    size_t n = 0;
    for (; row->name[n]; n++)
        name[n] = (char)(row->name[n] == '-' ? '_' : toupper((unsigned char)row->name[n]));
    name[n] = '\0';
}

const struct option_row *option_of_variable(const char *entry)
{
    size_t prefix = strlen(OPTION_PREFIX);
    size_t length = strcspn(entry, "=");
    char name[OPTION_NAME_SIZE];
    if (strncmp(entry, OPTION_PREFIX, prefix) != 0)
        return NULL;
    for (size_t i = 0; i < options_count; i++) {
        option_variable(&options_table[i], name);
        if (strlen(name) == length - prefix && strncmp(name, entry + prefix, strlen(name)) == 0)
            return &options_table[i];
    }
    return NULL;
}

/* An empty variable is not set: compose files pass one for "no value". */
bool options_parse_environment(struct config *config, enum option_source source, struct text *why)
{
    for (char **entry = environ; *entry; entry++) {
        const struct option_row *row = option_of_variable(*entry);
        const char *value = strchr(*entry, '=');
        char name[OPTION_NAME_SIZE + 8] = "";
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

static const struct option_row *row_of_name(const char *name, size_t length)
{
    for (size_t i = 0; i < options_count; i++)
        if (strlen(options_table[i].name) == length &&
            strncmp(options_table[i].name, name, length) == 0)
            return &options_table[i];
    return NULL;
}

static const struct option_row *row_of_letter(char letter)
{
    for (size_t i = 0; i < options_count; i++)
        if (options_table[i].letter == letter)
            return &options_table[i];
    return NULL;
}

/* word[length] is no option of probe's; a value behind it is not shown. */
static bool refuse_unknown(const char *word, size_t length, struct text *why)
{
    if (foreign_explain(word, length, why))
        return false;
    text_add(why, "unknown option '");
    text_add_foreign(why, word, length, 60);
    text_add(why, "'");
    if (!foreign_add_similar(word, length, why))
        text_add(why, ": see probe --help");
    return false;
}

/* Whether help, or what else probe says of itself, was asked for: a check must not
 * pass because of it. */
static bool take_question(struct reader *reader, enum command question, const char *written)
{
    if (question == COMMAND_HELP && reader->is_first && !*reader->next) {
        reader->config->wants_help = true;
        return true;
    }
    if (question != COMMAND_HELP)
        text_format(reader->why, "%s stands alone: write probe --%s", written,
                    command_name(question));
    else if (strcmp(written, "-h") == 0)
        text_format(reader->why,
                    "-h is help, and stands alone: a host belongs in the target, "
                    "postgres://HOST:PORT/NAME or redis://HOST:PORT; for help write probe help %s",
                    command_name(reader->config->command));
    else
        text_format(reader->why, "%s stands alone: write probe help %s", written,
                    command_name(reader->config->command));
    return false;
}

/* Why a command does not take an option. */
static void add_other_command(const struct option_row *row, enum command command, struct text *why)
{
    if (command == COMMAND_LIVE && row->commands & COMMAND_BIT(COMMAND_READY))
        text_add(why, NOT_FOR_LIVE);
    else
        text_format(why, "is not for probe %s%s", command_name(command),
                    command == COMMAND_DOCTOR ? ", which asks once" : "");
}

/* written: the option as it stands in argv, without a value. */
static bool take_value(struct reader *reader, const struct option_row *row, const char *written,
                       const char *value)
{
    struct config *config = reader->config;
    char from[OPTION_NAME_SIZE + 2];
    struct text name;
    text_init(&name, TEXT_ARRAY(from));
    text_format(&name, "--%s", row->name);
    if (!(row->commands & COMMAND_BIT(config->command))) {
        text_format(reader->why, "%s ", from);
        add_other_command(row, config->command, reader->why);
        return false;
    }
    if (foreign_is_meant(row, value) && foreign_explain(written, strlen(written), reader->why)) {
        text_format(reader->why, "; here it is --%s", row->name);
        return false;
    }
    config->values[row - options_table].source = SOURCE_OPTION;
    return apply(config, row, from, value, reader->why);
}

/* The value of an option that needs one and has none in its own word. */
static bool take_next_value(struct reader *reader, const struct option_row *row,
                            const char *written)
{
    if (!*reader->next) {
        text_format(reader->why, "--%s needs a value: --%s=%s", row->name, row->name,
                    row->argument);
        return false;
    }
    return take_value(reader, row, written, *reader->next++);
}

static bool needs_value(const struct option_row *row)
{
    return row->argument && *row->argument != '[';
}

/* --name, --name=VALUE or --name VALUE. */
static bool take_long(struct reader *reader, const char *word)
{
    size_t length = strcspn(word, "=");
    const struct option_row *row = row_of_name(word + 2, length - 2);
    for (enum command question = COMMAND_HELP; !word[length] && question < COMMAND_LIVE; question++)
        if (strcmp(word + 2, command_name(question)) == 0)
            return take_question(reader, question, word);
    if (!row)
        return refuse_unknown(word, length, reader->why);
    if (word[length] && !row->argument) {
        text_format(reader->why, "--%s takes no value", row->name);
        return false;
    }
    char written[OPTION_NAME_SIZE + 2] = "";
    memcpy(written, word, length);
    if (word[length])
        return take_value(reader, row, written, word + length + 1);
    return needs_value(row) ? take_next_value(reader, row, written)
                            : take_value(reader, row, written, "1");
}

/* -v, -vvq, -t1s or -t 1s. */
static bool take_letters(struct reader *reader, const char *word)
{
    size_t length = strcspn(word, "=");
    if (length > 2 && foreign_explain(word, length, reader->why))
        return false;
    const struct option_row *spelt = length > 3 ? row_of_name(word + 1, length - 1) : NULL;
    if (spelt) {
        text_format(reader->why, "unknown option '-%s': write it with two dashes, --%s",
                    spelt->name, spelt->name);
        return false;
    }
    for (const char *letter = word + 1; *letter; letter++) {
        const char written[] = {'-', *letter, '\0'};
        const struct option_row *row = row_of_letter(*letter);
        if (*letter == 'h')
            return take_question(reader, COMMAND_HELP, written);
        if (*letter == 'V')
            return take_question(reader, COMMAND_VERSION, written);
        if (!row)
            return refuse_unknown(written, 2, reader->why);
        if (row->argument && letter[1])
            return take_value(reader, row, written, letter + 1);
        if (row->argument)
            return take_next_value(reader, row, written);
        if (!take_value(reader, row, written, "1"))
            return false;
    }
    return true;
}

/* A bare --db or --redis, and the word behind it, which may be its target. */
static bool take_target(struct reader *reader, const char *word, const char *before)
{
    struct config *config = reader->config;
    if (foreign_explain_word(word, reader->why))
        return false;
    if (config->command == COMMAND_SUGGEST) {
        text_add(reader->why, "suggest takes no target: it asks all that listens here");
        return false;
    }
    if (config->target_count == TARGETS_MAX) {
        text_format(reader->why, "more than %d targets were given", TARGETS_MAX);
        return false;
    }
    struct target_word *target = &config->targets[config->target_count++];
    *target = (struct target_word){.text = word, .service = SERVICES};
    if (strcmp(before, "--db") == 0) {
        target->service = SERVICE_DB;
        target->item = config->db.count - 1;
    } else if (strcmp(before, "--redis") == 0) {
        target->service = SERVICE_REDIS;
        target->item = config->redis.count - 1;
    }
    return true;
}

/* What stands behind --: of ready a command, which takes all of it; else targets. */
static bool take_rest(struct reader *reader)
{
    struct config *config = reader->config;
    if (config->command == COMMAND_READY && !*reader->next) {
        text_add(reader->why, "no command stands behind --: write probe ready ... -- COMMAND");
        return false;
    }
    if (config->command == COMMAND_READY) {
        config->become = reader->next;
        return true;
    }
    while (*reader->next)
        if (!take_target(reader, *reader->next++, ""))
            return false;
    return true;
}

/* Reads the words behind the command. */
static bool take_words(struct config *config, char *words[], struct text *why)
{
    struct reader reader = {.config = config, .next = words, .is_first = true, .why = why};
    for (const char *before = "", *word; (word = *reader.next) != NULL; before = word) {
        reader.next++;
        if (strcmp(word, "--") == 0)
            return take_rest(&reader);
        bool is_taken = strncmp(word, "--", 2) == 0 ? take_long(&reader, word)
                        : *word == '-' && word[1]   ? take_letters(&reader, word)
                                                    : take_target(&reader, word, before);
        if (!is_taken)
            return false;
        reader.is_first = false;
    }
    return true;
}

static bool take_command(struct config *config, const char *word, struct text *why)
{
    if (strcmp(word, "-h") == 0)
        word = "--help";
    else if (strcmp(word, "-V") == 0)
        word = "--version";
    size_t dashes = strncmp(word, "--", 2) == 0 ? 2 : 0; /* --help, --version, --licenses */
    size_t count = dashes ? COMMAND_LIVE : COMMANDS;
    const char *near = NULL;
    for (size_t i = 0; i < count; i++) {
        if (parse_is_near(word + dashes, command_name((enum command)i)))
            near = command_name((enum command)i);
        if (strcmp(word + dashes, command_name((enum command)i)) == 0) {
            config->command = (enum command)i;
            config->verbosity = i == COMMAND_DOCTOR ? 1 : 0; /* -v adds to it */
            return true;
        }
    }
    size_t colons = strspn(word, ":"); /* of a target; behind another one there may be a secret */
    text_add(why, "unknown command '");
    text_add_foreign(why, word, colons + strcspn(word + colons, "=:"), 40);
    if (near)
        text_format(why, "': did you mean %s%s?", dashes ? "--" : "", near);
    else
        text_add(why, "': write probe live, ready or doctor; see probe --help");
    return false;
}

/* What probe says of itself takes no further word, but help the name of a topic. */
static bool take_topic(struct config *config, const char *word, char *words[], struct text *why)
{
    bool has_topic = config->command == COMMAND_HELP && words[0];
    config->help_topic = has_topic ? words[0] : NULL;
    if (!words[has_topic])
        return true;
    if (config->command == COMMAND_HELP)
        text_add(why, "help takes one word: write probe help live, ready, doctor or causes");
    else
        text_format(why, "%s stands alone: write probe --%s", word, command_name(config->command));
    return false;
}

static bool take_path(struct config *config, char *words[], struct text *why)
{
    config->path = words[0];
    if (words[0] && *words[0] && *words[0] != '-' && !words[1])
        return true;
    text_add(why, "install takes one path: write probe install PATH, a file or a folder");
    return false;
}

static bool is_json(const char *word)
{
    return strcasecmp(word, "json") == 0;
}

/* How a mistake is reported, wherever it stands: before --output is read. */
static enum output expect_output(char *argv[])
{
    const char *variable = getenv("PROBE_OUTPUT");
    bool wants_json = variable && is_json(variable);
    for (; *argv && strcmp(*argv, "--") != 0; argv++) {
        const char *word = *argv;
        if ((strcmp(word, "-o") == 0 || strcmp(word, "--output") == 0) && argv[1])
            wants_json = is_json(argv[1]);
        else if (strncmp(word, "-o", 2) == 0 && word[2])
            wants_json = is_json(word + 2);
        else if (strncmp(word, "--output=", strlen("--output=")) == 0)
            wants_json = is_json(word + strlen("--output="));
    }
    return wants_json ? OUTPUT_JSON : OUTPUT_TEXT;
}

/* Whether a mistake is logged: likewise. */
static void expect_log(struct config *config)
{
    const char *variable = getenv(OPTION_PREFIX "LOG");
    if (variable)
        parse_switch(variable, &config->log);
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
    expect_log(config);
    if (!take_command(config, argv[1], why))
        return false;
    return config->command == COMMAND_INSTALL ? take_path(config, argv + 2, why)
           : config->command < COMMAND_LIVE   ? take_topic(config, argv[1], argv + 2, why)
                                              : take_words(config, argv + 2, why);
}
