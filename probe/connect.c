/* connect(2) under a deadline, address by address. */
#include "connect.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "resolve.h"

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

/* 0 connected, else an errno; ETIMEDOUT when the deadline is over. */
static int finish(int fd, struct deadline deadline)
{
    int error = 0;
    socklen_t length = sizeof error;
    int ready = deadline_wait(deadline, fd, POLLOUT);
    if (ready <= 0)
        return ready == 0 ? ETIMEDOUT : errno;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
    return error;
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
        *error = errno == EINPROGRESS ? finish(fd, deadline) : errno;
    if (*error == 0)
        return fd;
    close(fd);
    return -1;
}

void connect_fail(const struct check *check, int error, struct result *result)
{
    enum cause cause = cause_of_errno(error);
    if (cause == CAUSE_TIMEOUT_CONNECT) {
        result_fail_late(result);
        return;
    }
    if (cause == CAUSE_NONE)
        cause = CAUSE_UNREACHABLE;
    struct text words = result_fail(result, cause, "%s",
                                    cause == CAUSE_REFUSED ? "refused by " : "no connection to ");
    target_add_authority(check->target, &words);
    if (cause != CAUSE_REFUSED)
        text_format(&words, ": %s", strerror(error));
}

static int connect_socket(const struct check *check, struct deadline deadline, int *error)
{
    union address address = {.local = {.sun_family = AF_UNIX}};
    size_t length = strlen(check->target->socket);
    *error = ENAMETOOLONG;
    if (length >= sizeof address.local.sun_path)
        return -1;
    memcpy(address.local.sun_path, check->target->socket, length + 1);
    return connect_one(&address, sizeof address.local, deadline, error);
}

static int connect_addresses(const struct check *check, const struct addresses *addresses,
                             struct deadline deadline, int *error)
{
    int fd = -1;
    for (size_t i = 0; i < addresses->count && fd < 0; i++) {
        union address address;
        socklen_t length = fill_address(&address, addresses->text[i], check->target->port);
        fd = connect_one(&address, length, deadline_share(deadline, addresses->count - i), error);
    }
    return fd;
}

int connect_target(const struct check *check, struct deadline deadline, struct result *result)
{
    struct addresses addresses;
    int error = 0;
    int fd;
    if (check->target->socket) {
        result_enter(result, PHASE_CONNECT);
        fd = connect_socket(check, deadline, &error);
    } else {
        if (!resolve_host(check->target->host, &addresses, result))
            return -1;
        result_enter(result, PHASE_CONNECT);
        fd = connect_addresses(check, &addresses, deadline, &error);
    }
    if (fd < 0)
        connect_fail(check, error, result);
    return fd;
}
