/* PostgreSQL: log in, ask, leave with Terminate; by libpq without blocking.
 * postgres_query.c asks, postgres_verdict.c says what an error means. */
#include <libpq-fe.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "checks/check.h"
#include "checks/connect.h"
#include "checks/postgres.h"
#include "checks/resolve.h"

enum { HOSTS_MAX = 8 };

static const char port_default[] = "5432";

/* Where Debian's and upstream's servers put their socket. */
static const char socket_directories[] = "/var/run/postgresql,/tmp";

static const char *from_environment(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

/* The user from the URL, its parameters, or libpq's variable; "" if none has
 * one. libpq would look ours up in /etc/passwd, which an image may lack. */
static void take_user(const struct target *target, char *user, size_t size)
{
    struct text text;
    text_init(&text, user, size);
    const char *known = target->user && *target->user ? target->user : from_environment("PGUSER");
    if (!target_parameter(target, "user", user, size) && known)
        text_add(&text, known);
}

static bool check_sslmode(const struct target *target, struct text *why)
{
    static const char *const plain[] = {"disable", "allow", "prefer"};
    const char *variable = from_environment("PGSSLMODE");
    char mode[32] = "prefer";
    if (!target_parameter(target, "sslmode", TEXT_ARRAY(mode)) && variable) {
        strncpy(mode, variable, sizeof mode - 1);
        mode[sizeof mode - 1] = '\0';
    }
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (strcmp(mode, plain[i]) == 0)
            return true;
    text_add(why, "has sslmode ");
    text_add_foreign(why, mode, strlen(mode), 24);
    text_add(why, ", and this build has no TLS: write sslmode=prefer where the server allows it");
    return false;
}

/* The hosts to try, or the directories of their sockets, and the port of each. */
struct hosts {
    const char *names[HOSTS_MAX];
    const char *ports[HOSTS_MAX];
    size_t count;
    char list[1024];
    char port[16]; /* of those that name none */
};

/* Cuts "a:5432,b" apart in place. */
static void split_hosts(struct hosts *hosts)
{
    for (char *rest = hosts->list; rest && hosts->count < HOSTS_MAX; hosts->count++) {
        char *host = strsep(&rest, ",");
        char *bracket = *host == '[' ? strchr(host, ']') : NULL;
        char *colon = strchr(bracket ? bracket : host, ':');
        if (colon)
            *colon = '\0';
        if (bracket)
            *bracket = '\0';
        hosts->names[hosts->count] = bracket ? host + 1 : host;
        hosts->ports[hosts->count] = colon ? colon + 1 : hosts->port;
    }
}

/* The hosts that the target means, and libpq's variables where it names none. */
static void find_hosts(const struct target *target, struct hosts *hosts)
{
    struct text list;
    const char *known = target->socket ? target->socket : from_environment("PGHOST");
    const char *port = from_environment("PGPORT");
    hosts->count = 0;
    text_init(&list, TEXT_ARRAY(hosts->list));
    if (target->host && *target->host)
        target_add_authority(target, &list);
    else if (target->socket || !target_parameter(target, "host", TEXT_ARRAY(hosts->list)))
        text_add(&list, known ? known : socket_directories);
    if (!target_parameter(target, "port", TEXT_ARRAY(hosts->port))) {
        text_init(&list, TEXT_ARRAY(hosts->port));
        if (target->port)
            text_add_number(&list, target->port);
        else
            text_add(&list, port ? port : port_default);
    }
    split_hosts(hosts);
}

/* Whether the socket in each of the directories has a path that is short enough. */
static bool check_sockets(const struct target *target, struct text *why)
{
    struct hosts hosts;
    find_hosts(target, &hosts);
    for (size_t i = 0; i < hosts.count; i++) {
        size_t length = strlen(hosts.names[i]) + strlen("/.s.PGSQL.") + strlen(hosts.ports[i]);
        if (*hosts.names[i] == '/' && !target_check_socket(length, why)) {
            text_add(why, ", with its /.s.PGSQL.PORT");
            return false;
        }
    }
    return true;
}

static bool postgres_prepare(struct target *target, const struct config *config, struct text *why)
{
    char user[256];
    char bytes[1024];
    (void)config;
    const char *password = from_environment("PGPASSWORD"); /* libpq takes it where we give none */
    if (password)
        secret_add(password);
    take_user(target, TEXT_ARRAY(user));
    if (!*user) {
        text_add(why, "names no user: write postgres://USER:PASSWORD@HOST/NAME, or set PGUSER");
        return false;
    }
    if (target_parameter(target, "host", TEXT_ARRAY(bytes)) && target->host && *target->host) {
        text_add(why, "names a host twice: before the path and as a parameter");
        return false;
    }
    return check_sslmode(target, why) && check_sockets(target, why);
}

/* One attempt: parameters as libpq wants them. */
struct attempt {
    const char *keywords[16];
    const char *values[16];
    size_t count;
};

static void attempt_add(struct attempt *attempt, const char *keyword, const char *value)
{
    if (!value || !*value)
        return;
    attempt->keywords[attempt->count] = keyword;
    attempt->values[attempt->count++] = value;
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
static bool try_address(struct postgres *postgres, const char *host, const char *address,
                        const char *port, struct deadline share)
{
    const struct target *target = postgres->check->target;
    char database[256] = "";
    char options[512] = "";
    char wanted[32] = "";
    struct attempt attempt = {.count = 0};
    struct text text;
    text_init(&text, TEXT_ARRAY(database));
    if (!target_parameter(target, "dbname", TEXT_ARRAY(database)) && *target->path == '/')
        text_add(&text, target->path + 1);
    if (!target_decode(database))
        *database = '\0';
    target_parameter(target, "options", TEXT_ARRAY(options));
    target_parameter(target, "target_session_attrs", TEXT_ARRAY(wanted));
    attempt_add(&attempt, "host", host);
    attempt_add(&attempt, "hostaddr", address);
    attempt_add(&attempt, "port", port);
    attempt_add(&attempt, "user", postgres->user);
    attempt_add(&attempt, "password", postgres->password);
    attempt_add(&attempt, "dbname", database);
    attempt_add(&attempt, "options", options);
    attempt_add(&attempt, "target_session_attrs", wanted);
    attempt_add(&attempt, "sslmode", "disable"); /* prefer, in a build without TLS */
    attempt_add(&attempt, "application_name", "probe");
    /* None: libpq would look for ~/.pgpass, and complain of its mode on stderr. */
    attempt_add(&attempt, "passfile", "/dev/null/none");
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
static bool try_host(struct postgres *postgres, const char *host, const char *port)
{
    struct addresses addresses;
    result_retry(postgres->result);
    if (*host == '/')
        return try_address(postgres, host, NULL, port, postgres->host_deadline);
    if (!resolve_host(host, postgres->host_deadline, &addresses, postgres->result))
        return false;
    size_t silent = 0;
    for (size_t i = 0; i < addresses.count; i++) {
        struct failure earlier = result_failure(postgres->result);
        if (try_address(postgres, host, addresses.text[i], port,
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
           try_address(postgres, host, addresses.text[silent], port, postgres->host_deadline);
}

static bool connect_any(struct postgres *postgres)
{
    const struct target *target = postgres->check->target;
    struct hosts hosts;
    find_hosts(target, &hosts);
    for (size_t i = 0; i < hosts.count; i++) {
        struct failure earlier = result_failure(postgres->result);
        postgres->host_deadline = deadline_share(postgres->deadline, hosts.count - i);
        if (try_host(postgres, hosts.names[i], hosts.ports[i]))
            return true;
        prefer(postgres->result, &earlier);
        if (!is_worth_another(postgres->result))
            return false;
    }
    if (hosts.count > 1 && target->more_hosts && postgres->result->cause == CAUSE_REFUSED) {
        result_retry(postgres->result);
        struct text words = result_fail(postgres->result, CAUSE_REFUSED, "refused by ");
        target_add_authority(target, &words);
    }
    return false;
}

static void postgres_run(const struct check *check, struct deadline deadline, struct result *result)
{
    struct postgres postgres = {.check = check, .deadline = deadline, .result = result};
    const struct target *target = check->target;
    take_user(target, TEXT_ARRAY(postgres.user));
    if (!target_parameter(target, "password", TEXT_ARRAY(postgres.password)) && target->password)
        strncpy(postgres.password, target->password, sizeof postgres.password - 1);
    if (connect_any(&postgres))
        postgres_ask(&postgres);
    PQfinish(postgres.connection);
}

const struct check_type check_postgres = {
    .name = "postgres",
    .schemes = "postgres postgresql postgis psql pgsql",
    .commands = COMMAND_BIT(COMMAND_READY),
    .may_compute = true, /* SCRAM's iterations */
    .prepare = postgres_prepare,
    .run = postgres_run,
};
