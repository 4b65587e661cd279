/* Whatever a bundle of authorities holds, only certificates of the subject that is
 * looked for come out of it, and those that OpenSSL itself would read. */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "checks/tls_bundle.h"
#include "fuzz.h"

/* As in the certificates of the corpus. */
static X509_NAME *wanted_name(void)
{
    static X509_NAME *name;
    if (!name) {
        name = X509_NAME_new();
        REQUIRE(name && X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                                   (const unsigned char *)"wanted", -1, -1, 0));
    }
    return name;
}

/* The file that SSL_CERT_FILE names. */
static int bundle_file(void)
{
    static int fd = -1;
    if (fd < 0) {
        char path[40];
        fd = memfd_create("bundle", MFD_CLOEXEC);
        REQUIRE(fd >= 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        REQUIRE(setenv("SSL_CERT_FILE", path, 1) == 0 && unsetenv("SSL_CERT_DIR") == 0);
    }
    return fd;
}

/* Whether the bytes of a certificate are one: read again, it is the same. */
static bool is_whole(const X509 *certificate)
{
    unsigned char *bytes = NULL;
    int length = i2d_X509(certificate, &bytes);
    const unsigned char *at = bytes;
    X509 *again = length > 0 ? d2i_X509(NULL, &at, length) : NULL;
    bool is_same = again && at == bytes + length && X509_cmp(again, certificate) == 0;
    X509_free(again);
    OPENSSL_free(bytes);
    return is_same;
}

static void check_store(X509_STORE *store)
{
    STACK_OF(X509_OBJECT) *objects = X509_STORE_get1_objects(store);
    for (int i = 0; i < sk_X509_OBJECT_num(objects); i++) {
        const X509 *found = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
        REQUIRE(found && X509_NAME_cmp(X509_get_subject_name(found), wanted_name()) == 0);
        REQUIRE(is_whole(found));
    }
    sk_X509_OBJECT_pop_free(objects, X509_OBJECT_free);
}

/* Whether OpenSSL's own reader finds a certificate there. */
static bool is_bundle(const uint8_t *data, size_t size)
{
    BIO *bio = BIO_new_mem_buf(data, (int)size);
    REQUIRE(bio);
    X509 *first = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL);
    X509_free(first);
    BIO_free(bio);
    ERR_clear_error();
    return first != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_fill(bundle_file(), data, size);
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    REQUIRE(store && context && X509_STORE_CTX_init(context, store, NULL, NULL) == 1);
    REQUIRE(tls_bundle_add(store) || !is_bundle(data, size));
    X509_OBJECT *found = X509_STORE_CTX_get_obj_by_subject(context, X509_LU_X509, wanted_name());
    X509_OBJECT_free(found);
    check_store(store);
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    return 0;
}
