/* Everything that can be wrong before anything is sent is found here. */
#include "run/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/secret.h"
#include "config/discover.h"
#include "config/environment.h"
#include "machine/own_host.h"

/* The targets a command asks without any being named. */
static const struct {
    const char *variable;
    const char *fallback;
} defaults[] = {
    [COMMAND_LIVE] = {"PROBE_LIVE", "/api/v1/health/"},
    [COMMAND_READY] = {"PROBE_READY", "/api/v1/ready/"},
};

/* Where a target's text came from, to say what is wrong with it. */
struct origin {
    const char *name;                /* "target", "PROBE_LIVE", "DATABASE_URL" */
    bool is_secret;                  /* the text is not shown */
    const struct check_type *wanted; /* the only kind it may be of; NULL: any */
};

static bool refuse_target(const char *written, struct origin origin, const struct text *reason,
                          struct text *why)
{
    text_add(why, origin.name);
    if (!origin.is_secret) {
        text_add(why, " '");
        target_add_redacted(why, written);
        text_add(why, "'");
    }
    text_format(why, " %s", reason->bytes);
    if (!origin.is_secret && strchr(written, '$'))
        text_add(why, "; exec form expands no $VARIABLE: write env:NAME, or set PORT");
    return false;
}

/* Whether a target is this machine, as it must be for a health check of its own service. */
static bool check_host(struct target *target, const struct config *config, struct text *why)
{
    if (target_is_wildcard(target)) {
        text_add(why, "is an address to listen on, not to ask: write localhost");
        return false;
    }
    struct deadline resolved = deadline_after(deadline_now(), config->timeout_ms / 2);
    if (config->allow_remote || target_is_local(target) || own_host_find(target, resolved))
        return true;
    text_add(why, "is another host, and a health check asks its own container: write localhost, "
                  "or allow it with --allow-remote");
    return false;
}

/* Finds the kind of a target, and lets it complete and refuse it. */
static bool find_type(struct target *target, const struct config *config, struct origin origin,
                      const struct check_type **type, struct text *why)
{
    *type = check_type_of(target->scheme);
    if (origin.wanted && *type != origin.wanted) {
        text_format(why, "has another scheme than %s: write %s://...", origin.wanted->name,
                    origin.wanted->name);
        return false;
    }
    if (!*type) {
        text_add(why, "has a scheme that no check knows: write http, tcp, file, postgres or redis");
        return false;
    }
    bool is_allowed = (*type)->commands & COMMAND_BIT(config->command);
    if (!is_allowed && config->command != COMMAND_DOCTOR) {
        text_add(why, NOT_FOR_LIVE);
        return false;
    }
    return (*type)->prepare(target, config, why) &&
           (!(*type)->local_only || check_host(target, config, why));
}

/* docker run --env-file keeps quotes where a shell would take them away. */
static bool has_quotes(const char *value)
{
    size_t length = strlen(value);
    return length > 1 && strchr("'\"", *value) && value[length - 1] == *value;
}

static bool add_target(struct plan *plan, const char *written, struct origin origin,
                       struct text *why)
{
    char bytes[300];
    struct text reason;
    text_init(&reason, TEXT_ARRAY(bytes));
    if (plan->count == TARGETS_MAX) {
        text_format(why, "%s: more than 16 targets", origin.name);
        return false;
    }
    if (origin.is_secret && has_quotes(written)) {
        text_format(
            why, "%s has quotes around its value: take them away, docker run --env-file keeps them",
            origin.name);
        return false;
    }
    struct target *target = &plan->targets[plan->count];
    if (!target_parse(target, written, &reason))
        return refuse_target(written, origin, &reason, why);
    struct check *check = &plan->checks[plan->count++];
    *check = (struct check){.target = target, .config = plan->config};
    return find_type(target, plan->config, origin, &check->type, &reason) ||
           refuse_target(written, origin, &reason, why);
}

/* The value of a variable that somebody named, for free(3); NULL with the reason
 * in why. */
static char *read_variable(const char *name, struct text *why)
{
    char *value = environment_get(name, why);
    if (!value && why->length == 0) {
        text_format(why, "%s is not set", name);
        environment_add_similar(name, why);
        text_format(why, ", nor is %s_FILE", name);
    }
    return value;
}

/* The target that a variable holds. */
static bool add_variable(struct plan *plan, const char *name, const struct check_type *wanted,
                         struct text *why)
{
    char *value = read_variable(name, why);
    bool added = value && add_target(plan, value, (struct origin){name, true, wanted}, why);
    free(value);
    return added;
}

/* A target as a user writes it, which may be env:NAME. */
static bool add_written(struct plan *plan, const char *written, struct origin origin,
                        struct text *why)
{
    if (strncmp(written, "env:", 4) == 0 && written[4])
        return add_variable(plan, written + strlen("env:"), origin.wanted, why);
    return add_target(plan, written, origin, why);
}

/* Adds each word of a variable's value. */
static bool add_words(struct plan *plan, const char *words, const char *name, struct text *why)
{
    while (*(words += strspn(words, " \t\n")) != '\0') {
        char word[TARGET_LENGTH_MAX + 2];
        size_t length = strcspn(words, " \t\n");
        size_t kept = length < sizeof word ? length : sizeof word - 1;
        memcpy(word, words, kept);
        word[kept] = '\0';
        if (!add_written(plan, word, (struct origin){.name = name}, why))
            return false;
        words += length;
    }
    return true;
}

static bool add_service(struct plan *plan, enum service service, const char *written,
                        struct text *why)
{
    char bytes[TARGET_LENGTH_MAX + 2];
    struct text url;
    bool is_db = service == SERVICE_DB;
    struct origin origin = {.name = is_db ? "--db" : "--redis",
                            .wanted = is_db ? &check_postgres : &check_redis};
    if (written)
        return add_written(plan, written, origin, why);
    text_init(&url, TEXT_ARRAY(bytes));
    origin.is_secret = true;
    return discover_target(service, &url, &origin.name, why) &&
           add_target(plan, bytes, origin, why);
}

/* The targets without which none would be asked: those of a command's
 * variable, else its default. */
static bool add_defaults(struct plan *plan, enum command command, struct text *why)
{
    const char *variable = defaults[command].variable;
    const char *words = getenv(variable);
    size_t before = plan->count;
    if (words && !add_words(plan, words, variable, why))
        return false;
    return plan->count > before || plan->config->no_http ||
           add_target(plan, defaults[command].fallback, (struct origin){.name = "target"}, why);
}

/* The kind of target that an option asks more of; NULL: no kind of its own. */
static const struct check_type *addressee(const char *option)
{
    if (strncmp(option, "db-", 3) == 0)
        return &check_postgres;
    if (strncmp(option, "redis-", 6) == 0)
        return &check_redis;
    return strncmp(option, "expect-", 7) == 0 ? &check_http : NULL;
}

/* Whether each option of argv has a target that it asks: what nobody was asked would
 * pass as healthy. A variable may be there for another run of the same image. */
static bool are_options_asked(const struct plan *plan, struct text *why)
{
    for (size_t i = 0; i < options_count; i++) {
        const struct check_type *type = plan->config->values[i].source == SOURCE_OPTION
                                            ? addressee(options_table[i].name)
                                            : NULL;
        size_t asked = 0;
        while (asked < plan->count && plan->checks[asked].type != type)
            asked++;
        if (!type || asked < plan->count)
            continue;
        text_format(why, "--%s finds no %s target to ask: write one too", options_table[i].name,
                    type->name);
        return false;
    }
    return true;
}

/* A database that probe does not know is no mistake of the service's. */
static bool is_another_kind(const char *url)
{
    static const char *const schemes[] = {"sqlite",  "spatialite", "mysql",
                                          "mariadb", "oracle",     "mssql"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (strncmp(url, schemes[i], strlen(schemes[i])) == 0)
            return true;
    return false;
}

/* Adds a service when its variables name one. */
static bool add_if_there(struct plan *plan, enum service service, struct text *why)
{
    char bytes[TARGET_LENGTH_MAX + 2];
    char ignored_bytes[8];
    struct text url;
    struct text ignored;
    const char *name;
    text_init(&url, TEXT_ARRAY(bytes));
    text_init(&ignored, TEXT_ARRAY(ignored_bytes));
    return !discover_target(service, &url, &name, &ignored) || is_another_kind(bytes) ||
           add_target(plan, bytes, (struct origin){name, true, NULL}, why);
}

/* What doctor asks without being told: all that live and ready may mean. */
static bool add_everything(struct plan *plan, struct text *why)
{
    const struct config *config = plan->config;
    return add_defaults(plan, COMMAND_LIVE, why) && add_defaults(plan, COMMAND_READY, why) &&
           (config->db.count > 0 || add_if_there(plan, SERVICE_DB, why)) &&
           (config->redis.count > 0 || add_if_there(plan, SERVICE_REDIS, why));
}

static bool add_targets(struct plan *plan, struct text *why)
{
    const struct config *config = plan->config;
    for (size_t i = 0; i < config->target_count; i++)
        if (!add_written(plan, config->targets[i], (struct origin){.name = "target"}, why))
            return false;
    bool is_doctor = config->command == COMMAND_DOCTOR;
    if (plan->count == 0 &&
        !(is_doctor ? add_everything(plan, why) : add_defaults(plan, config->command, why)))
        return false;
    for (size_t i = 0; i < config->db.count; i++)
        if (!add_service(plan, SERVICE_DB, config->db.items[i], why))
            return false;
    for (size_t i = 0; i < config->redis.count; i++)
        if (!add_service(plan, SERVICE_REDIS, config->redis.items[i], why))
            return false;
    if (plan->count == 0)
        text_add(why, "--no-http leaves nothing to ask: write a target, --db or --redis");
    return plan->count > 0;
}

/* A line break would begin a header of its own. */
static bool is_header_value(const char *value)
{
    for (; *value; value++)
        if (((unsigned char)*value < ' ' && *value != '\t') || *value == 0x7F)
            return false;
    return true;
}

/* Whether a header's name says that its value is a secret, when its user did
 * not by giving it as @FILE or env:NAME. */
static bool is_secret_name(const struct header *header)
{
    static const char *const marks[] = {"auth", "cookie", "token", "key", "secret", "password"};
    char name[64] = "";
    size_t length = header->name_length < sizeof name ? header->name_length : sizeof name - 1;
    memcpy(name, header->name, length);
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (strcasestr(name, marks[i]))
            return true;
    return false;
}

/* Hides the value, and in "Bearer abc" the part that is the secret itself. */
static void hide_header(const char *value)
{
    const char *credentials = strchr(value, ' ');
    secret_add(value);
    if (credentials)
        secret_add(credentials + 1);
}

static bool complete_header(struct plan *plan, size_t i, struct text *why)
{
    struct header *header = &plan->config->headers.items[i];
    bool is_elsewhere = *header->value == '@' || strncmp(header->value, "env:", 4) == 0;
    char bytes[200];
    struct text reason;
    text_init(&reason, TEXT_ARRAY(bytes));
    if (is_elsewhere) {
        plan->header_values[i] =
            *header->value == '@'
                ? environment_read_file(header->value + 1, VALUE_LENGTH_MAX, &reason)
                : read_variable(header->value + strlen("env:"), &reason);
        header->value = plan->header_values[i];
    }
    if (header->value && is_header_value(header->value)) {
        if (is_elsewhere || is_secret_name(header))
            hide_header(header->value);
        return true;
    }
    if (header->value)
        text_add(&reason, "its value has a line break or another control character");
    text_format(why, "header '%.*s': ", (int)header->name_length, header->name);
    text_add_foreign(why, bytes, reason.length, sizeof bytes);
    return false;
}

/* Of a target its password and each parameter ("=abcd&" is the shortest that is long
 * enough), as written and as sent, and PGPASSWORD; of a header its value and the part behind
 * "Bearer". */
_Static_assert(TARGETS_MAX *(2 * (1 + TARGET_LENGTH_MAX / (SECRET_LENGTH_MIN + 2)) + 1) +
                       2 * LIST_MAX <=
                   SECRETS_MAX,
               "every secret of a plan is registered");

bool plan_make(struct plan *plan, struct config *config, struct text *why)
{
    *plan = (struct plan){.config = config};
    if (config->watch_ms > 0 && (config->wait_ms > 0 || config->become)) {
        text_add(why, "--watch never ends: leave out --wait and the command behind --");
        return false;
    }
    for (size_t i = 0; i < config->headers.count; i++)
        if (!complete_header(plan, i, why))
            return false;
    /* a variable that could not be copied seems not to be set */
    return add_targets(plan, why) && are_options_asked(plan, why) && !memory_is_out();
}

void plan_add_label(const struct plan *plan, size_t i, struct text *text)
{
    const struct check *check = &plan->checks[i];
    size_t same = 0;
    for (size_t j = 0; j < plan->count; j++)
        same += plan->checks[j].type == check->type;
    check_label(check, same == 1, text);
}
