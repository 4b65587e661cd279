/* From all that listens to one suggestion: the port whose answers prove most, what the
 * variables name besides, and one run of the whole. */
#include "run/suggest.h"

#include <string.h>
#include <unistd.h>

#include "machine/procfs.h"
#include "run/plan_parts.h"
#include "run/progress.h"
#include "run/suggest_port.h"

enum { PORTS_MAX = TARGETS_MAX };

/* The work on one suggestion. */
struct search {
    struct suggestion *suggestion;
    struct text found;
    struct text first;
    const struct port *best;
    size_t count;
    port_target targets[2]; /* of live, and of ready where it is another */
    struct port ports[PORTS_MAX];
    struct config config; /* as ready has it, without targets */
};

/* Nothing is suggested, in these words. */
static void fail(struct search *search, enum cause cause, const char *words)
{
    search->suggestion->cause = cause;
    search->suggestion->live = NULL;
    text_format(&search->first, "nothing to suggest: %s", words);
}

static void add_hint(struct text *text, const struct result *result)
{
    const char *hint = result->cause == CAUSE_HTTP_NOT_FOUND
                           ? "name the service's own path: probe live :PORT/PATH"
                           : result_hint(result);
    if (*hint)
        text_format(text, "; hint: %s", hint);
}

/* Nothing is suggested because of what came of a check. */
static void fail_by(struct search *search, const char *words, const struct result *result)
{
    fail(search, result->cause, words);
    text_add(&search->first, result->words);
    add_hint(&search->first, result);
}

/* Ports ---------------------------------------------------------------------- */

static bool is_known(const struct search *search, const struct port *port)
{
    for (size_t i = 0; i < search->count; i++)
        if (strcmp(search->ports[i].place, port->place) == 0)
            return true;
    return false;
}

/* On a host's network this container's ports are those whose process is seen. */
static void add_ports(struct search *search, const struct listeners *listeners)
{
    bool has_owner = false;
    struct port port;
    for (size_t i = 0; i < listeners->count; i++)
        has_owner = has_owner || listeners->list[i].pid > 0;
    for (size_t i = 0; i < listeners->count; i++) {
        const struct listener *listener = &listeners->list[i];
        if (!port_init(&port, listener) || is_known(search, &port))
            continue;
        if (search->count < PORTS_MAX && (listener->pid > 0 || !has_owner))
            search->ports[search->count++] = port;
        else
            text_format(&search->found,
                        "  not asked %s: no process seen here holds it, or 16 ports were asked\n",
                        port.place);
    }
}

static bool find_ports(struct search *search)
{
    static struct listeners lists[2];
    listeners_find(LISTENER_TCP, &lists[0]);
    listeners_find(LISTENER_UNIX, &lists[1]);
    listeners_find_owners("", lists, 1);
    add_ports(search, &lists[0]);
    for (size_t i = 0; i < lists[1].count; i++)
        if (access(lists[1].list[i].place, F_OK) == 0) {
            text_add(&search->found, "  not asked ");
            listeners_add_place(&lists[1].list[i], &search->found);
            text_add(&search->found, ": write it, http://unix:PATH:/ or tcp://unix:PATH\n");
        }
    if (search->count == 0)
        fail(search, CAUSE_REFUSED,
             "no TCP port listens that is seen here; hint: run it in the service's container, once "
             "the service has started");
    return search->count > 0;
}

/* How much a port's answers prove. */
static int rank(const struct port *port)
{
    enum { NOTHING, OTHER, DATABASE, ANY_HTTP, ROOT_PATH, NAMED_PATH };
    if (*port->live)
        return port->is_root ? ROOT_PATH : NAMED_PATH;
    if (port->speech >= SPEAKS_HTTP)
        return ANY_HTTP;
    return port->speech <= SPEAKS_OTHER ? (int)port->speech : DATABASE;
}

static bool ask_ports(struct search *search, struct text *why)
{
    struct deadline end = deadline_after(deadline_now(), SUGGEST_LOOK_MS);
    if (!port_find_speech(search->ports, search->count, &search->config, end, why))
        return false;
    search->best = search->ports;
    for (size_t i = 0; i < search->count; i++) {
        struct port *port = &search->ports[i];
        if (port->speech >= SPEAKS_HTTP || port->speech == SPEAKS_NOTHING)
            port_find_paths(port, &search->config, deadline_share(end, search->count - i));
        if (rank(port) > rank(search->best))
            search->best = port;
    }
    for (size_t i = 0; i < search->count; i++)
        text_format(&search->found, "  port      %s: %s\n%s", search->ports[i].place,
                    port_speech(&search->ports[i]),
                    &search->ports[i] == search->best ? search->best->found : "");
    return true;
}

/* The suggestion --------------------------------------------------------------- */

/* Writes them; how many they are. */
static size_t choose_targets(struct search *search)
{
    const struct port *best = search->best;
    bool is_mysql = best->speech == SPEAKS_MYSQL; /* it blocks a host that only connects */
    port_write_target(best, is_mysql ? "listen" : "tcp", "", search->targets[0]);
    if (*best->live)
        memcpy(search->targets[0], best->live, sizeof *search->targets);
    if (is_mysql || best->speech == SPEAKS_REDIS)
        port_write_target(best, is_mysql ? "mysql" : "redis", "", search->targets[1]);
    else
        memcpy(search->targets[1], best->ready, sizeof *search->targets);
    return *search->targets[1] ? 2 : 1;
}

/* Says what came of one check; whether it was healthy. */
static bool take_result(struct search *search, const struct run *run, size_t i, const char *label)
{
    const struct result *result = &run->results[i];
    bool is_healthy = result->cause == CAUSE_NONE;
    text_format(&search->found, "  %-10s", is_healthy ? label : "left out");
    target_add_url(run->plan->checks[i].target, &search->found);
    text_format(&search->found, ": %s", result->words);
    add_hint(&search->found, result);
    text_add(&search->found, "\n");
    return is_healthy;
}

/* Takes what came of a service that the variables name. One on the port itself makes another
 * target for ready needless. */
static void take_service(struct search *search, const struct run *run, size_t i)
{
    const struct check *check = &run->plan->checks[i];
    enum service service = check->type == &check_postgres ? SERVICE_DB : SERVICE_REDIS;
    enum speech speech = service == SERVICE_DB ? SPEAKS_POSTGRES : SPEAKS_REDIS;
    if (!take_result(search, run, i, "ready"))
        return;
    search->suggestion->asks[service] = true;
    if (search->best->speech == speech && target_is_local(check->target) &&
        check->target->port == search->best->listener->port)
        search->suggestion->ready = "--no-http";
}

/* Runs what is suggested, all of it at once, and keeps of it what was healthy. A path for ready
 * knows itself which services it needs. */
static bool verify(struct search *search, struct text *why)
{
    static struct run run;
    struct suggestion *suggestion = search->suggestion;
    size_t count = choose_targets(search);
    if (search->best->speech == SPEAKS_NOTHING) {
        fail_by(search, "no path was answered: ", &search->best->first);
        text_format(&search->first, "; if it is no HTTP: probe live %s", *search->targets);
        return true;
    }
    struct plan *plan = port_plan(&search->config, search->targets, count, why);
    if (!plan)
        return false;
    for (enum service service = SERVICE_DB; service < SERVICES && !*search->best->ready; service++)
        plan_add_if_there(plan, service);
    port_run(&run, plan, suggestion->timeout_ms);
    suggestion->live = suggestion->ready = search->targets[0];
    if (!take_result(search, &run, 0, "live")) {
        fail_by(search, "what was healthy at first failed when it was run: ", &run.results[0]);
        return true;
    }
    if (count > 1 && take_result(search, &run, 1, "ready"))
        suggestion->ready = search->targets[1];
    for (size_t i = count; i < plan->count; i++)
        take_service(search, &run, i);
    return true;
}

/* Why live is no more than a connection. */
static void add_doubt(struct search *search)
{
    const struct port *best = search->best;
    if (*best->live)
        return;
    text_format(&search->first, "; live proves only that %s: ",
                best->speech == SPEAKS_MYSQL ? "it listens" : "connections are accepted");
    if (best->speech > SPEAKS_OTHER && best->speech < SPEAKS_HTTP) {
        text_add(&search->first, "it asks no database");
        if (best->speech != SPEAKS_MYSQL && search->suggestion->ready == search->suggestion->live)
            text_format(&search->first, "; for ready set %s_URL",
                        best->speech == SPEAKS_POSTGRES ? "DATABASE" : "REDIS");
    } else if (best->no_path) {
        text_format(&search->first, "/ %s", best->no_path);
    } else {
        text_add_cut(&search->first, best->first.words, 160);
        add_hint(&search->first, &best->first);
    }
}

static void add_commands(struct search *search)
{
    const struct suggestion *suggestion = search->suggestion;
    text_format(&search->first, "suggested, and healthy when asked: probe live %s, probe ready %s",
                suggestion->live, suggestion->ready);
    if (suggestion->asks[SERVICE_DB])
        text_add(&search->first, " --db");
    if (suggestion->asks[SERVICE_REDIS])
        text_add(&search->first, " --redis");
    add_doubt(search);
}

/* How long the start took, as far as the processes tell: no longer than a young container is
 * old; else at least until the process began that listens. One that began much later is not
 * the first. */
static void find_start(struct search *search)
{
    enum { YOUNG_MS = 60 * 1000, LEAST_MS = 1000, MOST_MS = 10 * 60 * 1000, GUESS_MS = 15 * 1000 };
    struct suggestion *suggestion = search->suggestion;
    int pid = search->best->listener->pid;
    int64_t began_ms = pid > 0 ? procfs_began_after_first_ms("", pid) : -1;
    struct process first;
    bool is_young = began_ms >= 0 && procfs_process("", 1, &first) && first.age_ms < YOUNG_MS;
    bool is_late = began_ms >= LEAST_MS && began_ms < MOST_MS;
    int64_t took_ms = is_young ? first.age_ms : is_late ? began_ms : GUESS_MS;
    suggestion->is_guess = !is_young && !is_late;
    suggestion->start_period_ms = progress_start_period_ms(took_ms);
    text_add(&search->found, "  start     ");
    progress_add_duration(suggestion->start_period_ms, &search->found);
    if (suggestion->is_guess) {
        text_format(&search->found,
                    " is a guess: probe live %s --wait 60s right after a start measures it\n",
                    suggestion->live);
        return;
    }
    text_add(&search->found, is_young ? ": it answers, and the container is up for "
                                      : ": the process that listens began after ");
    text_add_duration(&search->found, took_ms * 1000);
    text_add(&search->found, "; half as much again\n");
}

bool suggest_find(struct suggestion *suggestion, const struct config *config, struct text *why)
{
    static struct search search;
    *suggestion = (struct suggestion){.cause = CAUSE_NONE};
    search = (struct search){.suggestion = suggestion, .config = *config};
    text_init(&search.found, TEXT_ARRAY(suggestion->found));
    text_init(&search.first, TEXT_ARRAY(suggestion->first));
    search.config.command = COMMAND_READY;
    if (!options_parse_environment(&search.config, SOURCE_VARIABLE, why))
        return false;
    search.config.verbosity = 1; /* what is chosen by stands in the details */
    search.config.db.count = search.config.redis.count = 0;
    suggestion->timeout_ms = search.config.timeout_ms;
    if (!find_ports(&search))
        return true;
    if (!ask_ports(&search, why))
        return false;
    if (!verify(&search, why))
        return false;
    if (suggestion->live) {
        find_start(&search);
        add_commands(&search);
    }
    return true;
}
