/* A heartbeat file: a worker without a port writes it, and it must be fresh. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/parse.h"
#include "checks/check.h"
#include "checks/file.h"
#include "config/target_parser.h"

enum {
    MAX_AGE_DEFAULT_MS = 60 * 1000,
    AHEAD_MAX_MS = 1000 /* the clock's steps, and what a file system rounds to */
};
static const int64_t ANY_AGE = INT64_MAX; /* it only has to exist */

/* The most a file may be old; false if max-age is no duration. */
static bool max_age(const struct target *target, int64_t *ms)
{
    const char *value = target_value(target, "max-age");
    *ms = MAX_AGE_DEFAULT_MS;
    if (value && strcmp(value, "none") == 0)
        *ms = ANY_AGE;
    return !value || *ms == ANY_AGE || parse_duration(value, ms);
}

static bool check_parameters(const struct target *target, struct text *why)
{
    int64_t ms;
    for (size_t i = 0; i < target->parameter_count; i++) {
        const char *name = target->parameters[i].name;
        if (strcmp(name, "max-age") == 0)
            continue;
        target_add_parameter(why, name);
        text_add(why, "and a file has max-age alone: write ?max-age=60s");
        return false;
    }
    if (!max_age(target, &ms))
        text_add(why, "has a max-age that is neither a duration, like 60s or 26h, nor none");
    return why->length == 0;
}

static bool file_prepare(struct target *target, const struct config *config, struct text *why)
{
    (void)config;
    if (target->socket || *target->host || target->user || *target->path != '/') {
        text_add(why, "is not file:///PATH, with three slashes");
        return false;
    }
    return target_decode_path(target, why) && check_parameters(target, why);
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
    struct text words;
    if (age < -AHEAD_MAX_MS) {
        words = result_fail(result, CAUSE_FILE_FUTURE, "%s", "dated ");
        text_add_duration(&words, -age * 1000);
        text_add(&words, " ahead");
        return;
    }
    words =
        age > limit ? result_fail(result, CAUSE_FILE_STALE, "%s", "stale: ") : result_pass(result);
    text_add(&words, "written ");
    text_add_duration(&words, age * 1000);
    text_add(&words, " ago");
    if (age > limit) {
        text_add(&words, ", max-age is ");
        text_add_limit(&words, limit);
    }
}

/* What a file is whose time tells of no heartbeat; NULL for a file as it should be. Of a
 * directory it is that of whoever made or removed a file there, of a socket that of its
 * binding. */
static const char *wrong_kind(mode_t mode)
{
    if (S_ISREG(mode))
        return NULL;
    return S_ISDIR(mode)    ? "a directory"
           : S_ISSOCK(mode) ? "a socket"
           : S_ISFIFO(mode) ? "a pipe"
                            : "a device";
}

static void judge(const struct stat *info, int64_t limit, struct result *result)
{
    const char *kind = wrong_kind(info->st_mode);
    if (limit == ANY_AGE) {
        struct text words = result_pass(result);
        text_add(&words, "exists");
    } else if (kind) {
        result_fail(result, CAUSE_FILE_UNUSABLE,
                    "is %s, whose time is no heartbeat: write a file, or max-age=none", kind);
    } else {
        judge_age(age_ms(info), limit, result);
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

void file_fail(const char *path, int error, struct result *result)
{
    struct text words = result_fail(result, cause_of(error), "%s", "cannot look at ");
    text_add_foreign(&words, path, strlen(path), 160);
    text_format(&words, ": %s", strerror(error));
    if (error == EACCES)
        text_format(
            &words,
            access(path, F_OK) == 0
                ? ": it is closed to uid %u"
                : ": a folder above it is closed to uid %u, so whether it exists is not known",
            (unsigned)geteuid());
}

static void file_run(const struct check *check, struct deadline deadline, struct result *result)
{
    const char *path = check->target->prepared;
    struct stat info;
    int64_t limit;
    (void)deadline;
    max_age(check->target, &limit); /* seen to be right when it was prepared */
    result_enter(result, PHASE_FILE);
    if (stat(path, &info) == 0) {
        judge(&info, limit, result);
    } else {
        file_fail(path, errno, result);
    }
}

const struct check_type check_file = {
    .kind = {.name = "file",
             .schemes = "file",
             .forms = "file:///PATH?max-age=60s",
             .help = "  file:///PATH?max-age=60s          the file was written within that time\n",
             .shown = "max-age",
             .read = parser_read_plain},
    .has_no_peer = true,
    .commands = COMMAND_BIT(COMMAND_LIVE) | COMMAND_BIT(COMMAND_READY),
    .prepare = file_prepare,
    .run = file_run,
};
