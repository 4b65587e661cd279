/* postgres: one session with a server, shared by the file that has it
 * (check_postgres.c), the one that asks (postgres_query.c) and the one that says
 * what went wrong (postgres_verdict.c). */
#ifndef PROBE_POSTGRES_H
#define PROBE_POSTGRES_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "checks/check.h"

struct postgres {
    const struct check *check;
    struct deadline deadline;
    struct deadline host_deadline; /* of the host that is tried: its share where several are */
    struct result *result;
    PGconn *connection; /* NULL until one stands */
};

/* Asks all that the config wants of a session that stands: SELECT 1, or what the
 * user asks for. The verdict is in its result. */
void postgres_ask(struct postgres *postgres);

/* The verdict on a login that failed. */
void postgres_fail_login(const struct postgres *postgres);

/* The verdict on a query that the server refused. */
void postgres_fail_query(const struct postgres *postgres, const PGresult *answer);

/* The verdict on a connection that broke while a query ran. */
void postgres_fail_broken(const struct postgres *postgres);

#endif
