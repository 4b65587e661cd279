/* The words of other clients in a target's parameters, which their users leave in it: those that
 * say nothing of where or as whom to log in, and the wishes for TLS. */
#include <string.h>
#include <strings.h>

#include "config/target_parser.h"

/* Parameters of other drivers that say nothing of where or as whom to log in; any
 * case of letters. */
static const char set_aside[] =
    /* Prisma */
    "schema connection_limit pool_timeout pgbouncer socket_timeout statement_cache_size "
    "sslaccept sslidentity single_use_connections workaround max_connection_lifetime "
    "max_idle_connection_lifetime "
    /* SQLAlchemy, asyncpg, psycopg's pool */
    "async_fallback prepared_statement_cache_size prepared_statement_name_func "
    "command_timeout server_settings min_size max_size pool_size max_overflow "
    "pool_pre_ping pool_recycle prepare_threshold "
    /* Django: dj-database-url, django-environ */
    "conn_max_age conn_health_checks atomic_requests autocommit engine "
    "disable_server_side_cursors assume_role isolation_level server_side_binding "
    /* Rails, Ecto */
    "adapter pool encoding reaping_frequency checkout_timeout idle_timeout "
    "prepared_statements statement_limit advisory_locks schema_search_path min_messages "
    "variables template collation timeout queue_target queue_interval prepare "
    "socket_options "
    /* node-postgres, TypeORM, Sequelize, Knex */
    "max min idletimeoutmillis connectiontimeoutmillis query_timeout uselibpqcompat "
    "keepalive synchronize logging max_lifetime connect_retries "
    /* JDBC */
    "currentschema applicationname logintimeout connecttimeout sockettimeout "
    "canceltimeout tcpkeepalive tcpnodelay preparethreshold rewritebatchedinserts "
    "stringtype binarytransfer defaultrowfetchsize preferquerymode autosave "
    "assumeminserverversion loadbalancehosts hostrecheckseconds readonly loggerlevel "
    "sslfactory sslfactoryarg sslhostnameverifier sslresponsetimeout "
    "preparedstatementcachequeries preparedstatementcachesizemib maxresultbuffer "
    "adaptivefetch gssencmode escapesyntaxcallmode reconnect characterencoding "
    "useunicode "
    /* Go: pgx, lib/pq */
    "pool_max_conns pool_min_conns pool_min_idle_conns pool_max_conn_lifetime "
    "pool_max_conn_lifetime_jitter pool_max_conn_idle_time pool_health_check_period "
    "default_query_exec_mode statement_cache_capacity description_cache_capacity "
    "statement_cache_mode prefer_simple_protocol binary_parameters "
    "disable_prepared_binary_result x-migrations-table "
    /* Rust: sqlx; PHP: Doctrine, Laravel */
    "statement-cache-capacity serverversion charset driver "
    /* what several drivers hand to the server as settings of the session */
    "search_path timezone datestyle intervalstyle statement_timeout lock_timeout "
    "idle_in_transaction_session_timeout extra_float_digits geqo cluster";

/* How the parameters begin by which other drivers ask for TLS, and the values by which they
 * do not. */
static const char *const tls_names[] = {"ssl",
                                        "tls",
                                        "usessl",
                                        "use_ssl",
                                        "usetls",
                                        "use_tls",
                                        "encrypt",
                                        "requiressl",
                                        "require_ssl",
                                        "direct_tls",
                                        "trustservercertificate"};
static const char *const plain_values[] = {
    "", "false", "0", "no", "off", "disable", "disabled", "none", "allow", "prefer", "preferred"};

/* JDBC's and libpq's words for the kind of server that is wanted. */
static const struct {
    const char *jdbc;
    const char *libpq;
} server_types[] = {{"any", "any"},
                    {"primary", "primary"},
                    {"master", "primary"},
                    {"secondary", "standby"},
                    {"slave", "standby"},
                    {"preferSecondary", "prefer-standby"},
                    {"preferSlave", "prefer-standby"},
                    {"preferPrimary", "any"}};

bool parser_is_in(const char *const *words, size_t count, const char *word)
{
    size_t i = 0;
    while (i < count && strcasecmp(words[i], word) != 0)
        i++;
    return i < count;
}

bool parser_is_of_tls(const char *name)
{
    for (size_t i = 0; i < sizeof tls_names / sizeof *tls_names; i++)
        if (strncasecmp(tls_names[i], name, strlen(tls_names[i])) == 0)
            return true;
    return false;
}

bool parser_asks_for_tls(const char *name)
{
    return IS_IN(tls_names, name);
}

bool parser_is_plain(const char *value)
{
    return IS_IN(plain_values, value);
}

bool parser_is_of_schema(const char *name)
{
    return target_is_among("schema currentschema search_path schema_search_path", name);
}

bool parser_is_of_drivers(const char *name)
{
    return target_is_among(set_aside, name);
}

const char *parser_server_type(const char *jdbc)
{
    for (size_t i = 0; i < sizeof server_types / sizeof *server_types; i++)
        if (strcasecmp(server_types[i].jdbc, jdbc) == 0)
            return server_types[i].libpq;
    return NULL;
}
