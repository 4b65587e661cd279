/* postgres: one session with a server, shared by the files that have it
 * (check_postgres.c), log in (postgres_connect.c), ask (postgres_query.c) and say
 * what went wrong (postgres_verdict.c). */
#ifndef PROBE_POSTGRES_H
#define PROBE_POSTGRES_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "checks/check.h"
#include "checks/protocol.h"
#include "checks/tls.h"

struct postgres {
    const struct check *check;
    struct deadline deadline;
    struct result *result;
    PGconn *connection; /* NULL until one stands */
    struct tls *tls;    /* of that connection, whether it is used or not; NULL until then */
};

/* Logs in at one of the target's hosts. False with the cause in its result. */
bool postgres_connect(struct postgres *postgres);

/* Asks all that the config wants of a session that stands: SELECT 1, or what the
 * user asks for. The verdict is in its result. */
void postgres_ask(struct postgres *postgres);

/* The verdict on a login that failed while it connected (PHASE_CONNECT), shook hands
 * (PHASE_TLS) or logged in (PHASE_LOGIN). */
void postgres_fail_login(const struct postgres *postgres, enum phase phase);

/* The verdict on a query that the server refused. */
void postgres_fail_query(const struct postgres *postgres, const PGresult *answer);

/* The verdict on a connection that broke while a query ran. */
void postgres_fail_broken(const struct postgres *postgres);

enum { POSTGRES_PARAMETERS_MAX = 64 /* libpq 17 knows 44 */ };

/* The parameters of a login as libpq wants them. */
struct postgres_parameters {
    const char *keywords[POSTGRES_PARAMETERS_MAX + 1];
    const char *values[POSTGRES_PARAMETERS_MAX + 1];
    size_t count;
};

/* Adds one, if it has a value. */
void postgres_add(struct postgres_parameters *parameters, const char *keyword, const char *value);

/* Adds how a login at an address (NULL: by a socket) uses TLS. The files are the target's own,
 * then those of the options, then libpq's own in ~/.postgresql; a login that must be verified
 * in full takes the machine's authorities else. */
void postgres_add_tls(struct postgres_parameters *parameters, const struct check *check,
                      const char *address);

/* The verdict on a session over TLS that failed, by libpq's words and by what was seen of it.
 * False when TLS is not the reason. */
bool postgres_fail_tls(const struct postgres *postgres, const char *message, enum phase phase);

/* libpq's message behind its 'connection to server at "db", port 5432 failed: '. */
const char *postgres_own_words(const char *message);

/* Whether libpq complains of bytes that PostgreSQL would not send. */
bool postgres_is_foreign(const char *message);

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
