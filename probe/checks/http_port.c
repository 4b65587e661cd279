/* What a port speaks that closed on a request of HTTP/1.1 without a word: it is asked
 * again, in other protocols, and named only by what it answers to them. */
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/parse.h"
#include "checks/http.h"
#include "checks/protocol.h"

enum { QUESTION_MS_MAX = 300 };

/* Connects once more, and leaves the verdict as it is when that fails. */
static int connect_again(const struct exchange *exchange, struct deadline deadline)
{
    struct result ignored;
    result_begin(&ignored, exchange->result->limit_ms);
    return connect_target(exchange->check->target, deadline, NULL, &ignored);
}

static bool is_tls(const struct exchange *exchange, int fd, struct deadline deadline)
{
    (void)exchange;
    return protocol_is_tls(fd, deadline);
}

/* The preface of RFC 9113 and an empty SETTINGS frame. */
static bool is_http2(const struct exchange *exchange, int fd, struct deadline deadline)
{
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0";
    (void)exchange;
    struct opening answer = protocol_ask(fd, preface, sizeof preface, deadline);
    const char *protocol = protocol_of(answer.bytes, answer.length);
    return protocol && strcmp(protocol, "HTTP/2") == 0;
}

/* A header of the PROXY protocol, version 1, in front of a request that changes
 * nothing. A server that does not want it refuses its first line: only an answer that
 * is no such refusal proves that it was wanted. */
static bool wants_proxy(const struct exchange *exchange, int fd, struct deadline deadline)
{
    static const int proofs[] = {200, 204, 301, 302, 303, 307, 308, 401, 403, 404};
    char bytes[512];
    struct text question;
    text_init(&question, TEXT_ARRAY(bytes));
    text_format(&question, "PROXY UNKNOWN\r\nHEAD / HTTP/1.1\r\nHost: %s\r\n", exchange->host);
    text_add(&question, "Connection: close\r\n\r\n");
    struct opening answer = protocol_ask(fd, bytes, question.length, deadline);
    if (answer.length < strlen("HTTP/1.1 200 ") || memcmp(answer.bytes, "HTTP/1.", 7) != 0)
        return false;
    for (size_t i = 0; i < sizeof proofs / sizeof *proofs; i++) {
        char status[8];
        struct text text;
        text_init(&text, TEXT_ARRAY(status));
        text_format(&text, " %d ", proofs[i]);
        if (memcmp(answer.bytes + strlen("HTTP/1.1"), status, text.length) == 0)
            return true;
    }
    return false;
}

bool http_name_port(const struct exchange *exchange)
{
    static const struct {
        bool (*is_it)(const struct exchange *exchange, int fd, struct deadline deadline);
        enum cause cause;
        const char *words; /* NULL: those of protocol_fail_tls() */
    } table[] = {
        {is_tls, CAUSE_TLS_PORT, NULL},
        {is_http2, CAUSE_HTTP_VERSION, "the port speaks HTTP/2 only"},
        {wants_proxy, CAUSE_PROXY_PORT, "the port wants the PROXY protocol in front of HTTP"},
    };
    if (http_uses_tls(exchange->check->target))
        return false; /* its TLS was spoken already */
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        int left = deadline_left_ms(exchange->deadline) / 2;
        struct deadline deadline =
            deadline_after(deadline_now(), left < QUESTION_MS_MAX ? left : QUESTION_MS_MAX);
        int fd = connect_again(exchange, deadline);
        if (fd < 0)
            return false;
        bool is_it = table[i].is_it(exchange, fd, deadline);
        close(fd);
        if (is_it) {
            if (table[i].words)
                result_fail(exchange->result, table[i].cause, "%s", table[i].words);
            else
                protocol_fail_tls(exchange->result, "HTTP");
            return true;
        }
    }
    return false;
}
