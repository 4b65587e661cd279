/* Doctor's two forms. The text is made from the same object as the JSON, so
 * that both tell the same. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/output.h"
#include "report/doctor.h"
#include "report/report.h"
#include "report/terminal.h"
#include "run/watchdog.h"

enum { DOCTOR_SIZE = 256 * 1024, VALUE_COLUMN = 22 };

static bool ends_in(const char *name, const char *unit)
{
    size_t length = strlen(name);
    size_t n = strlen(unit);
    return length > n && strcmp(name + length - n, unit) == 0;
}

/* A number in the unit that its name ends in. */
static void add_quantity(struct text *out, const char *name, double number)
{
    if (ends_in(name, "_bytes") && number >= 1024 * 1024)
        text_format(out, "%.1f MiB", number / (1024 * 1024));
    else if (ends_in(name, "_bytes"))
        text_format(out, "%.1f KiB", number / 1024);
    else if (ends_in(name, "_ms"))
        text_add_duration(out, (int64_t)number * 1000);
    else if (ends_in(name, "_us"))
        text_add_duration(out, (int64_t)number);
    else
        text_add_number(out, (int64_t)number);
}

/* "  open files          12": the name without its unit. */
static void add_label(struct text *out, const char *name)
{
    char label[40];
    size_t n = 0;
    size_t length = strlen(name);
    if (ends_in(name, "_bytes"))
        length -= 6;
    else if (ends_in(name, "_ms") || ends_in(name, "_us"))
        length -= 3;
    for (; n < length && n < sizeof label - 1; n++)
        label[n] = (char)(name[n] == '_' ? ' ' : name[n]);
    label[n] = '\0';
    text_format(out, "  %-*s", VALUE_COLUMN - 2, label);
}

static void add_names(struct text *out, const cJSON *names)
{
    char bytes[4096];
    struct text words;
    const cJSON *name;
    text_init(&words, TEXT_ARRAY(bytes));
    for (name = names->child; name; name = name->next) {
        text_add(&words, words.length ? " " : "");
        text_add(&words, name->valuestring);
    }
    text_add_wrapped(out, words.length ? bytes : "none", VALUE_COLUMN);
}

/* "3s (default)" */
static void add_option(struct text *out, const cJSON *option)
{
    char bytes[300];
    struct text words;
    text_init(&words, TEXT_ARRAY(bytes));
    text_format(&words, "%s (%s)", cJSON_GetStringValue(option->child),
                cJSON_GetStringValue(option->child->next));
    text_add_wrapped(out, bytes, VALUE_COLUMN);
}

static void add_value(struct text *out, const cJSON *fact)
{
    if (cJSON_IsNumber(fact))
        add_quantity(out, fact->string, fact->valuedouble);
    else if (cJSON_IsString(fact))
        text_add_wrapped(out, fact->valuestring, VALUE_COLUMN);
    else if (cJSON_IsArray(fact))
        add_names(out, fact);
    else if (cJSON_IsObject(fact))
        add_option(out, fact);
    else
        text_add(out, "not readable");
}

/* "[::1]:8000", "/run/app.sock" */
static void add_place(struct text *out, const cJSON *listener)
{
    const char *address = cJSON_GetStringValue(cJSON_GetObjectItem(listener, "address"));
    if (address)
        text_add_endpoint(out, address, cJSON_GetObjectItem(listener, "port")->valueint);
    else
        text_add(out, cJSON_GetStringValue(cJSON_GetObjectItem(listener, "path")));
}

/* "  0.0.0.0:8000         3 of 2048 waiting, gunicorn (pid 7)" */
static void add_listener(struct text *out, const cJSON *listener)
{
    char place[512];
    struct text text;
    const cJSON *backlog = cJSON_GetObjectItem(listener, "backlog");
    const cJSON *pid = cJSON_GetObjectItem(listener, "pid");
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(listener, "name"));
    text_init(&text, TEXT_ARRAY(place));
    add_place(&text, listener);
    if (text.length < VALUE_COLUMN - 2)
        text_format(out, "  %-*s", VALUE_COLUMN - 2, place);
    else
        text_format(out, "  %s\n%*s", place, VALUE_COLUMN, "");
    text_add_number(out, cJSON_GetObjectItem(listener, "waiting")->valueint);
    if (cJSON_IsNumber(backlog))
        text_format(out, " of %d", backlog->valueint);
    text_add(out, " waiting");
    if (cJSON_IsNumber(pid))
        text_format(out, ", %s (pid %d)", name ? name : "?", pid->valueint);
}

static void add_heading(struct text *out, const char *name, bool color)
{
    text_add(out, out->length ? "\n" : "");
    text_format(out, color ? "\033[1m%s\033[0m\n" : "%s\n", name);
}

static void add_section(struct text *out, const cJSON *section, bool color)
{
    const cJSON *fact;
    add_heading(out, section->string, color);
    if (cJSON_IsNull(section))
        text_add(out, "  not readable\n");
    else if (!section->child)
        text_add(out, "  none\n");
    for (fact = section->child; fact; fact = fact->next) {
        if (cJSON_IsArray(section) && cJSON_IsObject(fact)) {
            add_listener(out, fact);
        } else if (cJSON_IsArray(section)) {
            text_add(out, "  ");
            text_add_wrapped(out, fact->valuestring, 4);
        } else {
            add_label(out, fact->string);
            add_value(out, fact);
        }
        text_add(out, "\n");
    }
}

/* Adds a line of a report: its words begin at one column, where they also go on
 * if they are wider than the screen. */
static void add_report_line(struct text *out, const char *line, bool is_first)
{
    enum { WORDS_COLUMN = 12 };
    const char *prefix = is_first ? "  verdict   " : line;
    const char *words = is_first ? line : line + WORDS_COLUMN;
    text_format(out, "%.*s", WORDS_COLUMN, prefix);
    if (strlen(words) + WORDS_COLUMN > TEXT_WIDTH)
        text_add_wrapped(out, words, WORDS_COLUMN);
    else
        text_add(out, words);
    text_add(out, "\n");
}

/* Every check: the report that live and ready print. */
static void add_checks(struct text *out, const struct config *config, const struct run *run,
                       const char *problem)
{
    char *bytes = memory_get(DOCTOR_SIZE); /* not static: it would be data of every check */
    struct text report;
    text_init(&report, bytes, DOCTOR_SIZE);
    if (problem)
        text_format(&report, "misconfigured: %s\n", problem);
    else
        report_text(config, run, NULL, &report);
    for (char *line = bytes, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = '\0';
        add_report_line(out, line, line == bytes);
    }
    free(bytes);
}

/* The verdict stands last: that is what a terminal shows. */
static void add_text(const struct config *config, const struct run *run, const char *problem,
                     const cJSON *machine, struct text *out)
{
    const char *no_color = getenv("NO_COLOR");
    bool color = terminal_is_there() && !(no_color && *no_color);
    const cJSON *section;
    for (section = machine->child; section; section = section->next)
        add_section(out, section, color);
    add_heading(out, "checks", color);
    add_checks(out, config, run, problem);
}

int report_doctor(const struct config *config, const struct run *run, const char *problem)
{
    int status = !problem && run_is_healthy(run) ? EXIT_HEALTHY : EXIT_UNHEALTHY;
    if (config->quiet)
        return problem ? report_misconfigured(config, problem) : status;
    static char bytes[DOCTOR_SIZE];
    cJSON *machine = doctor_examine(config, problem ? NULL : run);
    struct text out;
    if (!problem) {
        doctor_add_set_aside(machine, run->plan);
        doctor_add_start(machine, run);
    }
    text_init(&out, TEXT_ARRAY(bytes));
    if (config->output == OUTPUT_JSON)
        report_json_doctor(config, run, problem, machine, &out);
    else
        add_text(config, run, problem, machine, &out);
    cJSON_Delete(machine);
    watchdog_finish(status);
    output_write(bytes, out.length);
    return status;
}
