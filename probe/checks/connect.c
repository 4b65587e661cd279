/* connect(2) under a deadline. The addresses of a name are tried one after the other,
 * each with a head start before the next; the first that accepts is taken (RFC 8305,
 * "happy eyeballs"). */
#include "checks/connect.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { HEAD_START_MS = 250 };

union address {
    struct sockaddr any;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
    struct sockaddr_un local;
};

/* Fills an address from its numeric form; returns its length. */
static socklen_t fill_address(union address *address, const char *text, int port)
{
    memset(address, 0, sizeof *address);
    if (strchr(text, ':')) {
        address->ipv6.sin6_family = AF_INET6;
        address->ipv6.sin6_port = htons((uint16_t)port);
        inet_pton(AF_INET6, text, &address->ipv6.sin6_addr);
        return sizeof address->ipv6;
    }
    address->ipv4.sin_family = AF_INET;
    address->ipv4.sin_port = htons((uint16_t)port);
    inet_pton(AF_INET, text, &address->ipv4.sin_addr);
    return sizeof address->ipv4;
}

bool connect_is_to_itself(int fd)
{
    union address own = {.any = {.sa_family = AF_UNSPEC}};
    union address peer = own;
    socklen_t own_length = sizeof own;
    socklen_t peer_length = sizeof peer;
    if (getsockname(fd, &own.any, &own_length) != 0 ||
        getpeername(fd, &peer.any, &peer_length) != 0 || own.any.sa_family != peer.any.sa_family)
        return false;
    if (own.any.sa_family == AF_INET)
        return own.ipv4.sin_port == peer.ipv4.sin_port &&
               own.ipv4.sin_addr.s_addr == peer.ipv4.sin_addr.s_addr;
    return own.any.sa_family == AF_INET6 && own.ipv6.sin6_port == peer.ipv6.sin6_port &&
           IN6_ARE_ADDR_EQUAL(&own.ipv6.sin6_addr, &peer.ipv6.sin6_addr);
}

/* Closes without TIME_WAIT, which would keep the service from binding the port. */
static void drop(int fd)
{
    const struct linger none = {.l_onoff = 1};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close(fd);
}

/* The connections that are being made, one to an address. */
struct race {
    union address addresses[ADDRESSES_MAX];
    socklen_t lengths[ADDRESSES_MAX];
    struct pollfd watched[ADDRESSES_MAX]; /* fd -1 once it failed */
    int errors[ADDRESSES_MAX];            /* 0: it has not failed */
    size_t count;
    size_t begun;         /* how many of them were tried */
    struct deadline next; /* when one more is tried, beside those that are silent */
};

static void lose(struct race *race, size_t i, int error)
{
    race->errors[i] = error;
    if (race->watched[i].fd >= 0)
        drop(race->watched[i].fd);
    race->watched[i].fd = -1;
}

/* Whether a connection stands. Asked again, connect(2) tells what came of the first
 * time, which on loopback is known at once: so it is asked before any waiting. */
static bool has_won(struct race *race, size_t i)
{
    int fd = race->watched[i].fd;
    if (fd < 0)
        return false;
    if (connect(fd, &race->addresses[i].any, race->lengths[i]) == 0 || errno == EISCONN) {
        if (!connect_is_to_itself(fd))
            return true;
        lose(race, i, ECONNREFUSED);
    } else if (errno != EINPROGRESS && errno != EALREADY) {
        lose(race, i, errno);
    }
    return false;
}

/* Tries the next address. */
static void begin(struct race *race, struct deadline deadline)
{
    size_t i = race->begun++;
    int family = race->addresses[i].any.sa_family;
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    race->watched[i] = (struct pollfd){.fd = fd, .events = POLLOUT};
    if (fd < 0 ||
        (connect(fd, &race->addresses[i].any, race->lengths[i]) != 0 && errno != EINPROGRESS))
        lose(race, i, errno);
    struct deadline share = deadline_share(deadline, race->count - i);
    race->next = deadline_after(deadline_now(), HEAD_START_MS);
    if (share.at_us < race->next.at_us)
        race->next = share;
}

/* Whether it is the next address's turn: the last one failed or is silent. */
static bool is_next_due(const struct race *race)
{
    return race->begun < race->count &&
           (race->begun == 0 || race->watched[race->begun - 1].fd < 0 ||
            deadline_left_ms(race->next) == 0);
}

/* Waits until something happened, the next address is due or the deadline is over. */
static void await(struct race *race, struct deadline deadline)
{
    bool is_last = race->begun == race->count;
    int ready = deadline_wait_any(is_last ? deadline : race->next, race->watched, race->begun);
    if (ready > 0 || (ready == 0 && !is_last))
        return;
    for (size_t i = 0; i < race->begun; i++)
        if (race->watched[i].fd >= 0)
            lose(race, i, ready == 0 ? ETIMEDOUT : errno);
}

static bool is_running(const struct race *race)
{
    for (size_t i = 0; i < race->begun; i++)
        if (race->watched[i].fd >= 0)
            return true;
    return race->begun < race->count;
}

/* The address to which a connection stands first; the count if there is none. */
static size_t run(struct race *race, struct deadline deadline)
{
    while (is_running(race)) {
        if (is_next_due(race))
            begin(race, deadline);
        for (size_t i = 0; i < race->begun; i++)
            if (has_won(race, i))
                return i;
        if (is_running(race) && !is_next_due(race))
            await(race, deadline);
    }
    return race->count;
}

int connect_rank(enum cause cause)
{
    switch (cause) {
    case CAUSE_NONE:
        return 0;
    case CAUSE_UNREACHABLE:
    case CAUSE_CONNECTION_DENIED:
        return 1;
    case CAUSE_NAME_NOT_FOUND:
    case CAUSE_NAME_FAILED:
    case CAUSE_SOCKET_MISSING:
        return 2;
    case CAUSE_REFUSED:
        return 3;
    default:
        return 4;
    }
}

/* The cause of an errno; what is common to files means another thing in a network. */
static enum cause cause_of(int error, bool is_socket)
{
    enum cause cause = cause_of_errno(error);
    if (cause == CAUSE_NONE)
        return is_socket ? CAUSE_SOCKET_UNUSABLE : CAUSE_UNREACHABLE;
    if (cause == CAUSE_SOCKET_DENIED && !is_socket)
        return CAUSE_CONNECTION_DENIED;
    return cause == CAUSE_QUEUE_FULL && !is_socket ? CAUSE_NO_RESOURCES : cause;
}

void connect_fail(const char *place, int error, struct result *result)
{
    enum cause cause = cause_of(error, *place == '/' || *place == '@');
    if (cause == CAUSE_TIMEOUT_CONNECT) {
        result_fail_late(result);
        return;
    }
    struct text words = result_fail(
        result, cause, "%s%s", cause == CAUSE_REFUSED ? "refused by " : "no connection to ", place);
    if (cause == CAUSE_QUEUE_FULL)
        text_add(&words, ": no room in its queue");
    else if (cause != CAUSE_REFUSED)
        text_format(&words, ": %s", strerror(error));
}

/* Of the errors the first that tells most. */
static int choose_error(const struct race *race)
{
    int error = race->errors[0];
    for (size_t i = 1; i < race->count; i++)
        if (connect_rank(cause_of_errno(race->errors[i])) > connect_rank(cause_of_errno(error)))
            error = race->errors[i];
    return error;
}

/* "127.0.0.1:8000 and [::1]:8000": those that failed in this way; or the socket's path. */
static void add_places(const struct race *race, int error, const struct target *target,
                       const struct addresses *addresses, struct text *text)
{
    if (target->socket)
        text_add_foreign(text, target->socket, strlen(target->socket), 160);
    for (size_t i = 0; i < addresses->count; i++) {
        if (race->errors[i] != error)
            continue;
        text_add(text, text->length ? " and " : "");
        text_add_endpoint(text, addresses->text[i], target->port);
    }
}

static void fail(const struct race *race, const struct target *target,
                 const struct addresses *addresses, struct result *result)
{
    char bytes[256];
    struct text places;
    int error = choose_error(race);
    text_init(&places, TEXT_ARRAY(bytes));
    add_places(race, error, target, addresses, &places);
    connect_fail(bytes, error, result);
}

static void fill_race(struct race *race, const struct target *target,
                      const struct addresses *addresses)
{
    race->count = target->socket ? 1 : addresses->count;
    if (target->socket) {
        race->addresses[0] = (union address){.local = {.sun_family = AF_UNIX}};
        race->lengths[0] = sizeof race->addresses[0].local;
        memcpy(race->addresses[0].local.sun_path, target->socket,
               strlen(target->socket) + 1); /* at most SOCKET_PATH_MAX, target.h */
    }
    for (size_t i = 0; i < addresses->count; i++)
        race->lengths[i] = fill_address(&race->addresses[i], addresses->text[i], target->port);
}

int connect_target(const struct target *target, struct deadline deadline,
                   struct connected *connected, struct result *result)
{
    struct addresses addresses = {.count = 0};
    struct race race = {.count = 0};
    if (!target->socket && !resolve_host(target->host, deadline, &addresses, result))
        return -1;
    result_enter(result, PHASE_CONNECT);
    fill_race(&race, target, &addresses);
    size_t winner = run(&race, deadline);
    int fd = winner < race.count ? race.watched[winner].fd : -1;
    for (size_t i = 0; i < race.begun; i++)
        if (i != winner)
            lose(&race, i, race.errors[i]);
    if (fd < 0)
        fail(&race, target, &addresses, result);
    if (connected)
        *connected = (struct connected){.is_first = winner == 0};
    if (connected && addresses.count > 0 && fd >= 0)
        memcpy(connected->address, addresses.text[winner], sizeof connected->address);
    return fd;
}
