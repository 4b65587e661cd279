/* An HTTP answer as it comes: what is kept of it, for those who judge. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "checks/http.h"

static size_t on_body(char *bytes, size_t size, size_t count, void *user)
{
    struct exchange *exchange = user;
    size_t length = size * count;
    size_t room = HTTP_BODY_MAX - exchange->length;
    size_t taken = length < room ? length : room;
    long status = 0;
    curl_easy_getinfo(exchange->curl, CURLINFO_RESPONSE_CODE, &status);
    memcpy(exchange->body + exchange->length, bytes, taken);
    exchange->length += taken;
    exchange->is_no_http = status == 0;
    exchange->is_full = taken < length;
    /* there is no more to learn: libcurl ends with CURLE_WRITE_ERROR */
    return exchange->is_no_http || exchange->is_full ? CURL_WRITEFUNC_ERROR : length;
}

static void forget_head(struct exchange *exchange)
{
    text_init(&exchange->head, TEXT_ARRAY(exchange->head_bytes));
    exchange->has_headers = false;
    exchange->headers_met = 0;
    free(exchange->location);
    exchange->location = NULL;
}

void http_forget(struct exchange *exchange)
{
    forget_head(exchange);
    exchange->length = 0;
    exchange->status = 0;
    exchange->is_full = false;
    exchange->is_no_http = false;
    *exchange->error = '\0';
}

/* A header's value: behind the colon, without the white space around it. NULL when
 * the line has another name; moves *length to the value's. */
static const char *value_of(const char *line, size_t *length, const char *name, size_t name_length)
{
    if (*length <= name_length || strncasecmp(line, name, name_length) != 0 ||
        line[name_length] != ':')
        return NULL;
    const char *start = line + name_length + 1;
    size_t rest = *length - name_length - 1;
    while (rest > 0 && (*start == ' ' || *start == '\t')) {
        start++;
        rest--;
    }
    while (rest > 0 && strchr("\r\n \t", start[rest - 1]))
        rest--;
    *length = rest;
    return start;
}

/* A Location that is empty is none, as to libcurl. */
static void keep_location(struct exchange *exchange, const char *line, size_t length)
{
    const char *value = value_of(line, &length, "Location", strlen("Location"));
    if (!value || length == 0)
        return;
    free(exchange->location);
    exchange->location = memory_copy(value, length);
}

/* A value, or what stands in front of its parameters: text/html; charset=utf-8. */
static bool is_expected_value(const char *value, size_t length, const char *wanted)
{
    size_t wanted_length = strlen(wanted);
    while (wanted_length > 0 && strchr(" \t", wanted[wanted_length - 1]))
        wanted_length--;
    if (wanted_length > length || memcmp(value, wanted, wanted_length) != 0)
        return false;
    while (wanted_length < length && value[wanted_length] == ' ')
        wanted_length++;
    return wanted_length == length || value[wanted_length] == ';';
}

/* Notes which of the expected headers a line is. */
static void meet_headers(struct exchange *exchange, const char *line, size_t length)
{
    const struct headers *expected = &exchange->check->config->expect_headers;
    for (size_t i = 0; i < expected->count; i++) {
        const struct header *header = &expected->items[i];
        size_t value_length = length;
        const char *value = value_of(line, &value_length, header->name, header->name_length);
        if (value && is_expected_value(value, value_length, header->value))
            exchange->headers_met |= 1u << i;
    }
}

/* Appends a line as "Name: value\n" to the head, which begins with \n. */
static void keep_line(struct exchange *exchange, const char *line, size_t length)
{
    const char *colon = memchr(line, ':', length);
    if (!colon)
        return;
    size_t name = (size_t)(colon - line);
    const char *value = colon + 1;
    const char *end = line + length;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    while (end > value && strchr("\r\n \t", end[-1]))
        end--;
    if (exchange->head.size - exchange->head.length < length + 4) /* a secret must not be cut */
        return;
    text_format(&exchange->head, "%s%.*s: %.*s\n", exchange->head.length ? "" : "\n", (int)name,
                line, (int)(end - value), value);
}

static size_t on_header(char *line, size_t size, size_t count, void *user)
{
    struct exchange *exchange = user;
    size_t length = size * count;
    if (atomic_load(&exchange->result->phase) == PHASE_ANSWER)
        result_enter(exchange->result, PHASE_RECEIVE);
    if (length > 5 && memcmp(line, "HTTP/", 5) == 0) {
        forget_head(exchange); /* the one before was a 1xx answer's */
    } else if (length > 0 && (*line == '\r' || *line == '\n')) {
        exchange->has_headers = true;
    } else if (!exchange->has_headers) { /* trailers, behind the body, change nothing */
        keep_location(exchange, line, length);
        keep_line(exchange, line, length);
        meet_headers(exchange, line, length);
    }
    return length;
}

void http_receive(struct exchange *exchange)
{
    curl_easy_setopt(exchange->curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(exchange->curl, CURLOPT_WRITEDATA, exchange);
    curl_easy_setopt(exchange->curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(exchange->curl, CURLOPT_HEADERDATA, exchange);
}

const char *http_header(const struct exchange *exchange, const char *name, size_t *length)
{
    const char *value = NULL;
    *length = 0;
    for (const char *line = exchange->head_bytes; *line; line += strcspn(line, "\n")) {
        line++;
        size_t rest = strcspn(line, "\n");
        const char *found = value_of(line, &rest, name, strlen(name));
        value = found ? found : value;
        *length = found ? rest : *length;
    }
    return value;
}

bool http_body_has(const struct exchange *exchange, const char *text)
{
    return memmem(exchange->body, exchange->length, text, strlen(text)) != NULL;
}

bool http_body_is_blank(const struct exchange *exchange)
{
    size_t i = 0;
    while (i < exchange->length && exchange->body[i] && strchr(" \t\r\n", exchange->body[i]))
        i++;
    return i == exchange->length;
}
