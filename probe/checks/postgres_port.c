/* What a port speaks that takes no PostgreSQL login: asked on connections of its
 * own, in the openings of several protocols. */
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checks/connect.h"
#include "checks/postgres.h"
#include "checks/protocol.h"

enum { ASK_MS = 200 /* each question takes at most */ };

/* The SSLRequest behind a header of the PROXY protocol. */
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

static bool is_postgres(const struct postgres_port *port)
{
    return port->answer.length == 1 && (*port->answer.bytes == 'S' || *port->answer.bytes == 'N');
}

static enum postgres_port_kind kind_of(struct postgres_port *port, bool is_proxied)
{
    if (is_postgres(port))
        return is_proxied                   ? PORT_WANTS_PROXY
               : *port->answer.bytes == 'S' ? PORT_TAKES_TLS
                                            : PORT_IS_UNKNOWN;
    port->protocol = protocol_of(port->answer.bytes, port->answer.length);
    return !port->protocol                      ? PORT_IS_UNKNOWN
           : strcmp(port->protocol, "TLS") == 0 ? PORT_IS_TLS
                                                : PORT_IS_OTHER;
}

struct postgres_port postgres_ask_port(const struct postgres *postgres)
{
    static const struct {
        const char *bytes;
        size_t length;
    } openings[] = {{protocol_ssl_request, sizeof protocol_ssl_request},
                    {protocol_client_hello, sizeof protocol_client_hello},
                    {proxy_request, sizeof proxy_request}};
    struct postgres_port port = {.kind = PORT_IS_UNKNOWN};
    for (size_t i = 0; i < sizeof openings / sizeof *openings && port.answer.length == 0; i++) {
        struct deadline limit = deadline_after(deadline_now(), ASK_MS);
        struct deadline end = limit.at_us < postgres->deadline.at_us ? limit : postgres->deadline;
        int fd = open_place(postgres->connection, end);
        if (fd < 0)
            break;
        port.answer = protocol_ask(fd, openings[i].bytes, openings[i].length, end);
        close(fd);
        if (port.answer.length > 0)
            port.kind = kind_of(&port, openings[i].bytes == proxy_request);
    }
    return port;
}
