/* HTTP: one request by libcurl. http_verdict.c says what its answer means. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/parse.h"
#include "checks/http.h"
#include "config/target_parser.h"
#include "version.h"

enum {
    REDIRECTS_MAX = 5,
    EXCHANGE_MAX = 3072,
    BUFFER_SIZE = 2048 /* libcurl's own 16 KiB are two more pages to be had from the kernel */
};

static int on_connected(void *user, char *peer, char *local, int peer_port, int local_port)
{
    (void)peer, (void)local, (void)peer_port, (void)local_port;
    struct exchange *exchange = user;
    result_enter(exchange->result, PHASE_ANSWER);
    return CURL_PREREQFUNC_OK;
}

static bool add_line(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);
    if (longer)
        *list = longer;
    return longer != NULL;
}

/* Adds "name: value"; "name;" is libcurl's way to send a header without a value. */
static bool add_header(struct exchange *exchange, const struct header *header)
{
    size_t size = header->name_length + strlen(header->value) + 4;
    char *line = memory_get(size);
    struct text text;
    text_init(&text, line, size);
    text_format(&text, *header->value ? "%.*s: %s" : "%.*s;", (int)header->name_length,
                header->name, header->value);
    bool added = add_line(&exchange->headers, line);
    free(line);
    return added;
}

static bool has_header(const struct headers *headers, const char *name)
{
    for (size_t i = 0; i < headers->count; i++)
        if (headers->items[i].name_length == strlen(name) &&
            strncasecmp(headers->items[i].name, name, strlen(name)) == 0)
            return true;
    return false;
}

/* The URL's login, unless a header of the user's is another one. */
static bool add_login(struct exchange *exchange)
{
    static const char name[] = "Authorization";
    const char *credentials = exchange->check->target->credentials;
    char value[2 * TARGET_LENGTH_MAX];
    struct text text;
    if (!credentials || has_header(&exchange->check->config->headers, name))
        return true;
    text_init(&text, TEXT_ARRAY(value));
    text_add(&text, "Basic ");
    text_add(&text, credentials);
    return add_header(exchange, &(struct header){.name = name,
                                                 .name_length = strlen(name),
                                                 .value = value,
                                                 .is_secret = true});
}

static bool add_headers(struct exchange *exchange)
{
    const struct config *config = exchange->check->config;
    bool added = add_line(&exchange->headers, "Connection: close") &&
                 (has_header(&config->headers, "Accept-Encoding") ||
                  add_line(&exchange->headers, "Accept-Encoding: identity")) &&
                 add_login(exchange);
    for (size_t i = 0; i < config->headers.count && added; i++)
        added = add_header(exchange, &config->headers.items[i]);
    return added;
}

/* False when a copy of the method could not be had: another one would be sent. */
static bool set_method(const struct exchange *exchange)
{
    const struct config *config = exchange->check->config;
    if (strcmp(config->method, "HEAD") == 0) {
        curl_easy_setopt(exchange->curl, CURLOPT_NOBODY, 1L);
        return true;
    }
    if (strcmp(config->method, "GET") == 0 && !config->data)
        return true;
    /* a body of no bytes: servers want its length with POST and PUT */
    const char *data = config->data ? config->data : "";
    curl_easy_setopt(exchange->curl, CURLOPT_POSTFIELDSIZE, (long)strlen(data));
    curl_easy_setopt(exchange->curl, CURLOPT_POSTFIELDS, data);
    return curl_easy_setopt(exchange->curl, CURLOPT_CUSTOMREQUEST, config->method) == CURLE_OK;
}

/* The Host that libcurl makes of a URL: 127.1 becomes 127.0.0.1, port 80 is left out. */
static bool find_host(const char *url, struct text *host)
{
    char *name = NULL;
    char *port = NULL;
    CURLU *parts = curl_url();
    bool is_found = parts && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
                    curl_url_get(parts, CURLUPART_HOST, &name, 0) == CURLUE_OK;
    if (is_found) {
        text_add(host, name);
        curl_url_get(parts, CURLUPART_PORT, &port, CURLU_NO_DEFAULT_PORT);
        text_add(host, port ? ":" : "");
        text_add(host, port ? port : "");
    }
    curl_free(name);
    curl_free(port);
    curl_url_cleanup(parts);
    return is_found;
}

static bool set_target(struct exchange *exchange)
{
    struct target target = target_as_written(exchange->check->target);
    char bytes[2 * TARGET_LENGTH_MAX];
    struct text url;
    struct text host;
    text_init(&url, TEXT_ARRAY(bytes));
    text_init(&host, TEXT_ARRAY(exchange->host));
    text_add(&url, http_uses_tls(&target) ? "https://" : "http://");
    if (target.socket)
        text_add(&url, "localhost");
    else
        target_add_authority(&target, &url);
    text_add(&url, target.path);
    if (target.query) {
        text_add(&url, "?");
        text_add(&url, target.query);
    }
    return find_host(bytes, &host) &&
           curl_easy_setopt(exchange->curl, CURLOPT_URL, bytes) == CURLE_OK;
}

/* libcurl opens no socket of its own: it gets the one that connect_target()
 * made, which knows one order of addresses and one set of words for every kind
 * of check. */
static curl_socket_t on_open(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)purpose, (void)address;
    struct exchange *exchange = user;
    int fd = exchange->fd;
    exchange->fd = -1;
    return fd;
}

static int on_opened(void *user, curl_socket_t fd, curlsocktype purpose)
{
    (void)user, (void)fd, (void)purpose;
    return CURL_SOCKOPT_ALREADY_CONNECTED;
}

/* Whether anything came: the kernel's tcpi_bytes_received (linux/tcp.h), which
 * glibc's struct tcp_info ends before. */
static bool has_received(int fd)
{
    enum { BYTES_RECEIVED_AT = 128 };
    unsigned char info[256];
    uint64_t received = 0;
    socklen_t length = sizeof info;
    bool is_told = getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &length) == 0 &&
                   length >= BYTES_RECEIVED_AT + sizeof received;
    if (is_told)
        memcpy(&received, info + BYTES_RECEIVED_AT, sizeof received);
    return received > 0;
}

/* Before it is closed, a socket still tells what came in place of a header; over TLS its
 * bytes are those of the handshake too. */
static int on_close(void *user, curl_socket_t fd)
{
    struct exchange *exchange = user;
    exchange->has_bytes = atomic_load(&exchange->result->phase) != PHASE_ANSWER ||
                          (!http_uses_tls(exchange->check->target) && has_received(fd));
    return close(fd);
}

static void set_callbacks(struct exchange *exchange)
{
    CURL *curl = exchange->curl;
    http_receive(exchange);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, on_open);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, exchange);
    curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, on_opened);
    curl_easy_setopt(curl, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    curl_easy_setopt(curl, CURLOPT_CLOSESOCKETDATA, exchange);
    curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, on_connected);
    curl_easy_setopt(curl, CURLOPT_PREREQDATA, exchange);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, exchange->error);
    if (!exchange->result->exchange)
        return;
    curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, http_log);
    curl_easy_setopt(curl, CURLOPT_DEBUGDATA, exchange);
    curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
}

#if PROBE_TLS
static CURLcode on_tls(CURL *curl, void *context, void *user)
{
    (void)curl;
    return tls_attach(user, context) ? CURLE_OK : CURLE_SSL_CONNECT_ERROR;
}

/* The host as libcurl has it in Host and compares it: without brackets, port and last dot. */
static void set_tls_name(struct exchange *exchange)
{
    const char *host = exchange->host;
    struct text name;
    bool is_six = *host == '[';
    host += is_six;
    size_t length = strcspn(host, is_six ? "]" : ":");
    if (length > 1 && host[length - 1] == '.')
        length--;
    text_init(&name, TEXT_ARRAY(exchange->tls_name));
    text_append(&name, host, length);
}

/* What is trusted is the session's to say; libcurl has no bundle of its own. */
static void set_tls(struct exchange *exchange)
{
    struct tls_wish wish = http_tls_wish(exchange->check->target, exchange->check->config);
    CURL *curl = exchange->curl;
    set_tls_name(exchange);
    wish.name = exchange->tls_name;
    tls_init(&exchange->tls, &wish);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, wish.insecure_by ? 0L : 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, wish.insecure_by ? 0L : 2L);
    curl_easy_setopt(curl, CURLOPT_SSL_ENABLE_ALPN, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, on_tls);
    curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, &exchange->tls);
}
#endif

/* Those that keep no copy cannot fail. */
static bool set_options(struct exchange *exchange)
{
    CURL *curl = exchange->curl;
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L); /* threads */
    curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, (long)BUFFER_SIZE);
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);   /* as our Connection: close says */
    curl_easy_setopt(curl, CURLOPT_TCP_NODELAY, 0L);    /* a lone request waits for nothing */
    curl_easy_setopt(curl, CURLOPT_HTTP09_ALLOWED, 1L); /* to see what answers instead of HTTP */
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, exchange->headers);
    curl_easy_setopt(curl, CURLOPT_CONNECT_TO, exchange->connect_to); /* no resolver */
    return curl_easy_setopt(curl, CURLOPT_USERAGENT, "probe/" PROBE_VERSION) == CURLE_OK;
}

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void start_curl(void)
{
    curl_global_init(CURL_GLOBAL_NOTHING);
}

/* Makes everything a request needs; false with the cause when it cannot. */
static bool exchange_init(struct exchange *exchange)
{
    const struct config *config = exchange->check->config;
    pthread_once(&curl_once, start_curl);
    exchange->curl = curl_easy_init();
    exchange->body = memory_get(HTTP_BODY_MAX);
    if (config->verbosity > 1) {
        exchange->result->exchange = memory_get(EXCHANGE_MAX);
        text_init(&exchange->log, exchange->result->exchange, EXCHANGE_MAX);
    }
    bool made = exchange->curl && add_headers(exchange) &&
                add_line(&exchange->connect_to, "::127.0.0.1:") && set_target(exchange) &&
                set_options(exchange) && set_method(exchange);
    if (!made) {
        result_fail(exchange->result, CAUSE_NO_RESOURCES, "not asked: no memory is left");
        return false;
    }
    set_callbacks(exchange);
#if PROBE_TLS
    set_tls(exchange);
#endif
    return true;
}

static void exchange_release(struct exchange *exchange)
{
    curl_easy_cleanup(exchange->curl);
    if (exchange->fd >= 0)
        close(exchange->fd);
    curl_slist_free_all(exchange->headers);
    curl_slist_free_all(exchange->connect_to);
    free(exchange->location);
    free(exchange->body);
}

/* The verdict when no answer came. With TLS 1.3 a server refuses our certificate behind the
 * handshake. */
static void fail(const struct exchange *exchange, CURLcode code)
{
    bool is_handshake = atomic_load(&exchange->result->phase) == PHASE_TLS;
    bool is_tls = http_uses_tls(exchange->check->target) && code != CURLE_OPERATION_TIMEDOUT &&
                  code != CURLE_OUT_OF_MEMORY && code != CURLE_COULDNT_RESOLVE_HOST;
    if (is_tls && (is_handshake || exchange->tls.alert >= 0))
        tls_fail_handshake(&exchange->tls, exchange->error, exchange->result);
    else if (!is_tls || !tls_fail_answer(&exchange->tls, exchange->error, exchange->result))
        http_fail(exchange, code);
}

/* One request. False when there is no answer to judge, with the cause. */
static bool perform(struct exchange *exchange, struct deadline deadline)
{
    http_forget(exchange);
    exchange->fd =
        connect_target(exchange->check->target, deadline, &exchange->connected, exchange->result);
    if (exchange->fd < 0)
        return false;
    if (http_uses_tls(exchange->check->target))
        result_enter(exchange->result, PHASE_TLS);
    int left = deadline_left_ms(deadline);
    curl_easy_setopt(exchange->curl, CURLOPT_TIMEOUT_MS, (long)(left > 0 ? left : 1));
    CURLcode code = curl_easy_perform(exchange->curl);
    curl_easy_getinfo(exchange->curl, CURLINFO_RESPONSE_CODE, &exchange->status);
    if (code == CURLE_WRITE_ERROR && exchange->is_full)
        code = CURLE_OK; /* cut on purpose */
    if (code == CURLE_OK && exchange->has_headers)
        return true;
    fail(exchange, code);
    return false;
}

static void exchange_run(struct exchange *exchange, struct deadline deadline)
{
    bool is_answered = perform(exchange, deadline);
    int redirects = 0;
    while (is_answered && exchange->check->config->follow && http_follow(exchange)) {
        if (redirects++ == REDIRECTS_MAX) {
            result_fail(exchange->result, CAUSE_REDIRECT_LOOP, "%ld, after %d redirects",
                        exchange->status, REDIRECTS_MAX);
            return;
        }
        is_answered = perform(exchange, deadline);
    }
    if (is_answered)
        http_judge(exchange);
    if (is_answered && http_uses_tls(exchange->check->target))
        tls_judge_age(&exchange->tls, exchange->check->config->min_cert_days, exchange->result);
}

static void http_run(const struct check *check, struct deadline deadline, struct result *result)
{
    struct exchange exchange = {.check = check, .result = result, .deadline = deadline, .fd = -1};
    if (exchange_init(&exchange))
        exchange_run(&exchange, deadline);
    if (http_uses_tls(check->target))
        tls_show(&exchange.tls, check->config->verbosity, result);
    exchange_release(&exchange);
}

const struct check_type check_http = {
    .kind = {.name = "http",
             .schemes = "http https",
             .forms = "/path, :PORT/path, http://HOST:PORT/path",
             .help =
                 "  /path                             http://localhost:$PORT/path, else port 8000\n"
                 "  :PORT/path                        http://localhost:PORT/path\n"
                 "  http://HOST[:PORT]/path           another host needs --allow-remote\n"
                 "  http://unix:/run/app.sock:/path   HTTP over a unix socket\n",
             /* what health endpoints take */
             .shown =
                 "activecode check checks deep detail details exclude format full include "
                 "level live local perfstandbyok pretty ready sealedcode standbycode standbyok "
                 "timeout uninitcode verbose wait_for_status",
             .is_path = true,
             .read = parser_read_http},
    .is_worker_queue = true,
    .sends_headers = true,
    .commands = COMMAND_BIT(COMMAND_LIVE) | COMMAND_BIT(COMMAND_READY),
    .local_only = true,
    .prepare = http_prepare,
    .run = http_run,
};
