/* One thread per check, and this one keeps the clock. What one check needs no
 * thread for is asked here: starting one costs a sixth of a healthy run. */
#include "run/run.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "run/explain.h"

enum { STACK_SIZE = 256 * 1024 };

/* A check in a thread of its own. Whoever comes last frees it: the thread, if
 * it was abandoned, else the run. */
struct job {
    const struct check *check;
    size_t index; /* of the check in its plan */
    struct deadline deadline;
    struct result result; /* the thread's alone until it is done, but for the phase */
    bool is_done;
    bool is_abandoned;
};

/* Guards is_done and is_abandoned of every job. Static, so that a thread which
 * was abandoned still finds it. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t done;

/* The abandoned thread of each check of the plan, while it runs. */
static const struct job *abandoned[TARGETS_MAX];

static void job_free(struct job *job)
{
    result_release(&job->result);
    free(job);
}

static void *job_main(void *argument)
{
    struct job *job = argument;
    check_run(job->check, job->deadline, job->result.limit_ms, &job->result);
    pthread_mutex_lock(&lock);
    job->is_done = true;
    bool is_abandoned = job->is_abandoned;
    if (is_abandoned)
        abandoned[job->index] = NULL;
    pthread_cond_signal(&done);
    pthread_mutex_unlock(&lock);
    if (is_abandoned)
        job_free(job);
    return NULL;
}

/* Starts a detached thread for a check; NULL when there is none to be had (pids
 * limit, or no memory for its stack). */
static struct job *job_start(struct run *run, size_t index, struct deadline deadline)
{
    struct job *job = memory_get(sizeof *job);
    *job = (struct job){.check = &run->plan->checks[index], .index = index, .deadline = deadline};
    result_begin(&job->result, run->limit_ms);
    atomic_store(&run->present[index], &job->result);
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    int error = pthread_create(&thread, &attributes, job_main, job);
    pthread_attr_destroy(&attributes);
    if (error) {
        atomic_store(&run->present[index], NULL);
        free(job);
        return NULL;
    }
    return job;
}

/* The result of a check at this moment, without its exchange: its own if it has
 * ended, else that it is late. */
static void take(const struct result *present, int64_t limit_ms, struct result *result)
{
    if (present && atomic_load(&present->has_ended)) {
        *result = *present;
        result->exchange = NULL;
        return;
    }
    result_begin(result, limit_ms);
    if (present) {
        atomic_store(&result->phase, atomic_load(&present->phase));
        result->began_us = present->began_us;
    }
    result_fail_late(result);
    result->took_us = deadline_now() - result->began_us;
    atomic_store(&result->has_ended, true);
}

/* Takes a job's result over. Called with the lock held. */
static void job_collect(struct run *run, struct job *job)
{
    struct result *result = &run->results[job->index];
    take(&job->result, run->limit_ms, result);
    atomic_store(&run->present[job->index], result);
    if (job->is_done) {
        result->exchange = job->result.exchange;
        job->result.exchange = NULL;
        job_free(job);
        return;
    }
    job->is_abandoned = true;
    abandoned[job->index] = job;
}

static bool is_any_running(struct job *const jobs[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (jobs[i] && !jobs[i]->is_done)
            return true;
    return false;
}

/* Waits until all are done, or the deadline is over. Called with the lock held. */
static void wait_for(struct job *const jobs[], size_t count, struct deadline deadline)
{
    struct timespec at = {
        .tv_sec = (time_t)(deadline.at_us / 1000000),
        .tv_nsec = (long)(deadline.at_us % 1000000) * 1000,
    };
    while (is_any_running(jobs, count))
        if (pthread_cond_timedwait(&done, &lock, &at) != 0)
            return;
}

/* Waits for the threads, at most until the deadline, and takes their results. */
static void collect(struct run *run, struct job *const jobs[], struct deadline deadline)
{
    pthread_mutex_lock(&lock);
    wait_for(jobs, run->plan->count, deadline);
    for (size_t i = 0; i < run->plan->count; i++)
        if (jobs[i])
            job_collect(run, jobs[i]);
    pthread_mutex_unlock(&lock);
}

static pthread_once_t clock_once = PTHREAD_ONCE_INIT;

static void start_clock(void)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&done, &attributes);
    pthread_condattr_destroy(&attributes);
}

/* Whether a check may hold its thread beyond the deadline: in a resolver, or
 * because its library computes what a peer asks for. */
static bool may_block(const struct check *check)
{
    return (!check->type->has_no_peer && target_needs_resolver(check->target)) ||
           check->type->may_compute;
}

/* Whether a check may be asked here: it is the only one, and all it does ends by
 * itself at the deadline. */
static bool needs_no_thread(const struct plan *plan)
{
    return plan->count == 1 && !may_block(&plan->checks[0]);
}

/* Whether the check's last thread is still at it; then its result is made of
 * that. */
static bool is_still_busy(struct run *run, size_t i)
{
    pthread_mutex_lock(&lock);
    const struct job *job = abandoned[i];
    if (job) {
        take(&job->result, run->limit_ms, &run->results[i]);
        atomic_store(&run->present[i], &run->results[i]);
    }
    pthread_mutex_unlock(&lock);
    return job != NULL;
}

/* Asks a check in this thread. */
static void run_here(struct run *run, size_t i, struct deadline deadline)
{
    result_begin(&run->results[i], run->limit_ms);
    atomic_store(&run->present[i], &run->results[i]);
    check_run(&run->plan->checks[i], deadline, run->limit_ms, &run->results[i]);
}

static void run_side_by_side(struct run *run, struct deadline deadline, struct deadline last)
{
    const struct plan *plan = run->plan;
    struct job *jobs[TARGETS_MAX] = {NULL};
    bool is_busy[TARGETS_MAX] = {false};
    pthread_once(&clock_once, start_clock);
    for (size_t i = 0; i < plan->count; i++) {
        is_busy[i] = is_still_busy(run, i);
        jobs[i] = is_busy[i] ? NULL : job_start(run, i, deadline);
    }
    /* those that got no thread, one after the other while the others run; first
     * those that nothing blocks */
    for (int blocking = 0; blocking < 2; blocking++)
        for (size_t i = 0; i < plan->count; i++)
            if (!jobs[i] && !is_busy[i] && may_block(&plan->checks[i]) == (blocking == 1))
                run_here(run, i, deadline);
    collect(run, jobs, last);
}

/* Lets what explains a failure add to a result. Until it has, a snapshot has the
 * result as it was: the search in /proc may take too long. */
static void explain(struct run *run, size_t i,
                    void (*add)(const struct check *check, struct result *result))
{
    const struct result before = run->results[i];
    atomic_store(&run->present[i], &before);
    add(&run->plan->checks[i], &run->results[i]);
    atomic_store(&run->present[i], &run->results[i]);
}

void run_init(struct run *run, const struct plan *plan)
{
    run->plan = plan;
    for (size_t i = 0; i < plan->count; i++)
        atomic_init(&run->present[i], NULL);
    run->limit_ms = plan->config.timeout_ms;
    run->began_us = deadline_now();
    run->took_us = 0;
    *run->note = '\0';
}

void run_plan(struct run *run, int64_t began_us, int64_t limit_ms)
{
    int64_t margin_ms = deadline_margin_ms(limit_ms);
    struct deadline end = deadline_after(began_us, limit_ms);
    struct deadline checks_end = deadline_earlier(end, margin_ms);
    run->began_us = began_us;
    run->limit_ms = limit_ms;
    run->is_explained = false;
    if (needs_no_thread(run->plan))
        run_here(run, 0, checks_end);
    else
        run_side_by_side(run, checks_end, deadline_earlier(end, margin_ms / 2));
    run->took_us = deadline_now() - began_us;
    for (size_t i = 0; i < run->plan->count; i++)
        explain(run, i, explain_cause);
}

void run_snapshot(const struct run *run, struct run *snapshot)
{
    run_init(snapshot, run->plan);
    for (size_t i = 0; i < run->plan->count; i++)
        take(atomic_load(&run->present[i]), run->limit_ms, &snapshot->results[i]);
    snapshot->began_us = run->began_us;
    snapshot->took_us = deadline_now() - run->began_us;
}

void run_explain(struct run *run)
{
    for (size_t i = 0; i < run->plan->count && !run->is_explained; i++)
        explain(run, i, explain_words);
    run->is_explained = true;
}

void run_add_notes(struct run *run)
{
    for (size_t i = 0; i < run->plan->count; i++)
        explain(run, i, explain_note);
}

enum cause run_first_cause(const struct run *run)
{
    for (size_t i = 0; i < run->plan->count; i++)
        if (run->results[i].cause != CAUSE_NONE && run_is_decided_by(run, i))
            return run->results[i].cause;
    return CAUSE_NONE;
}

bool run_is_decided_by(const struct run *run, size_t i)
{
    enum weight weight = run->plan->checks[i].reason.weight;
    return weight == WEIGHT_FULL ||
           (weight == WEIGHT_IF_HEALTHY && run->results[i].cause == CAUSE_NONE);
}

static bool is_decided(const struct run *run)
{
    for (size_t i = 0; i < run->plan->count; i++)
        if (run_is_decided_by(run, i))
            return true;
    return false;
}

const char *run_verdict(const struct run *run)
{
    if (!is_decided(run))
        return "unknown";
    return run_first_cause(run) == CAUSE_NONE ? "healthy" : "unhealthy";
}

bool run_is_healthy(const struct run *run)
{
    return is_decided(run) && run_first_cause(run) == CAUSE_NONE;
}

void run_release(struct run *run)
{
    for (size_t i = 0; i < run->plan->count; i++) {
        atomic_store(&run->present[i], NULL);
        result_release(&run->results[i]);
    }
}
