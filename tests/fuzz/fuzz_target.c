/* Whatever is written as a target, no form in which it is printed holds its
 * password, nor the reason why it is refused. */
#include "fuzz.h"

#include "base/secret.h"
#include "checks/check.h"
#include "config/target.h"

/* The canary stands in the text once, so that what is printed of it comes from
 * there. */
static bool stands_once(const char *text)
{
    const char *at = strstr(text, CANARY);
    return at && !strstr(at + 1, CANARY);
}

/* Whether the canary is the value of a parameter that may be a token. */
static bool is_in_value(const struct target *target)
{
    const char *at = target->query ? strstr(target->query, CANARY) : NULL;
    if (!at || strncmp(target->scheme, "http", 4) != 0)
        return false;
    while (at > target->query && at[-1] != '&')
        at--;
    size_t length = strcspn(at, "&");
    return strcspn(at, "=") < (size_t)(strstr(at, CANARY) - at) &&
           !target_may_show_pair(target, at, length);
}

static void check_printed(const char *printed, bool hides)
{
    REQUIRE(fuzz_is_clean(printed));
    REQUIRE(!hides || !strstr(printed, CANARY));
}

static void check_target(const struct target *target, const char *written)
{
    char bytes[2 * TARGET_LENGTH_MAX];
    struct text text;
    bool is_password = target->password && strstr(target->password, CANARY);
    bool hides = stands_once(written) && (is_password || is_in_value(target));
    REQUIRE(target->port >= 0 && target->port <= 65535);
    REQUIRE(target->host || target->socket);
    REQUIRE(!target->socket || strlen(target->socket) <= SOCKET_PATH_MAX);
    text_init(&text, TEXT_ARRAY(bytes));
    target_add_url(target, &text);
    check_printed(bytes, hides);
    text_init(&text, TEXT_ARRAY(bytes));
    target_add_short(target, &text);
    check_printed(bytes, hides);
    target_value(target, "db");
    target_is_local(target);
    target_needs_resolver(target);
}

/* What libpq made of a PostgreSQL target: as safe to print, completed or refused. */
static void check_completed(struct target *target, const char *written)
{
    char bytes[400];
    struct text why;
    text_init(&why, TEXT_ARRAY(bytes));
    if (target->host_count == 0)
        return;
    bool is_right = target_complete_postgres(target, &why);
    REQUIRE(is_right == (why.length == 0));
    REQUIRE(!is_right || target->port > 0);
    check_printed(bytes, false);
    check_target(target, written);
}

/* What could not be parsed: all from the scheme to the last @ may be a
 * password. */
static void check_redacted(const char *written)
{
    char bytes[400];
    struct text text;
    const char *canary = strstr(written, CANARY);
    text_init(&text, TEXT_ARRAY(bytes));
    target_add_redacted(&text, written);
    size_t scheme =
        strspn(written, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");
    bool is_scheme = strncmp(written + scheme, "://", 3) == 0 && canary < written + scheme;
    bool hides = stands_once(written) && strchr(canary, '@') && !is_scheme;
    check_printed(bytes, hides);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *written = fuzz_string(data, size);
    char bytes[400];
    struct text why;
    struct target target;
    secret_clear();
    text_init(&why, TEXT_ARRAY(bytes));
    check_redacted(written);
    if (check_parse(&target, written, &why)) {
        check_target(&target, written);
        check_completed(&target, written);
    } else {
        REQUIRE(why.length > 0);
        check_printed(bytes, true);
    }
    secret_clear();
    target_release(&target);
    free(written);
    return 0;
}
