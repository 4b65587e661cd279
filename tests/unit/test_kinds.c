/* Goal: each kind's row is whole, and what it says of its targets is what is read. */
#include "unit.h"

#include <stdbool.h>
#include <string.h>

#include "base/parse.h"
#include "base/secret.h"
#include "checks/check.h"
#include "checks/check_hint.h"

static char bytes[600];
static struct text text;

static void rows_are_whole(void **state)
{
    (void)state;
    for (const struct check_type *const *type = check_types; *type; type++) {
        const struct kind *kind = &(*type)->kind;
        size_t first = strcspn(kind->schemes, " ");
        int64_t port;
        assert_int_equal(first, strlen(kind->name));
        assert_memory_equal(kind->schemes, kind->name, first);
        assert_non_null(kind->forms);
        assert_memory_equal(kind->help, "  ", 2);
        assert_int_equal(kind->help[strlen(kind->help) - 1], '\n');
        assert_non_null(kind->read);
        assert_true(!kind->port || parse_number(kind->port, 1, 65535, &port));
        assert_true((*type)->commands != 0);
        assert_non_null((*type)->prepare);
        assert_non_null((*type)->run);
    }
}

/* No text is of two kinds, and every scheme is of its own, in capitals and with a driver too. */
static void texts_have_one_kind(void **state)
{
    (void)state;
    for (const struct check_type *const *type = check_types; *type; type++) {
        char schemes[300];
        char *rest = schemes;
        strcpy(schemes, (*type)->kind.schemes);
        for (const char *scheme; (scheme = strsep(&rest, " ")) != NULL;) {
            text_init(&text, TEXT_ARRAY(bytes));
            text_format(&text, "%s+driver://h", scheme);
            assert_ptr_equal(check_type_of(bytes), *type);
            for (const struct check_type *const *other = check_types; *other; other++)
                assert_int_equal(kind_has(&(*other)->kind, bytes), *other == *type);
        }
    }
    assert_ptr_equal(check_type_of("/"), &check_http);
    assert_ptr_equal(check_type_of(":1"), &check_http);
    assert_ptr_equal(check_type_of("host=h"), &check_postgres);
    assert_ptr_equal(check_type_of("POSTGRES://h"), &check_postgres);
    assert_null(check_type_of(""));
    assert_null(check_type_of("h:1"));
    assert_null(check_type_of("httpx://h"));
    assert_null(check_type_of("http:/h"));
}

/* A user without a password: a role of PostgreSQL's, of others often a token. */
static void lone_users(void **state)
{
    static const struct {
        const char *written;
        const char *printed;
    } rows[] = {
        {"http://sesame7@h/", "http://***@h/"},   {"tcp://sesame7@h:1", "tcp://***@h:1"},
        {"redis://sesame7@h", "redis://***@h"},   {"other://sesame7@h", "other://***@h"},
        {"postgres://app@h", "postgres://app@h"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct target target;
        secret_clear();
        text_init(&text, TEXT_ARRAY(bytes));
        assert_true(check_parse(&target, rows[i].written, &text));
        target_add_url(&target, &text);
        assert_string_equal(bytes, rows[i].printed);
        target_release(&target);
    }
}

/* An @ far behind may be a password's, but not in a file's path or an HTTP URL's. */
static void late_ats(void **state)
{
    static const struct {
        const char *written;
        const char *reason; /* NULL: it is a target */
    } rows[] = {
        {"file:///run/worker@1/beat", NULL},
        {"http://h/@user", NULL},
        {"tcp://user:1/2@h:1", "an @ in its path: in a password, write @ as %40, / as %2F"},
        {"other://user:1/2@h", "an @ in its path: in a password, write @ as %40, / as %2F"},
        {"other://user:1@2/3@h", "an @ in its path"},
        {"mysql://user:1@2/3@h/name", "an @ in its path"},
        {"http://user:a/b@h/", "in a password, write @ as %40, / as %2F"},
        {"tcp://user:a/b@h:1", "in a password, write @ as %40, / as %2F"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct target target;
        text_init(&text, TEXT_ARRAY(bytes));
        bool is_target = check_parse(&target, rows[i].written, &text);
        assert_int_equal(is_target, rows[i].reason == NULL);
        assert_true(!rows[i].reason || strstr(bytes, rows[i].reason));
        target_release(&target);
    }
    text_init(&text, TEXT_ARRAY(bytes));
    struct target target;
    assert_false(check_parse(&target, "tcp://h:x", &text));
    assert_null(strstr(bytes, "password"));
    target_release(&target);
}

/* What is proposed to a command is nothing that it refuses, and all that it takes. */
static void forms_of_a_command(void **state)
{
    static const enum command commands[] = {COMMAND_LIVE, COMMAND_READY};
    (void)state;
    for (size_t i = 0; i < COUNT(commands); i++) {
        text_init(&text, TEXT_ARRAY(bytes));
        check_add_forms(commands[i], &text);
        assert_non_null(strstr(bytes, " or "));
        for (const struct check_type *const *type = check_types; *type; type++) {
            char form[80] = "";
            memcpy(form, (*type)->kind.forms, strcspn((*type)->kind.forms, ","));
            bool is_asked = (*type)->commands & COMMAND_BIT(commands[i]);
            assert_int_equal(strstr(bytes, form) != NULL, is_asked);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_whole),     cmocka_unit_test(texts_have_one_kind),
        cmocka_unit_test(lone_users),         cmocka_unit_test(late_ats),
        cmocka_unit_test(forms_of_a_command),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
