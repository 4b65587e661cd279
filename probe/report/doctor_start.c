/* How long the service took to start, as far as its processes tell. */
#include "machine/procfs.h"
#include "report/doctor.h"
#include "run/progress.h"

/* The first check that shows this service up; the count of all if none does. */
static size_t find_answer(const struct run *run)
{
    size_t i = 0;
    for (; i < run->plan->count; i++) {
        const struct check *check = &run->plan->checks[i];
        if (run->results[i].cause == CAUSE_NONE && check->type->local_only &&
            target_is_local(check->target))
            break;
    }
    return i;
}

/* When the process began that listens on a port, after process 1 did; -1 unknown. */
static int64_t listener_began_ms(const cJSON *machine, int port)
{
    const cJSON *listeners = cJSON_GetObjectItem(machine, "listening");
    const cJSON *listener = listeners ? listeners->child : NULL;
    for (; listener; listener = listener->next) {
        const cJSON *pid = cJSON_GetObjectItem(listener, "pid");
        const cJSON *its_port = cJSON_GetObjectItem(listener, "port");
        int64_t began_ms = its_port && its_port->valueint == port && cJSON_IsNumber(pid)
                               ? procfs_began_after_first_ms("", pid->valueint)
                               : -1;
        if (began_ms >= 0)
            return began_ms;
    }
    return -1;
}

void doctor_add_start(cJSON *machine, const struct run *run)
{
    enum { WORTH_SAYING_MS = 1000 };
    char bytes[160];
    struct text advice;
    size_t i = find_answer(run);
    if (i == run->plan->count)
        return;
    int64_t began_ms = listener_began_ms(machine, run->plan->checks[i].target->port);
    if (began_ms < 0)
        return;
    cJSON *section = cJSON_AddObjectToObject(machine, "start");
    cJSON_AddNumberToObject(section, "service_began_after_ms", (double)began_ms);
    text_init(&advice, TEXT_ARRAY(bytes));
    if (began_ms >= WORTH_SAYING_MS) {
        text_add(&advice, "start_period must be longer than ");
        progress_add_duration(began_ms, &advice);
        text_add(&advice, "; ");
    }
    text_add(&advice, "to measure the whole start, run probe live --wait 60s right after it");
    cJSON_AddStringToObject(section, "advice", bytes);
}
