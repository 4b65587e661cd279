/* The live table: a row a check, the failures in full, the latest changes. */
#include <time.h>

#include "base/output.h"
#include "report/report.h"
#include "report/report_watch.h"
#include "report/terminal.h"

enum {
    SCREEN_SIZE = 16 * 1024,
    LINE_SIZE = 512,
    LABEL_WIDTH = 24,
    LABEL_LEAST = 8,
    NUMBERS_FROM = 36, /* columns, that a row has them too */
    BARS_AT = 60,      /* the column where the bars begin */
    SPACIOUS_ROWS = 10
};

struct screen {
    struct text out;
    int columns;
    int left; /* rows */
};

/* A row of the screen; nothing when there is none left. The rest of a row is
 * wiped beforehand: behind its last column a terminal may take that one too. */
static void add_line(struct screen *screen, const char *words)
{
    if (screen->left == 0)
        return;
    text_add(&screen->out, "\033[K");
    text_add_columns(&screen->out, words, screen->columns);
    text_add(&screen->out, --screen->left > 0 ? "\n" : "");
}

static void add_clock(struct text *line, int64_t at)
{
    enum { CLOCK_AT = 11, CLOCK_LENGTH = 8 };
    char bytes[32];
    struct text moment;
    text_init(&moment, TEXT_ARRAY(bytes));
    text_add_time(&moment, at);
    bytes[CLOCK_AT + CLOCK_LENGTH] = '\0';
    text_add(line, bytes + CLOCK_AT);
}

static void add_title(const struct watch *watch, struct screen *screen)
{
    char bytes[LINE_SIZE];
    struct text title;
    text_init(&title, TEXT_ARRAY(bytes));
    add_clock(&title, time(NULL));
    text_add(&title, " UTC  every ");
    text_add_limit(&title, watch->config->watch_ms);
    text_format(&title, ", round %zu; Docker: %s (interval ", watch->rounds,
                docker_state_name(&watch->docker));
    text_add_limit(&title, watch->docker.interval_ms);
    text_format(&title, ", retries %lld)", (long long)watch->docker.retries);
    add_line(screen, bytes);
}

/* The last samples as bars, the slowest of them the highest; x is a failure. */
static void add_bars(const struct history *history, size_t width, struct text *line)
{
    static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    size_t kept = history->count < WATCH_SAMPLES ? history->count : WATCH_SAMPLES;
    size_t first = history->count - (kept < width ? kept : width);
    int64_t most = 1;
    for (size_t i = first; i < history->count; i++)
        if (history->samples_us[i % WATCH_SAMPLES] > most)
            most = history->samples_us[i % WATCH_SAMPLES];
    for (size_t i = first; i < history->count; i++) {
        int64_t took = history->samples_us[i % WATCH_SAMPLES];
        text_add(line, took < 0 ? "x" : bars[took * 7 / most]);
    }
}

/* Columns for a check's label, which gives way where the terminal is narrow. */
static int label_width(int columns)
{
    int width = columns - 36;
    return width < LABEL_LEAST ? LABEL_LEAST : width < LABEL_WIDTH ? width : LABEL_WIDTH;
}

/* "4 ms, at most 12 ms           ▁▂▁" */
static void add_numbers(const struct history *history, int64_t took_us, int columns,
                        struct text *line)
{
    text_add_duration(line, took_us);
    text_add(line, ", at most ");
    text_add_duration(line, history->slowest_us);
    if (columns <= BARS_AT + 2)
        return;
    text_format(line, "%*s", BARS_AT - (int)line->length, "");
    add_bars(history, (size_t)columns - BARS_AT - 1, line);
}

/* "http :8000/    healthy   4 ms, at most 12 ms  ▁▂▁" */
static void add_check(const struct watch *watch, size_t i, const struct run *run,
                      struct screen *screen)
{
    char label[200];
    char bytes[LINE_SIZE];
    struct text line;
    int width = label_width(screen->columns);
    text_init(&line, TEXT_ARRAY(label));
    plan_add_label(watch->plan, i, &line);
    text_init(&line, TEXT_ARRAY(bytes));
    text_add_cut(&line, label, (size_t)width);
    text_format(&line, "%*s %-9s ", width - (int)line.length, "",
                run->results[i].cause == CAUSE_NONE ? "healthy" : "unhealthy");
    if (screen->columns >= NUMBERS_FROM)
        add_numbers(&watch->histories[i], run->results[i].took_us, screen->columns, &line);
    add_line(screen, bytes);
}

/* What the failures say; `kept` rows are left for the changes. */
static void add_failures(const struct run *run, int kept, struct screen *screen)
{
    for (size_t i = 0; i < run->plan->count && screen->left > kept; i++) {
        char bytes[LINE_SIZE];
        struct text line;
        if (run->results[i].cause == CAUSE_NONE)
            continue;
        text_init(&line, TEXT_ARRAY(bytes));
        text_add(&line, "  ");
        text_add(&line, run->results[i].words);
        add_line(screen, bytes);
    }
}

static void add_changes(const struct watch *watch, struct screen *screen)
{
    size_t kept = watch->change_count < WATCH_CHANGES ? watch->change_count : WATCH_CHANGES;
    for (size_t i = 0; i < kept; i++) {
        const struct change *change =
            &watch->changes[(watch->change_count - 1 - i) % WATCH_CHANGES];
        char bytes[LINE_SIZE];
        struct text line;
        text_init(&line, TEXT_ARRAY(bytes));
        text_add(&line, "  ");
        add_clock(&line, change->at);
        text_add(&line, " ");
        text_add(&line, change->words);
        add_line(screen, bytes);
    }
}

void report_watch(const struct watch *watch, const struct run *run)
{
    static char bytes[SCREEN_SIZE];
    struct screen screen = {.columns = terminal_columns(), .left = terminal_rows()};
    bool is_spacious = screen.left >= SPACIOUS_ROWS;
    text_init(&screen.out, TEXT_ARRAY(bytes));
    text_add(&screen.out, "\033[H");
    add_title(watch, &screen);
    if (is_spacious)
        add_line(&screen, "");
    for (size_t i = 0; i < watch->plan->count && (i == 0 || screen.left > 3); i++)
        add_check(watch, i, run, &screen);
    add_failures(run, is_spacious ? 3 : 1, &screen);
    if (is_spacious) {
        add_line(&screen, "");
        add_line(&screen, "changes");
    }
    add_changes(watch, &screen);
    if (screen.left > 0)
        text_add(&screen.out, "\033[J");
    output_write(bytes, screen.out.length);
}
