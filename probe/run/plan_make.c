/* The rules of what is asked: what is written, what variables name, what is asked by
 * default, and what doctor looks at where nobody has configured anything. */
#include <stdlib.h>
#include <string.h>

#include "base/parse.h"
#include "base/secret.h"
#include "checks/check_hint.h"
#include "machine/listeners.h"
#include "machine/procfs.h"
#include "run/plan_parts.h"
#include "version.h"

/* The options that ask a service, and the kind of its targets. */
static const struct {
    const char *option;
    const struct check_type *type;
} services[SERVICES] = {
    [SERVICE_DB] = {"--db", &check_postgres},
    [SERVICE_REDIS] = {"--redis", &check_redis},
};

/* Whether this container itself answers a check, or would once its command runs. */
static bool is_own(const struct check *check)
{
    return check->type->has_no_peer || (check->type->local_only && target_is_local(check->target));
}

/* Leaves out what --no-http says, and what the command behind -- would serve: waiting
 * for that would never end. */
static void leave_out(struct plan *plan, size_t first)
{
    size_t kept = first;
    for (size_t i = first; i < plan->count; i++) {
        const struct check *check = &plan->checks[i];
        bool is_unwanted = (plan->config.no_http && check->type == &check_http) ||
                           (plan->config.become && is_own(check));
        if (!is_unwanted)
            plan->checks[kept++] = *check;
    }
    while (plan->count > kept)
        plan_drop_last(plan);
}

static bool add_service(struct plan *plan, enum service service, const char *written,
                        struct text *why)
{
    char bytes[TARGET_LENGTH_MAX + 2];
    struct text url;
    const struct check_type *type = services[service].type;
    struct origin origin = {.name = services[service].option,
                            .wanted = type,
                            .reason = {.source = services[service].option}};
    if (written)
        return plan_add_written(plan, written, origin, why);
    text_init(&url, TEXT_ARRAY(bytes));
    struct discovery discovery =
        discover_target(&plan->config.environment, service, &type->kind, &url, why);
    if (discovery.found != DISCOVERED)
        return false;
    origin.is_secret = true;
    origin.name = origin.reason.source = discovery.origin;
    return plan_add_target(plan, bytes, origin, why);
}

/* Adds the targets of a command's variable. */
static bool add_configured(struct plan *plan, enum command command, struct text *why)
{
    const char *variable = command_variable(command);
    const char *words = getenv(variable);
    struct origin origin = {.name = variable,
                            .reason = {.source = variable, .commands = COMMAND_BIT(command)}};
    size_t first = plan->count;
    if (words && !plan_add_words(plan, words, origin, why))
        return false;
    leave_out(plan, first);
    return true;
}

/* Adds what a command asks where nothing is configured. */
static bool add_default(struct plan *plan, enum command command, enum weight weight,
                        struct text *why)
{
    struct origin origin = {.name = "target", .reason = {"default", COMMAND_BIT(command), weight}};
    return plan->config.no_http || plan->config.become ||
           plan_add_target(plan, command_target(command), origin, why);
}

static bool are_same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* Whether two checks ask the same of the same. */
static bool are_twins(const struct check *a, const struct check *b)
{
    char bytes[2][TARGET_LENGTH_MAX];
    struct text urls[2];
    text_init(&urls[0], TEXT_ARRAY(bytes[0]));
    text_init(&urls[1], TEXT_ARRAY(bytes[1]));
    target_add_url(a->target, &urls[0]);
    target_add_url(b->target, &urls[1]);
    return a->type == b->type && strcmp(bytes[0], bytes[1]) == 0 &&
           are_same(a->target->password, b->target->password) &&
           are_same(a->target->query, b->target->query);
}

/* Each question once, with all who ask it. */
static void merge_twins(struct plan *plan)
{
    size_t kept = 0;
    for (size_t i = 0; i < plan->count; i++) {
        size_t twin = 0;
        while (twin < kept && !are_twins(&plan->checks[twin], &plan->checks[i]))
            twin++;
        if (twin < kept)
            plan->checks[twin].reason.commands |= plan->checks[i].reason.commands;
        else
            plan->checks[kept++] = plan->checks[i];
    }
    while (plan->count > kept)
        plan_drop_last(plan);
}

/* Those that other kinds ask, and some more. */
bool plan_is_foreign_port(int port)
{
    static const int others[] = {22, 25, 5672, 9092, 11211, 26379, 27017};
    int64_t number;
    for (const struct check_type *const *type = check_types; *type; type++)
        if ((*type)->kind.port && parse_number((*type)->kind.port, 1, 65535, &number) &&
            number == port)
            return true;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i] == port)
            return true;
    return false;
}

/* Adds the question what a listener answers; nothing if that cannot be asked. */
static void add_listener(struct plan *plan, const struct listener *listener)
{
    static const char *const any[] = {"0.0.0.0", "::", "127.0.0.1"};
    const char *host = listener->place;
    char url_bytes[160];
    char ignored_bytes[160];
    struct text url;
    struct text ignored;
    struct origin origin = {.name = "listener", .reason = {"listens here", 0, WEIGHT_NONE}};
    for (size_t i = 0; i < sizeof any / sizeof *any; i++)
        if (strcmp(host, any[i]) == 0)
            host = "localhost";
    bool is_http = !plan_is_foreign_port(listener->port);
    text_init(&url, TEXT_ARRAY(url_bytes));
    text_init(&ignored, TEXT_ARRAY(ignored_bytes));
    text_add(&url, is_http ? "http://" : "tcp://");
    text_add_endpoint(&url, host, listener->port);
    text_add(&url, is_http ? "/" : "");
    size_t before = plan->count;
    if (!plan_add_target(plan, url_bytes, origin, &ignored) && plan->count > before)
        plan_drop_last(plan);
}

static bool is_asked(const struct plan *plan, int port)
{
    for (size_t i = 0; i < plan->count; i++)
        if (plan->checks[i].type->local_only && plan->checks[i].target->port == port)
            return true;
    return false;
}

static bool is_listening(const struct listeners *listeners, int port)
{
    for (size_t i = 0; i < listeners->count; i++)
        if (listeners->list[i].port == port)
            return true;
    return false;
}

/* What doctor asks where nobody has configured an HTTP target: the defaults, unless
 * something else can be asked and nothing listens on their port, and what else this
 * container's processes listen on: with the host's network there are others. */
static bool add_guesses(struct plan *plan, struct text *why)
{
    enum { GUESSES_MAX = 8 };
    struct listeners listeners;
    size_t first = plan->count;
    listeners_find(LISTENER_TCP, &listeners);
    if (!add_default(plan, COMMAND_LIVE, WEIGHT_IF_HEALTHY, why) ||
        !add_default(plan, COMMAND_READY, WEIGHT_IF_HEALTHY, why))
        return false;
    if (plan->count == first)
        return true;
    if (listeners.count > 0 && !is_listening(&listeners, plan->checks[first].target->port))
        while (plan->count > first)
            plan_drop_last(plan);
    listeners_find_owners("", &listeners, 1);
    for (size_t i = 0; i < listeners.count && plan->count < first + GUESSES_MAX; i++)
        if (listeners.list[i].pid > 0 && !is_asked(plan, listeners.list[i].port))
            add_listener(plan, &listeners.list[i]);
    return plan->count > first || (add_default(plan, COMMAND_LIVE, WEIGHT_IF_HEALTHY, why) &&
                                   add_default(plan, COMMAND_READY, WEIGHT_IF_HEALTHY, why));
}

bool plan_add_if_there(struct plan *plan, enum service service)
{
    char bytes[TARGET_LENGTH_MAX + 2];
    char *words = plan->refusals[service];
    struct text url;
    struct text why;
    const struct check_type *type = services[service].type;
    text_init(&url, TEXT_ARRAY(bytes));
    text_init(&why, words, sizeof plan->refusals[service]);
    struct discovery discovery =
        discover_target(&plan->config.environment, service, &type->kind, &url, &why);
    enum found found = discovery.found;
    struct origin origin = {
        .name = discovery.origin,
        .is_secret = true,
        .wanted = type,
        .reason = {.source = discovery.origin, .commands = COMMAND_BIT(COMMAND_READY)}};
    size_t before = plan->count;
    plan->is_set_aside[service] = found == DISCOVERED_OTHER;
    if (found == DISCOVERED_NOTHING || found == DISCOVERED_OTHER ||
        (found == DISCOVERED && plan_add_target(plan, bytes, origin, &why)))
        return true;
    if (plan->count > before)
        plan_drop_last(plan);
    return plan_add_refused(plan, origin, words);
}

/* What doctor asks without being told: all that the container's variables name. */
static bool add_everything(struct plan *plan, struct text *why)
{
    const struct config *config = &plan->config;
    if (!add_configured(plan, COMMAND_LIVE, why) || !add_configured(plan, COMMAND_READY, why))
        return false;
    bool has_own = plan->count > 0;
    if ((config->db.count == 0 && !plan_add_if_there(plan, SERVICE_DB)) ||
        (config->redis.count == 0 && !plan_add_if_there(plan, SERVICE_REDIS)))
        return false;
    merge_twins(plan);
    return has_own || add_guesses(plan, why);
}

static bool add_unwritten(struct plan *plan, struct text *why)
{
    enum command command = plan->config.command;
    if (command == COMMAND_DOCTOR)
        return add_everything(plan, why);
    size_t first = plan->target_count;
    if (!add_configured(plan, command, why))
        return false;
    return plan->target_count > first || add_default(plan, command, WEIGHT_FULL, why);
}

static void explain_nothing(const struct config *config, struct text *why)
{
    if (config->become)
        text_add(why, "the command behind -- would serve this container's own target, so there is "
                      "nothing to ask before it runs: write another target, --db or --redis");
    else
        text_add(why, "--no-http leaves nothing to ask: write a target, --db or --redis");
}

/* Whether a word right behind a bare --db or --redis is its target: env:NAME, or one of that
 * kind. */
static bool is_of_service(const struct target_word *word)
{
    return word->service != SERVICES && (strncmp(word->text, "env:", 4) == 0 ||
                                         check_type_of(word->text) == services[word->service].type);
}

/* "--redis cache": a host where a target belongs. */
static bool refuse_service(const struct target_word *word, struct text *why)
{
    const char *option = services[word->service].option;
    const char *forms = services[word->service].type->kind.forms;
    text_add(why, "target '");
    target_add_redacted(why, word->text);
    text_format(why, "' behind %s is not a target: write %s=%.*s", option, option,
                (int)strcspn(forms, ","), forms);
    return false;
}

/* Adds all targets of --db, or of --redis. */
static bool add_services(struct plan *plan, enum service service, const struct texts *items,
                         struct text *why)
{
    const struct config *config = &plan->config;
    for (size_t i = 0; i < items->count; i++) {
        const char *written = items->items[i];
        for (size_t j = 0; j < config->target_count; j++) {
            const struct target_word *word = &config->targets[j];
            if (word->service == service && word->item == i && is_of_service(word))
                written = word->text;
        }
        if (!add_service(plan, service, written, why))
            return false;
    }
    return true;
}

static bool add_targets(struct plan *plan, struct text *why)
{
    const struct config *config = &plan->config;
    struct origin origin = {.name = "target", .reason.source = "argument"};
    for (size_t i = 0; i < config->target_count; i++) {
        const struct target_word *word = &config->targets[i];
        if (word->service != SERVICES && check_is_formless(word->text) &&
            strncmp(word->text, "env:", 4) != 0)
            return refuse_service(word, why);
        if (!is_of_service(word) && !plan_add_written(plan, word->text, origin, why))
            return false;
    }
    if (plan->count == 0 && !add_unwritten(plan, why))
        return false;
    if (!add_services(plan, SERVICE_DB, &config->db, why) ||
        !add_services(plan, SERVICE_REDIS, &config->redis, why))
        return false;
    if (plan->count == 0)
        explain_nothing(config, why);
    return plan->count > 0;
}

/* Whether a target may be asked over TLS: the rest have no certificate that could end. */
static bool may_use_tls(const struct check *check)
{
    const char *kind = check->type->kind.name;
    return strcmp(kind, "postgres") == 0 || strcmp(check->target->scheme, "https") == 0 ||
           (strcmp(kind, "redis") == 0 && target_redis_uses_tls(check->target));
}

static bool has_kind(const struct plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->count; i++)
        if (strcmp(plan->checks[i].type->kind.name, name) == 0 ||
            (PROBE_TLS && strcmp(name, "TLS") == 0 && may_use_tls(&plan->checks[i])))
            return true;
    return false;
}

/* Whether each option of argv has a target that it asks: what nobody was asked would
 * pass as healthy. A variable may be there for another run of the same image. */
static bool are_options_asked(const struct plan *plan, struct text *why)
{
    for (size_t i = 0; i < options_count; i++) {
        const char *kind = options_table[i].asks;
        if (plan->config.values[i].source != SOURCE_OPTION || !kind || has_kind(plan, kind))
            continue;
        text_format(why, "--%s needs %s %s target: add one", options_table[i].name,
                    *kind == 'h' ? "an" : "a", kind);
        return false;
    }
    return true;
}

/* Whether the command behind -- is what would serve a target: nothing listens there,
 * and nobody else runs here who could. In a pod another container may. */
static bool is_of_command(const struct plan *plan, struct text *why)
{
    struct listeners listeners;
    if (!plan->config.become || getenv("KUBERNETES_SERVICE_HOST") || !procfs_is_alone(""))
        return false;
    listeners_find(LISTENER_TCP, &listeners);
    for (size_t i = 0; i < plan->count && listeners.is_known; i++) {
        const struct check *check = &plan->checks[i];
        int port = check->target->port;
        if (!is_own(check) || port == 0 || is_listening(&listeners, port))
            continue;
        text_add(why, "target '");
        target_add_short(check->target, why);
        text_add(why, "': nothing listens there, and the command behind -- runs only once it is "
                      "healthy: leave out what the command itself serves");
        return true;
    }
    return false;
}

bool plan_make(struct plan *plan, const struct config *config, struct text *why)
{
    *plan = (struct plan){.config = *config};
    if (config->watch_ms > 0 && (config->wait_ms > 0 || config->become)) {
        text_add(why, "--watch never ends: leave out --wait and the command behind --");
        return false;
    }
    for (size_t i = 0; i < config->headers.count; i++)
        if (!plan_complete_header(plan, i, why))
            return false;
    return plan_complete_data(plan, why) && add_targets(plan, why) &&
           are_options_asked(plan, why) && !is_of_command(plan, why);
}
