/* Whatever /proc, /etc/hosts and /etc/resolv.conf hold, a failure that they explain
 * stays one line that is safe to print, and doctor's report one JSON object. */
#include <cjson/cJSON.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>

#include "checks/check.h"
#include "fuzz.h"
#include "report/doctor.h"
#include "run/explain.h"

static int input = -1;

static bool is_running; /* and not libFuzzer, which has directories to read */

/* In libc's place: every file holds the input, and no directory is to be had. */
int open(const char *path, int flags, ...)
{
    char copy[32];
    (void)path, (void)flags;
    snprintf(copy, sizeof copy, "/proc/self/fd/%d", input);
    return (int)syscall(SYS_openat, AT_FDCWD, copy, O_RDONLY | O_CLOEXEC);
}

DIR *opendir(const char *path)
{
    int fd = is_running ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
    return fd < 0 ? NULL : fdopendir(fd);
}

static void check_cause(const struct check *check, enum cause cause)
{
    struct result result;
    result_begin(&result, 1000);
    result_fail(&result, cause, "failed");
    explain_cause(check, &result);
    explain_words(check, &result);
    explain_note(check, &result);
    REQUIRE(strncmp(result.words, "failed", 6) == 0 && fuzz_is_clean(result.words));
    REQUIRE(fuzz_is_clean(result.note));
}

static void check_doctor(const struct config *config)
{
    cJSON *machine = doctor_examine(config, NULL);
    char *printed = cJSON_PrintUnformatted(machine);
    REQUIRE(printed && fuzz_is_clean(printed));
    cJSON_free(printed);
    cJSON_Delete(machine);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct config config = {.command = COMMAND_DOCTOR};
    static const enum cause causes[] = {CAUSE_REFUSED, CAUSE_TIMEOUT_CONNECT, CAUSE_TIMEOUT_ANSWER,
                                        CAUSE_NAME_NOT_FOUND};
    static struct target local = {.scheme = "http", .host = "localhost", .port = 8000, .path = "/"};
    static struct target named = {.scheme = "redis", .host = "redsi", .port = 6379, .path = ""};
    const struct check checks[] = {
        {.type = &check_http, .target = &local, .config = &config},
        {.type = &check_redis, .target = &named, .config = &config},
    };
    if (input < 0)
        input = memfd_create("input", 0);
    fuzz_fill(input, data, size);
    is_running = true;
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
        check_cause(&checks[causes[i] == CAUSE_NAME_NOT_FOUND], causes[i]);
    check_doctor(&config);
    is_running = false;
    return 0;
}
