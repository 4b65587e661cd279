/* Goal: a watch holds no more after a day than after its first minute. Only the
 * clock is simulated: it looks 8,640 times, at a service that comes and goes,
 * and draws each look on a terminal. */
#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "config/options.h"
#include "mode.h"

enum { LOOK_S = 10, MINUTE_S = 60, HOUR_S = 60 * MINUTE_S, DAY_S = 24 * HOUR_S };

struct held {
    size_t bytes;
    int files;
    int threads;
};

/* Of AddressSanitizer: what is allocated and not freed. */
size_t __sanitizer_get_current_allocated_bytes(void);

static int64_t passed_ms; /* of the simulated time */
static int looks;
static int frames; /* that the terminal got */
static struct held after_a_minute;
static struct held after_a_day;
static char heartbeat[] = "/tmp/probe-test-watch-XXXXXX";

static int count_entries(const char *path)
{
    int count = 0;
    DIR *directory = opendir(path);
    while (directory && readdir(directory))
        count++;
    closedir(directory);
    return count;
}

static struct held held_now(void)
{
    usleep(20000); /* for the threads of the last look to end */
    return (struct held){__sanitizer_get_current_allocated_bytes(), count_entries("/proc/self/fd"),
                         count_entries("/proc/self/task")};
}

/* What happens on that day between two looks. */
static void live_on(int64_t second)
{
    int up = second / HOUR_S % 2 == 0;
    if (second % HOUR_S < LOOK_S && up)
        close(open(heartbeat, O_CREAT | O_WRONLY, 0600));
    else if (second % HOUR_S < LOOK_S)
        unlink(heartbeat);
    if (second == MINUTE_S)
        after_a_minute = held_now();
    if (second < DAY_S)
        return;
    after_a_day = held_now();
    int full = open("/dev/full", O_WRONLY);
    dup2(full, STDOUT_FILENO); /* the watch ends when nothing can be written */
    close(full);
}

/* The linker's --wrap calls ours in the place of a function. Where a long has 32 bits, musl
 * has another name for those that take a time. */
#if defined(_REDIR_TIME64) && _REDIR_TIME64
#define WRAPPED(role, name, name_time64) __asm__("__" role "_" name_time64)
#else
#define WRAPPED(role, name, name_time64) __asm__("__" role "_" name)
#endif

int real_clock_gettime(clockid_t clock, struct timespec *now)
    WRAPPED("real", "clock_gettime", "__clock_gettime64");
int our_clock_gettime(clockid_t clock, struct timespec *now)
    WRAPPED("wrap", "clock_gettime", "__clock_gettime64");
time_t our_time(time_t *now) WRAPPED("wrap", "time", "__time64");
int our_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *limit, const sigset_t *mask)
    WRAPPED("wrap", "ppoll", "__ppoll_time64");

int our_clock_gettime(clockid_t clock, struct timespec *now)
{
    int error = real_clock_gettime(clock, now);
    now->tv_sec += passed_ms / 1000;
    return error;
}

time_t our_time(time_t *now)
{
    struct timespec moment;
    our_clock_gettime(CLOCK_REALTIME, &moment);
    if (now)
        *now = moment.tv_sec;
    return moment.tv_sec;
}

/* The rest between two looks takes no time. */
int our_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *limit, const sigset_t *mask)
{
    (void)fds;
    (void)count;
    (void)limit;
    (void)mask;
    looks++;
    passed_ms += LOOK_S * 1000;
    live_on(passed_ms / 1000);
    return 0;
}

static void *read_terminal(void *argument)
{
    int master = *(int *)argument;
    char bytes[65536];
    for (ssize_t n; (n = read(master, bytes, sizeof bytes - 1)) > 0;) {
        bytes[n] = '\0';
        for (const char *at = bytes; (at = strstr(at, "UTC  every")) != NULL; at++)
            frames++;
    }
    return NULL;
}

static int watch_a_day(void)
{
    static struct plan plan;
    char name[] = "probe";
    char command[] = "ready";
    char *argv[] = {name, command, NULL};
    struct config config;
    char bytes[200];
    struct text text;
    text_init(&text, TEXT_ARRAY(bytes));
    text_format(&text, "file://%s?max-age=24h tcp://unix:/no/such", heartbeat);
    setenv("PROBE_READY", bytes, 1);
    setenv("PROBE_WATCH", "10s", 1);
    setenv("TERM", "xterm", 1);
    text_init(&text, TEXT_ARRAY(bytes));
    assert_true(options_parse(&config, COUNT(argv) - 1, argv, &text));
    assert_true(options_parse_environment(&config, SOURCE_VARIABLE, &text));
    assert_true(plan_make(&plan, &config, &text));
    assert_int_equal(config.watch_ms, LOOK_S * 1000);
    return mode_watch(&config, &plan, deadline_now());
}

static void a_day(void **state)
{
    int master;
    int slave;
    pthread_t reader;
    int kept = dup(STDOUT_FILENO);
    (void)state;
    close(mkstemp(heartbeat));
    assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
    assert_int_equal(pthread_create(&reader, NULL, read_terminal, &master), 0);
    dup2(slave, STDOUT_FILENO);
    int status = watch_a_day();
    dup2(kept, STDOUT_FILENO);
    close(slave);
    pthread_join(reader, NULL);
    close(master);
    unlink(heartbeat);
    assert_int_equal(status, 1);
    assert_int_equal(looks, DAY_S / LOOK_S);
    assert_in_range(frames, looks * 9 / 10, looks); /* some title lies across two reads */
    /* not a byte a look: what grows is what the C library keeps of the most
     * threads that were ever there at once */
    assert_in_range(after_a_day.bytes, 1, after_a_minute.bytes + DAY_S / LOOK_S / 2);
    assert_int_equal(after_a_day.files, after_a_minute.files);
    assert_int_equal(after_a_day.threads, after_a_minute.threads);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
