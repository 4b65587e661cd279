/* http: one HTTP exchange, shared by the file that has it (check_http.c) and the
 * one that says what came of it (http_verdict.c). */
#ifndef PROBE_HTTP_H
#define PROBE_HTTP_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "checks/check.h"
#include "checks/connect.h"

/* What is read of a body; what goes on behind it is not waited for. */
enum { HTTP_BODY_MAX = 64 * 1024 };

/* One request and its answer. */
struct exchange {
    const struct check *check;
    struct result *result;
    struct connected connected; /* the address that took the connection */
    int fd;                     /* until libcurl has it; -1 */
    CURL *curl;
    struct curl_slist *headers;
    struct curl_slist *connect_to;
    char *body;                  /* HTTP_BODY_MAX bytes, no NUL behind them */
    size_t length;               /* of the body, as far as it was read */
    bool is_full;                /* the body goes on behind HTTP_BODY_MAX */
    bool is_no_http;             /* bytes came without a status line */
    bool has_bytes;              /* something came, if only a part of a status line */
    bool has_headers;            /* all of them */
    long status;                 /* 0: no answer yet */
    char host[300];              /* as sent in Host */
    char server[512];            /* the answer's Server, as it came; cut */
    char media_type[512];        /* Content-Type */
    char retry_after[32];        /* Retry-After */
    char error[CURL_ERROR_SIZE]; /* libcurl's words for a failure */
    struct text log;             /* of the exchange, for -vv */
};

/* Whether the answer redirects, and where to: an absolute URL taken apart, which
 * the caller releases. */
bool http_location(const struct exchange *exchange, struct target *location);

/* The verdict on an answer that came. */
void http_judge(const struct exchange *exchange);

/* The verdict when none came, or not all of it. */
void http_fail(const struct exchange *exchange, CURLcode code);

#endif
