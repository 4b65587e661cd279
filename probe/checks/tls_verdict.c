/* What a handshake that failed means, and how long a certificate still lasts. */
#include <ctype.h>
#include <openssl/err.h>
#include <openssl/evperr.h>
#include <openssl/proverr.h>
#include <openssl/x509err.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "checks/tls_openssl.h"

enum { DAY_S = 24 * 60 * 60 };

/* OpenSSL's error in a library's words, the last of "TLS connect error: error:0A00010B"; 0
 * without one: "SSL SYSCALL error: EOF detected" has none. */
static unsigned long error_in(const char *words)
{
    const char *code = NULL;
    for (const char *at = words; (at = strstr(at, "error:")) != NULL; at += strlen("error:"))
        if (isxdigit((unsigned char)at[strlen("error:")]))
            code = at;
    if (code)
        return strtoul(code + strlen("error:"), NULL, 16);
    code = strstr(words, "error code ");
    return code ? strtoul(code + strlen("error code "), NULL, 10) : 0;
}

const char *tls_reason_of_key(const char *words)
{
    unsigned long error = error_in(words);
    int library = ERR_GET_LIB(error);
    int reason = ERR_GET_REASON(error);
    if (error == 0)
        return "";
    if (library == ERR_LIB_X509 && reason == X509_R_KEY_VALUES_MISMATCH)
        return ": it is not the key of the certificate";
    if (reason == ERR_R_INTERRUPTED_OR_CANCELLED)
        return ": it is encrypted, and no sslpassword is given";
    if ((library == ERR_LIB_PROV && reason == PROV_R_BAD_DECRYPT) ||
        (library == ERR_LIB_EVP && reason == EVP_R_BAD_DECRYPT))
        return ": sslpassword does not decrypt it";
    return ": it is no key, or encrypted otherwise than PKCS#8 with AES";
}

/* Whether an alert is one of those by which servers refuse a client's certificate, or ask
 * for one; in TLS 1.2 many say just handshake_failure. */
static bool is_of_certificate(int alert)
{
    return alert == SSL_AD_CERTIFICATE_REQUIRED || alert == SSL_AD_NO_CERTIFICATE ||
           alert == SSL_AD_ACCESS_DENIED || alert == SSL_AD_DECRYPT_ERROR ||
           (alert >= SSL_AD_BAD_CERTIFICATE && alert <= SSL_AD_CERTIFICATE_UNKNOWN) ||
           alert == SSL_AD_UNKNOWN_CA;
}

/* What an alert of the peer says. */
static void fail_alert(const struct tls *tls, int alert, struct result *result)
{
    const char *name = SSL_alert_desc_string_long(alert);
    if (alert == SSL_AD_PROTOCOL_VERSION) {
        result_fail(result, CAUSE_TLS_VERSION, "the server takes no TLS 1.2 or 1.3");
    } else if (tls->was_asked && (is_of_certificate(alert) || alert == SSL_AD_HANDSHAKE_FAILURE)) {
        result_fail(result, CAUSE_TLS_CLIENT_CERT_WANTED, "the server wants a client certificate");
    } else if (tls->has_certificate && is_of_certificate(alert)) {
        result_fail(result, CAUSE_TLS_CLIENT_CERT_REFUSED,
                    "the server refuses the client certificate: alert %s", name);
    } else if (alert == SSL_AD_UNRECOGNIZED_NAME) {
        bool is_sent = !tls_is_address(tls->wish.name);
        struct text words =
            result_fail(result, CAUSE_TLS_REFUSED,
                        is_sent ? "the server serves no host of the name '"
                                : "the server wants a host's name, and was asked for '");
        text_add_name(&words, tls->wish.name);
        text_add(&words, "': alert unrecognized name");
    } else {
        result_fail(result, CAUSE_TLS_REFUSED, "the server refused the TLS handshake: alert %s",
                    name);
    }
}

/* Behind the handshake an error is no more than that: a peer that spoke TLS is no plain one. */
static bool fail_later(int reason, struct result *result)
{
    if (reason == 0)
        return false;
    result_fail(result, CAUSE_TLS_REFUSED, "TLS failed behind its handshake: OpenSSL error %d",
                reason);
    return true;
}

static bool fail_reason(int reason, struct result *result)
{
    switch (reason) {
    case 0:
        return false;
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
        result_fail(result, CAUSE_TLS_PLAIN_PEER, "the server answers without TLS");
        break;
    case SSL_R_UNSUPPORTED_PROTOCOL:
        result_fail(result, CAUSE_TLS_VERSION, "the server takes no TLS 1.2 or 1.3");
        break;
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
        result_fail(result, CAUSE_TLS_CLOSED,
                    "the server closed the connection in the TLS handshake");
        break;
    case SSL_R_DH_KEY_TOO_SMALL:
    case SSL_R_EE_KEY_TOO_SMALL:
    case SSL_R_CA_KEY_TOO_SMALL:
    case SSL_R_CA_MD_TOO_WEAK:
        result_fail(result, CAUSE_TLS_WEAK, "the server's key or signature is too weak");
        break;
    default:
        result_fail(result, CAUSE_TLS_REFUSED, "the TLS handshake failed: OpenSSL error %d",
                    reason);
    }
    return true;
}

static bool fail(const struct tls *tls, unsigned long error, struct result *result)
{
    int reason = ERR_GET_LIB(error) == ERR_LIB_SYS ? 0 : ERR_GET_REASON(error);
    int alert = tls->alert;
    if (alert < 0 && ERR_GET_LIB(error) == ERR_LIB_SSL && reason > SSL_AD_REASON_OFFSET)
        alert = reason - SSL_AD_REASON_OFFSET;
    if (tls->cause != CAUSE_NONE)
        result_fail(result, tls->cause, "%s", tls->words);
    else if (alert >= 0)
        fail_alert(tls, alert, result);
    else
        return *tls->protocol ? fail_later(reason, result) : fail_reason(reason, result);
    return true;
}

/* Whether libcurl or libpq, which compare the names by themselves and otherwise than OpenSSL,
 * found none in the peer's certificate that is the host's. */
static bool is_of_host(const char *words)
{
    static const char *const parts[] = {
        "no alternative certificate subject name matches",
        "does not match target host",
        "unable to obtain common name",
        "illegal cert name",
        "does not match host name",
        "could not get server's host name",
        "name contains embedded null",
        "contains IP address with invalid length",
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strstr(words, parts[i]))
            return true;
    return false;
}

static void fail_host(const struct tls *tls, struct result *result)
{
    struct text words = result_fail(result, CAUSE_TLS_WRONG_HOST,
                                    "the certificate is for another host: it is for ");
    text_add(&words, tls->hosts);
    text_add(&words, ", not for ");
    text_add_name(&words, tls->wish.name);
}

bool tls_fail(const struct tls *tls, const char *words, struct result *result)
{
    if (tls->cause == CAUSE_NONE && is_of_host(words)) {
        fail_host(tls, result);
        return true;
    }
    unsigned long error = error_in(words);
    return fail(tls, error ? error : tls->error, result);
}

void tls_fail_handshake(const struct tls *tls, const char *words, struct result *result)
{
    if (!tls_fail(tls, words, result))
        result_fail(result, CAUSE_TLS_CLOSED, "the connection ended in the TLS handshake");
}

bool tls_fail_answer(const struct tls *tls, const char *words, struct result *result)
{
    return fail(tls, error_in(words), result);
}

/* What we sent last may have been refused by a peer that has already told why. */
bool tls_fail_stream(struct tls *tls, struct result *result)
{
    char byte;
    unsigned long error = tls->error;
    if (tls->alert < 0 && *tls->protocol)
        tls_read(tls, &byte, 1);
    tls->error = tls->error ? tls->error : error;
    bool is_end = ERR_GET_REASON(tls->error) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
    return (!is_end || !*tls->protocol || tls->alert >= 0) && fail(tls, tls->error, result);
}

void tls_show(const struct tls *tls, int verbosity, struct result *result)
{
    struct text text;
    bool is_refused = result->cause >= CAUSE_TLS_EXPIRED && result->cause <= CAUSE_TLS_EXPIRES;
    if (verbosity == 0 && !is_refused)
        return;
    text_init(&text, TEXT_ARRAY(result->tls));
    text_add(&text, tls->protocol);
    text_add(&text, *tls->protocol ? "\n" : "");
    text_add(&text, tls->chain);
}

/* "the certificate ends in 4 days", or when it ended: one that nobody verified may have. */
static void add_end(const struct tls *tls, int64_t left_s, struct text *text)
{
    int days = (int)(left_s / DAY_S);
    if (left_s <= 0) {
        text_add(text, "the certificate has expired: it ended at ");
        text_add_time(text, tls->expires_at);
    } else if (days == 0) {
        text_add(text, "the certificate ends in less than a day");
    } else {
        text_format(text, "the certificate ends in %d day%s", days, days == 1 ? "" : "s");
    }
}

void tls_judge_age(const struct tls *tls, int64_t min_days, struct result *result)
{
    int64_t left_s = tls->expires_at - (int64_t)time(NULL);
    int days = (int)(left_s / DAY_S);
    struct text note = result_note(result);
    if (tls->wish.insecure_by)
        text_format(&note, "%s%s: the certificate was not verified", note.length ? "; " : "",
                    tls->wish.insecure_by);
    if (tls->expires_at == 0)
        return;
    if (min_days > 0 && days < min_days) {
        struct text words = result_fail(result, CAUSE_TLS_EXPIRES, "%s", "");
        add_end(tls, left_s, &words);
        text_add(&words, left_s > 0 ? ", at " : "");
        if (left_s > 0)
            text_add_time(&words, tls->expires_at);
    } else if (days < TLS_WARN_DAYS) {
        text_add(&note, note.length ? "; " : "");
        add_end(tls, left_s, &note);
    }
}
