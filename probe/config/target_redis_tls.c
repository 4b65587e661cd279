/* What a Redis target wants of TLS: its scheme, redis-py's ssl_ parameters, other clients' own. */
#include <string.h>
#include <strings.h>

#include "base/parse.h"
#include "config/options.h"
#include "config/target_parser.h"
#include "version.h"

bool redis_is_tls_scheme(const char *scheme)
{
    return strcmp(scheme, "rediss") == 0 || strcmp(scheme, "valkeys") == 0;
}

/* A parameter by which other clients ask for TLS: tls=true. Those of redis-py that begin
 * with ssl_ say how. */
static bool asks_for_tls(const struct parameter *parameter)
{
    return parser_is_of_tls(parameter->name) && strncasecmp(parameter->name, "ssl_", 4) != 0 &&
           !parser_is_plain(parameter->value);
}

bool target_redis_uses_tls(const struct target *target)
{
    if (!PROBE_TLS || target->socket)
        return false;
    for (size_t i = 0; i < target->parameter_count; i++)
        if (asks_for_tls(&target->parameters[i]))
            return true;
    return redis_is_tls_scheme(target->scheme);
}

/* What redis-py and Celery write for ssl_cert_reqs, and whether it turns verification off. A
 * client that asks optionally verifies all the same: a server always has a certificate. */
static bool read_cert_reqs(const char *value, bool *is_off)
{
    static const char *const words[] = {"none",      "optional",      "required",
                                        "CERT_NONE", "CERT_OPTIONAL", "CERT_REQUIRED"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(value, words[i]) == 0) {
            *is_off = i % 3 == 0;
            return true;
        }
    return false;
}

/* As redis-py's to_bool(). */
static bool is_false(const char *value)
{
    static const char *const words[] = {"0", "f", "false", "n", "no"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(value, words[i]) == 0)
            return true;
    return false;
}

struct tls_wish target_redis_tls(const struct target *target, const struct config *config)
{
    const char *reqs = target_value(target, "ssl_cert_reqs");
    const char *check = target_value(target, "ssl_check_hostname");
    bool is_off = false;
    if (reqs)
        read_cert_reqs(reqs, &is_off);
    struct tls_wish wish = {
        .name = target->host,
        .bundle = target_value(target, "ssl_ca_certs"),
        .directory = target_value(target, "ssl_ca_path"),
        .certificate = target_value(target, "ssl_certfile"),
        .key = target_value(target, "ssl_keyfile"),
        .passphrase = target_value(target, "ssl_password"),
        .insecure_by = config->insecure ? "--insecure"
                       : is_off         ? "ssl_cert_reqs"
                                        : NULL,
        .is_any_host = check && is_false(check),
    };
    if (!wish.bundle && !wish.directory)
        wish.bundle = config->cacert;
    if (!wish.certificate) {
        wish.certificate = config->cert;
        wish.key = wish.key ? wish.key : config->key;
    }
    return wish;
}

/* Whether a parameter is one of redis-py's for TLS. Letters count as they are written, as to
 * redis-py: one that is left out would leave the session weaker than was wanted. */
static bool is_of_redis_py(const char *name)
{
    static const char *const known[] = {"ssl_cert_reqs",     "ssl_ca_certs", "ssl_ca_path",
                                        "ssl_certfile",      "ssl_keyfile",  "ssl_password",
                                        "ssl_check_hostname"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i], name) == 0)
            return true;
    return false;
}

const char *redis_refuse_tls(const struct target *target, const struct parameter *parameter)
{
    bool says_how = strncasecmp(parameter->name, "ssl_", 4) == 0;
    bool is_off;
    if (!says_how && parser_is_plain(parameter->value))
        return NULL;
    if (!PROBE_TLS)
        return "that " NEEDS_TLS_BUILD;
    if (target->socket || (says_how && !target_redis_uses_tls(target)))
        return "that is for TLS: write rediss://";
    if (strcmp(parameter->name, "ssl_password") != 0 && parse_is_pem(parameter->value))
        return "that " HOLDS_PEM;
    if (says_how ? !is_of_redis_py(parameter->name) : !parser_asks_for_tls(parameter->name))
        return "that probe does not know: write ssl_ca_certs, ssl_certfile or ssl_cert_reqs";
    if (strcmp(parameter->name, "ssl_cert_reqs") == 0 && !read_cert_reqs(parameter->value, &is_off))
        return "that is not one of: none optional required";
    return NULL;
}
