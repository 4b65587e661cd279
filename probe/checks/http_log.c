/* -vv: the header lines of an exchange. What a header or a target of ours holds is hidden
 * wherever it stands; here, by its name, also what is too short for that, and what only the
 * server knows: a session that began with us, a token in the address of a login. */
#include <string.h>
#include <strings.h>

#include "base/secret.h"
#include "checks/http.h"

enum { LINE_MAX_BYTES = 300 };

static void add(struct exchange *exchange, const char *bytes, size_t length)
{
    text_add_foreign(&exchange->log, bytes, length, LINE_MAX_BYTES);
}

/* A line that may hold a URL: the values of its query that may not be shown are hidden. */
static void add_with_query(struct exchange *exchange, const char *line, size_t length)
{
    const char *end = line + length;
    const char *mark = memchr(line, '?', length);
    const char *at = mark ? mark + 1 : end;
    add(exchange, line, (size_t)(at - line));
    while (at < end && *at != ' ') {
        size_t parameter = 0;
        size_t name = 0;
        for (; at + parameter < end && !strchr("& ", at[parameter]); parameter++)
            name += name == parameter && at[parameter] != '=';
        bool is_shown = target_may_show(exchange->check->target, at, name);
        add(exchange, at, is_shown ? parameter : name);
        if (!is_shown && name < parameter)
            text_add(&exchange->log, "=***");
        at += parameter;
        if (at < end && *at == '&')
            add(exchange, at++, 1);
    }
    add(exchange, at, (size_t)(end - at));
}

/* Whether the value of a header is to be hidden: one that was sent as a secret, or one
 * whose name says so. "WWW-Authenticate" only names the way to log in. */
static bool is_hidden(const struct exchange *exchange, const char *name, size_t length)
{
    static const char challenge[] = "-Authenticate";
    const struct headers *sent = &exchange->check->config->headers;
    for (size_t i = 0; i < sent->count; i++)
        if (sent->items[i].is_secret && sent->items[i].name_length == length &&
            strncasecmp(sent->items[i].name, name, length) == 0)
            return true;
    size_t tail = sizeof challenge - 1;
    bool is_challenge = length > tail && strncasecmp(name + length - tail, challenge, tail) == 0;
    return !is_challenge && secret_is_header(name, length);
}

static void add_line(struct exchange *exchange, bool is_sent, const char *line, size_t length)
{
    const char *colon = memchr(line, ':', length);
    size_t name = colon ? (size_t)(colon - line) : 0;
    bool is_folded = *line == ' ' || *line == '\t'; /* the last header goes on */
    while (name > 0 && (line[name - 1] == ' ' || line[name - 1] == '\t'))
        name--;
    if (!is_folded)
        exchange->hides_header = name > 0 && is_hidden(exchange, line, name);
    text_add(&exchange->log, is_sent ? "> " : "< ");
    if (exchange->hides_header) {
        add(exchange, line, is_folded ? 0 : name);
        text_add(&exchange->log, is_folded ? "***" : ": ***");
    } else {
        add_with_query(exchange, line, length);
    }
    text_add(&exchange->log, "\n");
}

int http_log(CURL *curl, curl_infotype type, char *bytes, size_t length, void *user)
{
    (void)curl;
    if (type != CURLINFO_HEADER_OUT && type != CURLINFO_HEADER_IN)
        return 0;
    while (length > 0) {
        const char *end = memchr(bytes, '\n', length);
        size_t line = end ? (size_t)(end - bytes) + 1 : length;
        size_t shown = line;
        while (shown > 0 && (bytes[shown - 1] == '\n' || bytes[shown - 1] == '\r'))
            shown--;
        if (shown > 0)
            add_line(user, type == CURLINFO_HEADER_OUT, bytes, shown);
        bytes += line;
        length -= line;
    }
    return 0;
}
