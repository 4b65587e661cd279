/* cause: why a check failed, as a stable name, its meaning and what mends it.
 *
 * The names are part of the interface: they stand in JSON output, in the
 * README and in people's alerts. A name is never reused for something else. */
#ifndef PROBE_CAUSE_H
#define PROBE_CAUSE_H

enum cause {
    CAUSE_NONE, /* healthy */
    CAUSE_USAGE,
    CAUSE_NO_RESOURCES,
    CAUSE_NAME_NOT_FOUND,
    CAUSE_NAME_FAILED,
    CAUSE_REFUSED,
    CAUSE_UNREACHABLE,
    CAUSE_RESET,
    CAUSE_SOCKET_MISSING,
    CAUSE_SOCKET_DENIED,
    CAUSE_TIMEOUT_RESOLVE,
    CAUSE_TIMEOUT_CONNECT,
    CAUSE_TIMEOUT_ANSWER,
    CAUSE_TIMEOUT_RECEIVE,
    CAUSE_TIMEOUT,
    CAUSE_HTTP_EMPTY,
    CAUSE_HTTP_PROTOCOL,
    CAUSE_HTTP_TRUNCATED,
    CAUSE_TLS_PORT,
    CAUSE_HTTPS_REDIRECT,
    CAUSE_SLASH_REDIRECT,
    CAUSE_HTTP_REDIRECT,
    CAUSE_REDIRECT_LOOP,
    CAUSE_HTTP_BAD_REQUEST,
    CAUSE_HTTP_UNAUTHORIZED,
    CAUSE_HTTP_FORBIDDEN,
    CAUSE_HTTP_NOT_FOUND,
    CAUSE_HTTP_METHOD,
    CAUSE_HTTP_TOO_MANY_REQUESTS,
    CAUSE_HTTP_SERVER_ERROR,
    CAUSE_HTTP_BAD_GATEWAY,
    CAUSE_HTTP_UNAVAILABLE,
    CAUSE_HTTP_GATEWAY_TIMEOUT,
    CAUSE_HTTP_STATUS,
    CAUSE_BODY_MISMATCH,
    CAUSE_JSON_INVALID,
    CAUSE_JSON_MISMATCH,
    CAUSE_COUNT
};

struct cause_info {
    const char *name;    /* "https-redirect" */
    const char *meaning; /* what is the case, a clause */
    const char *hint;    /* what to do, a clause of at most 160 bytes */
};

/* The table's row for a cause; never NULL. */
const struct cause_info *cause_info(enum cause cause);

/* The cause of a failed connect(2), send(2) or recv(2); CAUSE_NONE for an errno
 * that names none of them. */
enum cause cause_of_errno(int error);

#endif
