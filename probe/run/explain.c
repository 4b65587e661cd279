/* Evidence from /proc and /etc, put into the words of a failure. */
#include "run/explain.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine/evidence.h"
#include "machine/listeners.h"
#include "machine/procfs.h"
#include "run/explain_name.h"

enum { LISTED_MAX = 8 /* listeners named in the first line */ };

/* Whether a listener would be given a connection to a target's address: it is
 * bound to it, or to all of its family. "::" is all of both, unless its owner has
 * asked for IPv6 alone. */
static bool covers(const char *place, const struct target *target)
{
    unsigned char address[sizeof(struct in6_addr)];
    char canonical[INET6_ADDRSTRLEN];
    const char *host = *target->own_address ? target->own_address : target->host;
    int family = strchr(host, ':') ? AF_INET6 : AF_INET;
    if (strcmp(place, "::") == 0)
        return true;
    if (inet_pton(family, host, address) != 1) /* localhost */
        return strcmp(place, "0.0.0.0") == 0 || strcmp(place, "127.0.0.1") == 0 ||
               strcmp(place, "::1") == 0;
    inet_ntop(family, address, canonical, sizeof canonical);
    return strcmp(place, canonical) == 0 || (family == AF_INET && strcmp(place, "0.0.0.0") == 0);
}

static bool has_port(const struct listeners *listeners, int port)
{
    for (size_t i = 0; i < listeners->count; i++)
        if (listeners->list[i].port == port)
            return true;
    return false;
}

/* What is true of the port itself: nothing listens there, or something does, at
 * another address or only now. */
static void add_port(const struct listeners *listeners, const struct target *target,
                     struct text *words)
{
    struct in_addr address;
    bool is_ipv4 = inet_pton(AF_INET, target->host, &address) == 1;
    if (listeners->count == 0) {
        text_add(words, "; nothing listens on any port");
        return;
    }
    for (size_t i = 0; i < listeners->count; i++) {
        const struct listener *listener = &listeners->list[i];
        bool is_ipv6_only = is_ipv4 && strcmp(listener->place, "::") == 0;
        if (listener->port != target->port || !covers(listener->place, target) || is_ipv6_only)
            continue;
        text_add(words, "; it listens now: it has just begun to, or a firewall refuses");
        return;
    }
    if (has_port(listeners, target->port))
        text_format(words, "; port %d is bound to another address", target->port);
    else if (listeners->left_out == 0)
        text_format(words, "; nothing listens on %d", target->port);
}

/* "; listening: 0.0.0.0:8080, [::1]:9000, unix:/run/app.sock" */
static void add_listeners(const struct listeners *tcp, struct text *words)
{
    struct listeners local;
    size_t listed = 0;
    size_t all = tcp->count + tcp->left_out;
    for (size_t i = 0; i < tcp->count && listed < LISTED_MAX; i++) {
        text_add(words, listed++ == 0 ? "; listening: " : ", ");
        listeners_add_place(&tcp->list[i], words);
    }
    listeners_find(LISTENER_UNIX, &local);
    for (size_t i = 0; i < local.count; i++) {
        if (access(local.list[i].place, F_OK) != 0) /* of another file system, or gone */
            continue;
        all++;
        if (listed == LISTED_MAX)
            continue;
        text_add(words, listed++ == 0 ? "; listening: " : ", ");
        listeners_add_place(&local.list[i], words);
    }
    if (all > listed)
        text_format(words, " and %zu more", all - listed);
}

/* "; up 42 s, perhaps still starting" */
static void add_age(bool may_start, struct text *words)
{
    struct process first;
    if (!procfs_process("", 1, &first) || first.age_ms < 0)
        return;
    text_add(words, "; up ");
    text_add_limit(words, first.age_ms < 1000 ? 1000 : first.age_ms / 1000 * 1000);
    if (may_start && first.age_ms < STARTING_MS)
        text_add(words, ", perhaps still starting: start_period must be longer than the start");
}

/* Whether the service is not there, or broke off. */
static bool is_gone(enum cause cause)
{
    switch (cause) {
    case CAUSE_REFUSED:
    case CAUSE_SOCKET_MISSING:
    case CAUSE_NOT_LISTENING:
    case CAUSE_PROCESS_MISSING:
    case CAUSE_RESET:
    case CAUSE_HTTP_EMPTY:
    case CAUSE_HTTP_TRUNCATED:
    case CAUSE_HTTP_BAD_GATEWAY:
    case CAUSE_PG_CONNECTION:
    case CAUSE_REDIS_CLOSED:
    case CAUSE_FILE_MISSING:
    case CAUSE_FILE_STALE:
        return true;
    default:
        return false;
    }
}

/* What the container shows, in a fourth of the time that is kept for the report. */
static void add_evidence(struct result *result, struct evidence *evidence, struct text *words)
{
    int64_t ms = deadline_margin_ms(result->limit_ms) / 4;
    evidence_find("", deadline_after(deadline_now(), ms), evidence);
    evidence_add(evidence, words);
    const char *hint = evidence_hint(evidence, is_gone(result->cause));
    if (hint)
        result->hint = hint;
}

/* Nothing took the connection: what the container shows, who listens instead, and how
 * old it is. */
static void explain_refused(const struct check *check, struct result *result)
{
    const struct target *target = check->target;
    struct listeners listeners;
    struct evidence evidence;
    struct text words = result_words(result);
    listeners_find(LISTENER_TCP, &listeners);
    if (listeners.is_known && !target->socket && !check->type->has_no_peer)
        add_port(&listeners, target, &words);
    add_evidence(result, &evidence, &words);
    bool has_ended = evidence.zombies > 0 || evidence.oom_kills > 0 || !evidence.is_whole;
    bool has_started = listeners.count > 0 || !listeners.is_known;
    if (listeners.is_known)
        add_listeners(&listeners, &words);
    if (evidence.is_own)
        add_age(!has_started && !has_ended && !evidence.waiting.pid && !evidence.stopped.pid,
                &words);
}

/* The service broke off, is late, or hangs: what the container shows. */
static void explain_trouble(const struct check *check, struct result *result)
{
    struct evidence evidence;
    struct text words = result_words(result);
    add_evidence(result, &evidence, &words);
    if (!check->type->has_no_peer)
        evidence_add_full_queues(check->target, &words);
}

static bool is_of_target(const struct listener *listener, const struct target *target)
{
    return target->socket ? listeners_is_bound(listener->place, target->socket)
                          : listener->port == target->port && covers(listener->place, target);
}

/* The connections that wait on the target's port or socket, and whether more
 * would find no room; waiting -1 when nobody tells. */
struct queue {
    int waiting;
    bool is_full;
};

static struct queue look_at_queue(const struct target *target)
{
    struct listeners listeners;
    struct queue queue = {.waiting = -1};
    listeners_find(target->socket ? LISTENER_UNIX : LISTENER_TCP, &listeners);
    for (size_t i = 0; i < listeners.count; i++) {
        const struct listener *listener = &listeners.list[i];
        if (!is_of_target(listener, target))
            continue;
        queue.waiting = (queue.waiting < 0 ? 0 : queue.waiting) + (int)listener->waiting;
        queue.is_full |= listener->backlog >= 0 && (int)listener->waiting > listener->backlog;
    }
    return queue;
}

/* "; its queue is full: 14 connections wait to be accepted on :8000" */
static void add_queue(const struct queue *queue, const struct target *target, struct text *words)
{
    text_format(words, "; %s%d connection%s wait%s to be accepted on ",
                queue->is_full ? "its queue is full: " : "", queue->waiting,
                queue->waiting == 1 ? "" : "s", queue->waiting == 1 ? "s" : "");
    target_add_authority(target, words);
}

/* No answer in time: are we still in the queue, or was our connection taken? */
void explain_cause(const struct check *check, struct result *result)
{
    bool is_queued = result->cause == CAUSE_TIMEOUT_CONNECT || result->cause == CAUSE_QUEUE_FULL;
    bool is_asked = result->cause == CAUSE_TIMEOUT_ANSWER || result->cause == CAUSE_TIMEOUT_LOGIN;
    if ((!is_queued && !is_asked) || !target_is_local(check->target))
        return;
    struct queue queue = look_at_queue(check->target);
    struct text words = result_words(result);
    if (queue.waiting > 0) {
        add_queue(&queue, check->target, &words);
        if (check->type->is_worker_queue && result->cause != CAUSE_QUEUE_FULL)
            result->cause = CAUSE_WORKERS_BUSY;
        else if (queue.is_full)
            result->cause = CAUSE_QUEUE_FULL;
    } else if (queue.waiting == 0 && is_asked) {
        text_add(&words, "; it was accepted: it is busy, hangs, or waits for what is behind it");
    }
}

static bool is_loopback(const char *place)
{
    struct in_addr ipv4;
    struct in6_addr ipv6;
    if (inet_pton(AF_INET, place, &ipv4) == 1)
        return ntohl(ipv4.s_addr) >> 24 == IN_LOOPBACKNET;
    return inet_pton(AF_INET6, place, &ipv6) == 1 &&
           (IN6_IS_ADDR_LOOPBACK(&ipv6) ||
            (IN6_IS_ADDR_V4MAPPED(&ipv6) && ipv6.s6_addr[12] == IN_LOOPBACKNET));
}

/* A line of /proc/net/route: an interface and an IPv4 network, below a heading. */
static void take_route(const char *line, void *has_outside)
{
    if (strncmp(line, "Iface", 5) != 0 && strncmp(line, "lo\t", 3) != 0)
        *(bool *)has_outside = true;
}

/* A line of /proc/net/if_inet6: "ADDRESS INDEX PREFIX SCOPE FLAGS INTERFACE"; scope 00 is
 * global. */
static void take_ipv6_address(const char *line, void *has_outside)
{
    const char *scope = procfs_field(line, 3);
    if (scope && strncmp(scope, "00 ", 3) == 0)
        *(bool *)has_outside = true;
}

/* Whether this machine has an address that others can reach, and who listens on the port
 * does so at loopback alone. From /proc: the calls that are quicker, netlink's and ioctl(2),
 * are forbidden in some places, where the process may be killed for them. */
static bool is_bound_to_loopback(int port)
{
    struct listeners listeners;
    bool has_outside = false;
    bool is_heard = false;
    procfs_each_line("", "/proc/net/route", take_route, &has_outside);
    procfs_each_line("", "/proc/net/if_inet6", take_ipv6_address, &has_outside);
    if (!has_outside)
        return false;
    listeners_read("", LISTENER_TCP, &listeners);
    for (size_t i = 0; i < listeners.count; i++) {
        if (listeners.list[i].port != port)
            continue;
        if (!is_loopback(listeners.list[i].place))
            return false;
        is_heard = true;
    }
    return is_heard && listeners.left_out == 0;
}

/* Whether this is a container, by the marks that Docker, Podman and Kubernetes
 * leave. */
static bool is_container(void)
{
    return getenv("container") || getenv("KUBERNETES_SERVICE_HOST") ||
           access("/.dockerenv", F_OK) == 0 || access("/run/.containerenv", F_OK) == 0;
}

void explain_note(const struct check *check, struct result *result)
{
    const struct target *target = check->target;
    bool may_tell = result->cause == CAUSE_NONE && check->type->local_only && !*result->note &&
                    !target->socket && target_is_local(target);
    if (!may_tell || !is_container() || !is_bound_to_loopback(target->port))
        return;
    struct text note = result_note(result);
    text_add(&note, "port ");
    text_add_number(&note, target->port);
    text_add(&note, " is bound to loopback only: neither a published port nor another host "
                    "reaches it");
}

void explain_words(const struct check *check, struct result *result)
{
    switch (result->cause) {
    case CAUSE_REFUSED:
    case CAUSE_SOCKET_MISSING:
        if (target_is_local(check->target))
            explain_refused(check, result);
        break;
    case CAUSE_NOT_LISTENING:
        explain_refused(check, result);
        break;
    case CAUSE_NAME_NOT_FOUND:
    case CAUSE_NAME_FAILED:
    case CAUSE_TIMEOUT_RESOLVE:
        explain_name(check, result);
        break;
    case CAUSE_RESET:
    case CAUSE_QUEUE_FULL:
    case CAUSE_TIMEOUT_CONNECT:
    case CAUSE_TIMEOUT_LOGIN:
    case CAUSE_TIMEOUT_QUERY:
    case CAUSE_TIMEOUT_ANSWER:
    case CAUSE_TIMEOUT_RECEIVE:
    case CAUSE_WORKERS_BUSY:
    case CAUSE_HTTP_EMPTY:
    case CAUSE_HTTP_TRUNCATED:
    case CAUSE_HTTP_BAD_GATEWAY:
    case CAUSE_HTTP_GATEWAY_TIMEOUT:
    case CAUSE_PG_CONNECTION:
    case CAUSE_REDIS_CLOSED:
    case CAUSE_PROCESS_MISSING:
    case CAUSE_FILE_MISSING:
    case CAUSE_FILE_STALE:
        if (check->type->has_no_peer || target_is_local(check->target))
            explain_trouble(check, result);
        break;
    default:
        break;
    }
}
