/* Where an answer redirects to, by libcurl's own reading of URLs: whether that may
 * be followed, and the verdict where it is not. */
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/parse.h"
#include "checks/http.h"

enum { PARTS_MAX = 7 };

/* Where a redirect leads; as a target, so that its secrets are hidden as those are. */
struct location {
    CURLU *url;
    struct target target;
    char *parts[PARTS_MAX];
    size_t count;
};

/* A part of the URL, kept until the location is released; NULL: it has none. */
static char *location_part(struct location *location, CURLUPart part)
{
    char **text = &location->parts[location->count++];
    if (curl_url_get(location->url, part, text, 0) == CURLUE_OUT_OF_MEMORY)
        memory_run_out();
    return *text;
}

/* An IPv6 address without its brackets. */
static const char *location_host(struct location *location)
{
    char *host = location_part(location, CURLUPART_HOST);
    if (!host || *host != '[')
        return host ? host : "";
    host[strcspn(host, "]")] = '\0';
    return host + 1;
}

static void take_parts(struct location *location)
{
    struct target *target = &location->target;
    int64_t port = 0;
    target->scheme = location_part(location, CURLUPART_SCHEME);
    target->user = location_part(location, CURLUPART_USER);
    target->password = location_part(location, CURLUPART_PASSWORD);
    target->host = location_host(location);
    target->path = location_part(location, CURLUPART_PATH);
    target->query = location_part(location, CURLUPART_QUERY);
    const char *written = location_part(location, CURLUPART_PORT);
    if (written && parse_number(written, 0, 65535, &port))
        target->port = (int)port;
}

static void location_release(struct location *location)
{
    for (size_t i = 0; i < location->count; i++)
        curl_free(location->parts[i]);
    curl_url_cleanup(location->url);
}

static const char *asked_url(const struct exchange *exchange)
{
    char *url = NULL;
    curl_easy_getinfo(exchange->curl, CURLINFO_EFFECTIVE_URL, &url);
    return url ? url : "";
}

static bool set_url(struct location *location, const char *url)
{
    const unsigned flags = CURLU_URLENCODE | CURLU_ALLOW_SPACE | CURLU_NON_SUPPORT_SCHEME;
    CURLUcode code = curl_url_set(location->url, CURLUPART_URL, url, flags);
    if (code == CURLUE_OUT_OF_MEMORY)
        memory_run_out();
    return code == CURLUE_OK;
}

/* Reads where the answer leads, relative to what was asked, into an empty location.
 * False when there is no usable Location. */
static bool location_read(const struct exchange *exchange, struct location *location)
{
    location->url = curl_url();
    location->target.kind = exchange->check->target->kind;
    if (!location->url)
        memory_run_out();
    if (!exchange->location || !set_url(location, asked_url(exchange)) ||
        !set_url(location, exchange->location))
        return false;
    take_parts(location);
    return true;
}

static bool is_redirect(const struct exchange *exchange)
{
    return exchange->status >= 300 && exchange->status < 400 && exchange->status != 304;
}

/* Whether a location is what the target's host and port are: only there it is
 * followed. */
static bool is_same_place(const struct location *location, const struct target *asked)
{
    const struct target written = target_as_written(asked);
    const struct target *target = &written;
    const struct target *to = &location->target;
    const char *host = target->socket ? "localhost" : target->host;
    int usual = http_uses_tls(target) ? HTTPS_PORT : HTTP_PORT;
    int port = target->socket ? usual : target->port;
    return strcmp(to->scheme, target->scheme) == 0 && strcasecmp(to->host, host) == 0 &&
           (to->port ? to->port : usual) == port;
}

/* A body is sent once: 301, 302 and 303 lead to a page that is asked with GET. */
static void forget_data(const struct exchange *exchange)
{
    if (exchange->check->config->data && exchange->status <= 303) {
        curl_easy_setopt(exchange->curl, CURLOPT_HTTPGET, 1L);
        curl_easy_setopt(exchange->curl, CURLOPT_CUSTOMREQUEST, NULL);
    }
}

/* Asks there next, without a login and a fragment that the URL may have. */
static void go_to(const struct exchange *exchange, struct location *location)
{
    char *url = NULL;
    curl_url_set(location->url, CURLUPART_USER, NULL, 0);
    curl_url_set(location->url, CURLUPART_PASSWORD, NULL, 0);
    curl_url_set(location->url, CURLUPART_FRAGMENT, NULL, 0);
    if (curl_url_get(location->url, CURLUPART_URL, &url, 0) != CURLUE_OK ||
        curl_easy_setopt(exchange->curl, CURLOPT_URL, url) != CURLE_OK)
        memory_run_out();
    curl_free(url);
    forget_data(exchange);
}

bool http_follow(struct exchange *exchange)
{
    struct location location = {.url = NULL};
    bool follows = is_redirect(exchange) && location_read(exchange, &location) &&
                   is_same_place(&location, exchange->check->target);
    if (follows)
        go_to(exchange, &location);
    location_release(&location);
    return follows;
}

void http_add_path(const struct exchange *exchange, struct text *text)
{
    const char *url = asked_url(exchange);
    const char *host = strstr(url, "://");
    const char *path = host ? strchr(host + 3, '/') : NULL;
    if (!path) /* asked for nothing yet */
        path = exchange->check->target->path;
    text_add_foreign(text, path, strcspn(path, "?"), 300);
}

/* Whether two paths are the same but for a slash at the end of one. */
static bool is_slash_apart(const char *one, const char *other)
{
    size_t length = strlen(one);
    size_t other_length = strlen(other);
    const char *longer = length > other_length ? one : other;
    size_t shorter = length > other_length ? other_length : length;
    return strncmp(one, other, shorter) == 0 && strcmp(longer + shorter, "/") == 0;
}

static enum cause cause_of_location(const struct location *location, const char *asked)
{
    bool has_slash = is_slash_apart(asked, location->target.path);
    bool is_same = has_slash || strcmp(asked, location->target.path) == 0;
    if (strcmp(location->target.scheme, "https") == 0 && is_same)
        return CAUSE_HTTPS_REDIRECT;
    return has_slash ? CAUSE_SLASH_REDIRECT : CAUSE_HTTP_REDIRECT;
}

static void judge_location(const struct exchange *exchange, const struct location *location)
{
    char asked_bytes[400];
    char bytes[TARGET_LENGTH_MAX];
    struct text asked;
    struct text url;
    text_init(&asked, TEXT_ARRAY(asked_bytes));
    text_init(&url, TEXT_ARRAY(bytes));
    http_add_path(exchange, &asked);
    enum cause cause = cause_of_location(location, asked_bytes);
    if (cause == CAUSE_SLASH_REDIRECT)
        text_add(&url, location->target.path);
    else
        target_add_url(&location->target, &url);
    struct text words = result_fail(exchange->result, cause, "%ld to ", exchange->status);
    text_add_foreign(&words, bytes, url.length, 200);
    if (cause == CAUSE_SLASH_REDIRECT) {
        text_add(&words, ", and ");
        text_add_cut(&words, asked_bytes, 80);
        text_add(&words, " was asked");
    } else if (exchange->check->config->follow) {
        text_add(&words, ", not followed: another scheme, host or port");
    }
}

void http_judge_redirect(const struct exchange *exchange)
{
    struct location location = {.url = NULL};
    if (location_read(exchange, &location))
        judge_location(exchange, &location);
    else
        result_fail(exchange->result, CAUSE_HTTP_REDIRECT, "%ld without a usable Location",
                    exchange->status);
    location_release(&location);
}
