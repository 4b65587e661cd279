/* postgres: one session with a server, shared by the files that have it
 * (check_postgres.c), log in (postgres_connect.c), ask (postgres_query.c) and say
 * what went wrong (postgres_verdict.c). */
#ifndef PROBE_POSTGRES_H
#define PROBE_POSTGRES_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "checks/check.h"
#include "checks/protocol.h"

struct postgres {
    const struct check *check;
    struct deadline deadline;
    struct result *result;
    PGconn *connection; /* NULL until one stands */
};

/* Logs in at one of the target's hosts. False with the cause in its result. */
bool postgres_connect(struct postgres *postgres);

/* Asks all that the config wants of a session that stands: SELECT 1, or what the
 * user asks for. The verdict is in its result. */
void postgres_ask(struct postgres *postgres);

/* The verdict on a login that failed while it connected (PHASE_CONNECT) or logged in
 * (PHASE_LOGIN). */
void postgres_fail_login(const struct postgres *postgres, enum phase phase);

/* The verdict on a query that the server refused. */
void postgres_fail_query(const struct postgres *postgres, const PGresult *answer);

/* The verdict on a connection that broke while a query ran. */
void postgres_fail_broken(const struct postgres *postgres);

enum postgres_port_kind {
    PORT_IS_UNKNOWN,
    PORT_TAKES_TLS,   /* PostgreSQL, and its answer to SSLRequest is yes */
    PORT_IS_TLS,      /* TLS from the first byte on */
    PORT_WANTS_PROXY, /* PostgreSQL behind a header of the PROXY protocol */
    PORT_IS_OTHER     /* another protocol */
};

struct postgres_port {
    enum postgres_port_kind kind;
    const char *protocol; /* of PORT_IS_OTHER: "HTTP" */
    struct opening answer;
};

/* Asks the port of a login that failed what it speaks, in half a second at most. */
struct postgres_port postgres_ask_port(const struct postgres *postgres);

#endif
