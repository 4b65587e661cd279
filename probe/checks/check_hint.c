/* The nearest form of a target for what people write: a port, HOST:PORT, a path without
 * its slash, a server that no check knows. */
#include "checks/check_hint.h"

#include <string.h>
#include <strings.h>

#include "base/parse.h"
#include "checks/check.h"

static bool is_port(const char *text, size_t length)
{
    return length > 0 && length <= 5 && strspn(text, "0123456789") >= length;
}

/* The length of a name or an IPv4 address at the start of text. */
static size_t host_length(const char *text)
{
    return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_");
}

bool check_is_formless(const char *text)
{
    return !strstr(text, "://") && !check_type_of(text);
}

static bool is_for(const struct check_type *type, enum command command)
{
    return command == COMMAND_DOCTOR || type->commands & COMMAND_BIT(command);
}

enum column { NAMES, FORMS };

/* "a, b or c" of the kinds that a command asks. */
static void add_choice(enum column column, enum command command, struct text *text)
{
    char bytes[400];
    struct text list;
    text_init(&list, TEXT_ARRAY(bytes));
    for (const struct check_type *const *type = check_types; *type; type++)
        if (is_for(*type, command))
            text_format(&list, "%s%s", list.length ? ", " : "",
                        column == NAMES ? (*type)->kind.name : (*type)->kind.forms);
    const char *last = strrchr(bytes, ',');
    text_format(text, "%.*s or%s", (int)(last - bytes), bytes, last + 1);
}

void check_add_forms(enum command command, struct text *text)
{
    add_choice(FORMS, command, text);
}

static void add_written(struct text *why, const char *before, const char *text, const char *behind)
{
    text_add(why, before);
    text_add_foreign(why, text, strlen(text), 80);
    text_add(why, behind);
}

void check_add_nearest(const char *text, enum command command, struct text *why)
{
    size_t length = host_length(text);
    const char *rest = text + length;
    size_t port = *rest == ':' ? strcspn(rest + 1, "/") : 0;
    const char *path = port > 0 ? rest + 1 + port : rest;
    bool is_whole = length > 0 && (port == 0 || is_port(rest + 1, port)) &&
                    (*path == '/' || !*path) && !strpbrk(path, "?#@");
    bool is_host = port > 0 || memchr(text, '.', length) || strncmp(text, "localhost", 9) == 0;
    text_add(why, "is not a target: write ");
    if (strcmp(text, "help") == 0)
        text_format(why, "probe help %s, or ", command_name(command));
    if (is_port(text, strlen(text)))
        add_written(why, ":", text, "/path");
    else if (is_whole && is_host)
        add_written(why, "http://", text, *path ? "" : "/path");
    else if (is_whole)
        add_written(why, "/", text, "");
    else
        check_add_forms(command, why);
    if (is_whole && port > 0 && !*path)
        add_written(why, ", or tcp://", text, "");
}

/* The kind whose scheme the written one nearly is; NULL if there is none. */
static const struct kind *near_kind(const char *scheme)
{
    bool is_known = strcmp(scheme, "mssql") == 0; /* another server's, and no slip for mysql */
    for (const struct check_type *const *type = check_types; *type && !is_known; type++)
        if (parse_is_near(scheme, (*type)->kind.name))
            return &(*type)->kind;
    return NULL;
}

void check_add_instead(const struct target *target, enum command command, struct text *why)
{
    const struct kind *meant = near_kind(target->scheme);
    text_add(why, "has a scheme that no check knows: ");
    if (meant) {
        text_format(why, "did you mean %s://?", meant->name);
    } else if (target->host && *target->host) {
        text_add(why, "write tcp://");
        target_add_authority(target, why);
        text_format(why, "%s to see whether it accepts connections", target->port ? "" : ":PORT");
    } else {
        text_add(why, "write ");
        add_choice(NAMES, command, why);
    }
}
