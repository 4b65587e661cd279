/* Goal: every form of a target is taken apart rightly, every other one is
 * refused with its reason, and no secret is in anything that is printed. */
#include "unit.h"

#include <string.h>

#include "base/secret.h"
#include "checks/check.h"
#include "config/target.h"

static char bytes[512];
static struct text text;

static int begin(void **state)
{
    (void)state;
    secret_clear();
    text_init(&text, TEXT_ARRAY(bytes));
    return 0;
}

static void good_targets(void **state)
{
    static const struct {
        const char *text;
        const char *host;
        int port;
        const char *path;
        const char *url; /* as printed */
    } rows[] = {
        {"/", "localhost", 0, "/", "http://localhost/"},
        {"/a/b", "localhost", 0, "/a/b", "http://localhost/a/b"},
        {":81/a", "localhost", 81, "/a", "http://localhost:81/a"},
        {":81", "localhost", 81, "", "http://localhost:81"},
        {"http://h", "h", 0, "", "http://h"},
        {"http://h:/x", "h", 0, "/x", "http://h/x"},
        {"HTTP://h:1/x", "h", 1, "/x", "http://h:1/x"},
        {"http://[::1]:8000/x", "::1", 8000, "/x", "http://[::1]:8000/x"},
        {"http://[::1]", "::1", 0, "", "http://[::1]"},
        {"http://a_b.c-d:65535/", "a_b.c-d", 65535, "/", "http://a_b.c-d:65535/"},
        {"/x?token=abc&full", "localhost", 0, "/x", "http://localhost/x?token=***&full"},
        {"/x?check=db", "localhost", 0, "/x", "http://localhost/x?check=db"},
        {"/x?check=db?token=abc&full=1", "localhost", 0, "/x",
         "http://localhost/x?check=***&full=1"},
        {"http://u:p%40ss@h/x", "h", 0, "/x", "http://u:***@h/x"},
        {"http://:pass@h/x", "h", 0, "/x", "http://:***@h/x"},
        {"redis://:geheim@h/0", "h", 0, "/0", "redis://:***@h/0"},
        {"redis://geheim@h", "h", 0, "", "redis://***@h"},
        {"file:///tmp/beat?max-age=60s", "", 0, "/tmp/beat", "file:///tmp/beat?max-age=60s"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct target target;
        begin(NULL);
        if (!check_parse(&target, rows[i].text, &text))
            fail_msg("'%s' was refused: %s", rows[i].text, bytes);
        assert_string_equal(target.host, rows[i].host);
        assert_int_equal(target.port, rows[i].port);
        assert_string_equal(target.path, rows[i].path);
        target_add_url(&target, &text);
        assert_string_equal(bytes, rows[i].url);
        target_release(&target);
    }
}

static void sockets(void **state)
{
    struct target target;
    (void)state;
    assert_true(check_parse(&target, "http://unix:/run/app.sock:/health?x=1", &text));
    assert_string_equal(target.socket, "/run/app.sock");
    assert_string_equal(target.path, "/health");
    assert_string_equal(target.query, "x=1");
    assert_null(target.host);
    assert_true(target_is_local(&target));
    target_add_url(&target, &text);
    assert_string_equal(bytes, "http://unix:/run/app.sock:/health?x=***");
    target_release(&target);
    begin(NULL);
    assert_true(check_parse(&target, "unix:///run/redis.sock?db=1", &text));
    assert_string_equal(target.socket, "/run/redis.sock");
    target_add_url(&target, &text);
    assert_string_equal(bytes, "unix:///run/redis.sock?db=1");
    target_release(&target);
}

static void longest_sockets(void **state)
{
    static const struct {
        const char *before;
        const char *behind;
    } forms[] = {{"http://unix:/", ":/health"}, {"unix:///", ""}, {"postgres://u@%2F", "/app"}};
    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++)
        for (size_t length = SOCKET_PATH_MAX; length <= SOCKET_PATH_MAX + 1; length++) {
            struct target target;
            char written[200] = "";
            begin(NULL);
            strcat(written, forms[i].before);
            memset(written + strlen(written), 's', length - 1);
            strcat(written, forms[i].behind);
            assert_int_equal(check_parse(&target, written, &text), length == SOCKET_PATH_MAX);
            assert_int_equal(*bytes != '\0', length > SOCKET_PATH_MAX);
            assert_int_equal(strlen(target.socket), length);
            target_release(&target);
        }
    assert_string_equal(bytes, "has a socket whose path is longer than the kernel's 107 bytes");
}

static void parameters(void **state)
{
    struct target target;
    (void)state;
    assert_true(check_parse(&target, "file:///x?db=1&user%6eame=a%20b&&empty=", &text));
    assert_string_equal(target_value(&target, "db"), "1");
    assert_string_equal(target_value(&target, "username"), "a b");
    assert_string_equal(target_value(&target, "empty"), "");
    assert_null(target_value(&target, "user"));
    target_release(&target);
    assert_true(check_parse(&target, "http://h?a=%zz&b&a", &text)); /* sent as it is */
    assert_string_equal(target.query, "a=%zz&b&a");
    assert_int_equal(target.parameter_count, 0);
    target_release(&target);
}

/* Whatever its length, a value is whole. */
static void longest_parameters(void **state)
{
    char written[TARGET_LENGTH_MAX + 1] = "redis://h?password=";
    struct target target;
    (void)state;
    memset(written + strlen(written), 'p', sizeof written - 1 - strlen(written));
    assert_true(check_parse(&target, written, &text));
    assert_string_equal(target_value(&target, "password"), strchr(written, '=') + 1);
    target_release(&target);
}

static void encoding(void **state)
{
    (void)state;
    target_add_encoded(&text, "a@b:c/d e%\xc3\xbc~");
    assert_string_equal(bytes, "a%40b%3Ac%2Fd%20e%25%C3%BC~");
    assert_true(target_decode(bytes));
    assert_string_equal(bytes, "a@b:c/d e%\xc3\xbc~");
}

static void passwords_are_decoded_and_kept_secret(void **state)
{
    struct target target;
    (void)state;
    assert_true(check_parse(&target, "postgres://app:p%40ss%2Fword@db:5432/app", &text));
    assert_string_equal(target.user, "app");
    assert_string_equal(target.password, "p@ss/word");
    const char *echoed = "p@ss/word p%40ss%2Fword";
    text_add_foreign(&text, echoed, strlen(echoed), sizeof bytes);
    assert_string_equal(bytes, "*** ***");
    target_release(&target);
    target_release(&target); /* valid in every state */
}

static void bad_targets(void **state)
{
    static const struct {
        const char *text;
        const char *reason; /* a part of it */
    } rows[] = {
        {"", "is empty"},
        {"localhost:8000/x", "is not a target"},
        {"8000", "is not a target"},
        {":/x", "port"},
        {":0/x", "port"},
        {":65536/x", "port"},
        {":80a/", "port"},
        {"http://a b/", "space"},
        {"http://h/\x01", "control"},
        {"http://h/a,:9/", "comma"},
        {"http://h:99999/x", "port"},
        {"http://[::1", "["},
        {"http://[::g]/", "IPv6"},
        {"http://[::1]x/", "behind its ]"},
        {"http://h/x#y", "%23"},
        {"http://h\xc3\xbc/", "character"},
        {"http://u:p@ss@h/", "%40"},
        {"http://u:%zz@h/", "%25"},
        {"http://u:%00@h/", "%25"},
        {"redis://u:pa/ss@h/", "%2F"},
        {"redis://u:pa#ss@h/", "%23"},
        {"file:///x?max-age", "without a ="},
        {"file:///x?max-age=%zz", "'max-age'"},
        {"file:///x?max-age=%00", "'max-age'"},
        {"file:///x?%zz=1", "%"},
        {"file:///x?max-age=1&max-age=2", "'max-age' twice"},
        {"http://unix:relative.sock:/x", "slash"},
        {"ht!tp://h/", "scheme"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct target target;
        begin(NULL);
        if (check_parse(&target, rows[i].text, &text))
            fail_msg("'%s' was not refused", rows[i].text);
        if (!strstr(bytes, rows[i].reason))
            fail_msg("'%s' was refused because it %s", rows[i].text, bytes);
        target_release(&target);
    }
    char longest[TARGET_LENGTH_MAX + 3];
    memset(longest, 'a', sizeof longest);
    longest[0] = '/';
    longest[sizeof longest - 1] = '\0';
    struct target target;
    assert_false(check_parse(&target, longest, &text));
    longest[TARGET_LENGTH_MAX] = '\0';
    begin(NULL);
    assert_true(check_parse(&target, longest, &text));
    target_release(&target);
}

/* What is told of a refused target must still hide its password. */
static void secrets_that_are_kept(void **state)
{
    struct target target;
    (void)state;
    assert_false(check_parse(&target, "http://u:geheim@h:99999/x", &text));
    assert_int_equal(secret_at("geheim", 6), 6);
    target_release(&target);
}

static void redaction(void **state)
{
    static const struct {
        const char *written;
        const char *printed;
    } rows[] = {
        {"http://u:hunter22@h/", "http://***@h/"},
        {"postgres://u:hun/ter#22@h:5432/x", "postgres://***@h:5432/x"},
        {"redis://:hun@ter22@h", "redis://***@h"},
        {"postgres://u:hunter22", "postgres://u:***"},
        {"hunter22@h", "***@h"},
        {"app:hunter22@h/x?next=http://a", "***@h/x?***"},
        {"/x?token=hunter22", "/x?***"},
        {"http://h:80/x#hunter22", "http://h:80/x#***"},
        {"localhost:8000/x", "localhost:8000/x"},
        {"host=h password=hunter22", "***"},
        {"Server=h;Password=hunter22", "***"},
        {"h;Password=hunter22", "***"},
        {"password=hunter22@h", "***"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        begin(NULL);
        target_add_redacted(&text, rows[i].written);
        assert_string_equal(bytes, rows[i].printed);
    }
}

static void localness(void **state)
{
    static const struct {
        const char *text;
        bool is_local;
        bool needs_resolver;
    } rows[] = {
        {"/", true, false},
        {"http://LOCALHOST/", true, false},
        {"http://127.0.0.1/", true, false},
        {"http://127.255.0.9/", true, false},
        {"http://[::1]/", true, false},
        {"http://128.0.0.1/", false, false},
        {"http://[::2]/", false, false},
        {"http://127.0.0.1.example/", false, true},
        {"http://app/", false, true},
        {"http://localhost.example/", false, true},
        {"http://127.1/", false, true}, /* a name to us: its meaning is the resolver's */
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct target target;
        assert_true(check_parse(&target, rows[i].text, &text));
        assert_int_equal(target_is_local(&target), rows[i].is_local);
        assert_int_equal(target_needs_resolver(&target), rows[i].needs_resolver);
        target_release(&target);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(good_targets, begin),
        cmocka_unit_test_setup(sockets, begin),
        cmocka_unit_test_setup(longest_sockets, begin),
        cmocka_unit_test_setup(parameters, begin),
        cmocka_unit_test_setup(longest_parameters, begin),
        cmocka_unit_test_setup(encoding, begin),
        cmocka_unit_test_setup(passwords_are_decoded_and_kept_secret, begin),
        cmocka_unit_test_setup(bad_targets, begin),
        cmocka_unit_test_setup(secrets_that_are_kept, begin),
        cmocka_unit_test_setup(redaction, begin),
        cmocka_unit_test_setup(localness, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
