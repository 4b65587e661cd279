/* PostgreSQL: log in, ask, leave with Terminate; by libpq without blocking.
 * postgres_query.c asks, postgres_verdict.c says what an error means. */
#include <libpq-fe.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "checks/check.h"
#include "checks/connect.h"
#include "checks/postgres.h"
#include "checks/resolve.h"

static bool postgres_prepare(struct target *target, const struct config *config, struct text *why)
{
    (void)config;
    return target_complete_postgres(target, why);
}

enum { KEYWORDS_MAX = 64 }; /* libpq 17 knows 44 */

/* One attempt: parameters as libpq wants them. */
struct attempt {
    const char *keywords[KEYWORDS_MAX + 1];
    const char *values[KEYWORDS_MAX + 1];
    size_t count;
};

static void attempt_add(struct attempt *attempt, const char *keyword, const char *value)
{
    if (!value || !*value || attempt->count == KEYWORDS_MAX)
        return;
    attempt->keywords[attempt->count] = keyword;
    attempt->values[attempt->count++] = value;
}

/* What the target gives or a variable of libpq's, but for what each attempt has of
 * its own. */
static void attempt_add_parameters(struct attempt *attempt, const struct target *target)
{
    static const char own[] = "host hostaddr port sslmode passfile fallback_application_name";
    for (size_t i = 0; i < target->parameter_count; i++)
        if (!target_is_among(own, target->parameters[i].name))
            attempt_add(attempt, target->parameters[i].name, target->parameters[i].value);
}

/* Follows libpq's own account of what it does. */
static void note_phase(const struct postgres *postgres)
{
    ConnStatusType status = PQstatus(postgres->connection);
    bool is_connected = status != CONNECTION_STARTED && status != CONNECTION_BAD;
    if (is_connected && atomic_load(&postgres->result->phase) == PHASE_CONNECT)
        result_enter(postgres->result, PHASE_LOGIN);
}

/* Drives the login to its end. 1 logged in, 0 refused, -1 late. Connecting may
 * take a share of the time, because another address may do better; a server
 * that took the connection has all of its host's. */
static int log_in(const struct postgres *postgres, struct deadline share)
{
    PostgresPollingStatusType want = PGRES_POLLING_WRITING;
    while (want != PGRES_POLLING_OK) {
        if (want == PGRES_POLLING_FAILED || PQstatus(postgres->connection) == CONNECTION_BAD)
            return 0;
        bool is_connecting = atomic_load(&postgres->result->phase) == PHASE_CONNECT;
        short events = want == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        if (deadline_wait(is_connecting ? share : postgres->host_deadline,
                          PQsocket(postgres->connection), events) == 0)
            return -1;
        want = PQconnectPoll(postgres->connection);
        note_phase(postgres);
    }
    return 1;
}

static void ignore_notice(void *user, const char *message)
{
    (void)user, (void)message;
}

/* Tries one address or socket directory until share. True when logged in. */
static bool try_address(struct postgres *postgres, const struct target_host *host,
                        const char *address, struct deadline share)
{
    struct attempt attempt = {.count = 0};
    attempt_add(&attempt, "host", host->name);
    attempt_add(&attempt, "hostaddr", address);
    attempt_add(&attempt, "port", host->port);
    attempt_add(&attempt, "sslmode", "disable"); /* prefer, in a build without TLS */
    attempt_add(&attempt, "fallback_application_name", "probe");
    /* None: libpq would look for ~/.pgpass, and complain of its mode on stderr. */
    attempt_add(&attempt, "passfile", "/dev/null/none");
    attempt_add_parameters(&attempt, postgres->check->target);
    result_retry(postgres->result);
    result_enter(postgres->result, PHASE_CONNECT);
    postgres->connection = PQconnectStartParams(attempt.keywords, attempt.values, 0);
    if (!postgres->connection) {
        result_fail(postgres->result, CAUSE_NO_RESOURCES, "no memory is left");
        return false;
    }
    PQsetErrorVerbosity(postgres->connection, PQERRORS_VERBOSE); /* the SQLSTATE of a login */
    PQsetNoticeProcessor(postgres->connection, ignore_notice, NULL);
    int logged_in = log_in(postgres, share);
    if (logged_in > 0)
        return true;
    if (logged_in < 0)
        result_fail_late(postgres->result);
    else
        postgres_fail_login(postgres);
    PQfinish(postgres->connection);
    postgres->connection = NULL;
    return false;
}

/* Whether another address may do better, as libpq sees it: none of ours took
 * the connection, the server takes no logins now, or it is not of the kind that
 * target_session_attrs wants. */
static bool is_worth_another(const struct result *result)
{
    enum cause cause = result->cause;
    return cause == CAUSE_REFUSED || cause == CAUSE_UNREACHABLE || cause == CAUSE_TIMEOUT_CONNECT ||
           cause == CAUSE_SOCKET_MISSING || cause == CAUSE_NAME_NOT_FOUND ||
           cause == CAUSE_NAME_FAILED || cause == CAUSE_PG_NOT_ACCEPTING ||
           cause == CAUSE_PG_NOT_WRITABLE || cause == CAUSE_PG_NOT_STANDBY ||
           cause == CAUSE_TIMEOUT_LOGIN || cause == CAUSE_TIMEOUT_RESOLVE;
}

/* Puts an earlier failure back when it tells more than the present one. */
static void prefer(struct result *result, const struct failure *earlier)
{
    if (connect_rank(earlier->cause) >= connect_rank(result->cause))
        result_restore(result, earlier);
}

/* Tries every address of one host; of several failures the most telling one
 * stays. */
static bool try_host(struct postgres *postgres, const struct target_host *host)
{
    struct addresses addresses;
    bool is_directory = !*host->address && (*host->name == '/' || *host->name == '@');
    result_retry(postgres->result);
    if (is_directory)
        return try_address(postgres, host, NULL, postgres->host_deadline);
    if (!resolve_host(*host->address ? host->address : host->name, postgres->host_deadline,
                      &addresses, postgres->result))
        return false;
    size_t silent = 0;
    for (size_t i = 0; i < addresses.count; i++) {
        struct failure earlier = result_failure(postgres->result);
        if (try_address(postgres, host, addresses.text[i],
                        deadline_share(postgres->host_deadline, addresses.count - i)))
            return true;
        if (postgres->result->cause == CAUSE_TIMEOUT_CONNECT)
            silent = i;
        prefer(postgres->result, &earlier);
        if (!is_worth_another(postgres->result))
            return false;
    }
    /* the others failed at once: the silent one may use the time that is left */
    return addresses.count > 1 && postgres->result->cause == CAUSE_TIMEOUT_CONNECT &&
           try_address(postgres, host, addresses.text[silent], postgres->host_deadline);
}

static bool connect_any(struct postgres *postgres)
{
    const struct target *target = postgres->check->target;
    bool is_listed = target->host_count > 1 && (target->socket || *target->host);
    for (size_t i = 0; i < target->host_count; i++) {
        struct failure earlier = result_failure(postgres->result);
        postgres->host_deadline = deadline_share(postgres->deadline, target->host_count - i);
        if (try_host(postgres, &target->hosts[i]))
            return true;
        prefer(postgres->result, &earlier);
        if (!is_worth_another(postgres->result))
            return false;
    }
    if (is_listed && postgres->result->cause == CAUSE_REFUSED) {
        result_retry(postgres->result);
        struct text words = result_fail(postgres->result, CAUSE_REFUSED, "refused by ");
        target_add_authority(target, &words);
    }
    return false;
}

static void postgres_run(const struct check *check, struct deadline deadline, struct result *result)
{
    struct postgres postgres = {.check = check, .deadline = deadline, .result = result};
    if (connect_any(&postgres))
        postgres_ask(&postgres);
    PQfinish(postgres.connection);
}

const struct check_type check_postgres = {
    .name = "postgres",
    .schemes = target_postgres_schemes,
    .commands = COMMAND_BIT(COMMAND_READY),
    .may_compute = true, /* SCRAM's iterations */
    .prepare = postgres_prepare,
    .run = postgres_run,
};
