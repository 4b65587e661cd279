/* The table of causes: name, meaning, what mends it. README's list is held to
 * it by a test. */
#include "cause.h"

#include <errno.h>

static const struct cause_info table[CAUSE_COUNT] = {
    [CAUSE_NONE] = {"ok", "healthy", ""},
    [CAUSE_USAGE] = {"usage", "an option, a variable or a target is wrong; nothing was sent",
                     "the line names the word and what is right"},
    [CAUSE_NO_RESOURCES] = {"no-resources", "the machine has no memory or descriptor left",
                            "raise the container's memory, pids or nofile limit"},
    [CAUSE_NAME_NOT_FOUND] = {"name-not-found", "no address is known for the host's name",
                              "is the name spelt right, and is that service on this network?"},
    [CAUSE_NAME_FAILED] = {"name-failed", "the resolver could not answer for the host's name",
                           "does the name server in /etc/resolv.conf answer?"},
    [CAUSE_REFUSED] = {"refused", "nothing listens on that address and port",
                       "has the service started, and on this port? :PORT/path asks another"},
    [CAUSE_UNREACHABLE] = {"unreachable", "there is no route to the address",
                           "is the container attached to that network?"},
    [CAUSE_RESET] =
        {"reset", "the peer broke the connection off",
         "did the worker crash, or is it another protocol's port? see the service's log"},
    [CAUSE_SOCKET_MISSING] = {"socket-missing", "the unix socket's file does not exist",
                              "has the service started, and is the path the one it binds?"},
    [CAUSE_SOCKET_DENIED] = {"socket-denied", "this user may not use the unix socket",
                             "run the check as the service's user, or widen the socket's mode"},
    [CAUSE_TIMEOUT_RESOLVE] = {"timeout-resolve", "the name was not resolved before the deadline",
                               "does the name server in /etc/resolv.conf answer?"},
    [CAUSE_TIMEOUT_CONNECT] = {"timeout-connect",
                               "the connection was not accepted before the deadline",
                               "its queue is full or its packets are dropped: all workers busy, or "
                               "a firewall?"},
    [CAUSE_TIMEOUT_ANSWER] = {"timeout-answer",
                              "the connection stands, and no answer came before the deadline",
                              "all workers busy, or the handler hangs: more workers, or a cheaper "
                              "health endpoint"},
    [CAUSE_TIMEOUT_RECEIVE] = {"timeout-receive",
                               "the answer began and did not end before the deadline",
                               "let the health endpoint answer at once, with a short body"},
    [CAUSE_TIMEOUT] = {"timeout", "the check did not end before the deadline",
                       "is the machine overloaded? --timeout allows more"},
    [CAUSE_HTTP_EMPTY] =
        {"http-empty", "the peer closed the connection without an answer",
         "did the worker crash, or does the port speak TLS? see the service's log"},
    [CAUSE_HTTP_PROTOCOL] = {"http-protocol", "the answer is not valid HTTP",
                             "is it the right port? another protocol answers there"},
    [CAUSE_HTTP_TRUNCATED] = {"http-truncated", "the connection closed before the answer's end",
                              "did the worker die in the middle? see the service's log"},
    [CAUSE_TLS_PORT] = {"tls-port", "the port speaks TLS, and plain HTTP was asked",
                        "ask the port on which the service speaks plain HTTP"},
    [CAUSE_HTTPS_REDIRECT] = {"https-redirect", "plain HTTP is redirected to https",
                              "list the path in SECURE_REDIRECT_EXEMPT, or send --header "
                              "'X-Forwarded-Proto: https' as SECURE_PROXY_SSL_HEADER expects"},
    [CAUSE_SLASH_REDIRECT] = {"slash-redirect", "the path is redirected to itself with a slash",
                              "ask for the path with its slash at the end (APPEND_SLASH)"},
    [CAUSE_HTTP_REDIRECT] = {"http-redirect", "the path is redirected, which proves nothing",
                             "ask for a path that answers itself, without a login"},
    [CAUSE_REDIRECT_LOOP] = {"redirect-loop", "--follow ended after too many redirects",
                             "ask for a path that answers itself"},
    [CAUSE_HTTP_BAD_REQUEST] = {"http-bad-request", "the service refuses the request (400)",
                                "Django answers so to a Host that ALLOWED_HOSTS lacks: add that "
                                "name, without its port"},
    [CAUSE_HTTP_UNAUTHORIZED] = {"http-unauthorized", "the path wants a login (401)",
                                 "let the health path answer without one, or send --header "
                                 "'Authorization: env:NAME'"},
    [CAUSE_HTTP_FORBIDDEN] = {"http-forbidden", "the service forbids the path (403)",
                              "let this machine's own address ask the health path"},
    [CAUSE_HTTP_NOT_FOUND] = {"http-not-found", "the service knows no such path (404)",
                              "is the path right, with its prefix and its slash?"},
    [CAUSE_HTTP_METHOD] = {"http-method", "the path does not take this method (405)",
                           "choose the one it takes with --method"},
    [CAUSE_HTTP_TOO_MANY_REQUESTS] = {"http-too-many-requests",
                                      "a rate limit counts the health check (429)",
                                      "exempt the health path from rate limiting"},
    [CAUSE_HTTP_SERVER_ERROR] = {"http-server-error", "the service failed on the request (500)",
                                 "its log has the exception"},
    [CAUSE_HTTP_BAD_GATEWAY] = {"http-bad-gateway",
                                "the proxy got no answer from the application (502)",
                                "the proxy is up: is the application behind it?"},
    [CAUSE_HTTP_UNAVAILABLE] = {"http-unavailable", "the service says it cannot serve (503)",
                                "its answer says what it lacks"},
    [CAUSE_HTTP_GATEWAY_TIMEOUT] = {"http-gateway-timeout",
                                    "the application did not answer the proxy in time (504)",
                                    "the proxy is up: are the application's workers all busy?"},
    [CAUSE_HTTP_STATUS] = {"http-status", "the status is not among the healthy ones",
                           "--expect-status names the statuses that are healthy"},
    [CAUSE_BODY_MISMATCH] = {"body-mismatch", "the body lacks the text of --expect-body",
                             "compare the body below with what was expected"},
    [CAUSE_JSON_INVALID] = {"json-invalid", "--expect-json was asked, and the body is not JSON",
                            "is it the right path? the body is below"},
    [CAUSE_JSON_MISMATCH] = {"json-mismatch", "the body's JSON does not hold what was expected",
                             "the service says what is wrong in its body"},
};

const struct cause_info *cause_info(enum cause cause)
{
    return &table[cause];
}

enum cause cause_of_errno(int error)
{
    switch (error) {
    case ECONNREFUSED:
        return CAUSE_REFUSED;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
        return CAUSE_UNREACHABLE;
    case ECONNRESET:
    case EPIPE:
    case ECONNABORTED:
        return CAUSE_RESET;
    case ENOENT:
    case ENOTDIR:
        return CAUSE_SOCKET_MISSING;
    case EACCES:
    case EPERM:
        return CAUSE_SOCKET_DENIED;
    case ETIMEDOUT:
        return CAUSE_TIMEOUT_CONNECT;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
        return CAUSE_NO_RESOURCES;
    default:
        return CAUSE_NONE;
    }
}
