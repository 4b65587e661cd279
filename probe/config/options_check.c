/* What holds between options, once argv, the environment and the files are read. */
#include <string.h>
#include <unistd.h>

#include "base/parse.h"
#include "config/options.h"
#include "config/target.h"
#include "version.h"

static const struct option_value *value_of(const struct config *config, size_t field)
{
    size_t i = 0;
    while (options_table[i].field != field)
        i++;
    return &config->values[i];
}
#define VALUE_OF(config, member) value_of(config, offsetof(struct config, member))

/* An option of argv does nothing without another; a variable may be there for another
 * run of the same image. */
static bool refuse_useless(const struct option_value *value, const char *words, struct text *why)
{
    if (value->source != SOURCE_OPTION)
        return false;
    text_add(why, words);
    return true;
}

static bool are_companions_there(const struct config *config, struct text *why)
{
    bool is_waiting = config->wait_ms > 0;
    bool is_repeated = is_waiting || config->watch_ms > 0;
    if (config->watch_ms > 0 &&
        refuse_useless(VALUE_OF(config, log),
                       "--log does nothing with --watch, which is for a person and never ends",
                       why))
        return false;
    static const char engines[] = "needs --watch or --wait: in a health check it is the engine's, "
                                  "written in HEALTHCHECK";
    if (!is_waiting &&
        (refuse_useless(VALUE_OF(config, interval_ms),
                        "--interval needs --wait: it is the time between two of its attempts; of "
                        "--watch it is --watch=DUR; between two checks it is the engine's",
                        why) ||
         refuse_useless(VALUE_OF(config, backoff),
                        "--backoff needs --wait: it changes the time between two attempts", why)))
        return false;
    if (!is_repeated &&
        (refuse_useless(VALUE_OF(config, docker_interval_ms), "--docker-interval ", why) ||
         refuse_useless(VALUE_OF(config, docker_retries), "--docker-retries ", why) ||
         refuse_useless(VALUE_OF(config, docker_start_period_ms), "--docker-start-period ", why))) {
        text_add(why, engines);
        return false;
    }
    return true;
}

static bool is_method_right(const struct config *config, struct text *why)
{
    if (strcmp(config->method, "HEAD") != 0)
        return true;
    const char *option = config->expect_body.count > 0   ? "--expect-body"
                         : config->expect_json.count > 0 ? "--expect-json"
                         : config->data                  ? "--data"
                                                         : NULL;
    if (option)
        text_format(why, "%s needs a body, and HEAD has none: leave out --method HEAD", option);
    return !option;
}

/* A slip of the pen, or NAME_FILE, which is read of other variables only. */
static bool is_meant(const char *name, const char *known)
{
    size_t length = strlen(known);
    return parse_is_near(name, known) ||
           (strncmp(name, known, length) == 0 && strcmp(name + length, "_FILE") == 0);
}

/* The name of the option's variable, or of a command's targets, that an unknown
 * PROBE_NAME is meant for. */
static bool find_near(const char *name, char near[static OPTION_NAME_SIZE])
{
    for (size_t i = 0; i < options_count; i++) {
        option_variable(&options_table[i], near);
        if (is_meant(name, near))
            return true;
    }
    for (enum command command = COMMAND_LIVE; command <= COMMAND_READY; command++) {
        const char *variable = command_variable(command) + strlen(OPTION_PREFIX);
        memcpy(near, variable, strlen(variable) + 1);
        if (is_meant(name, near))
            return true;
    }
    return false;
}

/* Whether a name is that of a command's targets. */
static bool is_of_targets(const char *name)
{
    return strcmp(name, command_variable(COMMAND_LIVE) + strlen(OPTION_PREFIX)) == 0 ||
           strcmp(name, command_variable(COMMAND_READY) + strlen(OPTION_PREFIX)) == 0;
}

/* Refuses PROBE_TIMOUT. Other names that begin so are somebody else's: Kubernetes sets
 * PROBE_PORT, PROBE_SERVICE_HOST and their kin for a service called probe. */
static bool are_names_right(struct text *why)
{
    for (char **entry = environ; *entry; entry++) {
        char name[40] = "";
        char near[OPTION_NAME_SIZE];
        size_t prefix = strlen(OPTION_PREFIX);
        size_t length = strcspn(*entry, "=");
        bool is_ours = strncmp(*entry, OPTION_PREFIX, prefix) == 0 && length < sizeof name;
        if (!is_ours || strlen(*entry) <= length + 1 || option_of_variable(*entry))
            continue;
        memcpy(name, *entry + prefix, length - prefix);
        if (is_of_targets(name) || !find_near(name, near))
            continue;
        text_add(why, OPTION_PREFIX);
        text_add_foreign(why, name, strlen(name), 60);
        text_format(why, " is not one of probe's variables: did you mean PROBE_%s?", near);
        return false;
    }
    return true;
}

/* Refuses a certificate or key in the place of its file's name, which many a message would
 * show: it is forgotten. */
static bool are_files_named(struct config *config, struct text *why)
{
    for (size_t i = 0; i < options_count; i++) {
        const struct option_row *row = &options_table[i];
        struct option_value *value = &config->values[i];
        bool is_file = row->kind == OPTION_TEXT && strcmp(row->argument, "FILE") == 0;
        if (!is_file || !value->written || !parse_is_pem(value->written))
            continue;
        value->written = "***";
        text_format(why, "--%s " HOLDS_PEM, row->name);
        return false;
    }
    return true;
}

bool options_check(struct config *config, struct text *why)
{
    if (config->data && !VALUE_OF(config, method)->written)
        config->method = "POST";
    if (PROBE_TLS && !are_files_named(config, why))
        return false;
    return are_names_right(why) && are_companions_there(config, why) &&
           is_method_right(config, why);
}
