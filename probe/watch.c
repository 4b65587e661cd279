/* A live table for a person: each check's state, its last minute, what changed
 * when, and what Docker would make of it. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "docker_state.h"
#include "mode.h"
#include "procfs.h"
#include "report.h"
#include "run.h"
#include "watchdog.h"

enum { SAMPLES = 60, CHANGES_MAX = 12, SCREEN_SIZE = 16 * 1024, LABEL_WIDTH = 24 };

/* The other screen, without a cursor; and back. */
static const char enter_screen[] = "\033[?1049h\033[?25l";
static const char leave_screen[] = "\033[?25h\033[?1049l";

struct sample {
    int64_t took_us; /* -1: failed */
};

/* What a check did lately. */
struct history {
    struct sample samples[SAMPLES]; /* a ring */
    size_t count;                   /* of all, ever */
    int64_t slowest_us;
};

struct change {
    time_t at;
    char words[120];
};

struct watch {
    const struct config *config;
    const struct plan *plan;
    struct history histories[TARGETS_MAX];
    enum cause causes[TARGETS_MAX]; /* of the last look */
    struct change changes[CHANGES_MAX];
    size_t change_count; /* of all, ever */
    int64_t age_ms;      /* the container's, when the watch began */
    int64_t began_us;
    size_t looks;
    struct docker_state docker;
    enum docker_health docker_health; /* at the last look */
};

static void watch_init(struct watch *watch, const struct config *config, const struct plan *plan,
                       int64_t began_us)
{
    struct process first;
    *watch = (struct watch){.config = config, .plan = plan, .began_us = began_us};
    if (procfs_process("", 1, &first) && first.age_ms > 0)
        watch->age_ms = first.age_ms;
    docker_state_init(&watch->docker, config->docker_interval_ms, config->docker_retries,
                      config->docker_start_period_ms, watch->age_ms);
}

static struct text add_change(struct watch *watch)
{
    struct change *change = &watch->changes[watch->change_count++ % CHANGES_MAX];
    struct text words;
    change->at = time(NULL);
    text_init(&words, TEXT_ARRAY(change->words));
    return words;
}

static void note_result(struct watch *watch, size_t i, const struct result *result)
{
    struct history *history = &watch->histories[i];
    bool has_failed = result->cause != CAUSE_NONE;
    history->samples[history->count++ % SAMPLES].took_us = has_failed ? -1 : result->took_us;
    if (result->took_us > history->slowest_us)
        history->slowest_us = result->took_us;
    if (watch->looks > 0 && watch->causes[i] == result->cause)
        return;
    watch->causes[i] = result->cause;
    struct text words = add_change(watch);
    check_label(&watch->plan->checks[i], watch->plan->count == 1, &words);
    text_add(&words, has_failed ? " " : " healthy: ");
    text_add(&words, result->words);
}

static void note_docker(struct watch *watch, bool is_healthy)
{
    int64_t age_ms = watch->age_ms + (deadline_now() - watch->began_us) / 1000;
    docker_state_note(&watch->docker, age_ms, is_healthy);
    if (watch->docker.health == watch->docker_health)
        return;
    watch->docker_health = watch->docker.health;
    struct text words = add_change(watch);
    text_format(&words, "Docker: %s", docker_state_name(&watch->docker));
}

static void watch_note(struct watch *watch, const struct run *run)
{
    for (size_t i = 0; i < watch->plan->count; i++)
        note_result(watch, i, &run->results[i]);
    note_docker(watch, run_is_healthy(run));
    watch->looks++;
}

static void add_clock(struct text *out, time_t at)
{
    struct tm utc = {.tm_hour = 0};
    gmtime_r(&at, &utc);
    text_format(out, "%02d:%02d:%02d", utc.tm_hour, utc.tm_min, utc.tm_sec);
}

/* The last samples as bars, the slowest of them the highest; x is a failure. */
static void add_sparkline(struct text *out, const struct history *history, size_t width)
{
    static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    size_t kept = history->count < SAMPLES ? history->count : SAMPLES;
    size_t shown = kept < width ? kept : width;
    int64_t most = 1;
    for (size_t i = history->count - shown; i < history->count; i++)
        if (history->samples[i % SAMPLES].took_us > most)
            most = history->samples[i % SAMPLES].took_us;
    for (size_t i = history->count - shown; i < history->count; i++) {
        int64_t took = history->samples[i % SAMPLES].took_us;
        text_add(out, took < 0 ? "x" : bars[took * 7 / most]);
    }
}

/* "http :8000/    healthy  last 4 ms  slowest 12 ms  ▁▂▁" */
static void add_check(const struct watch *watch, size_t i, const struct run *run, int columns,
                      struct text *out)
{
    char bytes[200];
    char shown[LABEL_WIDTH + 1];
    struct text label;
    const struct result *result = &run->results[i];
    text_init(&label, TEXT_ARRAY(bytes));
    check_label(&watch->plan->checks[i], watch->plan->count == 1, &label);
    struct text cut;
    text_init(&cut, TEXT_ARRAY(shown));
    text_add_cut(&cut, bytes, LABEL_WIDTH);
    text_format(out, "%-*s %-9s ", LABEL_WIDTH, shown,
                result->cause == CAUSE_NONE ? "healthy" : "unhealthy");
    size_t start = out->length;
    text_add_duration(out, result->took_us);
    text_add(out, ", at most ");
    text_add_duration(out, watch->histories[i].slowest_us);
    size_t used = LABEL_WIDTH + 11 + (out->length - start);
    text_format(out, "%*s ", used < 59 ? (int)(59 - used) : 0, "");
    if (columns > 62)
        add_sparkline(out, &watch->histories[i], (size_t)columns - 61);
    text_add(out, "\033[K\n");
}

static int screen_rows(void)
{
    struct winsize size;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row : 24;
}

static void add_title(const struct watch *watch, int columns, struct text *out)
{
    char bytes[160];
    struct text title;
    text_init(&title, TEXT_ARRAY(bytes));
    add_clock(&title, time(NULL));
    text_add(&title, " UTC  every ");
    text_add_limit(&title, watch->config->watch_ms);
    text_format(&title, ", look %zu; Docker: %s (interval ", watch->looks,
                docker_state_name(&watch->docker));
    text_add_limit(&title, watch->docker.interval_ms);
    text_format(&title, ", retries %lld)", (long long)watch->docker.retries);
    text_add_cut(out, bytes, (size_t)columns);
    text_add(out, "\033[K\n\033[K\n");
}

/* The failures in full, and the latest changes, as far as the rows reach. */
static void add_rest(const struct watch *watch, const struct run *run, int columns, int rows,
                     struct text *out)
{
    size_t width = columns > 20 ? (size_t)columns - 1 : 20;
    for (size_t i = 0; i < watch->plan->count && rows > 3; i++) {
        const struct result *result = &run->results[i];
        if (result->cause == CAUSE_NONE)
            continue;
        text_add(out, "  ");
        text_add_cut(out, result->words, width - 2);
        text_add(out, "\033[K\n");
        rows--;
    }
    text_add(out, "\033[K\nchanges\033[K\n");
    size_t kept = watch->change_count < CHANGES_MAX ? watch->change_count : CHANGES_MAX;
    for (size_t i = 0; i < kept && rows > 3; i++, rows--) {
        const struct change *change = &watch->changes[(watch->change_count - 1 - i) % CHANGES_MAX];
        text_add(out, "  ");
        add_clock(out, change->at);
        text_add(out, " ");
        text_add_cut(out, change->words, width - 12);
        text_add(out, "\033[K\n");
    }
}

static void draw(const struct watch *watch, const struct run *run)
{
    static char bytes[SCREEN_SIZE];
    struct text out;
    int columns = report_columns();
    int rows = screen_rows();
    text_init(&out, TEXT_ARRAY(bytes));
    text_add(&out, "\033[H");
    add_title(watch, columns, &out);
    int used = 2;
    for (size_t i = 0; i < watch->plan->count && used < rows - 3; i++, used++)
        add_check(watch, i, run, columns, &out);
    add_rest(watch, run, columns, rows - used, &out);
    text_add(&out, "\033[J");
    report_write(bytes, out.length);
}

/* A terminal that hangs up is left as one whose person has had enough. */
static void on_hangup(int number)
{
    (void)number;
    raise(SIGTERM);
}

static void arm_hangup(void)
{
    const struct sigaction action = {.sa_handler = on_hangup};
    struct sigaction inherited;
    if (sigaction(SIGHUP, NULL, &inherited) == 0 && inherited.sa_handler != SIG_IGN) /* nohup */
        sigaction(SIGHUP, &action, NULL);
}

int mode_watch(const struct config *config, const struct plan *plan, int64_t began_us)
{
    static struct watch watch;
    bool is_drawn = config->output == OUTPUT_TEXT && !config->quiet && isatty(STDOUT_FILENO);
    watch_init(&watch, config, plan, began_us);
    watchdog_arm_signals(config->quiet, is_drawn ? leave_screen : NULL);
    arm_hangup();
    if (is_drawn)
        report_write(enter_screen, sizeof enter_screen - 1);
    for (;;) {
        struct run run;
        int64_t start_us = deadline_now();
        if (!run_plan(&run, plan, start_us, config->timeout_ms))
            return report_misconfigured(config, "no memory is left");
        run_explain(&run);
        watch_note(&watch, &run);
        if (is_drawn)
            draw(&watch, &run);
        else
            report_attempt(config, &run);
        run_release(&run);
        if (report_is_gone())
            return EXIT_UNHEALTHY;
        deadline_sleep(deadline_after(start_us, config->watch_ms));
    }
}
