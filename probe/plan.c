/* Everything that can be wrong before anything is sent is found here. */
#include "plan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "secret.h"

enum { HEADER_VALUE_MAX = 8192 };

/* The targets a command asks without any being named. */
static const struct {
    const char *variable;
    const char *fallback;
} defaults[] = {
    [COMMAND_LIVE] = {"PROBE_LIVE", "/api/v1/health/"},
    [COMMAND_READY] = {"PROBE_READY", "/api/v1/ready/"},
};

static const char *command_name(enum command command)
{
    return command == COMMAND_LIVE ? "live" : "ready";
}

/* Says which target is wrong; its own text may hold a secret. */
static bool refuse_target(const char *written, const char *origin, const struct text *reason,
                          struct text *why)
{
    text_add(why, origin ? origin : "target");
    text_add(why, " '");
    target_add_redacted(why, written);
    text_format(why, "' %s", reason->bytes);
    return false;
}

static bool find_type(struct target *target, const struct config *config,
                      const struct check_type **type, struct text *why)
{
    *type = check_type_of(target->scheme);
    if (!*type) {
        text_add(why, "has a scheme that no check knows: write http");
        return false;
    }
    if (!((*type)->commands & COMMAND_BIT(config->command))) {
        text_format(why, "is not for probe %s", command_name(config->command));
        return false;
    }
    if ((*type)->local_only && !config->allow_remote && !target_is_local(target)) {
        text_add(why,
                 "is another host, and a health check asks its own container: write localhost, "
                 "or allow it with --allow-remote");
        return false;
    }
    return (*type)->prepare(target, config, why);
}

static bool add_target(struct plan *plan, const char *written, const char *origin, struct text *why)
{
    char bytes[240];
    struct text reason;
    text_init(&reason, TEXT_ARRAY(bytes));
    if (plan->count == TARGETS_MAX) {
        text_format(why, "%s: more than 16 targets", origin ? origin : "targets");
        return false;
    }
    struct target *target = &plan->targets[plan->count];
    if (!target_parse(target, written, &reason))
        return refuse_target(written, origin, &reason, why);
    struct check *check = &plan->checks[plan->count++];
    *check = (struct check){.target = target, .config = plan->config};
    target->origin = origin;
    return find_type(target, plan->config, &check->type, &reason) ||
           refuse_target(written, origin, &reason, why);
}

/* Adds each word of a variable's value. */
static bool add_words(struct plan *plan, const char *words, const char *origin, struct text *why)
{
    while (*(words += strspn(words, " \t\n")) != '\0') {
        char word[TARGET_LENGTH_MAX + 2];
        size_t length = strcspn(words, " \t\n");
        size_t kept = length < sizeof word ? length : sizeof word - 1;
        memcpy(word, words, kept);
        word[kept] = '\0';
        if (!add_target(plan, word, origin, why))
            return false;
        words += length;
    }
    return true;
}

static bool add_targets(struct plan *plan, struct text *why)
{
    const struct config *config = plan->config;
    for (size_t i = 0; i < config->target_count; i++)
        if (!add_target(plan, config->targets[i], NULL, why))
            return false;
    if (plan->count > 0)
        return true;
    const char *variable = defaults[config->command].variable;
    const char *words = getenv(variable);
    if (words && !add_words(plan, words, variable, why))
        return false;
    return plan->count > 0 || add_target(plan, defaults[config->command].fallback, NULL, why);
}

/* Reads a header's value from a file; a newline at its end is not part of it. */
static char *read_value(const char *path, struct text *why)
{
    char *value = malloc(HEADER_VALUE_MAX + 1);
    int fd = value ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    ssize_t length = fd >= 0 ? read(fd, value, HEADER_VALUE_MAX) : -1;
    int error = errno;
    if (fd >= 0)
        close(fd);
    if (length < 0) {
        text_format(why, "cannot be read from '%s': %s", path, strerror(error));
        free(value);
        return NULL;
    }
    while (length > 0 && (value[length - 1] == '\n' || value[length - 1] == '\r'))
        length--;
    value[length] = '\0';
    return value;
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
    struct header *header = &plan->config->headers[i];
    char bytes[200];
    struct text reason;
    text_init(&reason, TEXT_ARRAY(bytes));
    bool secret = true;
    if (*header->value == '@') {
        plan->header_values[i] = read_value(header->value + 1, &reason);
        header->value = plan->header_values[i];
    } else if (strncmp(header->value, "env:", 4) == 0) {
        const char *name = header->value + 4;
        header->value = getenv(name);
        if (!header->value)
            text_format(&reason, "has no value: the variable '%s' is not set", name);
    } else {
        secret = is_secret_name(header);
    }
    if (header->value && !is_header_value(header->value))
        text_add(&reason, "has a line break or another control character in its value");
    if (reason.length == 0) {
        if (secret)
            hide_header(header->value);
        return true;
    }
    text_format(why, "header '%.*s' ", (int)header->name_length, header->name);
    text_add_foreign(why, bytes, reason.length, sizeof bytes);
    return false;
}

bool plan_make(struct plan *plan, struct config *config, struct text *why)
{
    *plan = (struct plan){.config = config};
    for (size_t i = 0; i < config->header_count; i++)
        if (!complete_header(plan, i, why))
            return false;
    return add_targets(plan, why);
}

void plan_release(struct plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        target_release(&plan->targets[i]);
    for (size_t i = 0; i < HEADERS_MAX; i++)
        free(plan->header_values[i]);
    *plan = (struct plan){0};
}
