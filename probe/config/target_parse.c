/* URLs and their short forms, taken apart; the secrets in them registered. */
#include "config/target_parser.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#include "base/memory.h"
#include "base/parse.h"
#include "base/secret.h"

enum { PORT_MAX = 65535 };

static bool parse_port(struct parser *parser, const char *bytes, size_t length)
{
    int64_t port;
    const char *written = parser_keep(parser, bytes, length);
    if (parse_number(written, 1, PORT_MAX, &port)) {
        parser->target->port = (int)port;
        return true;
    }
    parser_fail(parser, "has a port that is not a number from 1 to 65535");
    bool may_be_password = strchr(parser->at, '@') != NULL;
    if (may_be_password && written[strspn(written, "0123456789")] != '\0')
        text_add(parser->why, " (in a password, write @ as %40, / as %2F, # as %23, : as %3A)");
    return false;
}

/* user[:password]; both forms of the password are secret, the one that is sent
 * and the one that is written. */
static bool parse_user(struct parser *parser, const char *bytes, size_t length)
{
    static const char lone_percent[] =
        "has a % without two hexadecimal digits behind it: write %25";
    const char *colon = memchr(bytes, ':', length);
    size_t user_length = colon ? (size_t)(colon - bytes) : length;
    if (memchr(bytes, '@', length))
        return parser_fail(parser, "has more than one @: in a password, write @ as %40");
    char *user = parser_keep(parser, bytes, user_length);
    if (!target_decode(user))
        return parser_fail(parser, lone_percent);
    parser->target->user = user;
    if (!colon)
        return true;
    size_t password_length = length - user_length - 1;
    secret_add(parser_keep(parser, colon + 1, password_length));
    char *password = parser_keep(parser, colon + 1, password_length);
    if (!target_decode(password))
        return parser_fail(parser, lone_percent);
    secret_add(password);
    parser->target->password = password;
    return true;
}

/* [address] of IPv6; moves behind the bracket. */
static bool parse_bracketed(struct parser *parser, const char **host, const char *end)
{
    const char *bracket = memchr(*host, ']', (size_t)(end - *host));
    struct in6_addr address;
    if (!bracket)
        return parser_fail(parser, "has a [ without a ]");
    char *name = parser_keep(parser, *host + 1, (size_t)(bracket - *host - 1));
    if (inet_pton(AF_INET6, name, &address) != 1)
        return parser_fail(parser, "has no IPv6 address in its [ ]");
    parser->target->host = name;
    *host = bracket + 1;
    return true;
}

/* host[:[port]]; a host that is a path, written %2Frun%2Fpostgresql, is a socket's. */
static bool parse_host(struct parser *parser, const char *host, const char *end)
{
    if (*host == '[') {
        if (!parse_bracketed(parser, &host, end))
            return false;
        if (host < end && *host != ':')
            return parser_fail(parser, "has neither a port nor a path behind its ]");
    } else {
        const char *colon = memchr(host, ':', (size_t)(end - host));
        const char *host_end = colon ? colon : end;
        char *name = parser_keep(parser, host, (size_t)(host_end - host));
        if (!target_decode(name) || !(parser_is_host_name(name) || *name == '/'))
            return parser_fail(parser, "has a host with a character that no name has");
        parser->target->host = name;
        host = host_end;
    }
    return end - host <= 1 || parse_port(parser, host + 1, (size_t)(end - host - 1));
}

/* [user[:password]@]host[:port][,host[:port]]..., up to end. */
static bool parse_authority(struct parser *parser, const char *end)
{
    struct target *target = parser->target;
    const char *host = parser->at;
    const char *at = memrchr(host, '@', (size_t)(end - host));
    if (at) {
        if (!parse_user(parser, host, (size_t)(at - host)))
            return false;
        host = at + 1;
    }
    const char *comma = memchr(host, ',', (size_t)(end - host));
    if (comma)
        target->more_hosts = parser_keep(parser, comma + 1, (size_t)(end - comma - 1));
    if (!parse_host(parser, host, comma ? comma : end))
        return false;
    if (*target->host == '/') {
        target->socket = target->host;
        target->host = NULL;
    }
    return true;
}

/* unix:/run/app.sock[:/path] */
static bool parse_socket(struct parser *parser)
{
    const char *socket = parser->at + strlen("unix:");
    size_t length = strcspn(socket, ":?#");
    if (*socket != '/')
        return parser_fail(parser, "has a socket whose path does not begin with a slash");
    parser->target->socket = parser_keep(parser, socket, length);
    parser->at = socket + length + (socket[length] == ':');
    return true;
}

/* Whether another target begins in a path, behind a comma or a semicolon. */
static bool holds_another(const char *path)
{
    for (const char *at = strpbrk(path, ",;"); at; at = strpbrk(at + 1, ",;")) {
        const char *scheme_end = strstr(at + 1, "://");
        bool is_url = scheme_end && strcspn(at + 1, "/,;") == (size_t)(scheme_end - at);
        if (is_url || at[1] == '\0' || at[1] == '/' || at[1] == ':' ||
            strncmp(at + 1, "env:", 4) == 0)
            return true;
    }
    return false;
}

/* [/path][?query], to the end of the text. */
static bool parse_path(struct parser *parser)
{
    if (strchr(parser->at, '#'))
        return parser_fail(parser, "has a #, which is never sent: write it as %23");
    size_t length = strcspn(parser->at, "?");
    if (length > 0 && *parser->at != '/')
        return parser_fail(parser, "has a path that does not begin with a slash");
    parser->target->path = parser_keep(parser, parser->at, length);
    if (parser->at[length] == '?')
        parser->target->query =
            parser_keep(parser, parser->at + length + 1, strlen(parser->at + length + 1));
    parser_hide_query(parser);
    return true;
}

/* The same of an HTTP target. Two of them with a comma between would be one that an
 * application which answers every path calls healthy. */
static bool parse_http_path(struct parser *parser)
{
    return parse_path(parser) &&
           (!holds_another(parser->target->path) ||
            parser_fail(parser, "has a comma or semicolon where another target begins: separate "
                                "targets by spaces, or write it as %2C or %3B"));
}

/* scheme://, moves behind it. */
static bool parse_scheme(struct parser *parser)
{
    const char *end = strstr(parser->at, "://");
    if (!end || !isalpha((unsigned char)*parser->at))
        return parser_fail(parser, "is not a target");
    char *scheme = parser_keep(parser, parser->at, (size_t)(end - parser->at));
    for (char *c = scheme; *c; c++) {
        *c = (char)tolower((unsigned char)*c);
        if (!isalnum((unsigned char)*c) && !strchr("+.-:", *c)) /* jdbc:postgresql */
            return parser_fail(parser, "has a scheme with a character that none has");
    }
    parser->target->scheme = scheme;
    parser->at = end + strlen("://");
    return true;
}

static bool parse_short(struct parser *parser)
{
    parser->target->scheme = parser->target->kind->name;
    parser->target->host = "localhost";
    parser->target->is_short = true;
    if (strncmp(parser->at, "//", 2) == 0)
        return parser_fail(parser, "begins with two slashes: write http://HOST:PORT/path, or one "
                                   "slash for a path of this container");
    if (*parser->at == ':') {
        size_t length = strcspn(++parser->at, "/?#");
        if (!parse_port(parser, parser->at, length))
            return false;
        parser->at += length;
    }
    return parse_http_path(parser);
}

/* What follows the scheme of a URL, up to the path. */
static bool parse_place(struct parser *parser)
{
    if (strncmp(parser->at, "unix:", 5) == 0)
        return parse_socket(parser);
    const char *end = parser->at + strcspn(parser->at, "/?#");
    if (!parse_authority(parser, end))
        return false;
    parser->at = end;
    return true;
}

static bool fail_parameter(const struct parser *parser, const char *name, const char *reason)
{
    target_add_parameter(parser->why, name);
    text_add(parser->why, reason);
    return false;
}

/* name=value, once. */
static bool parse_parameter(struct parser *parser, const char *start, size_t length)
{
    struct target *target = parser->target;
    const char *equals = memchr(start, '=', length);
    if (!equals)
        return parser_fail(parser, "has a parameter without a =");
    size_t name_length = (size_t)(equals - start);
    char *name = parser_keep(parser, start, name_length);
    char *value = parser_keep(parser, equals + 1, length - name_length - 1);
    if (!target_decode(name) || !target_decode(value))
        return fail_parameter(parser, name,
                              "with a % without two hexadecimal digits behind it, or with %00");
    if (target_value(target, name))
        return fail_parameter(parser, name, "twice");
    target->parameters[target->parameter_count++] =
        (struct parameter){.name = name, .value = value, .is_written = true};
    return true;
}

/* The query's parameters. */
static bool parse_parameters(struct parser *parser)
{
    struct target *target = parser->target;
    size_t count = 1;
    for (const char *at = target->query; at && *at; at++)
        count += *at == '&';
    target->parameters = memory_get(count * sizeof *target->parameters);
    for (const char *at = target->query; at && *at;) {
        size_t length = strcspn(at, "&");
        if (length > 0 && !parse_parameter(parser, at, length))
            return false;
        at += length + (at[length] == '&');
    }
    return true;
}

/* The query of HTTP is sent as it is written. */
bool parser_read_http(struct parser *parser)
{
    return parse_place(parser) && parse_http_path(parser);
}

bool parser_read_plain(struct parser *parser)
{
    const struct target *target = parser->target;
    if (!parse_place(parser) || !parse_path(parser))
        return false;
    if (target->host && *target->host && strchr(target->path, '@'))
        return parser_fail(parser, "has an @ in its path: in a password, write @ as %40, / as %2F");
    return parse_parameters(parser);
}

/* A target with a scheme. */
static bool parse_url(struct parser *parser)
{
    const struct kind *kind = parser->target->kind;
    return parse_scheme(parser) && (kind ? kind->read(parser) : parser_read_plain(parser));
}

/* Whether a text has no control character, and spaces only where its kind takes them. */
static bool is_printable(const struct kind *kind, const char *text)
{
    bool takes_spaces = kind && kind->takes_spaces;
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7F || (*text == ' ' && !takes_spaces))
            return false;
    return true;
}

bool target_parse(struct target *target, const struct kind *kind, const char *text,
                  struct text *why)
{
    size_t length = strlen(text);
    struct parser parser = {.target = target, .at = text, .why = why};
    *target = (struct target){.kind = kind, .path = "", .has_variable = parse_has_variable(text)};
    if (length == 0)
        return parser_fail(&parser, "is empty");
    if (length > TARGET_LENGTH_MAX)
        return parser_fail(&parser, "is longer than 2048 bytes");
    bool is_keywords = kind && kind->is_keywords && parser_is_keywords(text);
    if (!is_keywords && !is_printable(kind, text))
        return parser_fail(&parser, "has a space or a control character: write a space as %20");
    /* each byte is kept at most five times (a parameter in its query, as written and
     * as meant for the list of secrets, among the parameters, and as libpq read it), and
     * each part ends in a NUL */
    target->storage = memory_get(8 * length + 256);
    parser.free = target->storage;
    bool is_short = kind && kind->is_path && strchr("/:", *text);
    return (is_keywords ? parser_read_keywords(&parser)
            : is_short  ? parse_short(&parser)
                        : parse_url(&parser)) &&
           (!target->socket || target_check_socket(strlen(target->socket), why));
}
