/* What PostgreSQL is asked once the login stands, and what its answers must be. */
#include <libpq-fe.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "checks/check.h"
#include "checks/postgres.h"

/* What a query gave: the first value of its first row. */
struct answer {
    bool has_row;
    bool is_null;
    char value[32]; /* cut; "" without a row */
};

/* Waits for the next result; NULL at the end, or when the deadline is over or
 * the connection broke, with the cause. */
static PGresult *next_result(struct postgres *postgres)
{
    PGconn *connection = postgres->connection;
    while (PQisBusy(connection) && deadline_left_ms(postgres->deadline) > 0) {
        deadline_wait(postgres->deadline, PQsocket(connection), POLLIN);
        if (!PQconsumeInput(connection)) {
            postgres_fail_broken(postgres);
            return NULL;
        }
    }
    if (deadline_left_ms(postgres->deadline) > 0)
        return PQgetResult(connection);
    result_fail_late(postgres->result);
    return NULL;
}

/* Keeps the first row of a statement; a later statement's takes its place. */
static void take_row(const PGresult *row, bool *is_first, struct answer *answer)
{
    bool is_wanted = *is_first && PQntuples(row) > 0 && PQnfields(row) > 0;
    *is_first = PQresultStatus(row) != PGRES_SINGLE_TUPLE;
    if (!is_wanted)
        return;
    answer->has_row = true;
    answer->is_null = PQgetisnull(row, 0, 0);
    strncpy(answer->value, PQgetvalue(row, 0, 0), sizeof answer->value - 1);
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

/* Asks one query. The server ends it by itself at our deadline, so that a late
 * one leaves no session behind; SET LOCAL ends with the query, which a pooler
 * needs. False when it failed, with the cause. */
static bool ask(struct postgres *postgres, const char *sql, struct answer *answer)
{
    size_t size = strlen(sql) + 64;
    char *query = malloc(size);
    struct text text;
    *answer = (struct answer){.has_row = false};
    if (!query) {
        result_fail(postgres->result, CAUSE_NO_RESOURCES, "no memory is left");
        return false;
    }
    text_init(&text, query, size);
    text_format(&text, "SET LOCAL statement_timeout = %d; ", deadline_left_ms(postgres->deadline));
    text_add(&text, sql);
    int sent = PQsendQuery(postgres->connection, query);
    free(query);
    PQsetSingleRowMode(postgres->connection);
    if (sent)
        take_answer(postgres, answer);
    else
        postgres_fail_broken(postgres);
    return postgres->result->cause == CAUSE_NONE;
}

/* A query of the user's must give a row that is not false. */
static bool ask_query(struct postgres *postgres, const char *sql)
{
    struct answer answer;
    if (!ask(postgres, sql, &answer))
        return false;
    const char *what = !answer.has_row                  ? "gave no row"
                       : answer.is_null                 ? "gave NULL"
                       : strcmp(answer.value, "f") == 0 ? "gave false"
                                                        : NULL;
    if (what)
        fail_query(postgres, what);
    return !what;
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
    if (!ask(postgres, bytes, &answer))
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
    if (!ask(postgres,
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
