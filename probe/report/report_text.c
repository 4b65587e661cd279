/* The form for people: one line that tells all, then what more is known of
 * each failure. */
#include <string.h>

#include "report/report.h"

/* The most of a check's words that are shown: the first at which the line
 * holds every check. */
static const size_t word_limits[] = {320, 160, 80, 40, 20, 10};

/* "http 200 (4 ms)", "http 503 Service Unavailable: ..." */
static void add_item(const struct run *run, size_t i, size_t limit, struct text *line)
{
    const struct result *result = &run->results[i];
    char bytes[160];
    struct text label;
    text_init(&label, TEXT_ARRAY(bytes));
    if (run_is_decided_by(run, i))
        plan_add_label(run->plan, i, &label);
    else /* nobody has named it: say where */
        check_label(&run->plan->checks[i], false, &label);
    text_add_cut(line, bytes, limit < sizeof bytes ? limit + 5 : sizeof bytes);
    text_add(line, " ");
    text_add_cut(line, result->words, limit);
    if (result->cause == CAUSE_NONE) {
        text_add(line, " (");
        text_add_duration(line, result->took_us);
        text_add(line, ")");
    }
}

enum items { FAILED, HEALTHY, UNDECIDING };

static enum items kind_of_item(const struct run *run, size_t i)
{
    if (!run_is_decided_by(run, i))
        return UNDECIDING;
    return run->results[i].cause == CAUSE_NONE ? HEALTHY : FAILED;
}

/* The items of one kind. */
static void add_items(const struct run *run, enum items kind, const char *separator, size_t limit,
                      struct text *line)
{
    const char *between = "";
    for (size_t i = 0; i < run->plan->count; i++) {
        if (kind_of_item(run, i) != kind)
            continue;
        text_add(line, between);
        add_item(run, i, limit, line);
        between = separator;
    }
}

static void add_checks(const struct run *run, size_t limit, struct text *line)
{
    bool has_healthy = false;
    add_items(run, FAILED, "; ", limit, line);
    for (size_t i = 0; i < run->plan->count; i++)
        has_healthy = has_healthy || kind_of_item(run, i) == HEALTHY;
    text_add(line, has_healthy && !run_is_healthy(run) ? "; " : "");
    add_items(run, HEALTHY, ", ", limit, line);
}

/* What doctor says where nobody has configured what it asked. */
static void add_unconfigured(const struct run *run, size_t limit, struct text *line)
{
    bool has_own = false;
    bool has_undeciding = false;
    for (size_t i = 0; i < run->plan->count; i++) {
        bool is_undeciding = kind_of_item(run, i) == UNDECIDING;
        has_undeciding = has_undeciding || is_undeciding;
        has_own = has_own || (!is_undeciding && run->plan->checks[i].type->local_only);
    }
    if (!has_undeciding || has_own)
        return;
    text_add(line, strcmp(run_verdict(run), "unknown") == 0 ? "" : "; ");
    text_add(line, "no HTTP target is configured: what does your HEALTHCHECK ask? "
                   "write that behind doctor; meanwhile ");
    add_items(run, UNDECIDING, "; ", limit, line);
}

/* "healthy in 12 ms: ", "unhealthy after 60 s and 31 attempts: " */
static void add_verdict(const struct run *run, const struct progress *progress, struct text *line)
{
    bool has_waited = progress && progress->attempts > 1;
    text_add(line, run_verdict(run));
    text_add(line, has_waited ? " after " : " in ");
    text_add_duration(line, has_waited ? deadline_now() - progress->began_us : run->took_us);
    if (has_waited)
        text_format(line, " and %u attempts", progress->attempts);
    text_add(line, ": ");
}

void report_checks(const struct run *run, struct text *text)
{
    size_t start = text->length;
    for (size_t i = 0; i < sizeof word_limits / sizeof *word_limits; i++) {
        text->length = start;
        text->cut = false;
        add_checks(run, word_limits[i], text);
        add_unconfigured(run, word_limits[i], text);
        if (!text->cut)
            return;
    }
}

/* Appends words behind a separator if they fit whole. */
static bool add_if_room(struct text *line, const char *separator, const char *words)
{
    if (line->length + strlen(separator) + strlen(words) >= line->size)
        return false;
    text_add(line, separator);
    text_add(line, words);
    return true;
}

/* The hint of the first database or cache that failed, since it may be why the service fails too;
 * else of the first failure. NULL when all is well. */
static const char *first_hint(const struct run *run)
{
    const char *first = NULL;
    for (size_t i = 0; i < run->plan->count; i++) {
        const struct result *result = &run->results[i];
        if (result->cause == CAUSE_NONE)
            continue;
        if (!(run->plan->checks[i].type->commands & COMMAND_BIT(COMMAND_LIVE)))
            return result_hint(result);
        first = first ? first : result_hint(result);
    }
    return first;
}

/* The first line. Returns the hint that is in it; NULL: none. */
static const char *add_first_line(const struct run *run, const struct progress *progress,
                                  struct text *out)
{
    char bytes[REPORT_LINE_MAX];
    struct text line;
    text_init(&line, TEXT_ARRAY(bytes));
    add_verdict(run, progress, &line);
    report_checks(run, &line);
    const char *hint = first_hint(run);
    if (hint && !add_if_room(&line, "; hint: ", hint))
        hint = NULL;
    for (size_t i = 0; i < run->plan->count; i++)
        if (*run->results[i].note && !strstr(bytes, run->results[i].note))
            add_if_room(&line, "; note: ", run->results[i].note);
    text_add(out, bytes);
    text_add(out, "\n");
    return hint;
}

/* "  name      words", and further lines below the words. */
static void add_row(struct text *out, const char *name, const char *words)
{
    while (*words) {
        size_t length = strcspn(words, "\n");
        text_format(out, "  %-9s %.*s\n", name, (int)length, words);
        words += length + (words[length] == '\n');
        name = "";
    }
}

/* "connect   |==                  | 1 ms": each phase where it lay in the whole. */
static void add_bar(const struct result *result, int phase, int64_t before_us, struct text *out)
{
    enum { WIDTH = 40 };
    char bar[WIDTH + 1];
    int64_t whole = result->took_us > 0 ? result->took_us : 1;
    int64_t from = before_us * WIDTH / whole;
    int64_t to = (before_us + result->phase_us[phase]) * WIDTH / whole;
    for (int64_t i = 0; i < WIDTH; i++)
        bar[i] = (i >= from && i < to) || (i == from && i < WIDTH) ? '=' : ' ';
    bar[WIDTH] = '\0';
    text_format(out, "            %-8s|%s| ", phase_name((enum phase)phase), bar);
    text_add_duration(out, result->phase_us[phase]);
    text_add(out, "\n");
}

static void add_phases(const struct result *result, struct text *out)
{
    int64_t before_us = 0;
    for (int phase = PHASE_NONE; phase < PHASE_COUNT; phase++) {
        if (result->phase_us[phase] > 0 && phase != PHASE_NONE)
            add_bar(result, phase, before_us, out);
        before_us += result->phase_us[phase];
    }
}

/* " (live and ready, PROBE_LIVE)" */
static void add_reason(const struct reason *reason, struct text *text)
{
    bool is_live = reason->commands & COMMAND_BIT(COMMAND_LIVE);
    bool is_ready = reason->commands & COMMAND_BIT(COMMAND_READY);
    text_add(text, " (");
    text_add(text, is_live ? "live" : "");
    text_add(text, is_live && is_ready ? " and " : "");
    text_add(text, is_ready ? "ready" : "");
    text_add(text, is_live || is_ready ? ", " : "");
    text_add_name(text, reason->source);
    text_add(text, ")");
}

/* What is known of a check; its hint unless the first line has it. */
static void add_details(const struct run *run, size_t i, bool verbose, const char *hinted,
                        struct text *out)
{
    const struct check *check = &run->plan->checks[i];
    const struct result *result = &run->results[i];
    const struct cause_info *info = cause_info(result->cause);
    char bytes[TARGET_LENGTH_MAX];
    struct text url;
    text_init(&url, TEXT_ARRAY(bytes));
    target_add_url(check->target, &url);
    if (check->config->command == COMMAND_DOCTOR)
        add_reason(&check->reason, &url);
    add_row(out, check->type->kind.name, bytes);
    if (!run_is_decided_by(run, i))
        add_row(out, "", result->words);
    add_row(out, "", result->detail);
    add_row(out, "tls", result->tls);
    if (result->cause != CAUSE_NONE && run_is_decided_by(run, i)) {
        text_init(&url, TEXT_ARRAY(bytes));
        text_format(&url, "%s: %s", info->name, info->meaning);
        add_row(out, "cause", bytes);
        const char *hint = result_hint(result);
        if (!hinted || strcmp(hint, hinted) != 0)
            add_row(out, "hint", hint);
    }
    if (!verbose)
        return;
    add_phases(result, out);
    if (result->exchange)
        add_row(out, "exchange", result->exchange);
}

/* What a wait saw, and what it tells about the start. */
static void add_wait(const struct config *config, const struct progress *progress, struct text *out)
{
    char bytes[400];
    struct text words;
    if (progress->attempts < 2)
        return;
    text_init(&words, TEXT_ARRAY(bytes));
    progress_add_streaks(progress, &words);
    add_row(out, "seen", bytes);
    if (progress->start_ms == 0)
        return;
    text_init(&words, TEXT_ARRAY(bytes));
    text_add(&words, "took ");
    text_add_duration(&words, progress->start_ms * 1000);
    text_add(&words, ": ");
    progress_add_advice(config, progress->start_ms, &words);
    add_row(out, "start", bytes);
}

void report_text(const struct config *config, const struct run *run,
                 const struct progress *progress, struct text *out)
{
    const char *hinted = add_first_line(run, progress, out);
    add_row(out, "note", run->note);
    if (progress)
        add_wait(config, progress, out);
    for (size_t i = 0; i < run->plan->count; i++)
        if (config->verbosity > 0 || run->results[i].cause != CAUSE_NONE)
            add_details(run, i, config->verbosity > 0, hinted, out);
    if (out->cut)
        out->bytes[out->length - 1] = '\n'; /* the last of the three points */
}
