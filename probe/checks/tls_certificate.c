/* What a certificate says, and why it is refused. */
#include <arpa/inet.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

#include "checks/tls_openssl.h"
#include "config/target.h"

enum { NAMES_SHOWN = 4, NAME_SIZE = 120 };

static const ASN1_STRING *common_name(const X509_NAME *name)
{
    int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    return at >= 0 ? X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)) : NULL;
}

/* What a certificate is called: its common name, else its whole subject. */
static void add_name(struct text *text, const X509_NAME *name)
{
    char line[NAME_SIZE] = "";
    const ASN1_STRING *common = common_name(name);
    if (common) {
        text_add_foreign(text, (const char *)ASN1_STRING_get0_data(common),
                         (size_t)ASN1_STRING_length(common), NAME_SIZE);
        return;
    }
    X509_NAME_oneline(name, line, sizeof line);
    text_add_foreign(text, line, strlen(line), NAME_SIZE);
}

static int64_t seconds_of(const ASN1_TIME *time)
{
    struct tm parts;
    return ASN1_TIME_to_tm(time, &parts) == 1 ? (int64_t)timegm(&parts) : 0;
}

static void add_date(struct text *text, const ASN1_TIME *time)
{
    int64_t seconds = seconds_of(time);
    if (seconds > 0)
        text_add_time(text, seconds);
}

/* A host's name, which is told from an address even if it looks like one. */
static void add_host(struct text *text, const ASN1_STRING *name)
{
    char host[NAME_SIZE];
    struct text copy;
    text_init(&copy, TEXT_ARRAY(host));
    text_add_foreign(&copy, (const char *)ASN1_STRING_get0_data(name),
                     (size_t)ASN1_STRING_length(name), NAME_SIZE - 1);
    text_add(text, tls_is_address(host) ? "the name " : "");
    text_add(text, host);
}

/* Appends "a.example, *.b.example and 3 more": whom a certificate is for. */
static void add_hosts(struct text *text, const X509 *certificate)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    int shown = 0;
    int hidden = 0;
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        const ASN1_STRING *value = name->d.ia5;
        if (name->type != GEN_DNS && name->type != GEN_IPADD)
            continue;
        if (shown == NAMES_SHOWN) {
            hidden++;
            continue;
        }
        text_add(text, shown++ ? ", " : "");
        if (name->type == GEN_DNS) {
            add_host(text, value);
        } else {
            char address[ADDRESS_LENGTH_MAX] = "?";
            int family = ASN1_STRING_length(value) == 4 ? AF_INET : AF_INET6;
            inet_ntop(family, ASN1_STRING_get0_data(value), address, sizeof address);
            text_add(text, address);
        }
    }
    if (hidden)
        text_format(text, " and %d more", hidden);
    const ASN1_STRING *common = common_name(X509_get_subject_name(certificate));
    if (shown == 0 && common)
        add_host(text, common);
    else if (shown == 0)
        text_add(text, "no host");
    GENERAL_NAMES_free(names);
}

/* How the refusal of a certificate is told, by X509_V_ERR_*. */
static const struct {
    int error;
    enum cause cause;
    const char *words;
} refusals[] = {
    {X509_V_ERR_CERT_HAS_EXPIRED, CAUSE_TLS_EXPIRED, "has expired"},
    {X509_V_ERR_CERT_NOT_YET_VALID, CAUSE_TLS_NOT_YET_VALID, "is not yet valid"},
    {X509_V_ERR_HOSTNAME_MISMATCH, CAUSE_TLS_WRONG_HOST, "is for another host"},
    {X509_V_ERR_IP_ADDRESS_MISMATCH, CAUSE_TLS_WRONG_HOST, "is for another host"},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, CAUSE_TLS_SELF_SIGNED, "is self-signed"},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, CAUSE_TLS_UNKNOWN_CA, "has an unknown authority"},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, CAUSE_TLS_UNKNOWN_CA, "has an unknown authority"},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, CAUSE_TLS_UNKNOWN_CA,
     "has an unknown authority"},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, CAUSE_TLS_UNKNOWN_CA, "has an unknown authority"},
    {X509_V_ERR_EE_KEY_TOO_SMALL, CAUSE_TLS_WEAK, "has a key that is too short"},
    {X509_V_ERR_CA_KEY_TOO_SMALL, CAUSE_TLS_WEAK, "has an authority whose key is too short"},
    {X509_V_ERR_CA_MD_TOO_WEAK, CAUSE_TLS_WEAK, "is signed with a hash that is too weak"},
};

/* Whether it is the peer's authority whose dates are wrong, and not the peer. */
static bool is_of_authority(const struct tls *tls, const X509_STORE_CTX *store)
{
    return X509_STORE_CTX_get_error_depth(store) > 0 &&
           (tls->cause == CAUSE_TLS_EXPIRED || tls->cause == CAUSE_TLS_NOT_YET_VALID);
}

void tls_certificate_refuse(struct tls *tls, X509_STORE_CTX *store)
{
    int error = X509_STORE_CTX_get_error(store);
    const X509 *certificate = X509_STORE_CTX_get_current_cert(store);
    const char *words = X509_verify_cert_error_string(error);
    struct text text;
    tls->cause = CAUSE_TLS_INVALID;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        if (refusals[i].error == error) {
            tls->cause = refusals[i].cause;
            words = refusals[i].words;
        }
    text_init(&text, TEXT_ARRAY(tls->words));
    text_add(&text,
             is_of_authority(tls, store) ? "the authority's certificate " : "the certificate ");
    if (certificate && tls->cause != CAUSE_TLS_WRONG_HOST) {
        bool is_of_peer = tls->cause == CAUSE_TLS_UNKNOWN_CA;
        text_add(&text, "'");
        add_name(&text,
                 X509_get_subject_name(is_of_peer ? X509_STORE_CTX_get0_cert(store) : certificate));
        text_add(&text, "' ");
    }
    text_format(&text, tls->cause == CAUSE_TLS_INVALID ? "is refused: %s" : "%s", words);
    if (!certificate)
        return;
    if (tls->cause == CAUSE_TLS_EXPIRED) {
        text_add(&text, ": it ended at ");
        add_date(&text, X509_get0_notAfter(certificate));
    } else if (tls->cause == CAUSE_TLS_NOT_YET_VALID) {
        text_add(&text, ": it begins at ");
        add_date(&text, X509_get0_notBefore(certificate));
    } else if (tls->cause == CAUSE_TLS_WRONG_HOST) {
        text_add(&text, ": it is for ");
        add_hosts(&text, certificate);
        text_add(&text, ", not for ");
        text_add_foreign(&text, tls->wish.name, strlen(tls->wish.name), NAME_SIZE);
    } else if (tls->cause == CAUSE_TLS_UNKNOWN_CA) {
        text_add(&text, ": '");
        add_name(&text, X509_get_issuer_name(certificate));
        text_add(&text, "'");
    }
}

static void keep_own(struct tls *tls, const X509 *certificate)
{
    struct text hosts;
    text_init(&hosts, TEXT_ARRAY(tls->hosts));
    add_hosts(&hosts, certificate);
    tls->expires_at = seconds_of(X509_get0_notAfter(certificate));
}

/* "db.example for db.example, *.db.example; by R11; 2026-01-01T00:00:00Z to
 * 2026-04-01T00:00:00Z; RSA 2048 bits" */
static void add_line(struct text *text, X509 *certificate, const char *hosts)
{
    const EVP_PKEY *key = X509_get0_pubkey(certificate);
    const char *kind = key ? EVP_PKEY_get0_type_name(key) : NULL;
    add_name(text, X509_get_subject_name(certificate));
    text_add(text, *hosts ? " for " : "");
    text_add(text, hosts);
    text_add(text, "; by ");
    add_name(text, X509_get_issuer_name(certificate));
    text_add(text, "; ");
    add_date(text, X509_get0_notBefore(certificate));
    text_add(text, " to ");
    add_date(text, X509_get0_notAfter(certificate));
    text_format(text, "; %s %d bits\n", kind ? kind : "unknown key",
                key ? EVP_PKEY_get_bits(key) : 0);
}

void tls_certificate_keep(struct tls *tls, X509_STORE_CTX *store)
{
    const STACK_OF(X509) *shown = X509_STORE_CTX_get0_untrusted(store);
    struct text text;
    text_init(&text, TEXT_ARRAY(tls->chain));
    for (int i = 0; i < sk_X509_num(shown); i++) {
        X509 *certificate = sk_X509_value(shown, i);
        if (i == 0)
            keep_own(tls, certificate);
        add_line(&text, certificate, i == 0 ? tls->hosts : "");
    }
}
