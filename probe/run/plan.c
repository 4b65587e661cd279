/* A plan's parts: a target's text becomes a check, a header's value is read. What is
 * wrong with them is found here, before anything is sent. */
#include "run/plan_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/parse.h"
#include "base/secret.h"
#include "checks/check_hint.h"
#include "config/environment.h"
#include "run/own_host.h"

enum { DATA_LENGTH_MAX = 64 * 1024 };

static bool refuse_target(const char *written, struct origin origin, const struct text *reason,
                          struct text *why)
{
    text_add_name(why, origin.name);
    if (!origin.is_secret && !(origin.wanted && check_is_formless(written))) {
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
    const char *place = target->url_host ? "is sent by --connect-to to" : "is";
    if (target_is_wildcard(target)) {
        text_format(why, "%s an address to listen on, not to ask: write localhost", place);
        return false;
    }
    struct deadline resolved = deadline_after(deadline_now(), config->timeout_ms / 2);
    enum own_host found = config->allow_remote || target_is_local(target)
                              ? OWN_HOST
                              : own_host_find(target, resolved);
    if (found == OWN_HOST)
        return true;
    text_format(why,
                "%s another host%s, and a health check asks its own container: write localhost, "
                "or allow it with --allow-remote",
                place, found == UNKNOWN_HOST ? ", or a name that is not resolved here" : "");
    return false;
}

/* Lets the kind of a target complete and refuse it; NULL: no kind knows it. */
static bool prepare_target(struct target *target, const struct config *config, struct origin origin,
                           const struct check_type *type, struct text *why)
{
    if (origin.wanted && type != origin.wanted) {
        text_format(why, "has another scheme than %s: write %s://...", origin.wanted->kind.name,
                    origin.wanted->kind.name);
        return false;
    }
    if (!type) {
        check_add_instead(target, config->command, why);
        return false;
    }
    bool is_allowed = type->commands & COMMAND_BIT(config->command);
    if (!is_allowed && config->command != COMMAND_DOCTOR) {
        text_add(why, NOT_FOR_LIVE);
        return false;
    }
    return type->prepare(target, config, why) &&
           (!type->local_only || check_host(target, config, why));
}

/* docker run --env-file keeps quotes where a shell would take them away. */
static bool has_quotes(const char *value)
{
    size_t length = strlen(value);
    return length > 1 && strchr("'\"", *value) && value[length - 1] == *value;
}

/* What to write in place of a text that is no target; what is meant to be a database's
 * may be a password alone, and is not repeated. */
static void add_form(const char *written, struct origin origin, const struct config *config,
                     struct text *reason)
{
    int64_t ms;
    if (origin.wanted)
        text_format(reason, "is not a target of %s: write %s or env:NAME", origin.wanted->kind.name,
                    origin.wanted->kind.forms);
    else if (config->watch_ms > 0 && parse_duration(written, &ms))
        text_format(reason, "belongs to --watch: write --watch=%s", written);
    else if (*written)
        check_add_nearest(origin.is_secret ? "" : written, config->command, reason);
    else
        text_add(reason, "is empty");
}

bool plan_add_target(struct plan *plan, const char *written, struct origin origin, struct text *why)
{
    char bytes[300];
    struct text reason;
    text_init(&reason, TEXT_ARRAY(bytes));
    if (plan->target_count == TARGETS_MAX) {
        text_add_name(why, origin.name);
        text_add(why, ": more than 16 targets");
        return false;
    }
    if (origin.is_secret && has_quotes(written)) {
        text_add_name(why, origin.name);
        text_add(why, " has quotes around its value: take them away, docker run --env-file keeps "
                      "them");
        return false;
    }
    if (check_is_formless(written)) {
        add_form(written, origin, &plan->config, &reason);
        return refuse_target(written, origin, &reason, why);
    }
    struct target *target = &plan->targets[plan->target_count++];
    if (!check_parse(target, written, &reason))
        return refuse_target(written, origin, &reason, why);
    struct check *check = &plan->checks[plan->count++];
    *check = (struct check){.type = check_type_of(written),
                            .target = target,
                            .config = &plan->config,
                            .reason = origin.reason};
    return prepare_target(target, &plan->config, origin, check->type, &reason) ||
           refuse_target(written, origin, &reason, why);
}

/* The value of a variable that somebody named, for free(3); NULL with the reason
 * in why. */
static char *read_variable(const struct plan *plan, const char *name, struct text *why)
{
    char *value = environment_get(name, why);
    if (!value && why->length == 0) {
        text_add_name(why, name);
        text_add(why, getenv(name) ? " is empty" : " is not set");
        environment_add_similar(&plan->config.environment, name, why);
        text_add(why, getenv(name) ? ", and " : ", nor is ");
        text_add_name(why, name);
        text_add(why, getenv(name) ? "_FILE is not set" : "_FILE");
    }
    return value;
}

/* The target that a variable holds. */
static bool add_variable(struct plan *plan, const char *name, struct origin origin,
                         struct text *why)
{
    char *value = read_variable(plan, name, why);
    origin.name = name;
    origin.is_secret = true;
    bool added = value && plan_add_target(plan, value, origin, why);
    free(value);
    return added;
}

bool plan_add_written(struct plan *plan, const char *written, struct origin origin,
                      struct text *why)
{
    if (strncmp(written, "env:", 4) == 0 && written[4])
        return add_variable(plan, written + strlen("env:"), origin, why);
    return plan_add_target(plan, written, origin, why);
}

bool plan_add_words(struct plan *plan, const char *words, struct origin origin, struct text *why)
{
    while (*(words += strspn(words, " \t\n")) != '\0') {
        char word[TARGET_LENGTH_MAX + 2];
        size_t length = strcspn(words, " \t\n");
        size_t kept = length < sizeof word ? length : sizeof word - 1;
        memcpy(word, words, kept);
        word[kept] = '\0';
        if (!plan_add_written(plan, word, origin, why))
            return false;
        words += length;
    }
    return true;
}

bool plan_add_refused(struct plan *plan, struct origin origin, const char *words)
{
    if (plan->target_count == TARGETS_MAX)
        return false;
    struct target *target = &plan->targets[plan->target_count++];
    *target = (struct target){
        .kind = &origin.wanted->kind, .scheme = origin.wanted->kind.name, .host = "", .path = ""};
    plan->checks[plan->count++] = (struct check){.type = origin.wanted,
                                                 .target = target,
                                                 .config = &plan->config,
                                                 .reason = origin.reason,
                                                 .refused = words};
    return true;
}

void plan_drop_last(struct plan *plan)
{
    plan->count--; /* its target stays: what it holds may be a secret */
}

/* A line break would begin a header of its own. */
static bool is_header_value(const char *value)
{
    for (; *value; value++)
        if (((unsigned char)*value < ' ' && *value != '\t') || *value == 0x7F)
            return false;
    return true;
}

bool plan_complete_header(struct plan *plan, size_t i, struct text *why)
{
    struct header *header = &plan->config.headers.items[i];
    bool is_elsewhere = *header->value == '@' || strncmp(header->value, "env:", 4) == 0;
    char bytes[200];
    struct text reason;
    text_init(&reason, TEXT_ARRAY(bytes));
    if (is_elsewhere) {
        plan->header_values[i] =
            *header->value == '@'
                ? environment_read_file(header->value + 1, VALUE_LENGTH_MAX, &reason)
                : read_variable(plan, header->value + strlen("env:"), &reason);
        header->value = plan->header_values[i];
    }
    if (header->value && is_header_value(header->value)) {
        header->is_secret = is_elsewhere || secret_is_header(header->name, header->name_length);
        if (header->is_secret)
            secret_add_header(header->value);
        return true;
    }
    if (header->value)
        text_add(&reason, "its value has a line break or another control character");
    text_format(why, "header '%.*s': ", (int)header->name_length, header->name);
    text_add_foreign(why, bytes, reason.length, sizeof bytes);
    return false;
}

bool plan_complete_data(struct plan *plan, struct text *why)
{
    char bytes[200];
    struct text reason;
    const char *written = plan->config.data;
    text_init(&reason, TEXT_ARRAY(bytes));
    if (written && *written == '@') {
        plan->data = environment_read_file(written + 1, DATA_LENGTH_MAX, &reason);
        plan->config.data = plan->data;
    }
    if (written && !plan->config.data) {
        text_add(why, "--data: ");
        text_add_foreign(why, bytes, reason.length, sizeof bytes);
        return false;
    }
    if (written)
        secret_add(plan->config.data);
    return true;
}

void plan_add_label(const struct plan *plan, size_t i, struct text *text)
{
    const struct check *check = &plan->checks[i];
    size_t same = 0;
    for (size_t j = 0; j < plan->count; j++)
        same += plan->checks[j].type == check->type;
    check_label(check, same == 1, text);
}
