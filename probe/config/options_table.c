/* The table of options: what each is called, means and takes. */
#include "config/options.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/parse.h"

enum { LEAST_MS = 10, HOUR_MS = 3600 * 1000, DAY_MS = 24 * HOUR_MS };

static bool set_duration(int64_t *duration, const char *value, int64_t most_ms, struct text *why)
{
    int64_t ms;
    if (!parse_duration(value, &ms) || ms < LEAST_MS || ms > most_ms) {
        text_format(why, "is not a duration from 10ms to %s: write 500ms, 3s or 1m30s",
                    most_ms == DAY_MS ? "24h" : "1h");
        return false;
    }
    *duration = ms;
    return true;
}

static bool set_timeout(struct config *config, const char *value, struct text *why)
{
    return set_duration(&config->timeout_ms, value, HOUR_MS, why);
}

static bool set_wait(struct config *config, const char *value, struct text *why)
{
    return set_duration(&config->wait_ms, value, DAY_MS, why);
}

static bool set_interval(struct config *config, const char *value, struct text *why)
{
    return set_duration(&config->interval_ms, value, HOUR_MS, why);
}

/* Bare, or with the time between two looks. */
static bool set_watch(struct config *config, const char *value, struct text *why)
{
    if (parse_switch(value, &config->is_watching))
        return true;
    config->is_watching = true;
    return set_duration(&config->watch_ms, value, HOUR_MS, why);
}

static bool set_docker_interval(struct config *config, const char *value, struct text *why)
{
    return set_duration(&config->docker_interval_ms, value, DAY_MS, why);
}

static bool set_docker_retries(struct config *config, const char *value, struct text *why)
{
    if (parse_number(value, 1, 1000, &config->docker_retries))
        return true;
    text_add(why, "is not a number from 1 to 1000");
    return false;
}

static bool set_docker_start_period(struct config *config, const char *value, struct text *why)
{
    bool on;
    if (strcmp(value, "0s") == 0 || (parse_switch(value, &on) && !on)) {
        config->docker_start_period_ms = 0;
        return true;
    }
    return set_duration(&config->docker_start_period_ms, value, DAY_MS, why);
}

/* One of "200" and "300-399". */
static bool parse_status_range(const char *text, size_t length, struct status_range *range)
{
    char first[4] = "";
    char last[4] = "";
    int64_t low;
    int64_t high;
    if (length != 3 && !(length == 7 && text[3] == '-'))
        return false;
    memcpy(first, text, 3);
    memcpy(last, text + length - 3, 3);
    if (!parse_number(first, 100, 599, &low) || !parse_number(last, low, 599, &high))
        return false;
    *range = (struct status_range){(int)low, (int)high};
    return true;
}

static bool set_statuses(struct config *config, const char *value, struct text *why)
{
    config->status_count = 0;
    for (;;) {
        size_t length = strcspn(value, ",");
        if (config->status_count == STATUS_RANGES_MAX ||
            !parse_status_range(value, length, &config->statuses[config->status_count++])) {
            text_add(why, "is not a list of statuses from 100 to 599: write 200,204,300-399");
            return false;
        }
        if (value[length] == '\0')
            return true;
        value += length + 1;
    }
}

/* The characters of a header's name and of a method: RFC 9110's token. */
static size_t token_length(const char *text)
{
    size_t n = 0;
    while (isalnum((unsigned char)text[n]) || (text[n] && strchr("!#$%&'*+-.^_`|~", text[n])))
        n++;
    return n;
}

static bool set_header(struct config *config, const char *value, struct text *why)
{
    size_t length = token_length(value);
    if (length == 0 || value[length] != ':') {
        text_add(why,
                 "is not a header: write 'NAME: VALUE', 'NAME: @FILE' or 'NAME: env:VARIABLE'");
        return false;
    }
    if (length == 4 && strncasecmp(value, "Host", length) == 0) {
        text_add(why,
                 "is refused: the Host sent is always the target's own, because a service answers "
                 "400 to one that its ALLOWED_HOSTS lacks; write the name into the URL");
        return false;
    }
    if (config->header_count == HEADERS_MAX) {
        text_add(why, "is one too many: at most 16 headers are sent");
        return false;
    }
    const char *content = value + length + 1;
    content += strspn(content, " \t");
    config->headers[config->header_count++] = (struct header){value, length, content};
    return true;
}

static bool set_method(struct config *config, const char *value, struct text *why)
{
    size_t length = token_length(value);
    if (length == 0 || length > 20 || value[length] != '\0') {
        text_add(why, "is not a method: write GET, HEAD, POST");
        return false;
    }
    config->method = value;
    return true;
}

static bool set_expect_body(struct config *config, const char *value, struct text *why)
{
    (void)why;
    config->expect_body = value;
    return true;
}

static bool set_expect_json(struct config *config, const char *value, struct text *why)
{
    const char *equals = strchr(value, '=');
    if (!equals || (equals > value && *value != '/')) {
        text_add(why,
                 "is not PATH=VALUE: write a JSON Pointer and a value, /database/status=connected");
        return false;
    }
    config->expect_json = value;
    return true;
}

static bool set_switch(bool *on, const char *value, struct text *why)
{
    if (parse_switch(value, on))
        return true;
    text_add(why, "is not a switch: write 1 or 0");
    return false;
}

static bool set_follow(struct config *config, const char *value, struct text *why)
{
    return set_switch(&config->follow, value, why);
}

static bool set_backoff(struct config *config, const char *value, struct text *why)
{
    return set_switch(&config->backoff, value, why);
}

static bool set_allow_remote(struct config *config, const char *value, struct text *why)
{
    return set_switch(&config->allow_remote, value, why);
}

static bool set_quiet(struct config *config, const char *value, struct text *why)
{
    return set_switch(&config->quiet, value, why);
}

/* Each -v adds one; a variable gives the number. */
static bool set_verbose(struct config *config, const char *value, struct text *why)
{
    int64_t level;
    if (!parse_number(value, 0, 2, &level)) {
        text_add(why, "is not a level: write 0, 1 or 2");
        return false;
    }
    level += config->verbosity;
    config->verbosity = level > 2 ? 2 : (int)level;
    return true;
}

static bool set_output(struct config *config, const char *value, struct text *why)
{
    if (strcmp(value, "text") != 0 && strcmp(value, "json") != 0) {
        text_add(why, "is not a format: write text or json");
        return false;
    }
    config->output = *value == 'j' ? OUTPUT_JSON : OUTPUT_TEXT;
    return true;
}

/* --db and --redis: bare, or with a target of their own. */
static bool set_service(bool *asked, const char **target, const char *value)
{
    bool on;
    *asked = true;
    if (parse_switch(value, &on)) {
        *asked = on;
        value = NULL;
    }
    *target = value;
    return true;
}

static bool set_db(struct config *config, const char *value, struct text *why)
{
    (void)why;
    return set_service(&config->db, &config->db_target, value);
}

static bool set_redis(struct config *config, const char *value, struct text *why)
{
    (void)why;
    return set_service(&config->redis, &config->redis_target, value);
}

static bool set_no_http(struct config *config, const char *value, struct text *why)
{
    return set_switch(&config->no_http, value, why);
}

static bool set_db_query(struct config *config, const char *value, struct text *why)
{
    (void)why;
    config->db_query = value;
    return true;
}

static bool set_db_migration(struct config *config, const char *value, struct text *why)
{
    const char *dot = strchr(value, '.');
    if (!dot || dot == value || !dot[1]) {
        text_add(why, "is not APP.NAME: write the app and its migration, orders.0002_total");
        return false;
    }
    config->db_migration = value;
    return true;
}

static bool set_db_writable(struct config *config, const char *value, struct text *why)
{
    return set_switch(&config->db_writable, value, why);
}

static bool set_redis_writable(struct config *config, const char *value, struct text *why)
{
    return set_switch(&config->redis_writable, value, why);
}

static bool set_env_file(struct config *config, const char *value, struct text *why)
{
    (void)why;
    config->env_file = value;
    return true;
}

enum {
    READY = COMMAND_BIT(COMMAND_READY) | COMMAND_BIT(COMMAND_DOCTOR),
    CHECKS = COMMAND_BIT(COMMAND_LIVE) | READY,
    REPEATED = COMMAND_BIT(COMMAND_LIVE) | COMMAND_BIT(COMMAND_READY)
};

const struct option_row options_table[] = {
    {"timeout", 't', "DUR", "3s", "the whole run's deadline, name resolution included", CHECKS,
     set_timeout},
    {"wait", 'w', "DUR", NULL,
     "try again until healthy or DUR is over; --timeout is each attempt's then", REPEATED,
     set_wait},
    {"interval", 'i', "DUR", "1s", "between two attempts of --wait", REPEATED, set_interval},
    {"backoff", 0, NULL, NULL, "double the interval each time, up to 30s, with jitter", REPEATED,
     set_backoff},
    {"expect-status", 's', "LIST", "200-299",
     "HTTP statuses that are healthy, like 200,204,300-399", CHECKS, set_statuses},
    {"header", 'H', "'N: V'", NULL,
     "a request header; @FILE or env:NAME as V keeps a secret out of argv; repeatable", CHECKS,
     set_header},
    {"method", 'X', "M", "GET", "the request's method", CHECKS, set_method},
    {"expect-body", 0, "TEXT", NULL, "text that the body must hold", CHECKS, set_expect_body},
    {"expect-json", 0, "PATH=VALUE", NULL,
     "value that the JSON body must hold at a JSON Pointer, like /database/status=connected",
     CHECKS, set_expect_json},
    {"db", 0, "[TARGET]", NULL,
     "ask PostgreSQL too: TARGET, else what DATABASE_URL, DB_HOST and so on, or PGHOST and so on "
     "name",
     READY, set_db},
    {"redis", 0, "[TARGET]", NULL,
     "ask Redis too: TARGET, else what REDIS_URL, or REDIS_HOST and so on name", READY, set_redis},
    {"no-http", 0, NULL, NULL, "leave the default HTTP target out", READY, set_no_http},
    {"db-query", 0, "SQL", NULL, "a query that must return a row that is not false", READY,
     set_db_query},
    {"db-migration", 0, "APP.NAME", NULL, "a Django migration that must have run", READY,
     set_db_migration},
    {"db-writable", 0, NULL, NULL, "the database must take writes: a standby fails", READY,
     set_db_writable},
    {"redis-writable", 0, NULL, NULL, "Redis must take writes: a replica fails", READY,
     set_redis_writable},
    {"env-file", 0, "FILE", NULL,
     "variables from a .env file, as Docker reads it; those that are set win", CHECKS,
     set_env_file},
    {"allow-remote", 0, NULL, NULL, "let an HTTP or TCP target be another host than this one",
     CHECKS, set_allow_remote},
    {"follow", 0, NULL, NULL, "follow redirects on the same host and port", CHECKS, set_follow},
    {"watch", 0, "[DUR]", "2s", "ask again and again, for a person, every DUR", REPEATED,
     set_watch},
    {"docker-interval", 0, "DUR", "30s", "the HEALTHCHECK that --watch and --wait reckon with",
     REPEATED, set_docker_interval},
    {"docker-retries", 0, "N", "3", "the same: failures until unhealthy", REPEATED,
     set_docker_retries},
    {"docker-start-period", 0, "DUR", "0s", "the same: failures are not counted at first", REPEATED,
     set_docker_start_period},
    {"verbose", 'v', NULL, NULL, "phases and details; twice: the exchange itself", CHECKS,
     set_verbose},
    {"quiet", 'q', NULL, NULL, "print nothing: the exit status tells", CHECKS, set_quiet},
    {"output", 'o', "FORMAT", "text", "text or json", CHECKS, set_output},
};

const size_t options_count = sizeof options_table / sizeof *options_table;

_Static_assert(sizeof options_table / sizeof *options_table <= OPTIONS_MAX,
               "config.given has a bit for each");

bool option_is_secret(const struct option_row *row)
{
    return row->set == set_header || row->set == set_db || row->set == set_redis;
}

size_t option_shown_length(const struct option_row *row, const char *value)
{
    return row->set == set_header ? token_length(value) : strlen(value);
}
