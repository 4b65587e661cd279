/* PostgreSQL over TLS: how libpq is to use it, and what its words about it mean. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checks/postgres.h"

/* Whether an address never leaves this machine, which a socket's directory does not either. */
static bool is_loopback(const char *address)
{
    return !address || strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

/* Whether the target or an option says anything of TLS, so that it is not left out. */
static bool speaks_of_tls(const struct target *target, const struct config *config)
{
    const char *binding = target_value(target, "channel_binding");
    if (config->cert || config->min_cert_days > 0)
        return true;
    for (size_t i = 0; i < target->parameter_count; i++) {
        const struct parameter *parameter = &target->parameters[i];
        if (strncmp(parameter->name, "ssl", 3) == 0 && parameter->value && *parameter->value)
            return true;
    }
    return binding && strcmp(binding, "require") == 0;
}

/* libpq's default, prefer, but on the way to this machine itself, where nobody listens in:
 * a handshake costs more than the rest of the check. */
static const char *tls_mode(const struct check *check, const char *address)
{
    const struct target *target = check->target;
    const char *mode = target_value(target, "sslmode");
    const char *root = target_value(target, "sslrootcert");
    if (mode && *mode)
        return mode;
    if (root && strcmp(root, "system") == 0)
        return "verify-full";
    return is_loopback(address) && !speaks_of_tls(target, check->config) ? "disable" : "prefer";
}

static const char *first_of(const char *written, const char *option)
{
    return written && *written ? written : option;
}

/* Whether libpq would find authorities in ~/.postgresql/root.crt. */
static bool has_root_file(void)
{
    char path[512];
    struct text text;
    const char *home = getenv("HOME");
    text_init(&text, TEXT_ARRAY(path));
    text_format(&text, "%s/.postgresql/root.crt", home ? home : "");
    return home && *home && access(path, F_OK) == 0;
}

/* Whom to trust: where libpq has no file of its own, --cacert, and for verify-full the
 * machine's. With those libpq looks at no list of revoked certificates, so that one is
 * never left out. */
static const char *find_root(const struct check *check, const char *mode)
{
    const struct target *target = check->target;
    const char *root = first_of(target_value(target, "sslrootcert"), NULL);
    bool has_list = first_of(target_value(target, "sslcrl"), target_value(target, "sslcrldir"));
    bool is_verified = strncmp(mode, "verify-", 7) == 0 || strcmp(mode, "require") == 0;
    if (!root && is_verified)
        root = check->config->cacert;
    if (!root && strcmp(mode, "verify-full") == 0 && !has_list && !has_root_file())
        root = "system";
    return root;
}

void postgres_add_tls(struct postgres_parameters *parameters, const struct check *check,
                      const char *address)
{
    const struct target *target = check->target;
    const struct config *config = check->config;
    const char *mode = tls_mode(check, address);
    const char *certificate = first_of(target_value(target, "sslcert"), NULL);
    const char *key = first_of(target_value(target, "sslkey"), NULL);
    if (!certificate && config->cert) {
        certificate = config->cert;
        key = config->key ? config->key : first_of(key, certificate);
    }
    postgres_add(parameters, "sslmode", mode);
    postgres_add(parameters, "sslrootcert", find_root(check, mode));
    postgres_add(parameters, "sslcert", certificate);
    postgres_add(parameters, "sslkey", key);
}

/* What libpq says of a session over TLS by itself. */
static const struct {
    const char *part;
    enum cause cause;
    const char *words; /* NULL: libpq's own */
} tls_words[] = {
    {"server does not support SSL", CAUSE_TLS_PLAIN_PEER, "the server answers without TLS"},
    {"root certificate file", CAUSE_TLS_NO_BUNDLE, NULL},
    {"could not read root certificate", CAUSE_TLS_NO_BUNDLE, NULL},
    {"certificate does not match private key", CAUSE_TLS_KEY_MISMATCH,
     "the client's key is not its certificate's"},
    {"private key file", CAUSE_TLS_KEY_MISMATCH, NULL},
    {"certificate file", CAUSE_TLS_KEY_MISMATCH, NULL},
    {"did not request an SSL certificate", CAUSE_TLS_REFUSED,
     "the server asks for no client certificate, and sslcertmode=require wants it to"},
    {"without a valid SSL certificate", CAUSE_TLS_REFUSED,
     "the server takes the login without a client certificate, and sslcertmode=require wants one"},
    {"channel binding", CAUSE_TLS_REFUSED, NULL},
    {"received unencrypted data", CAUSE_TLS_REFUSED, NULL},
    {"ALPN protocol", CAUSE_TLS_REFUSED, NULL}, /* direct, and the peer is no PostgreSQL */
};

/* Which versions the target leaves to the server, where it says. */
static void name_versions(const struct postgres *postgres)
{
    const struct target *target = postgres->check->target;
    const char *first = target_value(target, "ssl_min_protocol_version");
    const char *last = target_value(target, "ssl_max_protocol_version");
    bool is_newest_alone = first && strcmp(first, "TLSv1.3") == 0;
    if (!is_newest_alone && (!last || strcmp(last, "TLSv1.2") != 0))
        return;
    result_retry(postgres->result);
    result_fail(postgres->result, CAUSE_TLS_VERSION, "the server takes no TLS %s",
                is_newest_alone ? "1.3, and ssl_min_protocol_version wants it"
                                : "1.2, and ssl_max_protocol_version allows nothing newer");
    postgres->result->hint = "set the version on the server, or leave it out of the target";
}

bool postgres_fail_tls(const struct postgres *postgres, const char *message, enum phase phase)
{
    struct result *result = postgres->result;
    const char *own = postgres_own_words(message);
    for (size_t i = 0;
         postgres->tls->cause == CAUSE_NONE && i < sizeof tls_words / sizeof *tls_words; i++)
        if (strstr(message, tls_words[i].part)) {
            struct text words = result_fail(result, tls_words[i].cause, "%s",
                                            tls_words[i].words ? tls_words[i].words : "");
            const char *number = strstr(own, ": SSL error code"); /* which tells nobody anything */
            size_t length = number ? (size_t)(number - own) : strcspn(own, "\n");
            if (!tls_words[i].words)
                text_add_foreign(&words, own, length, 200);
            if (strstr(own, "private key file"))
                text_add(&words, tls_reason_of_key(own));
            return true;
        }
    if (phase == PHASE_LOGIN && !*postgres->tls->protocol)
        return false; /* libpq went on without TLS */
    bool is_told = tls_fail(postgres->tls, message, result);
    if (!is_told && phase == PHASE_TLS && !postgres_is_foreign(message)) {
        tls_fail_handshake(postgres->tls, message, result);
        is_told = true;
    }
    if (result->cause == CAUSE_TLS_VERSION)
        name_versions(postgres);
    return is_told;
}
