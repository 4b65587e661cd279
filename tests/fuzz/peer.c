/* The peer of fuzz_http, fuzz_postgres, fuzz_redis and fuzz_tls. */
#include "peer.h"

#include <cjson/cJSON.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>

#include "base/secret.h"
#include "checks/tls.h"
#include "config/options.h"
#include "fuzz.h"
#include "report/report.h"
#include "run/plan.h"
#include "run/run.h"

/* A length that a peer claims is not had from the machine; and small is fast. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "max_allocation_size_mb=64:allocator_may_return_null=1:quarantine_size_mb=4";
}

enum { WORDS_MAX = 16, LINES_MAX = 16, CONNECTIONS_MAX = 16 };

/* How the peer ends: it has stopped writing, or is gone and what it is sent breaks. */
enum { IS_GONE = 0x80 };

/* A connection: our end of it, -1: closed, and who speaks there. */
struct end {
    int fd;
    bool has_thread;
    pthread_t thread;
    const uint8_t *words;
    size_t length;
};

static struct {
    const uint8_t *words;
    size_t left;
    bool is_gone;
    peer_speaker *speaker; /* NULL: the words are sent as they are */
    struct end ends[CONNECTIONS_MAX];
    size_t count;
} peer;

static size_t next_part(void)
{
    const uint8_t *cut = memmem(peer.words, peer.left, PEER_CUT, strlen(PEER_CUT));
    return cut ? (size_t)(cut - peer.words) : peer.left;
}

static void say(struct end *end)
{
    REQUIRE(write(end->fd, end->words, end->length) == (ssize_t)end->length);
    if (peer.is_gone) {
        close(end->fd);
        end->fd = -1;
        return;
    }
    shutdown(end->fd, SHUT_WR);
}

static void *speak(void *arg)
{
    struct end *end = arg;
    peer.speaker(end->fd, end->words, end->length);
    shutdown(end->fd, peer.is_gone ? SHUT_RDWR : SHUT_WR);
    return NULL;
}

static void begin_speaking(struct end *end)
{
    REQUIRE(fcntl(end->fd, F_SETFL, 0) == 0); /* it blocks */
    REQUIRE(pthread_create(&end->thread, NULL, speak, end) == 0);
    end->has_thread = true;
}

/* In libc's place: whoever is asked for, it is our peer. */
int connect(int fd, const struct sockaddr *address, socklen_t length)
{
    int pair[2];
    (void)address, (void)length;
    REQUIRE(peer.count < CONNECTIONS_MAX);
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0);
    size_t part = next_part();
    struct end *end = &peer.ends[peer.count++];
    *end = (struct end){.fd = pair[1], .words = peer.words, .length = part};
    size_t taken = part < peer.left ? part + strlen(PEER_CUT) : part;
    peer.words += taken;
    peer.left -= taken;
    if (peer.speaker)
        begin_speaking(end);
    else
        say(end);
    REQUIRE(dup3(pair[0], fd, O_CLOEXEC) == fd);
    close(pair[0]);
    return 0;
}

static void peer_begin(const uint8_t *data, size_t size, bool is_gone, peer_speaker *speaker)
{
    peer.words = data;
    peer.left = size;
    peer.is_gone = is_gone;
    peer.speaker = speaker;
    peer.count = 0;
}

static void peer_end(void)
{
    for (struct end *end = peer.ends; end < peer.ends + peer.count; end++) {
        if (end->has_thread)
            pthread_join(end->thread, NULL);
        if (end->fd >= 0)
            close(end->fd);
    }
}

/* What each command line asks; as in the program, never released. */
static struct {
    struct config config;
    struct plan plan;
} questions[LINES_MAX];

static void prepare(struct config *config, struct plan *plan, const char *line)
{
    static char program[] = "probe";
    char *argv[WORDS_MAX + 1] = {program};
    int argc = 1;
    char bytes[400];
    struct text why;
    text_init(&why, TEXT_ARRAY(bytes));
    for (char *rest = strdup(line); rest && argc < WORDS_MAX;)
        argv[argc++] = strsep(&rest, " ");
    if (!options_parse(config, argc, argv, &why) || !plan_make(plan, config, &why))
        fprintf(stderr, "%s: %s\n", line, bytes);
    REQUIRE(why.length == 0 && plan->count == 1);
    config->timeout_ms = plan->config.timeout_ms =
        60 * 1000; /* more than libFuzzer's own limit: late is what hangs */
}

static void prepare_all(const char *const lines[], size_t count)
{
    static bool is_done;
    if (is_done)
        return;
    is_done = true;
    signal(SIGPIPE, SIG_IGN); /* as inherited_init() does */
    tls_prepare();
    REQUIRE(count <= LINES_MAX && clearenv() == 0 && setenv("CANARY", CANARY, 1) == 0);
    for (size_t i = 0; i < count; i++)
        prepare(&questions[i].config, &questions[i].plan, lines[i]);
}

static void check_text(const struct config *config, const struct run *run)
{
    char bytes[REPORT_SIZE_MAX + 1];
    struct text out;
    text_init(&out, TEXT_ARRAY(bytes));
    report_text(config, run, NULL, &out);
    REQUIRE(out.length == strlen(bytes) && bytes[out.length - 1] == '\n');
    REQUIRE(strcspn(bytes, "\n") <= REPORT_LINE_MAX && !strstr(bytes, CANARY));
    for (char *rest = bytes, *line; (line = strsep(&rest, "\n")) != NULL;)
        REQUIRE(fuzz_is_clean(line));
}

static void check_json(const struct config *config, const struct run *run)
{
    char bytes[REPORT_SIZE_MAX + 1];
    struct text out;
    text_init(&out, TEXT_ARRAY(bytes));
    report_json(config, run, NULL, &out);
    REQUIRE(out.length == strlen(bytes) && bytes[out.length - 1] == '\n');
    bytes[out.length - 1] = '\0';
    REQUIRE(fuzz_is_clean(bytes) && !strstr(bytes, CANARY));
    cJSON *object = cJSON_ParseWithOpts(bytes, NULL, true);
    REQUIRE(cJSON_GetArraySize(cJSON_GetObjectItem(object, "checks")) == 1);
    cJSON_Delete(object);
}

void peer_converse(const char *const command_lines[], size_t count, const uint8_t *data,
                   size_t size)
{
    peer_converse_by(NULL, command_lines, count, data, size);
}

void peer_converse_by(peer_speaker *speaker, const char *const command_lines[], size_t count,
                      const uint8_t *data, size_t size)
{
    struct run run;
    prepare_all(command_lines, count);
    if (size == 0)
        return;
    bool is_spoken = speaker && *data & PEER_SPEAKS;
    size_t i = (size_t)(*data & ~(IS_GONE | (speaker ? PEER_SPEAKS : 0))) % count;
    const struct config *config = &questions[i].config;
    peer_begin(data + 1, size - 1, *data & IS_GONE, is_spoken ? speaker : NULL);
    run_init(&run, &questions[i].plan);
    run_plan(&run, deadline_now(), config->timeout_ms);
    peer_end();
    enum cause cause = run.results[0].cause;
    REQUIRE(cause != CAUSE_USAGE);
    REQUIRE(cause < CAUSE_TIMEOUT_RESOLVE || cause > CAUSE_TIMEOUT);
    REQUIRE(*run.results[0].words && cause_info(cause)->name);
    check_text(config, &run);
    check_json(config, &run);
    run_release(&run);
}
