/* What a port speaks that takes no PostgreSQL login: asked on connections of its
 * own, in the openings of several protocols. */
#include <libpq-fe.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "checks/connect.h"
#include "checks/postgres.h"
#include "checks/protocol.h"

enum { ASK_MS = 200 /* each question takes at most */ };

/* SSLRequest, which PostgreSQL answers with S or N, as it is and behind a header of
 * the PROXY protocol. */
static const char ssl_request[] = {0, 0, 0, 8, 4, (char)0xd2, 0x16, 0x2f};
static const char proxy_request[] = {'P', 'R', 'O', 'X', 'Y',        ' ',  'U',  'N',
                                     'K', 'N', 'O', 'W', 'N',        '\r', '\n', 0,
                                     0,   0,   8,   4,   (char)0xd2, 0x16, 0x2f};

/* A connection to where libpq had its own; -1 without one. */
static int open_place(const PGconn *connection, struct deadline deadline)
{
    char socket_bytes[SOCKET_PATH_MAX + 1];
    const char *host = PQhost(connection);
    struct text socket;
    struct result ignored;
    struct target place = {.host = PQhostaddr(connection), .port = atoi(PQport(connection))};
    text_init(&socket, TEXT_ARRAY(socket_bytes));
    if (*host == '/') {
        text_format(&socket, "%s/.s.PGSQL.%s", host, PQport(connection));
        place.socket = socket_bytes;
    } else if (!place.host || !*place.host) {
        return -1;
    }
    result_begin(&ignored, 0);
    return connect_target(&place, deadline, NULL, &ignored);
}

/* What is answered to some bytes; returns its length, 0 without an answer. */
static size_t talk(int fd, const char *bytes, size_t length, struct deadline deadline,
                   struct postgres_port *port)
{
    if (send(fd, bytes, length, MSG_NOSIGNAL) != (ssize_t)length ||
        deadline_wait(deadline, fd, POLLIN) <= 0)
        return 0;
    ssize_t received = recv(fd, port->first, sizeof port->first, 0);
    return received > 0 ? (size_t)received : 0;
}

static bool is_postgres(const struct postgres_port *port)
{
    return port->length == 1 && (*port->first == 'S' || *port->first == 'N');
}

static enum postgres_port_kind kind_of(struct postgres_port *port, bool is_proxied)
{
    if (is_postgres(port))
        return is_proxied            ? PORT_WANTS_PROXY
               : *port->first == 'S' ? PORT_TAKES_TLS
                                     : PORT_IS_UNKNOWN;
    port->protocol = protocol_of(port->first, port->length);
    return !port->protocol                      ? PORT_IS_UNKNOWN
           : strcmp(port->protocol, "TLS") == 0 ? PORT_IS_TLS
                                                : PORT_IS_OTHER;
}

struct postgres_port postgres_ask_port(const struct postgres *postgres)
{
    static const struct {
        const char *bytes;
        size_t length; /* 0: a ClientHello */
    } openings[] = {
        {ssl_request, sizeof ssl_request}, {"", 0}, {proxy_request, sizeof proxy_request}};
    struct postgres_port port = {.kind = PORT_IS_UNKNOWN};
    for (size_t i = 0; i < sizeof openings / sizeof *openings && port.length == 0; i++) {
        struct deadline limit = deadline_after(deadline_now(), ASK_MS);
        struct deadline end = limit.at_us < postgres->deadline.at_us ? limit : postgres->deadline;
        int fd = open_place(postgres->connection, end);
        if (fd < 0)
            break;
        if (openings[i].length > 0)
            port.length = talk(fd, openings[i].bytes, openings[i].length, end, &port);
        else if (protocol_is_tls(fd, end))
            port = (struct postgres_port){.kind = PORT_IS_TLS, .length = 1};
        close(fd);
        if (port.length > 0 && port.kind == PORT_IS_UNKNOWN)
            port.kind = kind_of(&port, openings[i].bytes == proxy_request);
    }
    return port;
}
