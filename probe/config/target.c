/* What a target tells of itself, with its secrets hidden, and what it means.
 * target_parse.c makes it of a text. */
#include "config/target.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/escape.h"
#include "base/memory.h"

void target_release(struct target *target)
{
    free(target->storage);
    free(target->prepared);
    free(target->parameters);
    free(target->hosts);
    *target = (struct target){.path = ""};
}

bool target_decode(char *text)
{
    char *out = text;
    for (const char *in = text; *in; in++) {
        if (*in != '%') {
            *out++ = *in;
            continue;
        }
        int high = escape_hex(in[1]);
        int low = high < 0 ? -1 : escape_hex(in[2]);
        if (low < 0 || high * 16 + low == 0)
            return false;
        *out++ = (char)(high * 16 + low);
        in += 2;
    }
    *out = '\0';
    return true;
}

void target_add_parameter(struct text *why, const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-";
    size_t length = strspn(name, letters);
    text_add(why, "has a parameter ");
    if (length > 0 && length <= 40 && name[length] == '\0')
        text_format(why, "'%s' ", name);
}

const char *target_value(const struct target *target, const char *name)
{
    for (size_t i = 0; i < target->parameter_count; i++)
        if (strcmp(target->parameters[i].name, name) == 0)
            return target->parameters[i].value;
    return NULL;
}

bool target_is_among(const char *schemes, const char *scheme)
{
    size_t length = strcspn(scheme, "+");
    for (const char *at = schemes; *at; at += strspn(at, " ")) {
        size_t n = strcspn(at, " ");
        if (n == length && strncasecmp(at, scheme, n) == 0)
            return true;
        at += n;
    }
    return false;
}

bool target_check_socket(size_t length, struct text *why)
{
    if (length > SOCKET_PATH_MAX)
        text_add(why, "has a socket whose path is longer than the kernel's 107 bytes");
    return length <= SOCKET_PATH_MAX;
}

bool target_is_local(const struct target *target)
{
    struct in_addr ipv4;
    if (target->socket || *target->own_address || strcasecmp(target->host, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, target->host, &ipv4) == 1)
        return ntohl(ipv4.s_addr) >> 24 == 127;
    struct in6_addr ipv6;
    return inet_pton(AF_INET6, target->host, &ipv6) == 1 && IN6_IS_ADDR_LOOPBACK(&ipv6);
}

bool target_is_wildcard(const struct target *target)
{
    struct in_addr ipv4;
    struct in6_addr ipv6;
    if (target->socket)
        return false;
    if (inet_pton(AF_INET6, target->host, &ipv6) != 1)
        return inet_aton(target->host, &ipv4) != 0 && ipv4.s_addr == INADDR_ANY;
    memcpy(&ipv4, ipv6.s6_addr + 12, sizeof ipv4);
    return IN6_IS_ADDR_UNSPECIFIED(&ipv6) ||
           (IN6_IS_ADDR_V4MAPPED(&ipv6) && ipv4.s_addr == INADDR_ANY);
}

bool target_is_known_host(const char *host)
{
    struct in6_addr address;
    return strcasecmp(host, "localhost") == 0 || inet_pton(AF_INET, host, &address) == 1 ||
           inet_pton(AF_INET6, host, &address) == 1;
}

bool target_needs_resolver(const struct target *target)
{
    for (size_t i = 0; i < target->host_count; i++) {
        const struct target_host *host = &target->hosts[i];
        if (!*host->address && *host->name && !strchr("/@", *host->name) &&
            !target_is_known_host(host->name))
            return true;
    }
    return !target->hosts && !target->socket && *target->host &&
           (target->more_hosts || !target_is_known_host(target->host));
}

bool target_decode_path(struct target *target, struct text *why)
{
    target->prepared = memory_copy(target->path, strlen(target->path));
    if (target_decode(target->prepared))
        return true;
    text_add(why, "has a % in its path without two hexadecimal digits behind it: write %25");
    return false;
}

void target_add_encoded(struct text *text, const char *part)
{
    for (; *part; part++) {
        bool is_plain = isalnum((unsigned char)*part) || strchr("-._~", *part);
        text_format(text, is_plain ? "%c" : "%%%02X", (unsigned char)*part);
    }
}

struct target target_as_written(const struct target *target)
{
    struct target written = *target;
    if (target->url_host) {
        written.host = target->url_host;
        written.port = target->url_port;
    }
    return written;
}

static void add_host(struct text *text, const char *host)
{
    bool is_ipv6 = strchr(host, ':') != NULL;
    text_add(text, is_ipv6 ? "[" : "");
    text_add_foreign(text, host, strlen(host), TARGET_LENGTH_MAX);
    text_add(text, is_ipv6 ? "]" : "");
}

/* The hosts of PostgreSQL behind the first, as a URL lists them. */
static void add_more_hosts(struct text *text, const struct target *target)
{
    for (size_t i = 1; i < target->host_count && (target->socket || *target->host); i++) {
        const struct target_host *host = &target->hosts[i];
        text_add(text, ",");
        if (*host->name == '/')
            text_add_foreign(text, host->name, strlen(host->name), TARGET_LENGTH_MAX);
        else
            add_host(text, *host->name ? host->name : host->address);
        if (*host->name != '/' && *host->port)
            text_add(text, ":");
        if (*host->name != '/')
            text_add_foreign(text, host->port, strlen(host->port), 10);
    }
}

void target_add_authority(const struct target *target, struct text *text)
{
    if (target->socket) {
        text_add(text, "unix:");
        text_add_foreign(text, target->socket, strlen(target->socket), TARGET_LENGTH_MAX);
    } else {
        add_host(text, target->host);
        if (target->port > 0)
            text_format(text, ":%d", target->port);
    }
    add_more_hosts(text, target);
    if (target->more_hosts) {
        text_add(text, ",");
        text_add_foreign(text, target->more_hosts, strlen(target->more_hosts), 200);
    }
}

bool target_may_show(const struct target *target, const char *name, size_t length)
{
    const char *at = target->kind && target->kind->shown ? target->kind->shown : "";
    for (; *at; at += strspn(at, " ")) {
        size_t n = strcspn(at, " ");
        if (n == length && strncmp(at, name, n) == 0)
            return true;
        at += n;
    }
    return false;
}

bool target_may_show_pair(const struct target *target, const char *pair, size_t length)
{
    size_t name = strcspn(pair, "=&");
    const char *value = pair + (name < length ? name + 1 : length);
    return target_may_show(target, pair, name) && value + strcspn(value, "?=&") >= pair + length;
}

/* The names of a query, and the values that are no secret. */
static void add_query(struct text *text, const struct target *target)
{
    const char *query = target->query;
    const char *separator = "?";
    while (*query) {
        size_t length = strcspn(query, "&");
        size_t name = strcspn(query, "=&");
        bool shown = target_may_show_pair(target, query, length);
        text_add(text, separator);
        text_add_foreign(text, query, shown ? length : name, TARGET_LENGTH_MAX);
        if (name < length && !shown)
            text_add(text, "=***");
        query += length + (query[length] == '&');
        separator = "&";
    }
}

/* Those of PostgreSQL's parameters that are written and have no place of their own
 * in a URL. */
static void add_parameters(struct text *text, const struct target *target)
{
    const char *separator = "?";
    for (size_t i = 0; i < target->parameter_count; i++) {
        const struct parameter *parameter = &target->parameters[i];
        bool has_place = target_is_among("host port user password dbname", parameter->name);
        if (!parameter->is_written || has_place)
            continue;
        text_format(text, "%s%s=", separator, parameter->name);
        const char *value = target_may_show(target, parameter->name, strlen(parameter->name))
                                ? parameter->value
                                : "***";
        text_add_foreign(text, value, strlen(value), TARGET_LENGTH_MAX);
        separator = "&";
    }
}

/* A database's name, the hosts of PostgreSQL being known. */
static void add_database(struct text *text, const struct target *target)
{
    const char *name = target_value(target, "dbname");
    text_add(text, target->socket && name ? ":" : "");
    if (!name)
        return;
    text_add(text, "/");
    text_add_foreign(text, name, strlen(name), TARGET_LENGTH_MAX);
}

static void add_path(struct text *text, const struct target *target)
{
    if (target->hosts) {
        add_database(text, target);
        add_parameters(text, target);
        return;
    }
    text_add(text, target->socket && *target->path ? ":" : "");
    text_add_foreign(text, target->path, strlen(target->path), TARGET_LENGTH_MAX);
    if (target->query)
        add_query(text, target);
}

/* user:***@; a user alone is often a password that lacks its colon. */
static void add_user(struct text *text, const struct target *target)
{
    if (target->password || (target->kind && target->kind->shows_user))
        text_add_foreign(text, target->user, strlen(target->user), TARGET_LENGTH_MAX);
    else
        text_add(text, "***");
    text_add(text, target->password ? ":***@" : "@");
}

void target_add_url(const struct target *target, struct text *text)
{
    const struct target written = target_as_written(target);
    target = &written;
    text_format(text, "%s://", target->scheme);
    if (target->user)
        add_user(text, target);
    if (target->socket && strcmp(target->scheme, "unix") == 0)
        text_add_foreign(text, target->socket, strlen(target->socket), TARGET_LENGTH_MAX);
    else
        target_add_authority(target, text);
    add_path(text, target);
}

void target_add_short(const struct target *target, struct text *text)
{
    const struct target written = target_as_written(target);
    target = &written;
    if (target->socket || strcasecmp(target->host, "localhost") != 0) {
        target_add_authority(target, text);
    } else if (target->port) {
        text_add(text, ":");
        text_add_number(text, target->port);
    }
    add_path(text, target);
}

/* The length of [::1] at the beginning of a text, else 0: its colons are no port's. */
static size_t bracketed_length(const char *text)
{
    char address[INET6_ADDRSTRLEN] = "";
    struct in6_addr ignored;
    size_t length = strcspn(text, "]");
    if (*text != '[' || !text[length] || length > sizeof address ||
        !strchr(":/?#", text[length + 1]))
        return 0;
    memcpy(address, text + 1, length - 1);
    return inet_pton(AF_INET6, address, &ignored) == 1 ? length + 1 : 0;
}

void target_add_redacted(struct text *text, const char *written)
{
    const char *authority =
        written + strspn(written, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRST"
                                  "UVWXYZ0123456789+.-");
    if (strncmp(authority, "://", 3) != 0) /* one further on is no scheme's */
        authority = NULL;
    const char *at = strrchr(written, '@');
    bool has_assignment = !authority && strcspn(written, "=;") < strcspn(written, "/?#");
    if (has_assignment) { /* another driver's: which of its words is the password? */
        text_add(text, "***");
        return;
    }
    if (*written == ':' && !authority && !at) { /* :PORT/path has no place for a password */
        text_add_foreign(text, written, strcspn(written, "?#"), 80);
        return;
    }
    const char *rest = authority ? authority + 3 : written;
    text_add_foreign(text, written, (size_t)(rest - written), 40);
    if (at && at >= rest) {
        text_add(text, "***@");
        rest = at + 1;
    }
    size_t bracketed = bracketed_length(rest);
    size_t host = bracketed ? bracketed : strcspn(rest, "/?#:");
    text_add_foreign(text, rest, host, 80);
    rest += host;
    if (*rest == ':') { /* a port, or a password whose @ is missing */
        size_t digits = strspn(rest + 1, "0123456789");
        bool is_port = digits <= 5 && (rest[1 + digits] == '\0' || strchr("/?#", rest[1 + digits]));
        text_add(text, ":");
        text_add_foreign(text, is_port ? rest + 1 : "***", is_port ? digits : 3, 8);
        rest += 1 + (is_port ? digits : strcspn(rest + 1, "/?#"));
    }
    size_t path = strcspn(rest, "?#");
    text_add_foreign(text, rest, path, 80);
    if (rest[path])
        text_format(text, "%c***", rest[path]);
}
