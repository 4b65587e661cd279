/* An HTTP target before anything is sent: its port, its login, and where the
 * connection goes. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/parse.h"
#include "base/secret.h"
#include "checks/http.h"
#include "version.h"

enum { PORT_OF_SERVICE = 8000 };

bool http_uses_tls(const struct target *target)
{
    return PROBE_TLS && strcmp(target->scheme, "https") == 0;
}

struct tls_wish http_tls_wish(const struct target *target, const struct config *config)
{
    const char *host = target->url_host ? target->url_host : target->host;
    return (struct tls_wish){
        .name = host ? host : "localhost",
        .bundle = config->cacert,
        .certificate = config->cert,
        .key = config->key,
        .insecure_by = config->insecure ? "--insecure" : NULL,
    };
}

/* A URL without a port is that of its scheme; of the short forms $PORT, else 8000. */
static bool take_default_port(struct target *target, struct text *why)
{
    const char *text = target->is_short ? getenv("PORT") : NULL;
    int64_t port = target->is_short        ? PORT_OF_SERVICE
                   : http_uses_tls(target) ? HTTPS_PORT
                                           : HTTP_PORT;
    if (text && *text && !parse_number(text, 1, 65535, &port)) {
        text_add(why, "names no port, and the variable PORT is not a number from 1 to 65535");
        return false;
    }
    target->port = (int)port;
    return true;
}

/* RFC 4648, into text[4 * (length + 2) / 3 + 1]. */
static void encode_base64(const char *bytes, size_t length, char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < length; i += 3) {
        unsigned group = 0;
        for (size_t j = i; j < i + 3; j++)
            group = group << 8 | (j < length ? (unsigned char)bytes[j] : 0);
        for (size_t digit = 0; digit < 4; digit++)
            *text++ = (char)(i + digit > length ? '=' : digits[group >> (18 - 6 * digit) & 63]);
    }
    *text = '\0';
}

/* The login as Basic authentication sends it (RFC 7617), hidden from then on. */
static void take_login(struct target *target, char *credentials)
{
    char login[TARGET_LENGTH_MAX];
    struct text text;
    const char *password = target->password ? target->password : "";
    text_init(&text, TEXT_ARRAY(login));
    text_format(&text, "%s:%s", target->user, password);
    encode_base64(login, text.length, credentials);
    secret_add(credentials);
    if (!target->password) /* a token is often written so */
        secret_add(target->user);
    target->credentials = credentials;
}

/* HOST[:PORT], checked when the option was read: the connection goes there, and the
 * URL's host and port are what is asked for. */
static bool take_connect_to(struct target *target, const char *written, char *host,
                            struct text *why)
{
    int64_t port = target->port;
    if (target->socket) {
        text_add(why, "names a socket, and --connect-to another place: leave one out");
        return false;
    }
    size_t length = *written == '[' ? strcspn(written, "]") + 1 : strcspn(written, ":");
    bool is_bracketed = *written == '[';
    memcpy(host, written + is_bracketed, length - 2 * is_bracketed);
    host[length - 2 * is_bracketed] = '\0';
    if (written[length] == ':')
        parse_number(written + length + 1, 1, 65535, &port);
    target->url_host = target->host;
    target->url_port = target->port;
    target->host = host;
    target->port = (int)port;
    return true;
}

static bool can_be_asked(const struct target *target, struct text *why)
{
    if (strncmp(target->scheme, "https", 5) == 0 && !PROBE_TLS) {
        text_add(why, NEEDS_TLS_BUILD);
        return false;
    }
    if (target->more_hosts || (target->host && !*target->host)) {
        text_add(why, "names no host, or several: write one, like localhost");
        return false;
    }
    return true;
}

bool http_prepare(struct target *target, const struct config *config, struct text *why)
{
    if (!can_be_asked(target, why))
        return false;
    if (http_uses_tls(target)) {
        struct tls_wish wish = http_tls_wish(target, config);
        if (!tls_check_files(&wish, why))
            return false;
    }
    if (*target->path == '\0')
        target->path = "/";
    if (!target->socket && !target->port && !take_default_port(target, why))
        return false;
    size_t login_size = target->user ? 2 * TARGET_LENGTH_MAX : 0;
    size_t host_size = config->connect_to ? strlen(config->connect_to) + 1 : 0;
    target->prepared = memory_get(login_size + host_size + 1);
    if (target->user)
        take_login(target, target->prepared);
    return !config->connect_to ||
           take_connect_to(target, config->connect_to, target->prepared + login_size, why);
}
