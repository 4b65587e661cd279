/* The form for programs: one object on one line. The fields are in the man
 * page, and tests/ hold them to a schema. */
#include <cjson/cJSON.h>
#include <string.h>
#include <time.h>

#include "base/json_text.h"
#include "report/report.h"
#include "version.h"

/* What is left out, in turn, until the whole fits. */
enum brevity { WHOLE, NO_EXCHANGE, NO_DETAIL, NO_PHASES, NO_HINT, BREVITY_COUNT };

enum { STRING_MAX = 400, STRING_LEAST = 40 }; /* of a target, of a message; with NO_HINT */

void report_json_open(const struct config *config, const char *status, struct text *out)
{
    char bytes[32];
    struct text now;
    text_init(&now, TEXT_ARRAY(bytes));
    text_add_time(&now, time(NULL));
    json_text_open(out, NULL, '{');
    json_text_string(out, "status", status);
    json_text_string(out, "command", command_name(config->command));
    json_text_string(out, "time", bytes);
    json_text_string(out, "version", PROBE_VERSION);
}

static void add_end(struct text *out)
{
    json_text_close(out, '}');
    text_add(out, "\n");
}

static void add_phases(struct text *out, const struct result *result)
{
    json_text_open(out, "phases_ms", '{');
    for (int phase = PHASE_RESOLVE; phase < PHASE_COUNT; phase++)
        if (result->phase_us[phase] > 0)
            json_text_milliseconds(out, phase_name((enum phase)phase), result->phase_us[phase]);
    json_text_close(out, '}');
}

/* Of doctor: who asks this, and why. */
static void add_reason(struct text *out, const struct reason *reason)
{
    char bytes[200];
    struct text source;
    text_init(&source, TEXT_ARRAY(bytes));
    text_add_name(&source, reason->source);
    json_text_open(out, "asked_by", '[');
    for (enum command command = COMMAND_LIVE; command <= COMMAND_READY; command++)
        if (reason->commands & COMMAND_BIT(command))
            json_text_string(out, NULL, command_name(command));
    json_text_close(out, ']');
    json_text_string(out, "source", bytes);
}

static void add_check(struct text *out, const struct run *run, size_t i, enum brevity brevity)
{
    const struct check *check = &run->plan->checks[i];
    const struct result *result = &run->results[i];
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
    json_text_open(out, NULL, '{');
    json_text_string(out, "type", check->type->kind.name);
    json_text_string(out, "target", url);
    if (check->config->command == COMMAND_DOCTOR)
        add_reason(out, &check->reason);
    json_text_string(out, "status",
                     !run_is_decided_by(run, i) ? "unknown"
                     : healthy                  ? "healthy"
                                                : "unhealthy");
    json_text_string(out, "cause", info->name);
    json_text_string(out, "message", message);
    json_text_milliseconds(out, "duration_ms", result->took_us);
    if (!healthy && brevity < NO_HINT)
        json_text_string(out, "hint", result_hint(result));
    if (*result->note && brevity < NO_HINT)
        json_text_string(out, "note", result->note);
    if (brevity < NO_PHASES)
        add_phases(out, result);
    if (brevity < NO_DETAIL && *result->detail)
        json_text_string(out, "detail", result->detail);
    if (brevity < NO_DETAIL && *result->tls)
        json_text_string(out, "tls", result->tls);
    if (brevity < NO_EXCHANGE && result->exchange && *result->exchange)
        json_text_string(out, "exchange", result->exchange);
    json_text_close(out, '}');
}

/* An object without its end. */
static void add_run(struct text *out, const struct config *config, const struct run *run,
                    enum brevity brevity)
{
    report_json_open(config, run_verdict(run), out);
    json_text_milliseconds(out, "duration_ms", run->took_us);
    json_text_number(out, "timeout_ms", config->timeout_ms);
    json_text_open(out, "checks", '[');
    for (size_t i = 0; i < run->plan->count; i++)
        add_check(out, run, i, brevity);
    json_text_close(out, ']');
}

static void add_wait(struct text *out, const struct config *config, const struct progress *progress)
{
    json_text_number(out, "attempts", progress->attempts);
    json_text_milliseconds(out, "waited_ms", deadline_now() - progress->began_us);
    json_text_open(out, "seen", '[');
    for (size_t i = 0; i < progress->streak_count; i++) {
        json_text_open(out, NULL, '{');
        json_text_string(out, "cause", cause_info(progress->streaks[i].cause)->name);
        json_text_number(out, "attempts", progress->streaks[i].attempts);
        json_text_close(out, '}');
    }
    json_text_close(out, ']');
    if (progress->start_ms > 0) {
        json_text_number(out, "start_ms", progress->start_ms);
        json_text_number(out, "start_period_ms", progress_start_period_ms(progress->start_ms));
        json_text_number(out, "retries", progress_retries(config, progress->start_ms));
        json_text_number(out, "interval_ms", config->docker_interval_ms);
    }
}

void report_json(const struct config *config, const struct run *run,
                 const struct progress *progress, struct text *out)
{
    for (int brevity = WHOLE; brevity < BREVITY_COUNT; brevity++) {
        text_init(out, out->bytes, out->size);
        add_run(out, config, run, (enum brevity)brevity);
        if (progress)
            add_wait(out, config, progress);
        if (*run->note)
            json_text_string(out, "note", run->note);
        add_end(out);
        if (!out->cut)
            return;
    }
    text_init(out, out->bytes, out->size);
    report_json_line(config, "misconfigured", CAUSE_USAGE,
                     "the report does not fit: ask fewer targets at once", out);
}

static void add_line(struct text *out, const struct config *config, const char *status,
                     enum cause cause, const char *why)
{
    report_json_open(config, status, out);
    json_text_string(out, "cause", cause_info(cause)->name);
    json_text_string(out, "message", why);
}

void report_json_line(const struct config *config, const char *status, enum cause cause,
                      const char *why, struct text *out)
{
    add_line(out, config, status, cause, why);
    add_end(out);
}

void report_json_doctor(const struct config *config, const struct run *run, const char *problem,
                        const cJSON *machine, struct text *out)
{
    if (problem)
        add_line(out, config, "misconfigured", CAUSE_USAGE, problem);
    else
        add_run(out, config, run, WHOLE);
    json_text_item(out, "machine", machine);
    add_end(out);
}
