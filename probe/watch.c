/* Looks again and again for a person: keeps what each check did lately, what
 * changed when, and what Docker would make of it. */
#include "report/report_watch.h"

#include <time.h>

#include "base/output.h"
#include "machine/procfs.h"
#include "mode.h"
#include "report/report.h"
#include "report/terminal.h"
#include "run/watchdog.h"

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
    struct change *change = &watch->changes[watch->change_count++ % WATCH_CHANGES];
    struct text words;
    change->at = time(NULL);
    text_init(&words, TEXT_ARRAY(change->words));
    return words;
}

static void note_result(struct watch *watch, size_t i, const struct result *result)
{
    struct history *history = &watch->histories[i];
    bool has_failed = result->cause != CAUSE_NONE;
    history->samples_us[history->count++ % WATCH_SAMPLES] = has_failed ? -1 : result->took_us;
    if (result->took_us > history->slowest_us)
        history->slowest_us = result->took_us;
    if (watch->rounds > 0 && watch->causes[i] == result->cause)
        return;
    watch->causes[i] = result->cause;
    struct text words = add_change(watch);
    plan_add_label(watch->plan, i, &words);
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
    watch->rounds++;
}

/* Until the next look is due; draws anew when the terminal asks for it. */
static void rest(const struct watch *watch, const struct run *run, struct deadline next)
{
    while (terminal_wait(next))
        report_watch(watch, run);
}

int mode_watch(const struct config *config, const struct plan *plan, int64_t began_us)
{
    static struct watch watch;
    static struct run run; /* 32 kB, half of the least stack */
    bool is_drawn = config->output == OUTPUT_TEXT && !config->quiet && terminal_is_there();
    watchdog_remove_deadline();
    watch_init(&watch, config, plan, began_us);
    if (is_drawn)
        terminal_enter();
    run_init(&run, plan);
    while (!output_is_gone()) {
        int64_t start_us = deadline_now();
        run_plan(&run, start_us, config->timeout_ms);
        run_explain(&run);
        watch_note(&watch, &run);
        if (is_drawn)
            report_watch(&watch, &run);
        else
            report_attempt(config, &run);
        if (!output_is_gone())
            rest(&watch, &run, deadline_after(start_us, config->watch_ms));
        run_release(&run);
    }
    return EXIT_UNHEALTHY;
}
