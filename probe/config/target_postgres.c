/* PostgreSQL's targets: URIs and keyword strings. libpq reads them, once the
 * words that only other drivers know are set aside; what it read is what is
 * connected with. */
#include <ctype.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/parse.h"
#include "base/secret.h"
#include "config/target_parser.h"
#include "version.h"

/* A text on its way to libpq. */
struct reading {
    struct parser *parser;
    PQconninfoOption *known; /* every parameter that libpq knows, without values */
    struct text text;
    bool is_uri;
};

/* One parameter as it is written. */
struct pair {
    const char *start;
    size_t length;
    char *name;
    char *value; /* decoded */
};

static bool is_known(const struct reading *reading, const char *name)
{
    const PQconninfoOption *option = reading->known;
    while (option->keyword && strcmp(option->keyword, name) != 0)
        option++;
    return option->keyword != NULL;
}

static bool fail_pair(const struct reading *reading, const struct pair *pair, const char *reason)
{
    struct text *why = reading->parser->why;
    target_add_parameter(why, pair->name);
    text_add(why, reason);
    return false;
}

static bool fail_unknown(const struct reading *reading, const struct pair *pair)
{
    fail_pair(reading, pair, "that PostgreSQL does not know");
    for (const PQconninfoOption *option = reading->known; option->keyword; option++)
        if (parse_distance(option->keyword, pair->name) <= 2) {
            text_format(reading->parser->why, ": did you mean %s?", option->keyword);
            break;
        }
    return false;
}

static void add_pair(struct reading *reading, const char *pair, size_t length)
{
    bool is_first = reading->is_uri && !strchr(reading->text.bytes, '?');
    text_format(&reading->text, "%s%.*s",
                !reading->is_uri ? " "
                : is_first       ? "?"
                                 : "&",
                (int)length, pair);
}

/* JDBC's targetServerType, in libpq's words. */
static bool add_server_type(struct reading *reading, const struct pair *pair)
{
    const char *type = parser_server_type(pair->value);
    char bytes[64];
    struct text text;
    if (!type)
        return fail_pair(reading, pair, "that is none of JDBC's kinds of server");
    text_init(&text, TEXT_ARRAY(bytes));
    text_format(&text, "target_session_attrs=%s", type);
    add_pair(reading, bytes, text.length);
    return true;
}

/* A wish for TLS in another driver's words, in libpq's. JDBC's ssl=true verifies all. */
static bool add_tls(struct reading *reading, const struct pair *pair)
{
    const char *mode = NULL;
    if (!PROBE_TLS)
        return fail_pair(reading, pair,
                         "that " NEEDS_TLS_BUILD ", or write sslmode=prefer where the server "
                         "allows it");
    if (target_is_among("true 1 yes on require required", pair->value))
        mode =
            strncmp(reading->parser->target->scheme, "jdbc:", 5) == 0 ? "verify-full" : "require";
    else if (strcasecmp(pair->value, "verify-ca") == 0)
        mode = "verify-ca";
    else if (strcasecmp(pair->value, "verify-full") == 0)
        mode = "verify-full";
    else if (strcasecmp(pair->value, "no-verify") == 0)
        mode = "require";
    if (!mode)
        return fail_pair(reading, pair,
                         "that asks for TLS in words that are not libpq's: write sslmode=require, "
                         "or verify-full");
    char bytes[32];
    struct text text;
    text_init(&text, TEXT_ARRAY(bytes));
    text_format(&text, "sslmode=%s", mode);
    add_pair(reading, bytes, text.length);
    return true;
}

/* Hands a parameter on to libpq, or sets it aside. */
static bool take_pair(struct reading *reading, const struct pair *pair)
{
    bool is_jdbc = strncmp(reading->parser->target->scheme, "jdbc:", 5) == 0;
    bool is_ssl_of_libpq =
        !is_jdbc && strcmp(pair->name, "ssl") == 0 && strcmp(pair->value, "true") == 0;
    if (is_known(reading, pair->name) || (reading->is_uri && is_ssl_of_libpq)) {
        add_pair(reading, pair->start, pair->length);
        return true;
    }
    if (parser_is_of_schema(pair->name) && *pair->value && strcmp(pair->value, "public") != 0)
        reading->parser->target->schema = pair->value;
    if (PROBE_TLS && strcasecmp(pair->name, "sslaccept") == 0 &&
        strcasecmp(pair->value, "strict") == 0) {
        char all[] = "verify-full"; /* Prisma's word for it */
        return add_tls(reading, &(struct pair){.name = pair->name, .value = all});
    }
    if (parser_is_of_drivers(pair->name))
        return true;
    if (strcasecmp(pair->name, "targetServerType") == 0)
        return add_server_type(reading, pair);
    if (!parser_is_of_tls(pair->name))
        return fail_unknown(reading, pair);
    bool is_trusting = strcasecmp(pair->name, "trustservercertificate") == 0;
    if (!parser_is_plain(pair->value) && !(is_trusting && PROBE_TLS))
        return add_tls(reading, pair);
    if (strcmp(pair->name, "requiressl") == 0) /* its 0 is libpq's word for prefer */
        add_pair(reading, pair->start, pair->length);
    return true;
}

/* One parameter of a URI's query: name=value. */
static bool read_parameter(struct reading *reading, const char *start, size_t length)
{
    struct parser *parser = reading->parser;
    const char *equals = memchr(start, '=', length);
    if (!equals)
        return parser_fail(parser, "has a parameter without a =");
    size_t name_length = (size_t)(equals - start);
    struct pair pair = {.start = start,
                        .length = length,
                        .name = parser_keep(parser, start, name_length),
                        .value = parser_keep(parser, equals + 1, length - name_length - 1)};
    if (strchr(pair.value, '='))
        return fail_pair(reading, &pair, "with a second =: write it as %3D");
    if (!target_decode(pair.name) || !target_decode(pair.value))
        return fail_pair(reading, &pair,
                         "with a % without two hexadecimal digits behind it, or with %00: "
                         "write % as %25");
    return take_pair(reading, &pair);
}

static bool read_query(struct reading *reading)
{
    const char *at = reading->parser->target->query;
    while (at && *at) {
        size_t length = strcspn(at, "&");
        if (length > 0 && !read_parameter(reading, at, length))
            return false;
        at += length + (at[length] == '&');
    }
    return true;
}

/* user[:password]@ up to end, as it is written; Azure's user@server is one user. */
static bool read_login(struct reading *reading, const char *start, const char *end)
{
    struct parser *parser = reading->parser;
    const char *colon = memchr(start, ':', (size_t)(end - start));
    const char *last = memrchr(start, '@', (size_t)(end - start));
    if (last && colon && last > colon)
        return parser_fail(parser, "has more than one @: in a password, write @ as %40");
    for (; start < end; start++)
        text_format(&reading->text, *start == '@' ? "%%40" : "%c", *start);
    text_add(&reading->text, "@");
    if (colon) {
        size_t length = (size_t)(end - colon - 1);
        char *password = parser_keep(parser, colon + 1, length);
        secret_add(password);
    }
    return true;
}

/* The URI behind its scheme, as libpq takes it apart: a login ends at an @ before
 * the first slash, and the query begins behind it. */
static bool read_uri(struct reading *reading)
{
    struct parser *parser = reading->parser;
    const char *start = parser->at;
    const char *slash = start + strcspn(start, "/");
    const char *login = memchr(start, '@', (size_t)(slash - start));
    if (login) {
        const char *place = login + strcspn(login, "/?");
        login = memrchr(start, '@', (size_t)(place - start));
        if (!read_login(reading, start, login))
            return false;
        start = login + 1;
    }
    size_t length = strcspn(start, "?");
    if (memchr(start, '@', length))
        return parser_fail(parser, "has an @ in its path: in a password, write @ as %40, / as %2F");
    text_format(&reading->text, "%.*s", (int)length, start);
    if (start[length] == '?')
        parser->target->query = parser_keep(parser, start + length + 1, strlen(start + length + 1));
    parser_hide_query(parser);
    bool is_read = read_query(reading);
    parser->target->query = NULL;
    return is_read;
}

/* The end of a keyword string's value: a quoted one's is its quote. */
static const char *value_end(const char *value)
{
    bool is_quoted = *value == '\'';
    const char *at = value + is_quoted;
    while (*at && (is_quoted ? *at != '\'' : !isspace((unsigned char)*at)))
        at += at[0] == '\\' && at[1] ? 2 : 1;
    return at + (is_quoted && *at);
}

static const char *skip_spaces(const char *at)
{
    while (isspace((unsigned char)*at))
        at++;
    return at;
}

static bool read_keywords(struct reading *reading)
{
    struct parser *parser = reading->parser;
    const char *at = skip_spaces(parser->at);
    while (*at) {
        const char *name = at;
        size_t name_length = strcspn(name, "= \t\n\r\f\v");
        const char *equals = skip_spaces(name + name_length);
        if (*equals != '=')
            return parser_fail(parser, "has a word without a = behind it");
        const char *value = skip_spaces(equals + 1);
        at = value_end(value);
        struct pair pair = {.start = name,
                            .length = (size_t)(at - name),
                            .name = parser_keep(parser, name, name_length),
                            .value = parser_keep(parser, value, (size_t)(at - value))};
        if (!take_pair(reading, &pair))
            return false;
        at = skip_spaces(at);
    }
    return true;
}

/* Why libpq cannot read it. Its own words are not shown: they quote the text. */
static bool fail_as_libpq(const struct reading *reading, const char *message)
{
    static const struct {
        const char *part; /* of libpq's message */
        const char *reason;
    } reasons[] = {
        {"percent-encoded token", "has a % without two hexadecimal digits behind it: write %25"},
        {"forbidden value", "has a %00, which no parameter may have"},
        {"matching \"]\"", "has a [ without a ]"},
        {"may not be empty", "has no IPv6 address in its [ ]"},
        {"unexpected character", "has neither a port nor a path behind its ]"},
        {"unterminated quoted", "has a ' without a second one"},
        {"unexpected spaces", "has a space: write it as %20"},
    };
    const char *words = message ? message : "";
    if (!*words || strstr(words, "out of memory"))
        memory_run_out();
    const char *reason = "is not read by libpq: write postgres://USER:PASSWORD@HOST/NAME";
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (strstr(words, reasons[i].part)) {
            reason = reasons[i].reason;
            break;
        }
    return parser_fail(reading->parser, reason);
}

/* Takes what libpq read into the target's own storage. */
static bool take_options(struct parser *parser, const PQconninfoOption *options)
{
    struct target *target = parser->target;
    size_t count = 0;
    while (options[count].keyword)
        count++;
    target->parameters = memory_get(count * sizeof *target->parameters);
    for (size_t i = 0; i < count; i++) {
        const PQconninfoOption *option = &options[i];
        const char *value =
            option->val ? parser_keep(parser, option->val, strlen(option->val)) : NULL;
        bool is_password = strstr(option->keyword, "password") != NULL;
        if (value && is_password)
            secret_add(value);
        target->parameters[target->parameter_count++] =
            (struct parameter){.name = option->keyword, /* libpq's own, for ever */
                               .value = value,
                               .variable = option->envvar,
                               .is_written = value != NULL};
    }
    target->user = target_value(target, "user");
    target->password = target_value(target, "password");
    return target_place_postgres(target, parser->why);
}

static bool hand_over(struct reading *reading)
{
    char *message = NULL;
    PQconninfoOption *options = PQconninfoParse(reading->text.bytes, &message);
    bool is_read =
        options ? take_options(reading->parser, options) : fail_as_libpq(reading, message);
    PQconninfoFree(options);
    PQfreemem(message);
    return is_read;
}

/* The text, its scheme rewritten, is at most three times as long, because an @ may
 * become %40. */
static bool read(struct parser *parser, bool is_uri)
{
    size_t size = 3 * strlen(parser->at) + 64;
    struct reading reading = {.parser = parser, .is_uri = is_uri};
    char *bytes = memory_get(size);
    reading.known = PQconninfoParse("", NULL);
    if (!reading.known)
        memory_run_out();
    text_init(&reading.text, bytes, size);
    text_add(&reading.text, is_uri ? "postgresql://" : "");
    bool is_read = (is_uri ? read_uri(&reading) : read_keywords(&reading)) && hand_over(&reading);
    PQconninfoFree(reading.known);
    free(bytes);
    return is_read;
}

bool parser_read_postgres(struct parser *parser)
{
    return read(parser, true);
}

bool parser_is_keywords(const char *text)
{
    const char *at = skip_spaces(text);
    const char *name = at;
    while (isalnum((unsigned char)*at) || *at == '_')
        at++;
    return at > name && *skip_spaces(at) == '=';
}

/* Whether a text has "; word=", which other drivers' connection strings have. */
static bool has_semicolons(const char *text)
{
    while ((text = strchr(text, ';')) != NULL) {
        text++;
        if (text[strspn(text, " _abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")] == '=')
            return true;
    }
    return false;
}

bool parser_read_keywords(struct parser *parser)
{
    parser->target->scheme = parser->target->kind->name;
    if (has_semicolons(parser->at))
        return parser_fail(parser, "is a connection string of another driver: write "
                                   "postgres://USER:PASSWORD@HOST/NAME");
    return read(parser, false);
}
