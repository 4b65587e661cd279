/* What an HTTP answer means, or that there is none. */
#include <string.h>
#include <strings.h>

#include "base/parse.h"
#include "checks/http.h"
#include "checks/json.h"
#include "checks/json_health.h"
#include "checks/protocol.h"

enum {
    EXCERPT_MAX = 160,         /* what is shown of a body in the first line */
    EXCERPT_OF_NOTED_MAX = 60, /* where a note must have room */
    EXCERPT_MORE_MAX = 480     /* and below it */
};

struct status {
    long number;
    const char *text;
    enum cause cause; /* when it is not expected */
};

static const struct status *find_status(long number)
{
    static const struct status table[] = {
        {200, "OK", CAUSE_HTTP_STATUS},
        {204, "No Content", CAUSE_HTTP_STATUS},
        {301, "Moved Permanently", CAUSE_HTTP_STATUS},
        {302, "Found", CAUSE_HTTP_STATUS},
        {303, "See Other", CAUSE_HTTP_STATUS},
        {304, "Not Modified", CAUSE_HTTP_STATUS},
        {307, "Temporary Redirect", CAUSE_HTTP_STATUS},
        {308, "Permanent Redirect", CAUSE_HTTP_STATUS},
        {400, "Bad Request", CAUSE_HTTP_BAD_REQUEST},
        {401, "Unauthorized", CAUSE_HTTP_UNAUTHORIZED},
        {403, "Forbidden", CAUSE_HTTP_FORBIDDEN},
        {404, "Not Found", CAUSE_HTTP_NOT_FOUND},
        {405, "Method Not Allowed", CAUSE_HTTP_METHOD},
        {429, "Too Many Requests", CAUSE_HTTP_TOO_MANY_REQUESTS},
        {500, "Internal Server Error", CAUSE_HTTP_SERVER_ERROR},
        {502, "Bad Gateway", CAUSE_HTTP_BAD_GATEWAY},
        {503, "Service Unavailable", CAUSE_HTTP_UNAVAILABLE},
        {504, "Gateway Timeout", CAUSE_HTTP_GATEWAY_TIMEOUT},
        {0, "", CAUSE_HTTP_STATUS}, /* any other */
    };
    size_t i = 0;
    while (table[i].number && table[i].number != number)
        i++;
    return &table[i];
}

/* "503 Service Unavailable", or the number alone. */
static void add_status(const struct exchange *exchange, struct text *text)
{
    const char *name = find_status(exchange->status)->text;
    text_format(text, *name ? "%ld %s" : "%ld", exchange->status, name);
}

static void add_header(const struct exchange *exchange, const char *name, const char *before,
                       struct text *text)
{
    size_t length;
    const char *value = http_header(exchange, name, &length);
    if (length == 0)
        return;
    text_add(text, before);
    text_add_foreign(text, value, length, 60);
}

static void add_body_detail(const struct exchange *exchange)
{
    struct text detail = result_detail(exchange->result);
    add_status(exchange, &detail);
    add_header(exchange, "Content-Type", ", ", &detail);
    text_format(&detail, ", %zu%s bytes", exchange->length, exchange->is_full ? "+" : "");
    add_header(exchange, "Server", ", from ", &detail);
    text_add(&detail, "\n");
    if (!http_body_is_blank(exchange)) {
        http_add_text(exchange, "", &detail, EXCERPT_MORE_MAX);
        text_add(&detail, "\n");
    }
}

/* Seconds or a date, RFC 9110. */
static void add_retry_after(const struct exchange *exchange, struct text *words)
{
    char number[16];
    int64_t seconds;
    size_t length;
    const char *value = http_header(exchange, "Retry-After", &length);
    if (length == 0)
        return;
    struct text digits;
    text_init(&digits, TEXT_ARRAY(number));
    text_format(&digits, "%.*s", (int)length, value);
    text_add(words, ", Retry-After ");
    if (parse_number(number, 0, 1000000, &seconds))
        text_add_limit(words, seconds * 1000);
    else
        text_add_foreign(words, value, length, 40);
}

/* nginx, Apache and Go answer plain HTTP on a TLS port with a 400 that says so. */
static bool says_tls_port(const struct exchange *exchange)
{
    return http_body_has(exchange, "plain HTTP request was sent to HTTPS port") ||
           http_body_has(exchange, "speaking plain HTTP to an SSL-enabled server port") ||
           http_body_has(exchange, "sent an HTTP request to an HTTPS server");
}

/* Django's technical pages, which show settings and source, end or begin so: the
 * end may lie beyond what is read. */
static bool is_debug_page(const struct exchange *exchange)
{
    return http_body_has(exchange, "<code>DEBUG = True</code>") ||
           http_body_has(exchange, "Django Version:</th>");
}

static void note_debug_page(const struct exchange *exchange)
{
    if (!is_debug_page(exchange))
        return;
    struct text note = result_note(exchange->result);
    text_add(&note, "the answer is Django's debug page: set DEBUG = False in production");
}

/* ": " and what the body says. */
static void add_reason(const struct exchange *exchange, struct text *words)
{
    char bytes[4 * EXCERPT_MAX];
    struct text reason;
    text_init(&reason, TEXT_ARRAY(bytes));
    http_add_text(exchange, find_status(exchange->status)->text, &reason,
                  is_debug_page(exchange) ? EXCERPT_OF_NOTED_MAX : EXCERPT_MAX);
    text_add(words, reason.length ? ": " : "");
    text_add(words, bytes);
}

/* What the service looked at before it refused: the Host, the path. */
static void add_asked(const struct exchange *exchange, enum cause cause, struct text *words)
{
    if (cause == CAUSE_HTTP_NOT_FOUND || cause == CAUSE_HTTP_FORBIDDEN) {
        text_add(words, " for ");
        http_add_path(exchange, words);
    }
    if (cause == CAUSE_HTTP_BAD_REQUEST || cause == CAUSE_HTTP_FORBIDDEN)
        text_format(words, " to Host '%s'", exchange->host);
}

/* Kestrel's answer where an endpoint's Protocols is Http2 (Http1Connection.cs). */
static bool says_http2_port(const struct exchange *exchange)
{
    return http_body_has(exchange, "HTTP/1.x request was sent to an HTTP/2 only endpoint");
}

static void judge_status(const struct exchange *exchange)
{
    enum cause cause = find_status(exchange->status)->cause;
    if (cause == CAUSE_HTTP_BAD_REQUEST && says_http2_port(exchange))
        cause = CAUSE_HTTP_VERSION;
    if (cause == CAUSE_HTTP_BAD_REQUEST && says_tls_port(exchange))
        cause = CAUSE_TLS_PORT;
    struct text words = result_fail(exchange->result, cause, "%s", "");
    add_status(exchange, &words);
    if (cause == CAUSE_TLS_PORT)
        text_add(&words, ": plain HTTP was sent to a TLS port");
    else
        add_asked(exchange, cause, &words);
    if (cause == CAUSE_HTTP_TOO_MANY_REQUESTS)
        add_retry_after(exchange, &words);
    if (cause != CAUSE_TLS_PORT)
        add_reason(exchange, &words);
    add_body_detail(exchange);
}

static void fail_body(const struct exchange *exchange, const char *expected)
{
    struct text words =
        result_fail(exchange->result, CAUSE_BODY_MISMATCH,
                    exchange->is_full ? "%ld, and the first 64 KiB of the body lack '"
                                      : "%ld, and the body lacks '",
                    exchange->status);
    text_add_foreign(&words, expected, strlen(expected), 100);
    text_add(&words, "'");
}

static void fail_header(const struct exchange *exchange, const struct header *header)
{
    char name[128];
    size_t length;
    struct text text;
    text_init(&text, TEXT_ARRAY(name));
    text_format(&text, "%.*s", (int)header->name_length, header->name);
    const char *value = http_header(exchange, name, &length);
    struct text words =
        result_fail(exchange->result, CAUSE_HEADER_MISMATCH, "%ld, and the ", exchange->status);
    text_add(&words, value ? "header " : "answer has no header ");
    text_add_foreign(&words, name, text.length, 80);
    if (!value)
        return;
    text_add(&words, " is '");
    if (strcasecmp(name, "Set-Cookie") == 0)
        text_add(&words, "***");
    else
        text_add_foreign(&words, value, length, 80);
    text_add(&words, "', not '");
    text_add_foreign(&words, header->value, strlen(header->value), 80);
    text_add(&words, "'");
}

static void judge_content(const struct exchange *exchange)
{
    const struct config *config = exchange->check->config;
    struct result *result = exchange->result;
    for (size_t i = 0; i < config->expect_headers.count; i++)
        if (!(exchange->headers_met & 1u << i))
            fail_header(exchange, &config->expect_headers.items[i]);
    for (size_t i = 0; i < config->expect_body.count; i++)
        if (!http_body_has(exchange, config->expect_body.items[i]))
            fail_body(exchange, config->expect_body.items[i]);
    if (config->expect_json.count > 0 && exchange->is_full)
        result_fail(result, CAUSE_JSON_INVALID,
                    "%ld, and the body is longer than the 64 KiB that are read", exchange->status);
    else if (config->expect_json.count > 0)
        json_expect(exchange->body, exchange->length, &config->expect_json, result);
    if (result->cause != CAUSE_NONE)
        add_body_detail(exchange);
}

static bool is_expected(const struct config *config, long status)
{
    for (size_t i = 0; i < config->statuses.count; i++)
        if (status >= config->statuses.items[i].first && status <= config->statuses.items[i].last)
            return true;
    return false;
}

/* "200", and from which address when it was not the first that was tried. */
static void pass(const struct exchange *exchange)
{
    struct text words = result_pass(exchange->result);
    text_add_number(&words, exchange->status);
    if (!exchange->connected.is_first) {
        text_add(&words, " from ");
        text_add(&words, exchange->connected.address);
    }
    if (exchange->check->config->verbosity == 0)
        return;
    add_body_detail(exchange);
    exchange->result->says_down = json_says_down(exchange->body, exchange->length);
}

void http_judge(const struct exchange *exchange)
{
    note_debug_page(exchange);
    if (is_expected(exchange->check->config, exchange->status))
        judge_content(exchange);
    else if (exchange->status >= 300 && exchange->status < 400 && exchange->status != 304)
        http_judge_redirect(exchange);
    else
        judge_status(exchange);
    if (exchange->result->cause == CAUSE_NONE)
        pass(exchange);
    else
        exchange->result->hint = http_evidence(exchange, exchange->result->cause);
}

/* Bytes came that are not HTTP: shows them, unless they say what they are. */
static void fail_no_http(const struct exchange *exchange)
{
    const char *protocol = protocol_of(exchange->body, exchange->length);
    if (protocol && strcmp(protocol, "TLS") == 0) {
        protocol_fail_tls(exchange->result, "HTTP");
        return;
    }
    if (protocol && strcmp(protocol, "HTTP/2") == 0) {
        result_fail(exchange->result, CAUSE_HTTP_VERSION, "the port speaks HTTP/2 only");
        return;
    }
    struct text words =
        result_fail(exchange->result, CAUSE_HTTP_PROTOCOL, "the answer is not HTTP: '");
    text_add_foreign(&words, exchange->body, exchange->length, 60);
    text_add(&words, "'");
}

static void fail_late(const struct exchange *exchange)
{
    struct result *result = exchange->result;
    if (atomic_load(&result->phase) == PHASE_ANSWER && exchange->has_bytes)
        result_enter(result, PHASE_RECEIVE);
    result_fail_late(result);
    if (atomic_load(&result->phase) != PHASE_RECEIVE)
        return;
    struct text words = result_words(result);
    if (exchange->status == 0)
        text_add(&words, ": its first line dripped in");
    else if (!exchange->has_headers)
        text_format(&words, ": %ld, then its headers dripped in", exchange->status);
    else
        text_format(&words, ": %ld, then %zu bytes of body dripped in", exchange->status,
                    exchange->length);
}

static void fail_protocol(const struct exchange *exchange)
{
    const char *reason = *exchange->error ? exchange->error : "libcurl gives no reason";
    struct text words = result_fail(exchange->result, CAUSE_HTTP_PROTOCOL,
                                    "the answer is not "
                                    "valid HTTP: ");
    text_add_foreign(&words, reason, strlen(reason), 120);
}

static void fail_broken(const struct exchange *exchange)
{
    long error = 0;
    curl_easy_getinfo(exchange->curl, CURLINFO_OS_ERRNO, &error);
    bool is_reset = cause_of_errno((int)error) == CAUSE_RESET;
    if (!is_reset && *exchange->error)
        fail_protocol(exchange);
    else if (exchange->status)
        result_fail(exchange->result, CAUSE_RESET, "connection reset in the answer, after %ld",
                    exchange->status);
    else if (exchange->has_bytes || !http_name_port(exchange))
        result_fail(exchange->result, CAUSE_RESET, "connection reset before an answer");
}

void http_fail(const struct exchange *exchange, CURLcode code)
{
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
        fail_late(exchange);
        break;
    case CURLE_GOT_NOTHING:
        if (!http_name_port(exchange))
            result_fail(exchange->result, CAUSE_HTTP_EMPTY, "closed without an answer");
        break;
    case CURLE_OK: /* to libcurl an end in the middle of the headers is one */
        if (exchange->status == 0)
            result_fail(exchange->result, CAUSE_HTTP_EMPTY, "closed within the status line");
        else
            result_fail(exchange->result, CAUSE_HTTP_TRUNCATED, "%ld, cut off in its headers",
                        exchange->status);
        break;
    case CURLE_PARTIAL_FILE:
        result_fail(exchange->result, CAUSE_HTTP_TRUNCATED, "%ld, cut off after %zu bytes of body",
                    exchange->status, exchange->length);
        break;
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
        fail_broken(exchange);
        break;
    case CURLE_OUT_OF_MEMORY:
    case CURLE_COULDNT_RESOLVE_HOST: /* an address, always: see CURLOPT_CONNECT_TO */
        result_fail(exchange->result, CAUSE_NO_RESOURCES, "no memory is left");
        break;
    default:
        if (exchange->is_no_http)
            fail_no_http(exchange);
        else
            fail_protocol(exchange);
    }
}
