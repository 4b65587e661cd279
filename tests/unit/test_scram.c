/* Goal: the password's part of a SCRAM login, which replaces libpq's own, gives
 * what others publish: RFC 7677 and RFC 7914, and the vectors of RFC 6070 with
 * SHA-256; for keys at the edge of a block, which nobody published, Python's
 * hashlib.pbkdf2_hmac(). */
#include "unit.h"

#include <stdio.h>
#include <string.h>

/* libpq's own, in no header that it installs. */
enum { SHA256 = 3, LENGTH = 32 };
struct pg_hmac_ctx;
int scram_SaltedPassword(const char *password, int hash, int key_length, const char *salt,
                         int salt_length, int iterations, uint8_t *result, const char **error);
int scram_ClientKey(const uint8_t *salted, int hash, int length, uint8_t *key, const char **error);
int scram_ServerKey(const uint8_t *salted, int hash, int length, uint8_t *key, const char **error);
int scram_H(const uint8_t *input, int hash, int length, uint8_t *result, const char **error);
struct pg_hmac_ctx *pg_hmac_create(int hash);
int pg_hmac_init(struct pg_hmac_ctx *context, const uint8_t *key, size_t length);
int pg_hmac_update(struct pg_hmac_ctx *context, const uint8_t *bytes, size_t length);
int pg_hmac_final(struct pg_hmac_ctx *context, uint8_t *result, size_t length);
void pg_hmac_free(struct pg_hmac_ctx *context);

#define SIXTEEN "xxxxxxxxxxxxxxxx"
#define BLOCK   SIXTEEN SIXTEEN SIXTEEN SIXTEEN

static const struct vector {
    const char *password;
    const char *salt;
    int iterations;
    const char *result;
} vectors[] = {
    {"password", "salt", 1, "120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b"},
    {"password", "salt", 2, "ae4d0c95af6b46d32d0adff928f06dd02a303f8ef3c251dfd6e2d85a95474c43"},
    {"password", "salt", 4096, "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a"},
    {"passwordPASSWORDpassword", "saltSALTsaltSALTsaltSALTsaltSALTsalt", 4096,
     "348c89dbcbd32b2f32d814b8116e84cf2b17347ebc1800181c4e2a1fb8dd53e1"},
    {"passwd", "salt", 1, "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"},
    {"Password", "NaCl", 80000, "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"},
    {BLOCK, "salt", 2, "dd8fa7b308feaa9333ea55e991da1d5c56a362ad7223189930e314c831c53427"},
    {BLOCK "x", "salt", 2, "b5a1700563b197a9ddfcdd1e02aa3bb0882203a3246ba1811de32290e7df8f7a"},
};

static void assert_bytes(const uint8_t *bytes, const char *wanted)
{
    char hex[2 * LENGTH + 1];
    for (size_t i = 0; i < LENGTH; i++)
        snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
    assert_string_equal(hex, wanted);
}

static void published_vectors_come_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(vectors); i++) {
        const struct vector *vector = &vectors[i];
        const char *error = NULL;
        uint8_t result[LENGTH];
        assert_int_equal(scram_SaltedPassword(vector->password, SHA256, LENGTH, vector->salt,
                                              (int)strlen(vector->salt), vector->iterations, result,
                                              &error),
                         0);
        assert_null(error);
        assert_bytes(result, vector->result);
    }
}

static void sign(const uint8_t *key, const char *message, uint8_t *signature)
{
    struct pg_hmac_ctx *context = pg_hmac_create(SHA256);
    assert_non_null(context);
    assert_int_equal(pg_hmac_init(context, key, LENGTH), 0);
    assert_int_equal(pg_hmac_update(context, (const uint8_t *)message, strlen(message)), 0);
    assert_int_equal(pg_hmac_final(context, signature, LENGTH), 0);
    pg_hmac_free(context);
}

/* RFC 7677, section 3: user "user", password "pencil". */
static void the_exchange_of_rfc_7677_comes_out(void **state)
{
    static const char salt[] = "\x5b\x6d\x99\x68\x9d\x12\x35\x8e\xec\xa0\x4b\x14\x12\x36\xfa\x81";
    static const char message[] =
        "n=user,r=rOprNGfwEbeRWgbNEkqO,"
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    uint8_t salted[LENGTH], client_key[LENGTH], stored[LENGTH], server_key[LENGTH], sum[LENGTH];
    const char *error = NULL;
    (void)state;
    assert_int_equal(
        scram_SaltedPassword("pencil", SHA256, LENGTH, salt, sizeof salt - 1, 4096, salted, &error),
        0);
    assert_int_equal(scram_ClientKey(salted, SHA256, LENGTH, client_key, &error), 0);
    assert_int_equal(scram_H(client_key, SHA256, LENGTH, stored, &error), 0);
    assert_int_equal(scram_ServerKey(salted, SHA256, LENGTH, server_key, &error), 0);
    sign(stored, message, sum);
    for (size_t i = 0; i < LENGTH; i++)
        sum[i] ^= client_key[i];
    /* p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ= */
    assert_bytes(sum, "747cdb65aa56224e2352137e52d7bdcad6a0f738df30782caa69a2cfb0277554");
    sign(server_key, message, sum);
    /* v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4= */
    assert_bytes(sum, "eabae24d1062db75a9451ff0b6ea7e98c8546549ff741e672d3251b2397de46e");
}

static void another_hash_is_refused(void **state)
{
    enum { MD5 = 0 };
    const char *error = NULL;
    uint8_t result[LENGTH];
    (void)state;
    assert_int_equal(scram_SaltedPassword("a", MD5, 16, "salt", 4, 1, result, &error), -1);
    assert_string_equal(error, "unsupported hash");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors_come_out),
        cmocka_unit_test(the_exchange_of_rfc_7677_comes_out),
        cmocka_unit_test(another_hash_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
