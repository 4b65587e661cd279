/* The nearest form of a target for what people write: a port, HOST:PORT, a path without
 * its slash, a server that no check knows. */
#include "config/target_hint.h"

#include <string.h>
#include <strings.h>

#include "base/parse.h"
#include "config/target_parser.h"

static bool is_port(const char *text, size_t length)
{
    return length > 0 && length <= 5 && strspn(text, "0123456789") >= length;
}

/* The length of a name or an IPv4 address at the start of text. */
static size_t host_length(const char *text)
{
    return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_");
}

bool target_is_formless(const char *text)
{
    return *text != '/' && *text != ':' && !strstr(text, "://") && !parser_is_keywords(text);
}

static void add_written(struct text *why, const char *before, const char *text, const char *behind)
{
    text_add(why, before);
    text_add_foreign(why, text, strlen(text), 80);
    text_add(why, behind);
}

void target_add_nearest(const char *text, enum command command, struct text *why)
{
    size_t length = host_length(text);
    const char *rest = text + length;
    size_t port = *rest == ':' ? strcspn(rest + 1, "/") : 0;
    const char *path = port > 0 ? rest + 1 + port : rest;
    bool is_whole = length > 0 && (port == 0 || is_port(rest + 1, port)) &&
                    (*path == '/' || !*path) && !strpbrk(path, "?#@");
    bool is_host = port > 0 || memchr(text, '.', length) || strncmp(text, "localhost", 9) == 0;
    text_add(why, "is not a target: write ");
    if (is_port(text, strlen(text)))
        add_written(why, ":", text, "/path");
    else if (is_whole && is_host)
        add_written(why, "http://", text, *path ? "" : "/path");
    else if (is_whole)
        add_written(why, "/", text, "");
    else
        text_add(why, command == COMMAND_LIVE
                          ? "/path, :PORT/path, http://HOST:PORT/path, tcp://HOST:PORT or "
                            "file:///PATH?max-age=60s"
                          : "/path, :PORT/path, http://HOST:PORT/path, tcp://HOST:PORT, "
                            "postgres:// or redis://USER:PASSWORD@HOST/NAME");
    if (is_whole && port > 0 && !*path)
        add_written(why, ", or tcp://", text, "");
}

/* A scheme that the written one is nearly; NULL if there is none. */
static const char *near_scheme(const char *scheme)
{
    static const char *const schemes[] = {"http", "https", "tcp", "file", "postgres", "redis"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (parse_is_near(scheme, schemes[i]))
            return schemes[i];
    return NULL;
}

void target_add_instead(const struct target *target, enum command command, struct text *why)
{
    const char *meant = near_scheme(target->scheme);
    text_add(why, "has a scheme that no check knows: ");
    if (meant) {
        text_format(why, "did you mean %s://?", meant);
    } else if (target->host && *target->host) {
        text_add(why, "write tcp://");
        target_add_authority(target, why);
        text_format(why, "%s to see whether it accepts connections", target->port ? "" : ":PORT");
    } else {
        text_format(why, "write http, tcp%s",
                    command == COMMAND_LIVE ? " or file" : ", file, postgres or redis");
    }
}
