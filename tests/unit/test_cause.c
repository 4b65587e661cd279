/* Goal: every cause has its row, with a name of its own and words that fit the
 * first line. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "base/cause.h"

static void every_row_is_complete(void **state)
{
    (void)state;
    for (int i = CAUSE_NONE; i < CAUSE_COUNT; i++) {
        const struct cause_info *info = cause_info((enum cause)i);
        assert_non_null(info->name);
        assert_non_null(info->meaning);
        assert_non_null(info->hint);
        assert_true(i == CAUSE_NONE || *info->hint);
        assert_true(strlen(info->hint) <= 160);
        assert_int_equal(info->name[strspn(info->name, "abcdefghijklmnopqrstuvwxyz0123456789-")],
                         '\0');
        for (int j = CAUSE_NONE; j < i; j++)
            assert_string_not_equal(info->name, cause_info((enum cause)j)->name);
    }
}

/* A hint of a cause is said of any service: what its answer shows, http_evidence.c has. */
static void hint_names_no_product(void **state)
{
    static const char *const products[] = {
        "Django", "CONN_MAX_AGE", "ALLOWED_HOSTS", "SECURE_", "APPEND_SLASH", "unicorn", "nginx",
        "Apache", "Rails",        "Spring",        "Caddy",   "Express",      "Traefik"};
    (void)state;
    for (int i = CAUSE_NONE; i < CAUSE_COUNT; i++)
        for (size_t j = 0; j < sizeof products / sizeof *products; j++)
            assert_null(strstr(cause_info((enum cause)i)->hint, products[j]));
}

static void errors_have_causes(void **state)
{
    (void)state;
    assert_int_equal(cause_of_errno(ECONNREFUSED), CAUSE_REFUSED);
    assert_int_equal(cause_of_errno(EHOSTUNREACH), CAUSE_UNREACHABLE);
    assert_int_equal(cause_of_errno(EACCES), CAUSE_SOCKET_DENIED);
    assert_int_equal(cause_of_errno(ENOENT), CAUSE_SOCKET_MISSING);
    assert_int_equal(cause_of_errno(ELOOP), CAUSE_SOCKET_UNUSABLE);
    assert_int_equal(cause_of_errno(EMFILE), CAUSE_NO_RESOURCES);
    assert_int_equal(cause_of_errno(EINVAL), CAUSE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_complete),
        cmocka_unit_test(hint_names_no_product),
        cmocka_unit_test(errors_have_causes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
