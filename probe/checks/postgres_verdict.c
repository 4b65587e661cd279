/* What PostgreSQL's errors mean: by SQLSTATE, and by errno where there is none. */
#include <errno.h>
#include <string.h>

#include "checks/connect.h"
#include "checks/postgres.h"
#include "version.h"

enum { SQLSTATE_LENGTH = 5 };

enum subject { NOBODY, OF_USER, OF_DATABASE, IN_ITS_WORDS };

static const struct state {
    const char *sqlstate; /* its start */
    const char *part;     /* of the message; NULL: any (the server may speak another language) */
    enum cause cause;
    enum subject subject; /* what follows the words */
    const char *words;
} states[] = {
    {"28P01", NULL, CAUSE_PG_WRONG_PASSWORD, OF_USER, "wrong password"},
    {"28000", "SSL connection is required", CAUSE_PG_TLS_REQUIRED, IN_ITS_WORDS, "wants TLS"},
#if PROBE_TLS
    {"28000", "client certificate", CAUSE_TLS_CLIENT_CERT_WANTED, IN_ITS_WORDS,
     "wants a client certificate"},
    {"28000", "certificate authentication failed", CAUSE_TLS_CLIENT_CERT_REFUSED, OF_USER,
     "the client certificate is for another user, login refused"},
#endif
    {"28000", "pg_hba.conf rejects", CAUSE_PG_LOGIN_REFUSED, OF_USER, "rejected by pg_hba.conf"},
    {"28000", "pg_hba.conf", CAUSE_PG_NO_HBA_ENTRY, OF_USER, "no pg_hba.conf entry"},
    {"28000", "not permitted to log in", CAUSE_PG_NO_ROLE, OF_USER, "no right to log in"},
    {"28000", "Peer authentication failed", CAUSE_PG_PEER, OF_USER, "peer authentication failed"},
    {"28000", "Ident authentication failed", CAUSE_PG_PEER, OF_USER, "ident authentication failed"},
    {"28000", "role \"", CAUSE_PG_NO_ROLE, OF_USER, "no such role"},
    {"28000", NULL, CAUSE_PG_LOGIN_REFUSED, OF_USER, "login refused"},
    {"3D000", NULL, CAUSE_PG_NO_DATABASE, OF_DATABASE, "no such database"},
    {"53300", "reserved for", CAUSE_PG_TOO_MANY_CONNECTIONS, NOBODY, "too many connections"},
    {"53300", "for role", CAUSE_PG_CONNECTION_LIMIT, OF_USER, "too many connections"},
    {"53300", "for database", CAUSE_PG_CONNECTION_LIMIT, OF_DATABASE,
     "too many connections to database"},
    {"53300", NULL, CAUSE_PG_TOO_MANY_CONNECTIONS, NOBODY, "too many connections"},
    {"53", NULL, CAUSE_PG_NO_RESOURCES, IN_ITS_WORDS, "out of resources"},
    {"57P03", NULL, CAUSE_PG_NOT_ACCEPTING, IN_ITS_WORDS, "takes no logins"},
    {"57P01", NULL, CAUSE_PG_SHUT_DOWN, NOBODY, "shut down by its administrator"},
    {"57P02", NULL, CAUSE_PG_SHUT_DOWN, NOBODY, "shut down after a crash"},
    {"57014", NULL, CAUSE_PG_ERROR, IN_ITS_WORDS, "query ended by the server"},
    {"42P01", NULL, CAUSE_PG_NO_TABLE, IN_ITS_WORDS, "no such table"},
    {"42501", NULL, CAUSE_PG_NO_PRIVILEGE, IN_ITS_WORDS, "no privilege"},
    /* nearly all that pgbouncer says, and some of CockroachDB's */
    {"08P01", "SSL", CAUSE_PG_TLS_REQUIRED, IN_ITS_WORDS, "wants TLS"},
    {"08P01", "no such database", CAUSE_PG_NO_DATABASE, OF_DATABASE, "no such database"},
    {"08P01", "no such user", CAUSE_PG_POOLER_LOGIN, OF_USER, "no such user"},
    {"08P01", "authentication failed", CAUSE_PG_POOLER_LOGIN, OF_USER, "wrong user or password"},
    {"08P01", "no more connections allowed", CAUSE_PG_POOLER_FULL, IN_ITS_WORDS, "pooler full"},
    {"08P01", "query_wait_timeout", CAUSE_PG_POOLER_QUEUE, IN_ITS_WORDS, "no server connection"},
    {"08P01", "server login", CAUSE_PG_POOLER_SERVER, IN_ITS_WORDS, "pooler without its server"},
    {"08P01", "server_login_retry", CAUSE_PG_POOLER_SERVER, IN_ITS_WORDS,
     "pooler without its server"},
    {"08P01", "cannot connect to server", CAUSE_PG_POOLER_SERVER, IN_ITS_WORDS,
     "pooler without its server"},
    {"08P01", "unsupported startup parameter", CAUSE_PG_POOLER_PARAMETER, IN_ITS_WORDS,
     "login refused"},
    {"08P01", NULL, CAUSE_PG_ERROR, IN_ITS_WORDS, "error"},
    {"08", NULL, CAUSE_PG_CONNECTION, IN_ITS_WORDS, "connection broken"},
    {"", NULL, CAUSE_PG_ERROR, IN_ITS_WORDS, "error"},
};

static const struct state *find_state(const char *sqlstate, const char *message)
{
    const struct state *state = states;
    while (strncmp(sqlstate, state->sqlstate, strlen(state->sqlstate)) != 0 ||
           (state->part && !strstr(message, state->part)))
        state++;
    return state;
}

/* "wrong password for user 'app' (28P01)" */
static void fail_state(const struct postgres *postgres, const char *sqlstate, const char *message,
                       size_t length)
{
    struct result *result = postgres->result;
    const struct state *state = find_state(sqlstate, message);
    const char *database = PQdb(postgres->connection);
    struct text words = result_fail(result, state->cause, "%s", state->words);
    const char *subject = state->subject == OF_USER       ? postgres->check->target->user
                          : state->subject == OF_DATABASE ? database
                                                          : NULL;
    if (subject) {
        text_add(&words, state->subject == OF_USER ? " for user '" : " '");
        text_add_foreign(&words, subject, strlen(subject), 80);
        text_add(&words, "'");
    }
    text_add(&words, " (");
    text_add_foreign(&words, sqlstate, SQLSTATE_LENGTH, 20);
    text_add(&words, ")");
    if (state->subject == IN_ITS_WORDS) {
        text_add(&words, ": ");
        text_add_foreign(&words, message, length, 160);
    }
}

/* Keeps the server's own lines, but for the one that names its source and the
 * mark below a query. */
static void add_lines(struct result *result, const char *lines)
{
    struct text detail = result_detail(result);
    while (*lines) {
        size_t length = strcspn(lines, "\n");
        size_t indent = strspn(lines, " \t");
        bool is_wanted =
            length > indent && strncmp(lines, "LOCATION:", 9) != 0 && lines[indent] != '^';
        if (is_wanted) {
            text_add_foreign(&detail, lines + indent, length - indent, 200);
            text_add(&detail, "\n");
        }
        lines += length + (lines[length] == '\n');
    }
}

/* Where "FATAL:  28P01: password ..." has its SQLSTATE; NULL without one. */
static const char *find_sqlstate(const char *message)
{
    for (const char *at = message; (at = strstr(at, ":  ")) != NULL; at++) {
        size_t length = strspn(at + 3, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        if (length == SQLSTATE_LENGTH && strncmp(at + 3 + length, ": ", 2) == 0)
            return at + 3;
    }
    return NULL;
}

/* The SQLSTATE of a login that failed. With sslmode prefer and allow, libpq tries twice,
 * with TLS and without: an attempt that pg_hba.conf has no entry for says less than the
 * other. */
static const char *find_login_sqlstate(const char *message)
{
    static const char no_entry[] = ": no pg_hba.conf entry";
    const char *first = find_sqlstate(message);
    if (!first || strncmp(first + SQLSTATE_LENGTH, no_entry, sizeof no_entry - 1) != 0)
        return first;
    const char *second = find_sqlstate(first);
    bool says_more =
        second && strncmp(second + SQLSTATE_LENGTH, no_entry, sizeof no_entry - 1) != 0;
    return says_more ? second : first;
}

/* The errno whose words stand in libpq's message, 0 if none does. */
static int find_errno(const char *message)
{
    static const int errors[] = {
        ECONNREFUSED, ENOENT, EACCES, ECONNRESET,    EHOSTUNREACH, ENETUNREACH,  ENETDOWN,
        ETIMEDOUT,    EPIPE,  EAGAIN, EADDRNOTAVAIL, EAFNOSUPPORT, ENOTDIR,      EPERM,
        EMFILE,       ENFILE, ENOMEM, ENOBUFS,       ELOOP,        ENAMETOOLONG, EPROTOTYPE};
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (strstr(message, strerror(errors[i])))
            return errors[i];
    return 0;
}

/* Where libpq tried to connect: "db:5432", or the socket's path. */
static void add_place(const PGconn *connection, char *place, size_t size)
{
    const char *host = PQhost(connection);
    const char *port = PQport(connection);
    struct text text;
    text_init(&text, place, size);
    bool is_ipv6 = *host != '/' && strchr(host, ':');
    text_add(&text, is_ipv6 ? "[" : "");
    text_add_foreign(&text, host, strlen(host), 160);
    text_add(&text, *host == '/' ? "/.s.PGSQL." : is_ipv6 ? "]:" : ":");
    text_add_foreign(&text, port, strlen(port), 10);
}

static void fail_without_state(const struct postgres *postgres, const char *message,
                               enum phase phase)
{
    static const struct {
        const char *part;
        enum cause cause;
        const char *words;
    } known[] = {
        {"could not fork new process", CAUSE_PG_NO_RESOURCES, "server cannot fork a new process"},
        {"no password supplied", CAUSE_PG_NO_PASSWORD, "wants a password, none was given"},
        {"out of memory", CAUSE_NO_RESOURCES, "no memory is left"},
        {"Memory allocation failure", CAUSE_NO_RESOURCES, "no memory is left"}, /* glibc's */
        /* what target_session_attrs asked for */
        {"session is read-only", CAUSE_PG_NOT_WRITABLE, "read-only, takes no writes"},
        {"server is in hot standby", CAUSE_PG_NOT_WRITABLE, "standby in recovery, takes no writes"},
        {"session is not read-only", CAUSE_PG_NOT_STANDBY, "takes writes, and a standby is wanted"},
        {"server is not in hot", CAUSE_PG_NOT_STANDBY, "primary, and a standby is wanted"},
    };
    struct result *result = postgres->result;
    int error = find_errno(message);
    if (!*message) { /* libpq says nothing when it gets no socket */
        result_fail(result, CAUSE_NO_RESOURCES, "no descriptor or memory is left");
        return;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strstr(message, known[i].part)) {
            result_fail(result, known[i].cause, "%s", known[i].words);
            return;
        }
    if (strstr(message, "server closed the connection") || (error && phase >= PHASE_LOGIN)) {
        result_fail(result, CAUSE_RESET, "connection closed during the %s", phase_name(phase));
        return;
    }
    bool is_alone = connect_is_to_itself(PQsocket(postgres->connection));
    if (error || is_alone) {
        char place[256];
        add_place(postgres->connection, place, sizeof place);
        connect_fail(place, is_alone ? ECONNREFUSED : error, result);
        return;
    }
    const char *lost = strstr(message, "lost synchronization");
    const char *rest = lost ? lost : postgres_own_words(message);
    size_t length = strcspn(rest, "\n");
    bool is_foreign = length == 0 || postgres_is_foreign(message);
    enum cause cause = is_foreign                       ? CAUSE_PG_PROTOCOL
                       : strstr(rest, "authentication") ? CAUSE_PG_LOGIN_REFUSED
                                                        : CAUSE_PG_ERROR;
    struct text words = result_fail(result, cause, "%s",
                                    is_foreign             ? "not PostgreSQL: "
                                    : phase <= PHASE_LOGIN ? "not logged in: "
                                                           : "query failed: ");
    if (length == 0)
        text_add(&words, "an error without words");
    text_add_foreign(&words, rest, length, 160);
}

/* What the port itself shows where the login's own words leave it open: that it speaks
 * TLS, or another protocol, or wants the PROXY protocol first. */
static void fail_as_port(const struct postgres *postgres)
{
    struct result *result = postgres->result;
    const char *message = PQerrorMessage(postgres->connection);
    bool is_plain = strstr(message, "no encryption") || strstr(message, "SSL off");
    bool is_hba = result->cause == CAUSE_PG_NO_HBA_ENTRY && is_plain;
    bool is_foreign = result->cause == CAUSE_RESET || result->cause == CAUSE_PG_PROTOCOL;
    if (!is_hba && !is_foreign)
        return;
    struct postgres_port port = postgres_ask_port(postgres);
    if (is_hba && port.kind == PORT_TAKES_TLS) {
        result_retry(result);
        struct text words = result_fail(result, CAUSE_PG_TLS_REQUIRED,
                                        "no pg_hba.conf entry without TLS for user '");
        const char *user = postgres->check->target->user;
        text_add_foreign(&words, user, strlen(user), 80);
        text_add(&words, "' (28000): the server speaks TLS");
        if (PROBE_TLS)
            result->hint = "write sslmode=require, or verify-full, into the URL";
    } else if (is_foreign && port.kind == PORT_IS_TLS) {
        result_retry(result);
        protocol_fail_tls(result, "PostgreSQL");
    } else if (is_foreign && port.kind == PORT_WANTS_PROXY) {
        struct text words = result_words(result);
        text_add(&words, ": the port wants the PROXY protocol, as a load balancer sends it");
    } else if (is_foreign && port.kind == PORT_IS_OTHER) {
        result_retry(result);
        struct text words = result_fail(result, CAUSE_PG_PROTOCOL,
                                        "not PostgreSQL but %s: it answers '", port.protocol);
        text_add_foreign(&words, port.answer.bytes, port.answer.length, 60);
        text_add(&words, "'");
    }
}

/* Where the server takes nobody without TLS, what failed over TLS before is the reason. */
static void fail_over_tls(const struct postgres *postgres)
{
    struct result *result = postgres->result;
    struct failure plain = result_failure(result);
    result_retry(result);
    if (!tls_fail(postgres->tls, "", result))
        result_restore(result, &plain);
}

void postgres_fail_login(const struct postgres *postgres, enum phase phase)
{
    const char *message = PQerrorMessage(postgres->connection);
    const char *sqlstate = find_login_sqlstate(message);
    if (sqlstate) {
        const char *text = sqlstate + SQLSTATE_LENGTH + 2;
        fail_state(postgres, sqlstate, text, strcspn(text, "\n"));
    } else if (!postgres_fail_tls(postgres, message, phase)) {
        fail_without_state(postgres, message, phase);
    }
    fail_as_port(postgres);
    if (PROBE_TLS && postgres->result->cause == CAUSE_PG_TLS_REQUIRED)
        fail_over_tls(postgres);
    if (!strstr(message, "SSL error code")) /* a number, of which the verdict is made */
        add_lines(postgres->result, postgres_own_words(message));
}

void postgres_fail_query(const struct postgres *postgres, const PGresult *answer)
{
    const char *sqlstate = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(answer, PG_DIAG_MESSAGE_PRIMARY);
    if (sqlstate && message)
        fail_state(postgres, sqlstate, message, strlen(message));
    else
        postgres_fail_broken(postgres);
    add_lines(postgres->result, PQresultErrorMessage(answer));
}

void postgres_fail_broken(const struct postgres *postgres)
{
    const char *message = PQerrorMessage(postgres->connection);
    if (*message)
        fail_without_state(postgres, message, (enum phase)atomic_load(&postgres->result->phase));
    else
        result_fail(postgres->result, CAUSE_PG_PROTOCOL, "no answer to the query");
}
