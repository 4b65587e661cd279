/* The form for programs: one object on one line, by cJSON. The fields are in
 * README, and tests/ hold them to a schema. */
#include <cjson/cJSON.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "report/report.h"
#include "version.h"

/* What is left out, in turn, until the whole fits. */
enum brevity { WHOLE, NO_EXCHANGE, NO_DETAIL, NO_PHASES, NO_HINT, BREVITY_COUNT };

enum { STRING_MAX = 400, STRING_LEAST = 40 }; /* of a target, of a message; with NO_HINT */

static double milliseconds(int64_t us)
{
    return (double)us / 1000;
}

static void add_head(cJSON *object, const struct config *config, const char *status)
{
    char bytes[32];
    struct text now;
    text_init(&now, TEXT_ARRAY(bytes));
    text_add_time(&now, time(NULL));
    cJSON_AddStringToObject(object, "status", status);
    cJSON_AddStringToObject(object, "command", command_name(config->command));
    cJSON_AddStringToObject(object, "time", bytes);
    cJSON_AddStringToObject(object, "version", PROBE_VERSION);
}

static void add_phases(cJSON *object, const struct result *result)
{
    cJSON *phases = cJSON_AddObjectToObject(object, "phases_ms");
    for (int phase = PHASE_RESOLVE; phase < PHASE_COUNT; phase++)
        if (result->phase_us[phase] > 0)
            cJSON_AddNumberToObject(phases, phase_name((enum phase)phase),
                                    milliseconds(result->phase_us[phase]));
}

/* Of doctor: who asks this, and why. */
static void add_reason(cJSON *object, const struct reason *reason)
{
    cJSON *commands = cJSON_AddArrayToObject(object, "asked_by");
    for (enum command command = COMMAND_LIVE; command <= COMMAND_READY; command++)
        if (reason->commands & COMMAND_BIT(command))
            cJSON_AddItemToArray(commands, cJSON_CreateString(command_name(command)));
    cJSON_AddStringToObject(object, "source", reason->source);
}

static cJSON *check_object(const struct run *run, size_t i, enum brevity brevity)
{
    const struct check *check = &run->plan->checks[i];
    const struct result *result = &run->results[i];
    cJSON *object = cJSON_CreateObject();
    const struct cause_info *info = cause_info(result->cause);
    bool healthy = result->cause == CAUSE_NONE;
    char url[STRING_MAX];
    char message[STRING_MAX];
    size_t limit = brevity < NO_HINT ? STRING_MAX : STRING_LEAST;
    struct text text;
    text_init(&text, url, limit);
    target_add_url(check->target, &text);
    text_init(&text, message, limit);
    text_add(&text, result->words);
    cJSON_AddStringToObject(object, "type", check->type->name);
    cJSON_AddStringToObject(object, "target", url);
    if (check->config->command == COMMAND_DOCTOR)
        add_reason(object, &check->reason);
    cJSON_AddStringToObject(object, "status",
                            !run_is_decided_by(run, i) ? "unknown"
                            : healthy                  ? "healthy"
                                                       : "unhealthy");
    cJSON_AddStringToObject(object, "cause", info->name);
    cJSON_AddStringToObject(object, "message", message);
    cJSON_AddNumberToObject(object, "duration_ms", milliseconds(result->took_us));
    if (!healthy && brevity < NO_HINT)
        cJSON_AddStringToObject(object, "hint", info->hint);
    if (*result->note && brevity < NO_HINT)
        cJSON_AddStringToObject(object, "note", result->note);
    if (brevity < NO_PHASES)
        add_phases(object, result);
    if (brevity < NO_DETAIL && *result->detail)
        cJSON_AddStringToObject(object, "detail", result->detail);
    if (brevity < NO_EXCHANGE && result->exchange && *result->exchange)
        cJSON_AddStringToObject(object, "exchange", result->exchange);
    return object;
}

/* Prints into out with a newline; false when it does not fit, there or into the
 * reserve. */
static bool print(cJSON *object, struct text *out)
{
    bool printed =
        !memory_is_out() && cJSON_PrintPreallocated(object, out->bytes, (int)out->size - 1, false);
    out->length = printed ? strlen(out->bytes) : 0;
    cJSON_Delete(object);
    if (printed)
        text_add(out, "\n");
    return printed;
}

static cJSON *run_object(const struct config *config, const struct run *run, enum brevity brevity)
{
    cJSON *object = cJSON_CreateObject();
    add_head(object, config, run_verdict(run));
    cJSON_AddNumberToObject(object, "duration_ms", milliseconds(run->took_us));
    cJSON_AddNumberToObject(object, "timeout_ms", (double)config->timeout_ms);
    cJSON *checks = cJSON_AddArrayToObject(object, "checks");
    for (size_t i = 0; i < run->plan->count; i++)
        cJSON_AddItemToArray(checks, check_object(run, i, brevity));
    return object;
}

static void add_wait(cJSON *object, const struct config *config, const struct progress *progress)
{
    cJSON *seen = cJSON_AddArrayToObject(object, "seen");
    cJSON_AddNumberToObject(object, "attempts", progress->attempts);
    cJSON_AddNumberToObject(object, "waited_ms", milliseconds(deadline_now() - progress->began_us));
    for (size_t i = 0; i < progress->spell_count; i++) {
        cJSON *spell = cJSON_CreateObject();
        cJSON_AddStringToObject(spell, "cause", cause_info(progress->spells[i].cause)->name);
        cJSON_AddNumberToObject(spell, "attempts", progress->spells[i].attempts);
        cJSON_AddItemToArray(seen, spell);
    }
    if (progress->start_ms > 0) {
        cJSON_AddNumberToObject(object, "start_ms", (double)progress->start_ms);
        cJSON_AddNumberToObject(object, "start_period_ms",
                                (double)progress_start_period_ms(progress->start_ms));
        cJSON_AddNumberToObject(object, "retries",
                                (double)progress_retries(config, progress->start_ms));
        cJSON_AddNumberToObject(object, "interval_ms", (double)config->docker_interval_ms);
    }
}

void report_json(const struct config *config, const struct run *run,
                 const struct progress *progress, struct text *out)
{
    bool printed = false;
    for (int brevity = WHOLE; brevity < BREVITY_COUNT && !printed; brevity++) {
        memory_begin_report();
        cJSON *object = run_object(config, run, (enum brevity)brevity);
        if (progress)
            add_wait(object, config, progress);
        printed = print(object, out);
        memory_end_report();
    }
    if (!printed)
        report_json_misconfigured(config, CAUSE_USAGE,
                                  "the report does not fit: ask fewer targets at once", out);
}

static cJSON *misconfigured_object(const struct config *config, enum cause cause, const char *why)
{
    cJSON *object = cJSON_CreateObject();
    add_head(object, config, "misconfigured");
    cJSON_AddStringToObject(object, "cause", cause_info(cause)->name);
    cJSON_AddStringToObject(object, "message", why);
    return object;
}

void report_json_misconfigured(const struct config *config, enum cause cause, const char *why,
                               struct text *out)
{
    memory_begin_report();
    print(misconfigured_object(config, cause, why), out);
    memory_end_report();
}

void report_json_doctor(const struct config *config, const struct run *run, const char *problem,
                        cJSON *machine, struct text *out)
{
    cJSON *object = problem ? misconfigured_object(config, CAUSE_USAGE, problem)
                            : run_object(config, run, WHOLE);
    cJSON_AddItemToObject(object, "machine", machine);
    print(object, out);
}
