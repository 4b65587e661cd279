/* http: one HTTP exchange, shared by the files that have it (check_http.c, http_answer.c) and those
 * that say what came of it. */
#ifndef PROBE_HTTP_H
#define PROBE_HTTP_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "checks/check.h"
#include "checks/connect.h"
#include "checks/tls.h"

enum {
    HTTPS_PORT = 443,
    HTTP_PORT = 80,            /* of a URL that names none */
    HTTP_BODY_MAX = 64 * 1024, /* what is read of a body; the rest is not waited for */
    HTTP_HEAD_MAX = 8 * 1024   /* what is kept of the headers */
};

/* One request and its answer. */
struct exchange {
    const struct check *check;
    struct result *result;
    struct deadline deadline;
    struct connected connected; /* the address that took the connection */
    int fd;                     /* until libcurl has it; -1 */
    struct tls tls;             /* of https */
    char tls_name[256];         /* the host that the certificate must be for */
    CURL *curl;
    struct curl_slist *headers;
    struct curl_slist *connect_to;
    char *body;           /* HTTP_BODY_MAX bytes, no NUL behind them */
    unsigned headers_met; /* one bit for each of --expect-header that the answer has */
    size_t length;        /* of the body, as far as it was read */
    bool is_full;         /* the body goes on behind HTTP_BODY_MAX */
    bool is_no_http;      /* bytes came without a status line */
    bool has_bytes;       /* something came, if only a part of a status line */
    bool has_headers;     /* all of them */
    long status;          /* 0: no answer yet */
    char host[300];       /* as sent in Host */
    char head_bytes[HTTP_HEAD_MAX];
    struct text head;            /* the answer's headers: "\nName: value\n..."; cut */
    char *location;              /* the answer's Location, whole; NULL: none */
    char error[CURL_ERROR_SIZE]; /* libcurl's words for a failure */
    struct text log;             /* of the exchange, for -vv */
    bool hides_header;           /* the last header in it; it may go on in the next line */
};

/* The prepare() of check_type. */
bool http_prepare(struct target *target, const struct config *config, struct text *why);

/* Whether a target is asked over TLS, and what is wanted of it then. */
bool http_uses_tls(const struct target *target);
struct tls_wish http_tls_wish(const struct target *target, const struct config *config);

/* Has libcurl write headers and body of the answers into the exchange. */
void http_receive(struct exchange *exchange);

/* Forgets the answer before. */
void http_forget(struct exchange *exchange);

/* The value of the answer's header, of several the last; NULL, of no length, when it
 * has none. No NUL is behind it. */
const char *http_header(const struct exchange *exchange, const char *name, size_t *length);

/* Whether the body, as far as it was read, holds text. */
bool http_body_has(const struct exchange *exchange, const char *text);

/* Whether the body holds no more than white space. */
bool http_body_is_blank(const struct exchange *exchange);

/* Appends what the body says, on one line and at most limit bytes: the text of a
 * page, of JSON what is down. A page's line that only repeats `known` is left out. */
void http_add_text(const struct exchange *exchange, const char *known, struct text *text,
                   size_t limit);

/* The fix that the answer itself shows, for this cause; NULL when it shows none. */
const char *http_evidence(const struct exchange *exchange, enum cause cause);

/* Appends the path that was asked last: the target's, or where a redirect led. */
void http_add_path(const struct exchange *exchange, struct text *text);

/* Whether the answer leads to another path of the same host and port; then the
 * next request goes there. */
bool http_follow(struct exchange *exchange);

/* The verdict on a redirect. */
void http_judge_redirect(const struct exchange *exchange);

/* libcurl's CURLOPT_DEBUGFUNCTION, whose user is the exchange: fills its log. */
int http_log(CURL *curl, curl_infotype type, char *bytes, size_t length, void *user);

/* The verdict on an answer that came. */
void http_judge(const struct exchange *exchange);

/* Finds out what a port speaks that closed without a word, by asking it so: TLS,
 * HTTP/2, or the PROXY protocol in front. True with the verdict when its answer says. */
bool http_name_port(const struct exchange *exchange);

/* The verdict when none came, or not all of it. */
void http_fail(const struct exchange *exchange, CURLcode code);

#endif
