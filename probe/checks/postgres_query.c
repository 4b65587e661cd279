/* What PostgreSQL is asked once the login stands, and what its answers must be. */
#include <libpq-fe.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "checks/check.h"
#include "checks/postgres.h"
#include "config/target_parser.h"

enum {
    VALUE_SHOWN = 32,
    VOID_TYPE = 2278, /* its OID, PostgreSQL's pg_type.dat */
    /* Kept back from a query, to cancel it at the server if it is late: a tenth of
     * the time, within these. A busy machine may give no turn for some of it. */
    CANCEL_LEAST_MS = 20,
    CANCEL_MOST_MS = 100
};

/* What a query gave: the first value of its first row, of the last result that has
 * columns. */
struct answer {
    bool has_row;
    bool is_null;
    bool is_false;           /* a word for false, an empty text or a number that is zero */
    char value[VALUE_SHOWN]; /* its beginning; "" without a row */
};

/* Cancels the query that runs, so that it does not go on without us. */
static void cancel(const struct postgres *postgres)
{
    PGcancelConn *request = PQcancelCreate(postgres->connection);
    PostgresPollingStatusType want =
        PQcancelStart(request) ? PGRES_POLLING_WRITING : PGRES_POLLING_FAILED;
    while (want == PGRES_POLLING_READING || want == PGRES_POLLING_WRITING) {
        short events = want == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        if (deadline_wait(postgres->deadline, PQcancelSocket(request), events) <= 0)
            break;
        want = PQcancelPoll(request);
    }
    PQcancelFinish(request);
}

/* The end of the time for a query's answer. */
static struct deadline answer_deadline(struct deadline deadline)
{
    int tenth = deadline_left_ms(deadline) / 10;
    int most = tenth < CANCEL_MOST_MS ? tenth : CANCEL_MOST_MS;
    return deadline_earlier(deadline, most > CANCEL_LEAST_MS ? most : CANCEL_LEAST_MS);
}

/* Waits for the next result; NULL at the end, or when the deadline is over or
 * the connection broke, with the cause. */
static PGresult *next_result(struct postgres *postgres)
{
    PGconn *connection = postgres->connection;
    struct deadline deadline = answer_deadline(postgres->deadline);
    while (PQisBusy(connection) && deadline_left_ms(deadline) > 0) {
        deadline_wait(deadline, PQsocket(connection), POLLIN);
        if (!PQconsumeInput(connection)) {
            postgres_fail_broken(postgres);
            return NULL;
        }
    }
    if (deadline_left_ms(deadline) > 0)
        return PQgetResult(connection);
    result_fail_late(postgres->result);
    cancel(postgres);
    return NULL;
}

/* Whether a value is a number that is zero: 0, -0, 0.00. */
static bool is_zero(const char *value)
{
    value += *value == '-';
    size_t whole = strspn(value, "0");
    bool has_point = value[whole] == '.';
    size_t length = whole + (has_point ? 1 + strspn(value + whole + 1, "0") : 0);
    return whole > 0 && value[length] == '\0';
}

/* Whether a value is one of the words that PostgreSQL itself takes for false. */
static bool is_false_word(const char *value)
{
    static const char *const words[] = {"f", "false", "n", "no", "off"};
    return IS_IN(words, value);
}

/* Keeps the first row of a result; a later result takes its place, if it has columns. */
static void take_row(const PGresult *row, bool *is_first, struct answer *answer)
{
    bool is_wanted = *is_first && PQnfields(row) > 0;
    *is_first = PQresultStatus(row) != PGRES_SINGLE_TUPLE;
    if (!is_wanted)
        return;
    *answer = (struct answer){.has_row = PQntuples(row) > 0};
    if (!answer->has_row)
        return;
    const char *value = PQgetvalue(row, 0, 0);
    answer->is_null = PQgetisnull(row, 0, 0);
    bool is_void = PQftype(row, 0) == VOID_TYPE; /* of a function that fails by an error */
    answer->is_false = (!*value && !is_void) || is_false_word(value) || is_zero(value);
    strncpy(answer->value, value, sizeof answer->value - 1);
}

/* The answer is not what a query gives. */
static void fail_query(const struct postgres *postgres, const char *what)
{
    bool is_users = postgres->check->config->db_queries.count > 0;
    result_fail(postgres->result, is_users ? CAUSE_PG_QUERY_FALSE : CAUSE_PG_PROTOCOL, "query %s",
                what);
}

/* Reads an answer to its end, or to an error, which may stand behind the first
 * row. Of one that libpq cannot read, it gives no result but only the message. */
static void take_answer(struct postgres *postgres, struct answer *answer)
{
    bool is_first = true;
    PGresult *part;
    while (postgres->result->cause == CAUSE_NONE && (part = next_result(postgres)) != NULL) {
        switch (PQresultStatus(part)) {
        case PGRES_SINGLE_TUPLE:
        case PGRES_TUPLES_OK:
            take_row(part, &is_first, answer);
            break;
        case PGRES_COMMAND_OK:
            break;
        case PGRES_EMPTY_QUERY:
            fail_query(postgres, "is empty");
            break;
        case PGRES_COPY_IN:
        case PGRES_COPY_OUT:
        case PGRES_COPY_BOTH:
            fail_query(postgres, "is a COPY, not a SELECT");
            break;
        default:
            postgres_fail_query(postgres, part);
        }
        PQclear(part);
    }
    if (*PQerrorMessage(postgres->connection))
        postgres_fail_broken(postgres);
}

/* Asks one query, as it is: a pooler's console takes nothing in front of it. False
 * when it failed, with the cause. */
static bool run_query(struct postgres *postgres, const char *sql, struct answer *answer)
{
    *answer = (struct answer){.has_row = false};
    if (PQsendQuery(postgres->connection, sql)) {
        PQsetSingleRowMode(postgres->connection);
        take_answer(postgres, answer);
    } else {
        postgres_fail_broken(postgres);
    }
    return postgres->result->cause == CAUSE_NONE;
}

/* A query of the user's must give a row that is not false. */
static bool ask_query(struct postgres *postgres, const char *sql)
{
    struct answer answer;
    char bytes[VALUE_SHOWN + 16];
    struct text what;
    if (!run_query(postgres, sql, &answer))
        return false;
    text_init(&what, TEXT_ARRAY(bytes));
    if (!answer.has_row)
        text_add(&what, "gave no row");
    else if (answer.is_null)
        text_add(&what, "gave NULL");
    else if (strcmp(answer.value, "f") == 0)
        text_add(&what, "gave false");
    else if (answer.is_false && *answer.value)
        text_format(&what, "gave %s", answer.value);
    else if (answer.is_false)
        text_add(&what, "gave an empty text");
    if (what.length > 0)
        fail_query(postgres, bytes);
    return what.length == 0;
}

/* Appends a string as SQL has it, quotes doubled. */
static void add_literal(struct text *sql, const char *bytes, size_t length)
{
    text_add(sql, "'");
    for (size_t i = 0; i < length; i++) {
        const char letter[] = {bytes[i], bytes[i] == '\'' ? '\'' : '\0', '\0'};
        text_add(sql, letter);
    }
    text_add(sql, "'");
}

static bool ask_migration(struct postgres *postgres, const char *migration)
{
    const char *dot = strchr(migration, '.');
    char bytes[1024];
    struct answer answer;
    struct text sql;
    text_init(&sql, TEXT_ARRAY(bytes));
    text_add(&sql, "SELECT 1 FROM django_migrations WHERE app = ");
    add_literal(&sql, migration, (size_t)(dot - migration));
    text_add(&sql, " AND name = ");
    add_literal(&sql, dot + 1, strlen(dot + 1));
    if (!run_query(postgres, bytes, &answer))
        return false;
    if (!answer.has_row) {
        struct text words = result_fail(postgres->result, CAUSE_PG_MIGRATION_MISSING, "migration ");
        text_add_foreign(&words, migration, strlen(migration), 120);
        text_add(&words, " has not run");
    }
    return answer.has_row;
}

static bool ask_writable(struct postgres *postgres)
{
    struct answer answer;
    if (!run_query(postgres,
                   "SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN 'standby' ELSE "
                   "pg_catalog.current_setting('transaction_read_only') END",
                   &answer))
        return false;
    bool is_standby = strcmp(answer.value, "standby") == 0;
    if (is_standby || strcmp(answer.value, "on") == 0)
        result_fail(postgres->result, CAUSE_PG_NOT_WRITABLE, "%s",
                    is_standby ? "standby in recovery, takes no writes"
                               : "read-only by default_transaction_read_only");
    return postgres->result->cause == CAUSE_NONE;
}

void postgres_ask(struct postgres *postgres)
{
    const struct config *config = postgres->check->config;
    bool asks_more =
        config->db_queries.count > 0 || config->db_migrations.count > 0 || config->db_writable;
    result_enter(postgres->result, PHASE_QUERY);
    bool passed = asks_more || ask_query(postgres, "SELECT 1");
    if (passed && config->db_writable)
        passed = ask_writable(postgres);
    for (size_t i = 0; passed && i < config->db_migrations.count; i++)
        passed = ask_migration(postgres, config->db_migrations.items[i]);
    for (size_t i = 0; passed && i < config->db_queries.count; i++)
        passed = ask_query(postgres, config->db_queries.items[i]);
    if (passed) {
        struct text words = result_pass(postgres->result);
        text_add(&words, "ok");
    }
}
