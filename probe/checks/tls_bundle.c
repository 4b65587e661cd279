/* A bundle has some 150 certificates, and one of them is needed: the text is searched for
 * the one whose subject is the wanted issuer, and only that is parsed. */
#include "checks/tls_bundle.h"

#include <ctype.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    BUNDLE_MAX = 16 * 1024 * 1024, /* bytes; Debian's has 220 kB */
    CERTIFICATE_MAX = 64 * 1024    /* bytes of base64 */
};

static const char begin_mark[] = "-----BEGIN ";
static const char end_mark[] = "-----END ";

/* Where distributions keep their bundle. */
static const char *const places[] = {
    "/etc/ssl/certs/ca-certificates.crt",                /* Debian, Alpine, Arch */
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* Fedora, RHEL 7 and newer */
    "/etc/pki/tls/certs/ca-bundle.crt",                  /* RHEL 6 */
    "/etc/ssl/ca-bundle.pem",                            /* openSUSE */
    "/etc/ssl/cert.pem",                                 /* Alpine, BSDs */
};

/* A bundle's text, mapped. */
struct bundle {
    char *bytes;
    size_t length;
};

/* One certificate of it. */
struct block {
    const char *base64;
    size_t length;
    bool has_trust; /* what it may be used for follows the certificate (openssl x509 -trustout) */
};

static bool bundle_map(struct bundle *bundle, const char *path)
{
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool is_fit = fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0 &&
                  info.st_size <= BUNDLE_MAX;
    void *bytes =
        is_fit ? mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
    if (fd >= 0)
        close(fd);
    if (bytes == MAP_FAILED)
        return false;
    *bundle = (struct bundle){bytes, (size_t)info.st_size};
    return true;
}

/* Whether a line begins there; a mark of byte order (UTF-8) may stand before the first. */
static bool is_line(const struct bundle *bundle, const char *at)
{
    static const char order[] = "\xEF\xBB\xBF";
    size_t before = (size_t)(at - bundle->bytes);
    return before == 0 || at[-1] == '\n' ||
           (before == strlen(order) && memcmp(bundle->bytes, order, before) == 0);
}

/* Whether the line goes on with a label of certificates, and with nothing else. */
static bool read_label(const char **at, const char *end, bool *has_trust)
{
    static const char *const labels[] = {"CERTIFICATE-----", "X509 CERTIFICATE-----",
                                         "TRUSTED CERTIFICATE-----"};
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        const char *next = *at + strlen(labels[i]);
        if ((size_t)(end - *at) <= strlen(labels[i]) ||
            memcmp(*at, labels[i], strlen(labels[i])) != 0)
            continue;
        while (next < end && *next != '\n' && isspace((unsigned char)*next))
            next++;
        *has_trust = *labels[i] == 'T';
        *at = next;
        return next < end && *next == '\n';
    }
    return false;
}

/* The certificate that begins at or behind *at, which moves behind it. False when there is
 * no further one. */
static bool next_block(const struct bundle *bundle, size_t *at, struct block *block)
{
    const char *end = bundle->bytes + bundle->length;
    const char *from = bundle->bytes + *at;
    while ((from = memmem(from, (size_t)(end - from), begin_mark, strlen(begin_mark)))) {
        bool is_start = is_line(bundle, from);
        from += strlen(begin_mark);
        if (!is_start || !read_label(&from, end, &block->has_trust))
            continue;
        const char *stop = memmem(from, (size_t)(end - from), end_mark, strlen(end_mark));
        if (!stop)
            return false;
        *at = (size_t)(stop - bundle->bytes);
        block->base64 = from;
        block->length = (size_t)(stop - from);
        return true;
    }
    return false;
}

/* Decodes a block into der[CERTIFICATE_MAX]; returns the number of bytes, 0 when it is
 * no base64. */
static size_t decode(const struct block *block, unsigned char *der)
{
    EVP_ENCODE_CTX *context = EVP_ENCODE_CTX_new();
    int taken = 0;
    int rest = 0;
    if (!context || block->length > CERTIFICATE_MAX) {
        EVP_ENCODE_CTX_free(context);
        return 0;
    }
    EVP_DecodeInit(context);
    bool is_base64 = EVP_DecodeUpdate(context, der, &taken, (const unsigned char *)block->base64,
                                      (int)block->length) >= 0 &&
                     EVP_DecodeFinal(context, der + taken, &rest) >= 0;
    EVP_ENCODE_CTX_free(context);
    return is_base64 ? (size_t)(taken + rest) : 0;
}

/* Moves into (or, without `enter`, behind) the ASN.1 element at *at. */
static bool step(const unsigned char **at, const unsigned char *end, bool enter)
{
    long length;
    int tag;
    int class;
    if (ASN1_get_object(at, &length, &tag, &class, end - *at) & 0x80)
        return false;
    if (!enter)
        *at += length;
    return *at <= end;
}

/* Whether a certificate's subject is that name: RFC 5280, 4.1: Certificate, tbsCertificate,
 * version (which those of today have), serial number, algorithm, issuer, validity. */
static bool has_subject(const unsigned char *der, size_t length, const X509_NAME *name)
{
    const unsigned char *at = der;
    const unsigned char *end = der + length;
    bool is_there = step(&at, end, true);
    is_there = is_there && step(&at, end, true);
    bool has_version = is_there && at < end && *at == 0xA0;
    for (int i = has_version ? 0 : 1; i < 5 && is_there; i++)
        is_there = step(&at, end, false);
    X509_NAME *subject = is_there ? d2i_X509_NAME(NULL, &at, end - at) : NULL;
    bool is_same = subject && X509_NAME_cmp(subject, name) == 0;
    X509_NAME_free(subject);
    return is_same;
}

/* Hands out the store's certificate of that subject without a reference of its own, which
 * OpenSSL expects of a method of lookup: the store's keeps it. */
static bool lend(X509_STORE *store, const X509_NAME *name, X509_OBJECT *found)
{
    X509_STORE_lock(store);
    const X509_OBJECT *kept =
        X509_OBJECT_retrieve_by_subject(X509_STORE_get0_objects(store), X509_LU_X509, name);
    X509 *certificate = kept ? X509_OBJECT_get0_X509(kept) : NULL;
    bool is_lent = certificate && X509_OBJECT_set1_X509(found, certificate) == 1;
    if (is_lent)
        X509_free(certificate);
    X509_STORE_unlock(store);
    return is_lent;
}

/* Adds each certificate of that subject to the store; true if there was one. */
static bool add_matching(const struct bundle *bundle, X509_STORE *store, const X509_NAME *name,
                         X509_OBJECT *found)
{
    unsigned char *der = malloc(CERTIFICATE_MAX);
    size_t at = 0;
    struct block block;
    bool is_added = false;
    while (der && next_block(bundle, &at, &block)) {
        size_t decoded = decode(&block, der);
        const unsigned char *next = der;
        if (decoded == 0 || !has_subject(der, decoded, name))
            continue;
        X509 *certificate = block.has_trust ? d2i_X509_AUX(NULL, &next, (long)decoded)
                                            : d2i_X509(NULL, &next, (long)decoded);
        if (certificate && X509_STORE_add_cert(store, certificate))
            is_added = true;
        X509_free(certificate);
    }
    free(der);
    return is_added && lend(store, name, found);
}

static int find_by_subject(X509_LOOKUP *lookup, X509_LOOKUP_TYPE type, const X509_NAME *name,
                           X509_OBJECT *found)
{
    const struct bundle *bundle = X509_LOOKUP_get_method_data(lookup);
    return type == X509_LU_X509 && add_matching(bundle, X509_LOOKUP_get_store(lookup), name, found);
}

static void forget(X509_LOOKUP *lookup)
{
    struct bundle *bundle = X509_LOOKUP_get_method_data(lookup);
    if (bundle)
        munmap(bundle->bytes, bundle->length);
    free(bundle);
}

static pthread_once_t method_once = PTHREAD_ONCE_INIT;
static X509_LOOKUP_METHOD *method;

static void make_method(void)
{
    method = X509_LOOKUP_meth_new("bundle");
    if (!method || !X509_LOOKUP_meth_set_get_by_subject(method, find_by_subject) ||
        !X509_LOOKUP_meth_set_free(method, forget)) {
        X509_LOOKUP_meth_free(method);
        method = NULL;
    }
}

/* The bundle as a way for a store to look up a certificate. */
static bool add_bundle(X509_STORE *store, const char *path)
{
    struct bundle *bundle = malloc(sizeof *bundle);
    X509_LOOKUP *lookup = NULL;
    pthread_once(&method_once, make_method);
    bool is_mapped = bundle && bundle_map(bundle, path);
    size_t at = 0;
    struct block first;
    if (is_mapped && method && next_block(bundle, &at, &first))
        lookup = X509_STORE_add_lookup(store, method);
    if (lookup) {
        X509_LOOKUP_set_method_data(lookup, bundle);
        return true;
    }
    if (is_mapped)
        munmap(bundle->bytes, bundle->length);
    free(bundle);
    return false;
}

/* A directory whose files are named by a hash of their subject (openssl rehash). */
static bool add_directory(X509_STORE *store, const char *path)
{
    X509_LOOKUP *lookup = X509_STORE_add_lookup(store, X509_LOOKUP_hash_dir());
    return lookup && X509_LOOKUP_add_dir(lookup, path, X509_FILETYPE_PEM) == 1;
}

bool tls_bundle_add(X509_STORE *store)
{
    const char *file = getenv("SSL_CERT_FILE");
    const char *directory = getenv("SSL_CERT_DIR");
    bool has_file = file && *file;
    bool has_directory = directory && *directory;
    bool is_added = has_file && add_bundle(store, file);
    if (has_directory)
        is_added = add_directory(store, directory) || is_added;
    if (has_file || has_directory)
        return is_added;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (add_bundle(store, places[i]))
            return true;
    return false;
}
