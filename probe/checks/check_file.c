/* A heartbeat file: a worker without a port writes it, and it must be fresh. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/parse.h"
#include "checks/check.h"

enum { MAX_AGE_DEFAULT_MS = 60 * 1000 };

/* The most a file may be old; false if max-age is no duration. */
static bool max_age(const struct target *target, int64_t *ms)
{
    const char *value = target_value(target, "max-age");
    *ms = MAX_AGE_DEFAULT_MS;
    return !value || parse_duration(value, ms);
}

static bool file_prepare(struct target *target, const struct config *config, struct text *why)
{
    int64_t ms;
    (void)config;
    if (target->socket || *target->host || target->user || *target->path != '/') {
        text_add(why, "is not file:///PATH, with three slashes");
        return false;
    }
    bool has_others = target->parameter_count > 1 ||
                      (target->parameter_count == 1 && !target_value(target, "max-age"));
    if (has_others || !max_age(target, &ms)) {
        text_add(why, "has a parameter that is not max-age=DURATION, like max-age=60s");
        return false;
    }
    return true;
}

static int64_t age_ms(const struct stat *info)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)(now.tv_sec - info->st_mtim.tv_sec) * 1000 +
           (now.tv_nsec - info->st_mtim.tv_nsec) / 1000000;
}

static void judge_age(int64_t age, int64_t limit, struct result *result)
{
    struct text words =
        age > limit ? result_fail(result, CAUSE_FILE_STALE, "%s", "stale: ") : result_pass(result);
    if (age >= 0) {
        text_add(&words, "written ");
        text_add_duration(&words, age * 1000);
        text_add(&words, " ago");
    } else { /* the clock was set back since */
        text_add(&words, "written in the future");
    }
    if (age > limit) {
        text_add(&words, ", max-age is ");
        text_add_limit(&words, limit);
    }
}

static enum cause cause_of(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return CAUSE_FILE_MISSING;
    case EACCES:
    case EPERM:
        return CAUSE_FILE_DENIED;
    default:
        return CAUSE_FILE_UNUSABLE;
    }
}

static void file_run(const struct check *check, struct deadline deadline, struct result *result)
{
    char *path = strdup(check->target->path);
    struct stat info;
    int64_t limit = 0;
    (void)deadline;
    result_enter(result, PHASE_FILE);
    if (!path || !target_decode(path) || !max_age(check->target, &limit)) {
        result_fail(result, CAUSE_NO_RESOURCES, "no memory is left");
    } else if (stat(path, &info) == 0) {
        judge_age(age_ms(&info), limit, result);
    } else {
        int error = errno;
        struct text words = result_fail(result, cause_of(error), "%s", "cannot look at ");
        text_add_foreign(&words, path, strlen(path), 160);
        text_format(&words, ": %s", strerror(error));
    }
    free(path);
}

const struct check_type check_file = {
    .name = "file",
    .schemes = "file",
    .commands = COMMAND_BIT(COMMAND_LIVE) | COMMAND_BIT(COMMAND_READY),
    .prepare = file_prepare,
    .run = file_run,
};
