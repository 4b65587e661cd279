/* Goal: a registered secret is found in each form in which somebody may write it, and
 * nothing else is taken for one. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "base/secret.h"

static int begin(void **state)
{
    (void)state;
    secret_clear();
    return 0;
}

/* How much of the text's start is a secret. */
static size_t found(const char *text)
{
    return secret_at(text, strlen(text));
}

static void every_form_is_found(void **state)
{
    static const struct {
        const char *secret;
        const char *written;
    } rows[] = {
        {"p@ss/w&rd", "p@ss/w&rd"},
        {"p@ss/w&rd", "p%40ss%2Fw%26rd"},
        {"p@ss/w&rd", "p%40ss%2fw%26rd"},
        {"p@ss/w&rd", "%70%40%73%73%2f%77%26%72%64"},
        {"p@ss/w&rd", "p@ss\\/w\\u0026rd"},
        {"p@ss/w&rd", "p@ss/w&amp;rd"},
        {"p@ss/w&rd", "p&#64;ss&#x2F;w&#38;rd"},
        {"p@ss/w&rd", "p\\x40ss/w&rd"},
        {"p@ss/w&rd", "7040737"
                      "32f77267264"},
        {"p@ss/w&rd", "cEBzcy93JnJk"},
        {"a\"b'c<d>", "a\\\"b'c<d>"},
        {"a\"b'c<d>", "a&quot;b&#39;c&lt;d&gt;"},
        {"a\"b'c<d>", "a\\u0022b\\u0027c\\u003cd\\u003E"},
        {"a\"b'c<d>", "a&#34;b&apos;c&#60;d&#062;"},
        {"two words", "two+words"},
        {"two words", "two%20words"},
        {"two+words", "two words"},
        {"back\\slash", "back\\\\slash"},
        {"back\\n&slash", "back\\n&amp;slash"}, /* escaped in part */
        {"na\xC3\xAFve", "na\\u00efve"},
        {"na\xC3\xAFve", "na%C3%AFve"},
        {"na\xC3\xAFve", "na&#239;ve"},
        {"key\xF0\x9F\x94\x91", "key\\ud83d\\udd11"},
        {"key\xF0\x9F\x94\x91", "key&#x1F511;"},
        /* as it was written in a URL: what the server understood, and that encoded again */
        {"ab%26cd", "ab%26cd"},
        {"ab%26cd", "ab&cd"},
        {"ab%26cd", "ab&amp;cd"},
        {"ab%26cd", "ab%2526cd"},
        {"100%", "100%25"},
        /* twice */
        {"p@ss/w&rd", "p%2540ss%252Fw%2526rd"},
        {"p@ss/w&rd", "p@ss\\\\/w\\\\u0026rd"},
        {"p@ss/w&rd", "p@ss/w&amp;amp;rd"},
        {"a\"b'c<d>", "a\\&quot;b\\u0026#39;c&amp;lt;d\\u0026gt;"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        secret_clear();
        secret_add(rows[i].secret);
        if (found(rows[i].written) != strlen(rows[i].written))
            fail_msg("%s is not found as %s", rows[i].secret, rows[i].written);
    }
}

/* base64 of "user:" and "x" and "" before it, and of more behind it: all but what others' bits
 * are in, too. */
static void base64_is_found_anywhere(void **state)
{
    static const struct {
        const char *text;
        size_t before;
        size_t length;
    } rows[] = {
        {"c2VzYW1l", 0, 8},         /* sesame */
        {"eHNlc2FtZQ==", 1, 9},     /* xsesame */
        {"eHhzZXNhbWV4eA==", 2, 9}, /* xxsesamexx */
        {"dXNlcjpzZXNhbWU=", 6, 9}, /* user:sesame */
        {"eHh4c2VzYW1leHh4", 4, 8}, /* xxxsesamexxx */
    };
    (void)state;
    secret_add("sesame");
    for (size_t i = 0; i < COUNT(rows); i++)
        if (found(rows[i].text + rows[i].before) != rows[i].length)
            fail_msg("%s: %zu", rows[i].text, found(rows[i].text + rows[i].before));
}

static void others_are_not_found(void **state)
{
    static const char *const texts[] = {"",           "p",           "p%40s",  "p%4",   "p@ss/w",
                                        "P@SS/W&RD",  "p%40SS/w&rd", "p\\u00", "p&#64", "p&#;ss",
                                        "\\",         "&",           "&#",     "%",     "&#x;",
                                        "\\u",        "\\ud83d\\u",  "cEBz",   "70407", "p+ss/w&r",
                                        "p@ss/w&amp", "p@ss/w&amprd"};
    (void)state;
    secret_add("p@ss/w&rd");
    secret_add("abc"); /* too short */
    secret_add("");
    for (size_t i = 0; i < COUNT(texts); i++)
        if (found(texts[i]) != 0)
            fail_msg("'%s' is taken for a secret", texts[i]);
    assert_int_equal(found("abc"), 0);
}

static void parts_of_headers_are_secrets(void **state)
{
    static const struct {
        const char *value;
        const char *part;
        bool is_secret;
    } rows[] = {
        {"Bearer abcdef123", "Bearer abcdef123", true},
        {"Bearer abcdef123", "abcdef123", true},
        {"Bearer abcdef123", "Bearer", false},
        {"Basic YWRtaW46b3BlbiBzZXNhbWU=", "YWRtaW46b3BlbiBzZXNhbWU=", true},
        {"Basic YWRtaW46b3BlbiBzZXNhbWU=", "admin:open sesame", true},
        {"basic YWRtaW46b3BlbiBzZXNhbWU=", "open sesame", true},
        {"Basic YWRtaW46b3BlbiBzZXNhbWU=", "admin", false},
        {"sid=s1234; theme=dark", "s1234", true},
        {"sid=s1234; theme=dark", "dark", true},
        {"sid=s1234; theme=dark", "theme", false},
        {"sid=\"s 1234\"", "sid=\"s 1234\"", true},
        {"sid=\"s1234\"", "s1234", true},
        {"sid=a%2Fbcd", "a/bcd", true},
        {"Token token=\"abcdef\", nonce=\"xyzw\"", "abcdef", true},
        {"Token token=\"abcdef\", nonce=\"xyzw\"", "xyzw", true},
        {"plain-key", "plain-key", true},
        {"", "", false},
        {"Basic", "Basic", true},
        {"Basic ", "Basic ", true},
        {"Basic !", "Basic !", true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        secret_clear();
        secret_add_header(rows[i].value);
        if ((found(rows[i].part) == strlen(rows[i].part) && *rows[i].part) != rows[i].is_secret)
            fail_msg("%s: %s", rows[i].value, rows[i].part);
    }
}

static void many_are_kept(void **state)
{
    enum { MANY = 5000 };
    static char values[MANY][16];
    (void)state;
    for (int i = 0; i < MANY; i++) {
        snprintf(values[i], sizeof values[i], "s%05dx", i);
        secret_add(values[i]);
    }
    for (int i = 0; i < MANY; i++)
        assert_int_equal(found(values[i]), 7);
}

static void names_of_headers(void **state)
{
    static const char *const secret[] = {"Authorization", "COOKIE", "x-api-key", "X-Vault-Token",
                                         "Set-Cookie2"};
    static const char *const shown[] = {"Accept", "Host", "X-Request-Id", ""};
    (void)state;
    for (size_t i = 0; i < COUNT(secret); i++)
        assert_true(secret_is_header(secret[i], strlen(secret[i])));
    for (size_t i = 0; i < COUNT(shown); i++)
        assert_false(secret_is_header(shown[i], strlen(shown[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_form_is_found, begin),
        cmocka_unit_test_setup(base64_is_found_anywhere, begin),
        cmocka_unit_test_setup(others_are_not_found, begin),
        cmocka_unit_test_setup(parts_of_headers_are_secrets, begin),
        cmocka_unit_test_setup_teardown(many_are_kept, begin, begin),
        cmocka_unit_test_setup_teardown(names_of_headers, begin, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
