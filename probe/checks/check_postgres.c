/* PostgreSQL: log in, ask, leave with Terminate; by libpq without blocking.
 * postgres_connect.c logs in, postgres_query.c asks, postgres_verdict.c says what an
 * error means. */
#include <libpq-fe.h>
#include <stdlib.h>

#include "checks/check.h"
#include "checks/postgres.h"
#include "config/target_parser.h"
#include "version.h"

/* A query must not look in another schema than the application does. */
static bool is_schema_asked(const struct target *target, const struct config *config,
                            struct text *why)
{
    bool has_query = config->db_queries.count > 0 || config->db_migrations.count > 0;
    if (target->schema && has_query) {
        text_add(why, "names a schema in another driver's words, and a query would look elsewhere: "
                      "write ?options=-csearch_path%3DSCHEMA");
        return false;
    }
    return true;
}

static bool postgres_prepare(struct target *target, const struct config *config, struct text *why)
{
    return target_complete_postgres(target, why) && is_schema_asked(target, config, why);
}

static void postgres_run(const struct check *check, struct deadline deadline, struct result *result)
{
    struct postgres postgres = {.check = check, .deadline = deadline, .result = result};
    if (postgres_connect(&postgres))
        postgres_ask(&postgres);
    if (postgres.connection && PQsslInUse(postgres.connection)) {
        tls_judge_age(postgres.tls, check->config->min_cert_days, result);
        tls_show(postgres.tls, check->config->verbosity, result);
    } else if (PROBE_TLS && postgres.connection && check->config->min_cert_days > 0) {
        struct text note = result_note(result);
        text_add(&note, "--min-cert-days: no certificate was seen, the login is without TLS");
    }
    PQfinish(postgres.connection);
    free(postgres.tls);
}

/* Without TLS they are of no use, and the name of a file is not told from a key itself, as
 * parse_is_pem() does. */
#if PROBE_TLS
#define SHOWN_OF_TLS " sslcert sslcrl sslcrldir sslkey sslsni"
#else
#define SHOWN_OF_TLS ""
#endif

const struct check_type check_postgres = {
    .kind = {.name = "postgres",
             .schemes = "postgres postgresql postgis psql pgsql timescale timescaledb timescalegis "
                        "cockroachdb cockroach jdbc:postgresql",
             .forms = "postgres://USER:PASSWORD@HOST/NAME",
             .help = "  postgres://USER:PASSWORD@HOST:PORT/NAME\n",
             .port = "5432",
             .shown = "application_name channel_binding connect_timeout dbname gssencmode host "
                      "hostaddr keepalives keepalives_count keepalives_idle keepalives_interval "
                      "load_balance_hosts options port ssl_max_protocol_version "
                      "ssl_min_protocol_version sslcertmode sslmode sslnegotiation sslrootcert "
                      "target_session_attrs tcp_user_timeout user" SHOWN_OF_TLS,
             .is_keywords = true,
             .shows_user = true,
             .read = parser_read_postgres},
    .commands = COMMAND_BIT(COMMAND_READY),
    .may_compute = true, /* SCRAM's iterations */
    .prepare = postgres_prepare,
    .run = postgres_run,
};
