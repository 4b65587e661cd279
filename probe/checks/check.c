/* The table of kinds, and what a check keeps of its answer. */
#include "checks/check.h"

#include "base/parse.h"

/* In the order in which help has them. */
const struct check_type *const check_types[] = {&check_http,  &check_tcp,     &check_listen,
                                                &check_file,  &check_process, &check_postgres,
                                                &check_mysql, &check_redis,   NULL};

const struct check_type *check_type_of(const char *text)
{
    const struct check_type *const *type = check_types;
    while (*type && !kind_has(&(*type)->kind, text))
        type++;
    return *type;
}

bool check_parse(struct target *target, const char *text, struct text *why)
{
    const struct check_type *type = check_type_of(text);
    return target_parse(target, type ? &type->kind : NULL, text, why);
}

void check_label(const struct check *check, bool alone, struct text *text)
{
    text_add(text, check->type->kind.name);
    if (alone)
        return;
    text_add(text, " ");
    target_add_short(check->target, text);
}

/* Whether a $NAME is sent as it is: in the target, or in a header. */
static bool sends_variable(const struct check *check)
{
    const struct headers *headers = &check->config->headers;
    if (check->target->has_variable)
        return true;
    for (size_t i = 0; check->type->sends_headers && i < headers->count; i++)
        if (headers->items[i].value && parse_has_variable(headers->items[i].value))
            return true;
    return false;
}

void check_run(const struct check *check, struct deadline deadline, int64_t limit_ms,
               struct result *result)
{
    result_begin(result, limit_ms);
    if (check->refused)
        result_fail(result, CAUSE_USAGE, "%s", check->refused);
    else if (deadline_left_ms(deadline) > 0)
        check->type->run(check, deadline, result);
    else
        result_fail_late(result);
    if (result->cause != CAUSE_NONE && sends_variable(check)) {
        struct text words = result_words(result);
        text_add(&words, "; a $NAME was sent as it is: exec form expands no $VARIABLE");
    }
    result_end(result);
}
