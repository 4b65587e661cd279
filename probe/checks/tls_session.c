/* TLS by OpenSSL: a session is begun, watched, read and written. */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/parse.h"
#include "checks/tls_bundle.h"
#include "checks/tls_openssl.h"

struct tls_stream {
    SSL_CTX *context;
    SSL *ssl;
};

void tls_init(struct tls *tls, const struct tls_wish *wish)
{
    *tls = (struct tls){.wish = *wish, .alert = -1};
}

static void *get(size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return memory_get(size);
}

static void *resize(void *block, size_t size, const char *file, int line)
{
    (void)file, (void)line;
    if (size > 0)
        return memory_resize(block, size);
    free(block);
    return NULL;
}

static void release(void *block, const char *file, int line)
{
    (void)file, (void)line;
    free(block);
}

/* OpenSSL hangs when its first lock finds no memory, and later may blame a certificate. */
void tls_prepare(void)
{
    CRYPTO_set_mem_functions(get, resize, release);
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
}

static pthread_once_t index_once = PTHREAD_ONCE_INIT;
static int session_index;

static void make_index(void)
{
    session_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
}

static struct tls *session_of(const SSL *ssl)
{
    return SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), session_index);
}

/* In the place of OpenSSL's own verification: the same, and it keeps what it saw. OpenSSL
 * asks also where nobody wants to know; the answer counts for nothing then. */
static int verify(X509_STORE_CTX *store, void *session)
{
    struct tls *tls = session;
    const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    tls_certificate_keep(tls, store);
    if (SSL_get_verify_mode(ssl) == SSL_VERIFY_NONE)
        return 1;
    int verdict = X509_verify_cert(store);
    if (verdict != 1)
        tls_certificate_refuse(tls, store);
    return verdict;
}

static void on_event(const SSL *ssl, int where, int value)
{
    struct tls *tls = session_of(ssl);
    bool is_fatal = value >> 8 == SSL3_AL_FATAL;
    if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT && is_fatal) {
        tls->alert = value & 0xFF;
        tls->has_certificate = SSL_get_certificate(ssl) != NULL;
    }
    if ((where & SSL_CB_CONNECT_EXIT) == SSL_CB_CONNECT_EXIT && value <= 0 && ERR_peek_error())
        tls->error = ERR_peek_error(); /* libpq tells it in words alone */
    if (where & SSL_CB_HANDSHAKE_DONE) {
        struct text text;
        text_init(&text, TEXT_ARRAY(tls->protocol));
        text_format(&text, "%s, %s", SSL_get_version(ssl), SSL_get_cipher_name(ssl));
        /* Many end without close_notify; an answer says by itself whether it is whole. */
        SSL_set_options((SSL *)(uintptr_t)ssl, SSL_OP_IGNORE_UNEXPECTED_EOF);
    }
}

/* The peer wants our certificate, and there is none. */
static int on_certificate_wanted(SSL *ssl, X509 **certificate, EVP_PKEY **key)
{
    (void)certificate, (void)key;
    session_of(ssl)->was_asked = true;
    return 0;
}

/* The key's passphrase, which the wish has or nobody: there is no terminal to ask at. */
static int give_passphrase(char *bytes, int size, int is_writing, void *passphrase)
{
    (void)is_writing;
    size_t length = passphrase ? strlen(passphrase) : 0;
    if (!passphrase || length >= (size_t)size)
        return -1;
    memcpy(bytes, passphrase, length + 1);
    return (int)length;
}

void tls_observe(struct tls *tls, SSL_CTX *context)
{
    pthread_once(&index_once, make_index);
    SSL_CTX_set_ex_data(context, session_index, tls);
    SSL_CTX_set_cert_verify_callback(context, verify, tls);
    SSL_CTX_set_info_callback(context, on_event);
    SSL_CTX_set_client_cert_cb(context, on_certificate_wanted);
    if (!SSL_CTX_get_default_passwd_cb(context))
        SSL_CTX_set_default_passwd_cb(context, give_passphrase);
}

bool tls_is_address(const char *host)
{
    unsigned char bytes[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

static bool fail_bundle(struct tls *tls, const char *words, const char *file)
{
    bool is_name = file && !parse_is_pem(file);
    struct text text;
    text_init(&text, TEXT_ARRAY(tls->words));
    tls->cause = CAUSE_TLS_NO_BUNDLE;
    text_add(&text, words);
    text_add(&text, file ? " '" : "");
    text_add_name(&text, is_name ? file : file ? "***" : "");
    text_add(&text, file ? "'" : "");
    return false;
}

bool tls_trust_machine(struct tls *tls, SSL_CTX *context)
{
    if (tls_bundle_add(SSL_CTX_get_cert_store(context)))
        return true;
    const char *file = getenv("SSL_CERT_FILE");
    if (!file || !*file)
        return fail_bundle(tls, "no file of trusted authorities on this machine", NULL);
    return fail_bundle(tls,
                       access(file, R_OK) == 0 ? "SSL_CERT_FILE names a file without a certificate:"
                                               : "SSL_CERT_FILE names a file that cannot be read:",
                       file);
}

/* A file that the user names may hold just the peer's own certificate. */
static bool trust_files(struct tls *tls, SSL_CTX *context)
{
    const struct tls_wish *wish = &tls->wish;
    X509_STORE *store = SSL_CTX_get_cert_store(context);
    if (!wish->bundle && !wish->directory)
        return tls_trust_machine(tls, context);
    if (wish->bundle && X509_STORE_load_file(store, wish->bundle) != 1)
        return fail_bundle(tls, "no certificate can be read from", wish->bundle);
    if (wish->directory && X509_STORE_load_path(store, wish->directory) != 1)
        return fail_bundle(tls, "no certificates can be read from", wish->directory);
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
    return true;
}

/* Whom to trust, and what the certificate must be for. False with the cause. */
static bool set_trust(struct tls *tls, SSL_CTX *context)
{
    X509_VERIFY_PARAM *rules = SSL_CTX_get0_param(context);
    const char *name = tls->wish.name;
    if (tls->wish.insecure_by)
        return true;
    if (!trust_files(tls, context))
        return false;
    return tls->wish.is_any_host ||
           (tls_is_address(name) ? X509_VERIFY_PARAM_set1_ip_asc(rules, name)
                                 : X509_VERIFY_PARAM_set1_host(rules, name, 0)) == 1;
}

static bool set_certificate(const struct tls_wish *wish, SSL_CTX *context)
{
    const char *key = wish->key ? wish->key : wish->certificate;
    SSL_CTX_set_default_passwd_cb(context, give_passphrase);
    SSL_CTX_set_default_passwd_cb_userdata(context, (void *)(uintptr_t)wish->passphrase);
    return !wish->certificate ||
           (SSL_CTX_use_certificate_chain_file(context, wish->certificate) == 1 &&
            SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1 &&
            SSL_CTX_check_private_key(context) == 1);
}

bool tls_attach(struct tls *tls, void *ssl_context)
{
    SSL_CTX *context = ssl_context;
    tls_observe(tls, context);
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    return set_trust(tls, context) && set_certificate(&tls->wish, context);
}

/* Why a client's certificate or key is of no use, by OpenSSL's last error. */
static void explain_certificate(const struct tls_wish *wish, struct text *why)
{
    unsigned long error = ERR_peek_last_error();
    const char *key = wish->key ? wish->key : wish->certificate;
    if (ERR_GET_LIB(error) == ERR_LIB_X509 && ERR_GET_REASON(error) == X509_R_KEY_VALUES_MISMATCH) {
        text_add(why, "has a client key that is not its certificate's: '");
        text_add_name(why, key);
        text_add(why, "'");
        return;
    }
    text_format(why, "has no client certificate with %s key in '",
                wish->passphrase ? "a readable" : "an unencrypted");
    text_add_name(why, wish->certificate);
    text_add(why, "' and '");
    text_add_name(why, key);
    text_add(why, "'");
}

bool tls_check_files(const struct tls_wish *wish, struct text *why)
{
    if (wish->key && !wish->certificate) {
        text_add(why,
                 "has a client's key and no certificate: write --cert FILE (ssl_certfile) too");
        return false;
    }
    if (!wish->certificate)
        return true;
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    bool is_fit = context && set_certificate(wish, context);
    if (!is_fit)
        explain_certificate(wish, why);
    SSL_CTX_free(context);
    ERR_clear_error();
    return is_fit;
}

/* As SSL_set_tlsext_host_name(), whose cast clang warns of. */
static bool set_server_name(SSL *ssl, const char *name)
{
    return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                    (void *)(uintptr_t)name) == 1;
}

/* A peer may not begin a second handshake in the middle, nor hold SSL_read() up with
 * records that carry nothing. */
static bool begin(struct tls *tls, int fd)
{
    const char *name = tls->wish.name;
    struct tls_stream *stream = memory_get(sizeof *stream);
    *stream = (struct tls_stream){.ssl = NULL};
    tls->stream = stream;
    if (!(stream->context = SSL_CTX_new(TLS_client_method())) ||
        !tls_attach(tls, stream->context) || !(stream->ssl = SSL_new(stream->context)))
        return false;
    SSL_set_verify(stream->ssl, tls->wish.insecure_by ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
    SSL_set_options(stream->ssl, SSL_OP_NO_RENEGOTIATION);
    SSL_set_mode(stream->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_clear_mode(stream->ssl, SSL_MODE_AUTO_RETRY);
    return SSL_set_fd(stream->ssl, fd) == 1 &&
           (!*name || tls_is_address(name) || set_server_name(stream->ssl, name));
}

static void fail_handshake(struct tls *tls, struct result *result)
{
    tls->error = ERR_peek_error();
    if (!tls_fail_stream(tls, result))
        result_fail(result, CAUSE_TLS_CLOSED, "the connection ended in the TLS handshake");
}

bool tls_open(struct tls *tls, int fd, struct deadline deadline, struct result *result)
{
    result_enter(result, PHASE_TLS);
    ERR_clear_error();
    if (!begin(tls, fd)) {
        fail_handshake(tls, result);
        return false;
    }
    for (;;) {
        int status = SSL_connect(tls->stream->ssl);
        if (status == 1)
            return true;
        int wanted = SSL_get_error(tls->stream->ssl, status);
        if (wanted != SSL_ERROR_WANT_READ && wanted != SSL_ERROR_WANT_WRITE) {
            fail_handshake(tls, result);
            return false;
        }
        if (deadline_wait(deadline, fd, wanted == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT) == 0) {
            result_fail_late(result);
            return false;
        }
    }
}

/* What SSL_read() and SSL_write() return, as recv(2) and send(2) would. */
static ssize_t as_io(struct tls *tls, int count)
{
    if (count > 0)
        return count;
    switch (SSL_get_error(tls->stream->ssl, count)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        errno = EAGAIN;
        return -1;
    case SSL_ERROR_ZERO_RETURN:
        return 0;
    default:
        tls->error = ERR_peek_error();
        errno = errno ? errno : EPROTO;
        return -1;
    }
}

ssize_t tls_read(struct tls *tls, char *bytes, size_t size)
{
    ERR_clear_error();
    errno = 0;
    return as_io(tls, SSL_read(tls->stream->ssl, bytes, size < INT_MAX ? (int)size : INT_MAX));
}

ssize_t tls_write(struct tls *tls, const char *bytes, size_t length)
{
    ERR_clear_error();
    errno = 0;
    return as_io(tls, SSL_write(tls->stream->ssl, bytes, length < INT_MAX ? (int)length : INT_MAX));
}

bool tls_has_pending(const struct tls *tls)
{
    return tls->stream && SSL_pending(tls->stream->ssl) > 0;
}

void tls_release(struct tls *tls)
{
    if (tls->stream) {
        SSL_free(tls->stream->ssl);
        SSL_CTX_free(tls->stream->context);
    }
    free(tls->stream);
    tls->stream = NULL;
}
