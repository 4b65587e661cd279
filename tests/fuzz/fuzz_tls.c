/* A conversation over TLS: whatever a peer says in the place of a handshake, or behind a
 * good one, becomes a verdict at once, in words that are safe to print and hold no secret. */
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "fuzz.h"
#include "peer.h"

static const char *const command_lines[] = {
    "ready --no-http --insecure rediss://u:" CANARY "@localhost:1/3",
    "ready --no-http -vv --insecure https://localhost:1/health",
    "ready --no-http postgres://u:" CANARY "@localhost:1/d?sslmode=require",
    "ready --no-http -vv rediss://localhost:1",
    "ready --no-http postgres://u:" CANARY "@localhost:1/d?sslmode=prefer",
};

/* The peer's certificate and key, which protect nothing. */
static const char certificate_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBfjCCASWgAwIBAgIUTW4oKbnZkxe6mLDUu/viR/hioe4wCgYIKoZIzj0EAwIw\n"
    "FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNzAwMjg1NloYDzIxMjYxMTAz\n"
    "MDAyODU2WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO\n"
    "PQMBBwNCAAQ3T52JRi5XP2nf1h0t8JubONUjhgDlJT5GGB+oho0wYP4rgp9XDXJb\n"
    "rX84fHsqRe7NcrZZxnliyLxSnnu61NBjo1MwUTAdBgNVHQ4EFgQUUZjKHZKKN/7v\n"
    "Gr7FnvIV1CvTHl8wHwYDVR0jBBgwFoAUUZjKHZKKN/7vGr7FnvIV1CvTHl8wDwYD\n"
    "VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiAXIvgQy8dE9tLdsDfy2miP\n"
    "mNYhLI1KbY6EYL2GT8sLdwIgRek5ukvI37IUbznJ3w7N7s8Cof9E2vKmsgiQtrVI\n"
    "Mi0=\n"
    "-----END CERTIFICATE-----\n";
static const char key_pem[] = "-----BEGIN PRIVATE KEY-----\n"
                              "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgfAii3tLSBdZuzDhD\n"
                              "egFrwIJBM8uF9sRaengEuN6g+s+hRANCAAQ3T52JRi5XP2nf1h0t8JubONUjhgDl\n"
                              "JT5GGB+oho0wYP4rgp9XDXJbrX84fHsqRe7NcrZZxnliyLxSnnu61NBj\n"
                              "-----END PRIVATE KEY-----\n";

static SSL_CTX *server_context(void)
{
    static SSL_CTX *context;
    if (context)
        return context;
    BIO *certificate = BIO_new_mem_buf(certificate_pem, -1);
    BIO *key = BIO_new_mem_buf(key_pem, -1);
    X509 *x509 = PEM_read_bio_X509(certificate, NULL, NULL, NULL);
    EVP_PKEY *pkey = PEM_read_bio_PrivateKey(key, NULL, NULL, NULL);
    context = SSL_CTX_new(TLS_server_method());
    REQUIRE(context && SSL_CTX_use_certificate(context, x509) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey(context, pkey) == 1);
    EVP_PKEY_free(pkey);
    X509_free(x509);
    BIO_free(key);
    BIO_free(certificate);
    return context;
}

/* PostgreSQL's client asks for TLS first; its request begins with a zero. */
static bool agree_to_tls(int fd)
{
    char request[8];
    if (recv(fd, request, 1, MSG_PEEK) != 1)
        return false;
    return *request != 0 || (recv(fd, request, sizeof request, MSG_WAITALL) == sizeof request &&
                             write(fd, "S", 1) == 1);
}

/* Says the words behind a handshake. */
static void speak_tls(int fd, const uint8_t *words, size_t length)
{
    if (!agree_to_tls(fd))
        return;
    SSL *ssl = SSL_new(server_context());
    REQUIRE(ssl && SSL_set_fd(ssl, fd) == 1);
    if (SSL_accept(ssl) == 1 && (length == 0 || SSL_write(ssl, words, (int)length) > 0))
        SSL_shutdown(ssl);
    SSL_free(ssl);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    peer_converse_by(speak_tls, command_lines, sizeof command_lines / sizeof *command_lines, data,
                     size);
    return 0;
}
