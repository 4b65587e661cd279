/* A port is asked for "/" first, so that what is no HTTP sees one request of it and no more;
 * then for the other paths. Which of them is for live and which for ready is told by its name,
 * and by what its answer names: nothing here can know what a path does. */
#include "run/suggest_port.h"

#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "checks/connect.h"
#include "checks/protocol.h"
#include "run/plan_parts.h"

/* In the order in which live prefers them; those for ready may ask a database. With the unknown
 * path and the suggestion's own run a port gets 16 requests at most. */
static const char paths[][18] = {
    "/livez",     "/ping",       "/up",     "/api/v1/health/", "/healthz",       "/health",
    "/-/healthy", "/api/health", "/status", "/readyz",         "/api/v1/ready/", "/actuator/health",
    "/",
};
enum { PATHS = sizeof paths / sizeof *paths, FOR_READY = 9, ROOT = PATHS - 1 };

static const char unknown_path[] = "/probe-knows-no-such-page";

bool port_init(struct port *port, const struct listener *listener)
{
    static const char own[][10] = {"0.0.0.0", "::", "127.0.0.1", "::1"};
    static const char mapped[] = "::ffff:"; /* IPv4, by a socket of IPv6 */
    const char *host = listener->place;
    struct text place;
    *port = (struct port){.listener = listener};
    text_init(&place, TEXT_ARRAY(port->place));
    if (strncmp(host, mapped, strlen(mapped)) == 0)
        host += strlen(mapped);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(host, own[i]) == 0)
            host = "";
    text_add_endpoint(&place, host, listener->port);
    return !place.cut;
}

void port_write_target(const struct port *port, const char *scheme, const char *path,
                       port_target target)
{
    bool is_local = *port->place == ':';
    struct text text;
    text_init(&text, target, PORT_TARGET_SIZE);
    if (!is_local || strcmp(scheme, "http") != 0)
        text_format(&text, "%s://%s", scheme, is_local ? "localhost" : "");
    text_format(&text, "%s%s", port->place, path);
}

struct plan *port_plan(const struct config *config, port_target targets[], size_t count,
                       struct text *why)
{
    /* One for what the ports speak, one for the paths of each, one for the suggestion. Never
     * released: a check that is late may still use its own when the process ends. */
    static struct plan *plans;
    static size_t plan_count;
    if (!plans)
        plans = memory_get((TARGETS_MAX + 2) * sizeof *plans);
    struct plan *plan = &plans[plan_count++];
    struct config asking = *config;
    asking.target_count = count;
    for (size_t i = 0; i < count; i++)
        asking.targets[i] = (struct target_word){.text = targets[i], .service = SERVICES};
    return plan_make(plan, &asking, why) ? plan : NULL;
}

void port_run(struct run *run, const struct plan *plan, int64_t limit_ms)
{
    run_init(run, plan);
    run_plan(run, deadline_now(), limit_ms);
}

static bool is_http(enum cause cause)
{
    return cause == CAUSE_NONE || (cause >= CAUSE_HTTPS_REDIRECT && cause <= CAUSE_HTTP_STATUS);
}

static bool is_silence(enum cause cause)
{
    return cause == CAUSE_TIMEOUT_ANSWER || cause == CAUSE_WORKERS_BUSY;
}

/* What the first words of an answer are. */
static enum speech speech_of(const struct opening *answer)
{
    static const char redis[][9] = {"+PONG", "-NOAUTH", "-LOADING", "-DENIED"};
    for (size_t i = 0; i < sizeof redis / sizeof *redis; i++)
        if (strncmp(answer->bytes, redis[i], strlen(redis[i])) == 0)
            return SPEAKS_REDIS;
    bool is_first_packet = answer->length > 4 && !answer->bytes[2] && !answer->bytes[3];
    if (is_first_packet && (answer->bytes[4] == '\x0a' || answer->bytes[4] == '\xff'))
        return SPEAKS_MYSQL; /* a greeting, or an error */
    bool is_postgres = answer->length == 1 && (*answer->bytes == 'S' || *answer->bytes == 'N');
    return is_postgres ? SPEAKS_POSTGRES : SPEAKS_OTHER;
}

/* What a port that speaks no HTTP answers to the openings of PostgreSQL and Redis; MySQL speaks
 * first. */
static enum speech find_opening(const struct target *target, struct deadline end)
{
    enum { ASK_MS = 200, OPENINGS = 2 };
    enum speech speech = SPEAKS_OTHER;
    for (int i = 0; i < OPENINGS && speech == SPEAKS_OTHER; i++) {
        struct result ignored;
        struct deadline limit = deadline_after(deadline_now(), ASK_MS);
        if (end.at_us < limit.at_us)
            limit = end;
        result_begin(&ignored, ASK_MS);
        int fd = connect_target(target, limit, NULL, &ignored);
        if (fd < 0)
            break;
        struct opening answer =
            i == 0 ? protocol_ask(fd, protocol_ssl_request, sizeof protocol_ssl_request, limit)
                   : protocol_ask(fd, "PING\r\n", strlen("PING\r\n"), limit);
        close(fd);
        speech = speech_of(&answer);
    }
    return speech;
}

bool port_find_speech(struct port ports[], size_t count, const struct config *config,
                      struct deadline end, struct text *why)
{
    static port_target targets[TARGETS_MAX];
    static struct run run;
    for (size_t i = 0; i < count; i++) {
        bool is_foreign = plan_is_foreign_port(ports[i].listener->port);
        port_write_target(&ports[i], is_foreign ? "tcp" : "http", is_foreign ? "" : "/",
                          targets[i]);
    }
    const struct plan *plan = port_plan(config, targets, count, why);
    if (!plan)
        return false;
    port_run(&run, plan, deadline_left_ms(end) / 2);
    for (size_t i = 0; i < count; i++) {
        struct port *port = &ports[i];
        port->first = run.results[i];
        if (plan->checks[i].type == &check_http && is_http(port->first.cause))
            port->speech = SPEAKS_HTTP;
        else if (port->first.cause == CAUSE_TLS_PORT)
            port->speech = PROBE_TLS ? SPEAKS_HTTPS : SPEAKS_OTHER;
        else if (!is_silence(port->first.cause))
            port->speech = find_opening(plan->checks[i].target, end);
    }
    return true;
}

/* How much of a detail, "200 OK, text/html, 143 bytes, from nginx", stands before the number of
 * bytes. */
static size_t kind_length(const struct result *result)
{
    const char *end = strstr(result->detail, " bytes");
    while (end && end > result->detail && end[-1] != ' ')
        end--;
    return end ? (size_t)(end - result->detail) : 0;
}

/* Whether two answers have the same status and content type. */
static bool are_alike(const struct result *a, const struct result *b)
{
    size_t length = kind_length(a);
    return b->cause == CAUSE_NONE && length == kind_length(b) &&
           memcmp(a->detail, b->detail, length) == 0;
}

/* Whether an answer in JSON has a member that is named after what stands behind the service. */
static bool names_service(const struct result *result)
{
    static const char names[][11] = {"\"database", "\"db", "\"postgres", "\"redis", "\"cache"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasestr(result->detail, names[i]))
            return true;
    return false;
}

static const char for_ready[] = "may ask a database: not for live";
static const char chosen[] = "";

/* Why a path that was asked is nothing for live; NULL: it is. */
static const char *find_reason(size_t path, const struct result *result,
                               const struct result *unknown)
{
    if (result->cause != CAUSE_NONE)
        return cause_info(result->cause)->meaning;
    if (result->says_down)
        return "its body says that something is down";
    if (path != ROOT && are_alike(result, unknown))
        return "answered as is a path that cannot be: proves no more than /";
    return (path >= FOR_READY && path < ROOT) || names_service(result) ? for_ready : NULL;
}

/* "  left out  /livez /ping: the service knows no such path (404)", a line a reason. */
static void add_left_out(const char *const reasons[], struct text *text)
{
    for (size_t i = 0; i < PATHS; i++) {
        size_t before = 0;
        while (before < i && reasons[before] != reasons[i])
            before++;
        if (reasons[i] == chosen || before < i)
            continue;
        text_add(text, "  left out ");
        for (size_t j = i; j < PATHS; j++)
            if (reasons[j] == reasons[i])
                text_format(text, " %s", paths[j]);
        text_format(text, ": %s\n", reasons[i] ? reasons[i] : "healthy too");
    }
}

/* Writes the first path that has this reason into the target. */
static void choose(const struct port *port, const char *reasons[], const char *reason,
                   port_target target)
{
    for (size_t i = 0; i < PATHS; i++)
        if (reasons[i] == reason) {
            port_write_target(port, port_speech(port), paths[i], target);
            reasons[i] = chosen;
            return;
        }
}

/* Whether "/" was waited for in vain, and no other path had an answer. */
static bool is_silent(const struct result results[])
{
    bool is_silent = is_silence(results[PATHS].cause);
    for (size_t i = 0; i < PATHS; i++)
        is_silent = is_silent && !is_http(results[i].cause);
    return is_silent;
}

void port_find_paths(struct port *port, const struct config *config, struct deadline end)
{
    static port_target targets[PATHS + 1];
    static struct run run;
    char ignored[8];
    struct text text;
    const char *reasons[PATHS];
    size_t count = port->speech == SPEAKS_HTTPS ? PATHS + 1 : PATHS;
    if (port->speech == SPEAKS_NOTHING)
        port->speech = SPEAKS_HTTP;
    text_init(&text, TEXT_ARRAY(ignored));
    for (size_t i = 0; i < count; i++)
        port_write_target(port, port_speech(port), i ? paths[i - 1] : unknown_path, targets[i]);
    const struct plan *plan = port_plan(config, targets, count, &text);
    if (!plan)
        return;
    port_run(&run, plan, deadline_left_ms(end));
    if (count > PATHS)
        port->first = run.results[PATHS];
    run.results[PATHS] = port->first;
    if (is_silent(run.results)) {
        port->speech = SPEAKS_NOTHING;
        return;
    }
    for (size_t i = 0; i < PATHS; i++)
        reasons[i] = find_reason(i, &run.results[i + 1], &run.results[0]);
    if (port->first.cause == CAUSE_NONE)
        port->no_path = reasons[ROOT];
    choose(port, reasons, NULL, port->live);
    port->is_root = reasons[ROOT] == chosen;
    choose(port, reasons, for_ready, port->ready);
    text_init(&text, TEXT_ARRAY(port->found));
    add_left_out(reasons, &text);
}

const char *port_speech(const struct port *port)
{
    static const char names[][11] = {"no answer", "tcp",  "PostgreSQL", "Redis",
                                     "MySQL",     "http", "https"};
    return names[port->speech];
}
