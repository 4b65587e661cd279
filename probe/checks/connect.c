/* connect(2) under a deadline, address by address. */
#include "checks/connect.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

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

/* 0 connected, else an errno; ETIMEDOUT when the deadline is over. Asked again,
 * connect(2) tells what came of the first time, which on loopback is known at
 * once: so it is asked before there is any waiting. */
static int finish(int fd, const union address *address, socklen_t length, struct deadline deadline)
{
    while (connect(fd, &address->any, length) != 0 && errno != EISCONN) {
        if (errno != EALREADY)
            return errno;
        int ready = deadline_wait(deadline, fd, POLLOUT);
        if (ready <= 0)
            return ready == 0 ? ETIMEDOUT : errno;
    }
    return 0;
}

bool connect_is_to_itself(int fd)
{
    union address own;
    union address peer;
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

/* A connected descriptor, or -1 with errno in *error. */
static int connect_one(const union address *address, socklen_t length, struct deadline deadline,
                       int *error)
{
    int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    *error = fd < 0 ? errno : 0;
    if (fd < 0)
        return -1;
    if (connect(fd, &address->any, length) != 0)
        *error = errno == EINPROGRESS ? finish(fd, address, length, deadline) : errno;
    if (*error == 0 && !connect_is_to_itself(fd))
        return fd;
    if (*error == 0)
        *error = ECONNREFUSED;
    drop(fd);
    return -1;
}

int connect_rank(enum cause cause)
{
    switch (cause) {
    case CAUSE_NONE:
        return 0;
    case CAUSE_UNREACHABLE:
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

void connect_fail(const char *place, int error, struct result *result)
{
    enum cause cause = cause_of_errno(error);
    if (cause == CAUSE_TIMEOUT_CONNECT) {
        result_fail_late(result);
        return;
    }
    bool is_socket = *place == '/' || *place == '@';
    if (cause == CAUSE_NONE || (cause == CAUSE_SOCKET_DENIED && !is_socket))
        cause = CAUSE_UNREACHABLE; /* a filter of packets or of system calls */
    struct text words = result_fail(
        result, cause, "%s%s", cause == CAUSE_REFUSED ? "refused by " : "no connection to ", place);
    if (cause != CAUSE_REFUSED)
        text_format(&words, ": %s", strerror(error));
}

static int connect_socket(const char *path, struct deadline deadline, int *error)
{
    union address address = {.local = {.sun_family = AF_UNIX}};
    memcpy(address.local.sun_path, path, strlen(path) + 1); /* at most SOCKET_PATH_MAX, target.h */
    return connect_one(&address, sizeof address.local, deadline, error);
}

/* Tries the addresses; *error becomes the most telling of their errors. */
static int connect_addresses(const struct addresses *addresses, int port, struct deadline deadline,
                             struct connected *connected, int *error)
{
    for (size_t i = 0; i < addresses->count; i++) {
        union address address;
        int failed;
        socklen_t length = fill_address(&address, addresses->text[i], port);
        int fd =
            connect_one(&address, length, deadline_share(deadline, addresses->count - i), &failed);
        if (fd >= 0) {
            memcpy(connected->address, addresses->text[i], sizeof connected->address);
            connected->is_first = i == 0;
            return fd;
        }
        if (i == 0 || connect_rank(cause_of_errno(failed)) > connect_rank(cause_of_errno(*error)))
            *error = failed;
        /* the others failed at once: the silent one may use the time that is left */
        bool is_silent = i == addresses->count - 1 && *error == ETIMEDOUT && i > 0;
        if (is_silent)
            deadline_sleep(deadline);
    }
    return -1;
}

/* "127.0.0.1:8000 and [::1]:8000", or the socket's path. */
static void add_places(const struct target *target, const struct addresses *addresses,
                       struct text *text)
{
    if (target->socket)
        text_add_foreign(text, target->socket, strlen(target->socket), 160);
    for (size_t i = 0; i < addresses->count; i++) {
        text_add(text, i ? " and " : "");
        text_add_endpoint(text, addresses->text[i], target->port);
    }
}

int connect_target(const struct target *target, struct deadline deadline,
                   struct connected *connected, struct result *result)
{
    struct addresses addresses = {.count = 0};
    struct connected unused;
    int error = 0;
    if (!connected)
        connected = &unused;
    *connected = (struct connected){.is_first = true};
    if (!target->socket && !resolve_host(target->host, &addresses, result))
        return -1;
    result_enter(result, PHASE_CONNECT);
    int fd = target->socket
                 ? connect_socket(target->socket, deadline, &error)
                 : connect_addresses(&addresses, target->port, deadline, connected, &error);
    if (fd < 0) {
        char bytes[256];
        struct text places;
        text_init(&places, TEXT_ARRAY(bytes));
        add_places(target, &addresses, &places);
        connect_fail(bytes, error, result);
    }
    return fd;
}
