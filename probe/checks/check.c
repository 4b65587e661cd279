/* The table of kinds, and what a check keeps of its answer. */
#include "checks/check.h"

#include "base/memory.h"

static const struct check_type *const types[] = {&check_http, &check_postgres, &check_redis,
                                                 &check_tcp, &check_file};

const struct check_type *check_type_of(const char *scheme)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (target_is_among(types[i]->schemes, scheme))
            return types[i];
    return NULL;
}

void check_label(const struct check *check, bool alone, struct text *text)
{
    text_add(text, check->type->name);
    if (alone)
        return;
    text_add(text, " ");
    target_add_short(check->target, text);
}

void check_run(const struct check *check, struct deadline deadline, int64_t limit_ms,
               struct result *result)
{
    memory_forget();
    result_begin(result, limit_ms);
    if (check->refused)
        result_fail(result, CAUSE_USAGE, "%s", check->refused);
    else if (deadline_left_ms(deadline) > 0)
        check->type->run(check, deadline, result);
    else
        result_fail_late(result);
    result_end(result);
}
