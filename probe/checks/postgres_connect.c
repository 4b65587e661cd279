/* A login at one of several places: each address of each host, in turn. Who is
 * silent is not given up: the next place is tried beside it. */
#include <libpq-fe.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "checks/check.h"
#include "checks/connect.h"
#include "checks/postgres.h"
#include "checks/resolve.h"

enum {
    LOGINS_MAX = 8 /* at the same time; the oldest makes room */
};

/* A login under way. */
struct login {
    PGconn *connection;
    struct tls *tls; /* watches it */
    PostgresPollingStatusType want;
    struct deadline share; /* until then nothing else is tried, and longer if it answers */
    enum phase phase;      /* PHASE_CONNECT, PHASE_TLS, then PHASE_LOGIN */
    bool has_answered;
};

/* Several logins, and what is left to be tried. */
struct race {
    struct postgres *postgres;
    const char *session; /* target_session_attrs, NULL without */
    struct login logins[LOGINS_MAX];
    size_t count;
    size_t host; /* the next to be tried, at its address */
    size_t address;
    struct addresses addresses; /* none for a socket */
    struct deadline host_share;
    bool is_over;         /* a failure that no other place would mend */
    bool are_all_refused; /* so far */
};

/* What the target gives, but for what each login has of its own. */
static void add_target(struct postgres_parameters *parameters, const struct target *target)
{
    static const char own[] = "host hostaddr port sslmode sslrootcert sslcert sslkey passfile "
                              "fallback_application_name target_session_attrs";
    for (size_t i = 0; i < target->parameter_count; i++)
        if (!target_is_among(own, target->parameters[i].name))
            postgres_add(parameters, target->parameters[i].name, target->parameters[i].value);
}

/* What watches a login; it outlives the connection. */
static struct tls *watch_tls(const struct target_host *host)
{
    struct tls *tls = malloc(sizeof *tls);
    struct tls_wish wish = {.name = *host->name ? host->name : host->address};
    if (tls)
        tls_init(tls, &wish);
    return tls;
}

static void ignore_notice(void *user, const char *message)
{
    (void)user, (void)message;
}

/* Begins a login at an address of a host, or in its directory of sockets. */
static PGconn *begin(const struct race *race, const struct target_host *host, const char *address)
{
    struct postgres_parameters parameters = {.count = 0};
    postgres_add(&parameters, "host", host->name);
    postgres_add(&parameters, "hostaddr", address);
    postgres_add(&parameters, "port", host->port);
    postgres_add(&parameters, "target_session_attrs", race->session);
    postgres_add_tls(&parameters, race->postgres->check, address);
    postgres_add(&parameters, "fallback_application_name", "probe");
    /* None: libpq would look for ~/.pgpass, and complain of its mode on stderr. */
    postgres_add(&parameters, "passfile", "/dev/null/none");
    add_target(&parameters, race->postgres->check->target);
    PGconn *connection = PQconnectStartParams(parameters.keywords, parameters.values, 0);
    if (!connection)
        return NULL;
    PQsetErrorVerbosity(connection, PQERRORS_VERBOSE); /* the SQLSTATE of a login */
    PQsetNoticeProcessor(connection, ignore_notice, NULL);
    return connection;
}

/* Whether another place may do better, as libpq sees it: none of ours took the
 * connection, the server takes no logins now, or it is not of the kind that
 * target_session_attrs wants. */
static bool is_worth_another(enum cause cause)
{
    return cause == CAUSE_REFUSED || cause == CAUSE_UNREACHABLE || cause == CAUSE_TIMEOUT_CONNECT ||
           cause == CAUSE_SOCKET_MISSING || cause == CAUSE_NAME_NOT_FOUND ||
           cause == CAUSE_NAME_FAILED || cause == CAUSE_PG_NOT_ACCEPTING ||
           cause == CAUSE_PG_NOT_WRITABLE || cause == CAUSE_PG_NOT_STANDBY ||
           cause == CAUSE_TIMEOUT_LOGIN || cause == CAUSE_TIMEOUT_RESOLVE;
}

/* Of an earlier failure and the present one the more telling stays. */
static void weigh(struct race *race, const struct failure *earlier)
{
    struct result *result = race->postgres->result;
    race->are_all_refused = race->are_all_refused && result->cause == CAUSE_REFUSED;
    if (!is_worth_another(result->cause))
        race->is_over = true;
    else if (connect_rank(earlier->cause) >= connect_rank(result->cause))
        result_restore(result, earlier);
}

static void drop(struct race *race, size_t i)
{
    PQfinish(race->logins[i].connection);
    free(race->logins[i].tls);
    race->logins[i] = race->logins[--race->count];
}

static void fail_login(struct race *race, size_t i)
{
    struct postgres *postgres = race->postgres;
    struct failure earlier = result_failure(postgres->result);
    result_retry(postgres->result);
    postgres->connection = race->logins[i].connection;
    postgres->tls = race->logins[i].tls;
    postgres_fail_login(postgres, race->logins[i].phase);
    tls_show(postgres->tls, postgres->check->config->verbosity, postgres->result);
    postgres->connection = NULL;
    postgres->tls = NULL;
    weigh(race, &earlier);
    drop(race, i);
}

static bool is_directory(const struct target_host *host)
{
    return !*host->address && (*host->name == '/' || *host->name == '@');
}

/* The addresses of the next host. False with the failure noted. */
static bool find_addresses(struct race *race)
{
    struct postgres *postgres = race->postgres;
    const struct target *target = postgres->check->target;
    const struct target_host *host = &target->hosts[race->host];
    race->addresses.count = 0;
    race->host_share = deadline_share(postgres->deadline, target->host_count - race->host);
    if (is_directory(host))
        return true;
    struct failure earlier = result_failure(postgres->result);
    result_retry(postgres->result);
    if (resolve_host(*host->address ? host->address : host->name, race->host_share,
                     &race->addresses, postgres->result)) {
        result_restore(postgres->result, &earlier);
        return true;
    }
    weigh(race, &earlier);
    return false;
}

/* Begins a login at the next address of the present host, and goes on to the next
 * host behind its last one. */
static void begin_here(struct race *race)
{
    struct result *result = race->postgres->result;
    const struct target_host *host = &race->postgres->check->target->hosts[race->host];
    bool has_address = race->addresses.count > 0;
    size_t left = has_address ? race->addresses.count - race->address : 1;
    struct login login = {.want = PGRES_POLLING_WRITING,
                          .phase = PHASE_CONNECT,
                          .share = deadline_share(race->host_share, left)};
    if (race->count == 0)
        result_enter(result, PHASE_CONNECT);
    login.tls = watch_tls(host);
    if (login.tls)
        login.connection =
            begin(race, host, has_address ? race->addresses.text[race->address] : NULL);
    race->address++;
    if (race->address >= race->addresses.count) {
        race->address = 0;
        race->host++;
    }
    if (!login.connection) {
        free(login.tls);
        result_retry(result);
        result_fail(result, CAUSE_NO_RESOURCES, "no memory is left");
        race->is_over = true;
        return;
    }
    if (race->count == LOGINS_MAX)
        drop(race, 0);
    race->logins[race->count++] = login;
}

/* Begins the next login, if there is another place. */
static bool begin_next(struct race *race)
{
    size_t host_count = race->postgres->check->target->host_count;
    while (!race->is_over && race->host < host_count) {
        if (race->address > 0 || find_addresses(race)) {
            begin_here(race);
            return true;
        }
        race->host++;
    }
    return false;
}

/* Follows libpq's own account of what it does. */
static void note_phase(const struct race *race, struct login *login)
{
    struct result *result = race->postgres->result;
    ConnStatusType status = PQstatus(login->connection);
    bool is_connecting = status == CONNECTION_STARTED || status == CONNECTION_NEEDED ||
                         status == CONNECTION_MADE; /* and nothing sent */
    if (!is_connecting && status != CONNECTION_BAD)
        login->phase = status == CONNECTION_SSL_STARTUP ? PHASE_TLS : PHASE_LOGIN;
    if ((int)login->phase > atomic_load(&result->phase))
        result_enter(result, login->phase);
}

/* Takes a step of a login that is ready for one. */
static void step(const struct race *race, struct login *login)
{
    login->has_answered =
        login->has_answered ||
        (login->want == PGRES_POLLING_READING && PQstatus(login->connection) != CONNECTION_STARTED);
    tls_postgres_begin(login->tls);
    login->want = PQconnectPoll(login->connection);
    tls_postgres_end();
    note_phase(race, login);
}

/* Lets the logins go on that can, until the deadline; those that fail are noted. */
static void go_on(struct race *race, struct deadline deadline)
{
    struct pollfd watched[LOGINS_MAX];
    for (size_t i = 0; i < race->count; i++) {
        const struct login *login = &race->logins[i];
        watched[i] = (struct pollfd){
            .fd = PQsocket(login->connection),
            .events = login->want == PGRES_POLLING_READING ? POLLIN : POLLOUT,
        };
    }
    if (deadline_wait_any(deadline, watched, race->count) > 0)
        for (size_t i = 0; i < race->count; i++)
            if (watched[i].revents)
                step(race, &race->logins[i]);
}

static bool has_failed(const struct login *login)
{
    return login->want == PGRES_POLLING_FAILED || PQstatus(login->connection) == CONNECTION_BAD;
}

/* Notes those that failed, and gives the one that is logged in. */
static PGconn *look(struct race *race)
{
    for (size_t i = race->count; i-- > 0 && !race->is_over;) {
        struct login *login = &race->logins[i];
        if (login->want == PGRES_POLLING_OK) {
            PGconn *connection = login->connection;
            race->postgres->tls = login->tls;
            race->logins[i] = race->logins[--race->count];
            return connection;
        }
        if (has_failed(login))
            fail_login(race, i);
    }
    return NULL;
}

/* Until when the logins have the time for themselves. */
static struct deadline next_begin(const struct race *race)
{
    for (size_t i = 0; i < race->count; i++)
        if (race->logins[i].has_answered)
            return race->postgres->deadline;
    return race->logins[race->count - 1].share;
}

/* The verdict when none logged in: of those that are still silent, or the failure
 * that tells most. */
static void fail_all(struct race *race)
{
    struct postgres *postgres = race->postgres;
    const struct target *target = postgres->check->target;
    bool is_listed = target->host_count > 1 && (target->socket || *target->host);
    if (race->count > 0 && !race->is_over) {
        struct failure earlier = result_failure(postgres->result);
        result_retry(postgres->result);
        result_fail_late(postgres->result);
        weigh(race, &earlier);
    } else if (is_listed && race->are_all_refused) {
        result_retry(postgres->result);
        struct text words = result_fail(postgres->result, CAUSE_REFUSED, "refused by ");
        target_add_authority(target, &words);
    }
}

/* Tries all places, for the session that is wanted. */
static bool log_in(struct postgres *postgres, const char *session)
{
    struct race race = {.postgres = postgres, .session = session, .are_all_refused = true};
    bool has_more = begin_next(&race);
    while (race.count > 0 && !race.is_over && !postgres->connection &&
           deadline_left_ms(postgres->deadline) > 0) {
        postgres->connection = look(&race);
        if (postgres->connection || race.is_over)
            break;
        if (has_more && (race.count == 0 || deadline_left_ms(next_begin(&race)) == 0))
            has_more = begin_next(&race);
        else if (race.count > 0)
            go_on(&race, has_more ? next_begin(&race) : postgres->deadline);
    }
    if (postgres->connection)
        result_retry(postgres->result); /* what others said before it */
    else
        fail_all(&race);
    while (race.count > 0)
        drop(&race, 0);
    return postgres->connection != NULL;
}

bool postgres_connect(struct postgres *postgres)
{
    const char *session = target_value(postgres->check->target, "target_session_attrs");
    bool is_choice = session && strcmp(session, "prefer-standby") == 0;
    if (!is_choice)
        return log_in(postgres, session);
    if (log_in(postgres, "standby"))
        return true;
    if (!is_worth_another(postgres->result->cause))
        return false;
    result_retry(postgres->result);
    return log_in(postgres, "any");
}
