/* Of a service's variables, the text of a target. */
#include <string.h>

#include "config/discover_parts.h"
#include "config/target.h"

static bool is_set(const char *value)
{
    return value && *value;
}

/* Kubernetes sets NAME_PORT=tcp://10.0.0.3:6379 for each service of its namespace. */
static const char *behind_link(const char *port)
{
    bool is_link = strncmp(port, "tcp://", 6) == 0;
    const char *colon = strrchr(port, ':');
    return is_link && colon > port + 6 ? colon + 1 : port;
}

/* On localhost a link is another container's port,
 * and the image of PostgreSQL has its server's in PGPORT, which libpq reads. */
const char *parts_port(const struct parts *parts)
{
    const char *port = parts->values[PORT];
    bool is_redis = parts->source->service == SERVICE_REDIS;
    if (!is_set(port))
        return NULL;
    const char *number = behind_link(port);
    if (!is_set(parts->values[HOST]) && parts->source->local && (number != port || !is_redis))
        return NULL;
    return number;
}

/* A keyword and its value, as libpq reads them; nothing for an empty one. */
static void add_keyword(struct text *target, const char *name, const char *value)
{
    if (!is_set(value))
        return;
    text_format(target, "%s%s='", target->length ? " " : "", name);
    for (; *value; value++) {
        const char letter[] = {*value, '\0'};
        text_add(target, strchr("'\\", *value) ? "\\" : "");
        text_add(target, letter);
    }
    text_add(target, "'");
}

/* The colon before the port that one host of a list has of its own; NULL without one. */
static const char *own_port(const char *host, size_t length)
{
    const char *bracket = *host == '[' ? memchr(host, ']', length) : NULL;
    const char *colon = memchr(host, ':', length);
    if (bracket)
        return bracket + 1 < host + length && bracket[1] == ':' ? bracket + 1 : NULL;
    return colon && *host != '/' && colon == memrchr(host, ':', length) ? colon : NULL;
}

/* Takes a list of hosts apart whose hosts may have brackets, and ports of their own. */
static void split_hosts(const char *list, const char *port, struct text *hosts, struct text *ports)
{
    bool has_own = false;
    const char *comma = "";
    for (const char *host = list; *host; host += *host == ',') {
        size_t length = strcspn(host, ",");
        const char *colon = own_port(host, length);
        size_t end = colon ? (size_t)(colon - host) : length;
        bool is_bracketed = *host == '[' && end > 1 && host[end - 1] == ']';
        text_format(hosts, "%s%.*s", comma, (int)end - 2 * is_bracketed, host + is_bracketed);
        text_format(ports, "%s%.*s", comma, colon ? (int)(length - end - 1) : (int)strlen(port),
                    colon ? colon + 1 : port);
        has_own = has_own || colon;
        comma = ",";
        host += length;
    }
    if (!has_own) {
        text_init(ports, ports->bytes, ports->size);
        text_add(ports, port);
    }
}

/* PostgreSQL's parts as libpq's keyword string: a value arrives as it is. What the source
 * lacks, libpq takes from its own variables. */
static void compose_keywords(const struct parts *parts, struct text *target)
{
    const struct source *source = parts->source;
    const char *host = parts->values[HOST];
    const char *port = parts_port(parts);
    const char *user = is_set(parts->values[USER]) ? parts->values[USER] : source->default_user;
    bool is_local = !is_set(host) && source->local;
    char host_bytes[TARGET_LENGTH_MAX];
    char port_bytes[TARGET_LENGTH_MAX];
    struct text hosts;
    struct text ports;
    text_init(&hosts, TEXT_ARRAY(host_bytes));
    text_init(&ports, TEXT_ARRAY(port_bytes));
    if (is_set(host) && !source->has_plain_host)
        split_hosts(host, port ? port : "", &hosts, &ports);
    else if (is_set(host))
        text_add(&hosts, host);
    if (!is_set(host) || source->has_plain_host)
        text_add(&ports, port ? port : "");
    add_keyword(target, "host", is_local ? "localhost" : host_bytes);
    add_keyword(target, "port", port_bytes);
    add_keyword(target, "user", user);
    add_keyword(target, "password", parts->values[PASSWORD]);
    bool is_user_name = !is_set(parts->values[NAME]) && source->default_user;
    add_keyword(target, "dbname", is_user_name ? user : parts->values[NAME]);
    add_keyword(target, "sslmode", parts->tls_mode);
}

/* What is neither plain nor in a name becomes an escape, which no host may have. */
static void add_host(struct text *target, const char *host, const char *plain)
{
    for (; *host; host++) {
        const char letter[] = {*host, '\0'};
        if (strchr(plain, *host))
            text_add(target, letter);
        else
            target_add_encoded(target, letter);
    }
}

/* Redis' parts as a URL, each percent-encoded. */
static void compose_url(const struct parts *parts, struct text *target)
{
    const char *host = is_set(parts->values[HOST]) ? parts->values[HOST] : "localhost";
    const char *port = parts_port(parts);
    const char *colon = own_port(host, strlen(host));
    bool is_socket = *host == '/';
    bool is_ipv6 = !colon && strchr(host, ':') && *host != '[';
    text_add(target, is_socket ? "unix://" : parts->tls_mode ? "rediss://" : "redis://");
    if (is_set(parts->values[USER]))
        target_add_encoded(target, parts->values[USER]);
    if (is_set(parts->values[PASSWORD])) {
        text_add(target, ":");
        target_add_encoded(target, parts->values[PASSWORD]);
    }
    text_add(target, is_set(parts->values[USER]) || is_set(parts->values[PASSWORD]) ? "@" : "");
    text_add(target, is_ipv6 ? "[" : "");
    add_host(target, host, is_socket ? "/" : ":[]");
    text_add(target, is_ipv6 ? "]" : "");
    if (port && !colon && !is_socket)
        text_format(target, ":%s", port);
    if (is_set(parts->values[NAME]))
        text_format(target, is_socket ? "?db=%s" : "/%s", parts->values[NAME]);
}

void parts_compose(const struct parts *parts, struct text *target)
{
    if (parts->source->service == SERVICE_DB)
        compose_keywords(parts, target);
    else
        compose_url(parts, target);
}
