/* Redis' targets, read as redis-py's from_url() reads them; redis+socket:// as
 * Celery does. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/parse.h"
#include "base/secret.h"
#include "config/target_parser.h"
#include "version.h"

enum { PORT_MAX = 65535, LONE_PASSWORD_MIN = 8 };

/* Parameters that say nothing of where or as whom to log in: redis-py's, Celery's, then those
 * of clients in other languages; any case of letters. */
static const char set_aside[] =
    "socket_timeout socket_connect_timeout socket_keepalive socket_keepalive_options socket_type "
    "socket_read_size retry_on_timeout retry_on_error retry max_connections health_check_interval "
    "encoding encoding_errors decode_responses client_name protocol parser_class timeout lib_name "
    "lib_version visibility_timeout queue_order_strategy global_keyprefix "
    /* ioredis, node-redis */
    "family keepalive lazyconnect enablereadycheck enableofflinequeue keyprefix connecttimeout "
    "commandtimeout maxretriesperrequest connectionname nodelay "
    /* go-redis */
    "dial_timeout read_timeout write_timeout pool_size pool_timeout min_idle_conns max_idle_conns "
    "max_active_conns conn_max_idle_time conn_max_lifetime max_retries min_retry_backoff "
    "max_retry_backoff pool_fifo idle_timeout "
    /* Rails, PHP, Lettuce */
    "namespace prefix persistent persistent_id retry_interval clientname";

/* Undoes percent-encoding as urllib's unquote() does: a % without two digits is
 * itself. False on %00. */
static bool unquote(char *text)
{
    char *out = text;
    while (*text) {
        char escape[4] = {*text};
        for (int i = 1; i < 3 && *text == '%' && escape[i - 1]; i++)
            escape[i] = text[i];
        bool is_escape = isxdigit((unsigned char)escape[1]) && isxdigit((unsigned char)escape[2]);
        if (is_escape && !target_decode(escape))
            return false;
        *out++ = escape[0];
        text += is_escape ? 3 : 1;
    }
    *out = '\0';
    return true;
}

/* The number that Python's int() makes of a text, without its leading zeros; false when it
 * makes none. */
static bool read_number(char *text)
{
    char *out = text;
    const char *in = text;
    in += strspn(in, " \t\n\r\f\v");
    if (*in == '-' || *in == '+') {
        if (*in == '-')
            *out++ = '-';
        in++;
    }
    const char *start = out;
    if (!isdigit((unsigned char)*in))
        return false;
    for (; isdigit((unsigned char)*in); in += 1 + (in[1] == '_' && isdigit((unsigned char)in[2])))
        if (*in != '0' || out > start)
            *out++ = *in;
    in += strspn(in, " \t\n\r\f\v");
    if (*in != '\0')
        return false;
    if (out == start) {
        out = text;
        *out++ = '0';
    }
    *out = '\0';
    return true;
}

static bool fail_parameter(const struct parser *parser, const char *name, const char *reason)
{
    target_add_parameter(parser->why, name);
    text_add(parser->why, reason);
    return false;
}

static bool has_zero(struct parser *parser)
{
    return parser_fail(parser, "has a %00, which no name and no password may have");
}

/* user[:password]; the password is secret, and so is a user alone that is long enough for
 * one: it is often a password that lacks its colon. */
static bool read_login(struct parser *parser, const char *start, size_t length)
{
    const char *colon = memchr(start, ':', length);
    size_t user_length = colon ? (size_t)(colon - start) : length;
    char *user = parser_keep(parser, start, user_length);
    parser->target->user = user;
    if (!colon) {
        if (user_length >= LONE_PASSWORD_MIN)
            secret_add(parser_keep(parser, start, user_length));
        return unquote(user) || has_zero(parser);
    }
    char *password = parser_keep(parser, colon + 1, length - user_length - 1);
    secret_add(parser_keep(parser, password, strlen(password)));
    parser->target->password = password;
    if (!unquote(user) || !unquote(password))
        return has_zero(parser);
    secret_add(password);
    return true;
}

/* "" and 0 mean the default, as for redis-py. */
static bool read_port(struct parser *parser, const char *written)
{
    int64_t port = 0;
    if (*written && !parse_number(written, 0, PORT_MAX, &port))
        return parser_fail(parser, "has a port that is not a number from 1 to 65535 (in a "
                                   "password, write / as %2F, # as %23, ? as %3F)");
    parser->target->port = (int)port;
    return true;
}

/* host[:port] or [address][:port] */
static bool read_host(struct parser *parser, const char *start, size_t length)
{
    const char *bracket = memchr(start, '[', length);
    const char *end = bracket ? memchr(bracket, ']', (size_t)(start + length - bracket)) : NULL;
    if (bracket && (!end || bracket > start))
        return parser_fail(parser, "has a [ without a ] around its address");
    const char *host = bracket ? bracket + 1 : start;
    const char *colon =
        memchr(end ? end : start, ':', length - (size_t)((end ? end : start) - start));
    const char *host_end = end ? end : colon ? colon : start + length;
    char *name = parser_keep(parser, host, (size_t)(host_end - host));
    if (!unquote(name))
        return has_zero(parser);
    parser->target->host = name;
    const char *port = colon ? colon + 1 : start + length;
    return read_port(parser, parser_keep(parser, port, (size_t)(start + length - port)));
}

/* A name or a value as parse_qs() reads it; redis-py decodes the value once more. */
static char *read_word(struct parser *parser, const char *start, size_t length)
{
    char *word = parser_keep(parser, start, length);
    for (char *plus = word; (plus = strchr(plus, '+')) != NULL;)
        *plus = ' ';
    return unquote(word) ? word : NULL;
}

/* name=value; of equal names the first counts, and without a value none does. */
static bool read_parameter(struct parser *parser, const char *start, size_t length)
{
    struct target *target = parser->target;
    const char *equals = memchr(start, '=', length);
    if (!equals || equals + 1 == start + length)
        return true;
    size_t name_length = (size_t)(equals - start);
    const char *name = read_word(parser, start, name_length);
    char *value = read_word(parser, equals + 1, length - name_length - 1);
    if (!name || !value || !unquote(value))
        return has_zero(parser);
    if (strcmp(name, "password") == 0 || strcmp(name, "ssl_password") == 0)
        secret_add(value);
    bool is_celery = strcmp(target->scheme, "redis+socket") == 0;
    bool is_db = strcmp(name, is_celery ? "virtual_host" : "db") == 0;
    if (is_celery && strcmp(name, "db") == 0)
        return fail_parameter(parser, name, "that only some of Celery reads: write virtual_host");
    if (target_value(target, is_db ? "db" : name))
        return true;
    if (is_celery && is_db) {
        name = "db";
        value += *value == '/';
    }
    if (is_db && !read_number(value))
        return fail_parameter(parser, name, "that is not the number of a database");
    target->parameters[target->parameter_count++] =
        (struct parameter){.name = name, .value = value, .is_written = true};
    return true;
}

static bool read_query(struct parser *parser)
{
    struct target *target = parser->target;
    size_t count = 2; /* one for the path's database */
    for (const char *at = target->query; at && *at; at++)
        count += *at == '&';
    target->parameters = memory_get(count * sizeof *target->parameters);
    for (const char *at = target->query; at && *at;) {
        size_t length = strcspn(at, "&");
        if (!read_parameter(parser, at, length))
            return false;
        at += length + (at[length] == '&');
    }
    return true;
}

/* The path's number, its slashes left out; redis-py takes a path that is none for no
 * database at all. */
static bool read_path_db(struct parser *parser, const char *path)
{
    char *number = parser_keep(parser, path, strlen(path));
    char *out = number;
    if (!unquote(number))
        return has_zero(parser);
    for (const char *in = number; *in; in++)
        if (*in != '/')
            *out++ = *in;
    *out = '\0';
    struct target *target = parser->target;
    if (!target_value(target, "db") && read_number(number))
        target->parameters[target->parameter_count++] =
            (struct parameter){.name = "db", .value = number, .is_written = true};
    return true;
}

static bool is_socket_scheme(const char *scheme)
{
    return strcmp(scheme, "unix") == 0 || strcmp(scheme, "redis-socket") == 0 ||
           strcmp(scheme, "redis+socket") == 0 || strcmp(scheme, "redis+unix") == 0;
}

/* Of a socket's URL only the login and the path count. */
static bool read_socket(struct parser *parser)
{
    struct target *target = parser->target;
    char *path = parser_keep(parser, target->path, strlen(target->path));
    if (!unquote(path))
        return has_zero(parser);
    target->scheme = "unix";
    target->socket = path;
    target->host = NULL;
    target->port = 0;
    target->path = "";
    return true;
}

bool parser_read_redis(struct parser *parser)
{
    struct target *target = parser->target;
    const char *start = parser->at;
    const char *end = start + strcspn(start, "/?#");
    const char *at = memrchr(start, '@', (size_t)(end - start));
    if (strchr(start, '#'))
        return parser_fail(parser,
                           "has a #, at which redis-py cuts: in a password, write it as %23");
    if (*end == '/' && memchr(end, '@', at ? strcspn(end, "?") : strlen(end)))
        return parser_fail(parser, "has an @ in its path: in a password, write @ as %40, / as %2F");
    if (!memchr(start, '[', (size_t)(end - start)) != !memchr(start, ']', (size_t)(end - start)))
        return parser_fail(parser, "has a [ or a ] alone: in a password, write it as %5B or %5D");
    if (at && !read_login(parser, start, (size_t)(at - start)))
        return false;
    const char *host = at ? at + 1 : start;
    size_t path_length = strcspn(end, "?");
    target->path = parser_keep(parser, end, path_length);
    if (end[path_length] == '?')
        target->query = parser_keep(parser, end + path_length + 1, strlen(end + path_length + 1));
    parser_hide_query(parser);
    if (!read_query(parser))
        return false;
    if (is_socket_scheme(target->scheme))
        return read_socket(parser);
    return read_host(parser, host, (size_t)(end - host)) && read_path_db(parser, target->path);
}

struct redis_login target_redis_login(const struct target *target)
{
    const char *user =
        target->user && *target->user ? target->user : target_value(target, "username");
    const char *password =
        target->password && *target->password ? target->password : target_value(target, "password");
    const char *db = target_value(target, "db");
    return (struct redis_login){.user = user ? user : "",
                                .password = password ? password : "",
                                .db = db && strcmp(db, "0") != 0 ? db : "",
                                .is_lone_user = target->user && *target->user &&
                                                !target->password && (!password || !*password)};
}

/* Whether this build can ask what a scheme means: not what a client of Sentinel or of a
 * cluster finds by itself. */
static bool check_scheme(const char *scheme, struct text *why)
{
    bool is_known = strcmp(scheme, "redis") == 0 || strcmp(scheme, "valkey") == 0 ||
                    strcmp(scheme, "unix") == 0;
    if (is_known || (redis_is_tls_scheme(scheme) && PROBE_TLS))
        return true;
    if (!PROBE_TLS && (strncmp(scheme, "rediss", 6) == 0 || strncmp(scheme, "valkeys", 7) == 0))
        text_add(why, NEEDS_TLS_BUILD);
    else if (strstr(scheme, "sentinel"))
        text_format(why, "is for Sentinel (%s), which probe does not ask: name one Redis server",
                    scheme);
    else if (strstr(scheme, "cluster"))
        text_format(why, "is for a cluster's client (%s): name one node, redis://HOST:PORT",
                    scheme);
    else
        text_format(why, "has a scheme that no client of Redis has (%s): write redis://%s", scheme,
                    PROBE_TLS ? ", or rediss:// with TLS" : "");
    return false;
}

/* Whether a parameter says where and as whom to log in. */
static bool is_of_redis_py(const struct target *target, const char *name)
{
    static const char *const names[] = {"db", "username", "password", "host", "port"};
    enum { NAMES = sizeof names / sizeof *names, OF_SOCKETS = 3 };
    for (size_t i = 0; i < (target->socket ? (size_t)OF_SOCKETS : (size_t)NAMES); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static bool check_parameter(const struct target *target, const struct parameter *parameter,
                            struct text *why)
{
    static const char numbers[] =
        "socket_timeout socket_connect_timeout max_connections health_check_interval";
    const char *name = parameter->name;
    const char *value = parameter->value;
    bool is_of_tls = parser_is_of_tls(name);
    bool is_known = is_of_redis_py(target, name) || target_is_among(set_aside, name);
    const char *reason = NULL;
    if (is_of_tls)
        reason = redis_refuse_tls(target, parameter);
    else if (!is_known)
        reason = "that Redis' clients do not know: write db, username or password";
    else if (target_is_among(numbers, name) && value[strspn(value, " +-0123456789._eE")] != '\0')
        reason = "that is not a number";
    if (!reason)
        return true;
    target_add_parameter(why, name);
    text_add(why, reason);
    return false;
}

/* Where the URL names no host, its parameters may. */
static bool complete_place(struct target *target, struct text *why)
{
    const char *host = target_value(target, "host");
    const char *port = target_value(target, "port");
    int64_t number = target->port;
    if (!*target->host)
        target->host = host ? host : "localhost";
    if (!number && !parse_number(port ? port : target->kind->port, 1, PORT_MAX, &number)) {
        text_add(why, "has a parameter 'port' that is not a number from 1 to 65535");
        return false;
    }
    target->port = (int)number;
    if (strchr(target->host, ',')) {
        text_add(why, "names several hosts, and Redis has one: Sentinel and Cluster are not asked");
        return false;
    }
    return parser_check_host(target->host, why);
}

bool target_complete_redis(struct target *target, struct text *why)
{
    if (!check_scheme(target->scheme, why))
        return false;
    for (size_t i = 0; i < target->parameter_count; i++)
        if (!check_parameter(target, &target->parameters[i], why))
            return false;
    if (!target->socket)
        return complete_place(target, why);
    if (!*target->socket)
        text_add(why, "names no socket: write unix:///run/redis.sock?db=0");
    return *target->socket != '\0';
}
