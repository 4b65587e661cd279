/* Goal: PostgreSQL's targets are read as libpq reads them, other drivers' words set
 * aside but for their wish for TLS; what nobody could mean is refused by its name. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "checks/check.h"
#include "config/target.h"
#include "version.h"

static char bytes[512];
static struct text text;

static const char *const variables[] = {"PGHOST",     "PGHOSTADDR", "PGPORT",       "PGUSER",
                                        "PGPASSWORD", "PGDATABASE", "PGSSLMODE",    "PGREQUIRESSL",
                                        "PGSERVICE",  "PGOPTIONS",  "PGSSLROOTCERT"};

static int begin(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(variables); i++)
        unsetenv(variables[i]);
    secret_clear();
    text_init(&text, TEXT_ARRAY(bytes));
    return 0;
}

static bool reads(struct target *target, const char *written)
{
    begin(NULL);
    bool is_read = check_parse(target, written, &text) && target_complete_postgres(target, &text);
    return is_read;
}

/* host/address:port of each, and who asks for what. */
static void summarise(const struct target *target, struct text *summary)
{
    for (size_t i = 0; i < target->host_count; i++) {
        const struct target_host *host = &target->hosts[i];
        text_format(summary, "%s%s", i > 0 ? "," : "", host->name);
        if (*host->address)
            text_format(summary, "(%s)", host->address);
        text_format(summary, ":%s", host->port);
    }
    const char *database = target_value(target, "dbname");
    text_format(summary, " %s %s %s", target->user, target->password ? target->password : "-",
                database ? database : "-");
}

static void good_targets(void **state)
{
    static const struct {
        const char *written;
        const char *summary;
        const char *url;
    } rows[] = {
        {"postgres://u:pw@h:1/d", "h:1 u pw d", "postgres://u:***@h:1/d"},
        {"postgres://u:pw@h:1/d?requirepeer=ab", "h:1 u pw d",
         "postgres://u:***@h:1/d?requirepeer=***"},
        {"postgres://u@h", "h:5432 u - -", "postgres://u@h:5432"},
        {"postgres://u@h:/d", "h:5432 u - d", "postgres://u@h:5432/d"},
        {"PostgreSQL+psycopg2://u@h/d", "h:5432 u - d", "postgresql+psycopg2://u@h:5432/d"},
        {"postgres://u@/d", "/var/run/postgresql:5432,/tmp:5432 u - d", "postgres://u@:5432/d"},
        {"postgres://u@a:1,b:2/d", "a:1,b:2 u - d", "postgres://u@a:1,b:2/d"},
        {"postgres://u@a,b:2/d", "a:5432,b:2 u - d", "postgres://u@a:5432,b:2/d"},
        {"postgres://u@/d?host=a,b&port=1,2", "a:1,b:2 u - d", "postgres://u@a:1,b:2/d"},
        {"postgres://u@/d?host=a,b&port=7", "a:7,b:7 u - d", "postgres://u@a:7,b:7/d"},
        {"postgres://u@h/d?hostaddr=127.0.0.1", "h(127.0.0.1):5432 u - d",
         "postgres://u@h:5432/d?hostaddr=127.0.0.1"},
        {"postgres://u@[::1]:1,[::2]/d", "::1:1,::2:5432 u - d",
         "postgres://u@[::1]:1,[::2]:5432/d"},
        {"postgres://u@localhost/d?host=/s", "/s:5432 u - d", "postgres://u@unix:/s:/d"},
        {"postgres://u@%2Fcloudsql%2Fp%3Ar%3Ai/d", "/cloudsql/p:r:i:5432 u - d",
         "postgres://u@unix:/cloudsql/p:r:i:/d"},
        {"postgres://u@/d?host=/cloudsql/p:r:i", "/cloudsql/p:r:i:5432 u - d",
         "postgres://u@unix:/cloudsql/p:r:i:/d"},
        {"postgres://u@%2Frun%0a%1b[31m/d", "/run\n\x1b[31m:5432 u - d",
         "postgres://u@unix:/run\\n\\x1b[31m:/d"},
        {"postgres://u@server:pw@h/d", "h:5432 u@server pw d", "postgres://u@server:***@h:5432/d"},
        {"postgres://u@server@h/d", "h:5432 u@server - d", "postgres://u@server@h:5432/d"},
        {"postgres://u:a%40b%2Fc%25@h/d", "h:5432 u a@b/c% d", "postgres://u:***@h:5432/d"},
        {"postgres://u:a#b?c@h/d", "h:5432 u a#b?c d", "postgres://u:***@h:5432/d"},
        {"postgres://h/d?user=u&password=a%26b", "h:5432 u a&b d", "postgres://u:***@h:5432/d"},
        {"postgres://u@h/d?dbname=e", "h:5432 u - e", "postgres://u@h:5432/e"},
        {"postgres://u@h/d?user=v&user=w", "h:5432 w - d", "postgres://w@h:5432/d"},
        {"jdbc:postgresql://h/d?user=u&password=pw&currentSchema=s", "h:5432 u pw d",
         "jdbc:postgresql://u:***@h:5432/d"},
        {"postgres://u@h/d?schema=s&connection_limit=1&pgbouncer=true&ssl=false&sslmode=disable",
         "h:5432 u - d", "postgres://u@h:5432/d?sslmode=disable"},
        {"postgres://u@h/d?sslmode=require&sslmode=prefer", "h:5432 u - d",
         "postgres://u@h:5432/d?sslmode=prefer"},
        {"postgres://u@h/d?targetServerType=master", "h:5432 u - d",
         "postgres://u@h:5432/d?target_session_attrs=primary"},
        {"host=h user=u dbname=d", "h:5432 u - d", "postgres://u@h:5432/d"},
        {"host=h user='a\\\\b'", "h:5432 a\\b - -", "postgres://a\\b@h:5432"},
        {"  host = 'h' password='a\\'b c' user=u\n", "h:5432 u a'b c -", "postgres://u:***@h:5432"},
        {"postgres://u@%2Frun/d?sslmode=require", "/run:5432 u - d",
         "postgres://u@unix:/run:/d?sslmode=require"}, /* no socket has TLS */
        {"host=h user=u TimeZone=Asia/Shanghai sslmode=disable", "h:5432 u - -",
         "postgres://u@h:5432?sslmode=disable"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct target target;
        bool is_read = reads(&target, rows[i].written);
        if (is_read != (rows[i].summary != NULL))
            fail_msg("'%s': %s", rows[i].written, bytes);
        if (is_read) {
            begin(NULL);
            summarise(&target, &text);
            assert_string_equal(bytes, rows[i].summary);
            begin(NULL);
            target_add_url(&target, &text);
            assert_string_equal(bytes, rows[i].url);
        }
        target_release(&target);
    }
}

static void bad_targets(void **state)
{
    static const struct {
        const char *written;
        const char *reason; /* a part of it */
    } rows[] = {
        {"postgres://u@h/nosuch%zz", "%25"},
        {"postgres://u@h/d%00", "%00"},
        {"postgres://u:%zz@h/d", "%25"},
        {"postgres://u:p@ss@h/d", "%40"},
        {"postgres://u:pa/ss@h/d", "%2F"},
        {"postgres://u:123/ss@h/d", "%2F"},
        {"postgres://u:p@ss/w@h/d", "%2F"}, /* to libpq a name with an @; more likely a password */
        {"postgres://u:p w@h/d", "%20"},
        {"postgres://u@h:x/d", "port"},
        {"postgres://u@h:0/d", "port"},
        {"postgres://u@h:65536/d", "port"},
        {"postgres://u@h/d?port=abc", "port"},
        {"postgres://u@h/d?port=70000", "port"},
        {"postgres://u@a,b,c/d?port=1,2", "3 hosts and 2 ports"},
        {"postgres://u@a,b/d?hostaddr=::1", "2 hosts and 1 addresses"},
        {"postgres://u@[::1/d", "[ without a ]"},
        {"postgres://u@[]/d", "IPv6"},
        {"postgres://u@[::1]x/d", "behind its ]"},
        {"postgres://u@h/d?targt_session_attrs=any", "did you mean target_session_attrs?"},
        {"postgres://u@h/d?target_session_attrs=master", "target_session_attrs master"},
        {"postgres://u@h/d?targetServerType=bogus", "'targetServerType'"},
        {"postgres://u@h/d?connect_timeout=soon", "connect_timeout soon"},
        {"postgres://u@h/d?channel_binding=required", "channel_binding required"},
        {"postgres://u@h/d?sslnegotiation=directly", "sslnegotiation directly"},
        {"postgres://u@h/d?keepalives=x", "keepalives x"},
        {"postgres://u@h/d?load_balance_hosts=yes", "load_balance_hosts yes"},
        {"postgres://u@h/d?sslmode=bogus", "sslmode bogus, which is not one of"},
        {"postgres://u@h/d?sslmode", "without a ="},
        {"postgres://u@h/d?dbname=a=b", "'dbname' with a second ="},
        {"postgres://u@h/d?dbname=%zz", "'dbname'"},
        {"postgres://u@h/d?password=%00", "'password'"},
        {"postgres://u@h/d?gssencmode=require", "no Kerberos"},
        {"postgres://u@h/d?service=s", "pg_service.conf"},
        {"postgres://h/d", "names no user"},
        {"host=h nosuch=1", "'nosuch'"},
        {"host=h user", "without a ="},
        {"host=h user='u", "without a second"},
        {"Server=h;Password=sesame", "another driver"},
        {"host=h;password=sesame", "another driver"},
        {"Host=h Password=sesame", "'Host'"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct target target;
        assert_false(reads(&target, rows[i].written));
        if (!strstr(bytes, rows[i].reason) || strstr(bytes, "sesame"))
            fail_msg("'%s' was refused because it %s", rows[i].written, bytes);
        target_release(&target);
    }
}

/* Whoever's word it is: a build without TLS refuses a wish for it, one with TLS does not, and
 * no answer is none. */
static void wishes_for_tls(void **state)
{
    static const char *const wishes[] = {"sslmode=require",
                                         "sslmode=verify-ca",
                                         "sslmode=verify-full",
                                         "sslmode=no-verify",
                                         "ssl=true",
                                         "ssl=require",
                                         "ssl=1",
                                         "ssl=%31",
                                         "ssl%6dode=require",
                                         "SSL=true",
                                         "sslMode=require",
                                         "ssl-mode=require",
                                         "ssl_mode=REQUIRED",
                                         "tls=true",
                                         "encrypt=true",
                                         "useSSL=true",
                                         "requiressl=1",
                                         "requiressl=true",
                                         "require_ssl=true",
                                         "direct_tls=1",
                                         "ssl_require=True",
                                         "sslmode=require&sslnegotiation=direct",
                                         "channel_binding=require",
                                         "sslrootcert=system",
                                         "sslcertmode=require",
                                         "sslmode=disable&sslmode=require",
                                         "sslmode=disable&ssl=true",
                                         "sslmode=disable&ssl=1",
                                         "sslmode=disable&requiressl=1"};
    static const char *const others[] = {"sslmode=disable",
                                         "sslmode=allow",
                                         "sslmode=prefer",
                                         "ssl=false",
                                         "ssl=0",
                                         "ssl=prefer",
                                         "requiressl=0",
                                         "tls=false",
                                         "encrypt=off",
                                         "useSSL=false",
                                         "channel_binding=prefer",
                                         "sslaccept=strict",
                                         "ssl=true&sslmode=disable"};
    (void)state;
    for (size_t i = 0; i < COUNT(wishes) + COUNT(others); i++) {
        bool is_wish = i < COUNT(wishes);
        struct target target;
        char written[120] = "postgres://u:sesame@h/d?";
        strcat(written, is_wish ? wishes[i] : others[i - COUNT(wishes)]);
        bool is_refused = is_wish && !PROBE_TLS;
        if (reads(&target, written) == is_refused || (is_refused && !strstr(bytes, "needs TLS")))
            fail_msg("'%s': %s", written, bytes);
        target_release(&target);
    }
}

/* TLS from the first byte on leaves no way to do without. */
static void direct_negotiation(void **state)
{
    struct target target;
    (void)state;
    assert_false(reads(&target, "postgres://u:sesame@h/d?sslnegotiation=direct"));
    assert_non_null(strstr(bytes, PROBE_TLS ? "wants require or more" : "needs TLS"));
    target_release(&target);
}

/* Where the target says nothing, libpq's variables do. */
static void variables_of_libpq(void **state)
{
    static const struct {
        const char *name;
        const char *value;
        const char *written;
        const char *result; /* the summary, or a part of the refusal */
    } rows[] = {
        {"PGHOST", "a,b", "postgres://u@/d", "a:5432,b:5432 u - d"},
        {"PGHOST", "/cloudsql/p:r:i", "postgres://u@/d", "/cloudsql/p:r:i:5432 u - d"},
        {"PGHOST", "x", "postgres://u@h/d", "h:5432 u - d"},
        {"PGHOSTADDR", "127.0.0.1", "postgres://u@h/d", "h(127.0.0.1):5432 u - d"},
        {"PGPORT", "1,2", "postgres://u@/d?host=a,b", "a:1,b:2 u - d"},
        {"PGPORT", "1,2", "postgres://u@a,b/d", "a:5432,b:5432 u - d"}, /* its port is "," */
        {"PGPORT", "1,2", "postgres://u@h/d", "1 hosts and 2 ports"},
        {"PGPORT", "five", "postgres://u@h/d", "port"},
        {"PGPORT", "", "postgres://u@h/d", "h:5432 u - d"},
        {"PGUSER", "u", "postgres://h/d", "h:5432 u - d"},
        {"PGPASSWORD", "sesame", "postgres://u@h/d", "h:5432 u sesame d"},
        {"PGPASSWORD", "other", "postgres://u:pw@h/d", "h:5432 u pw d"},
        {"PGDATABASE", "e", "postgres://u@h", "h:5432 u - e"},
#if PROBE_TLS
        {"PGSSLMODE", "require", "postgres://u@h", "h:5432 u - -"},
        {"PGREQUIRESSL", "1", "postgres://u@h", "h:5432 u - -"},
        {"PGSSLROOTCERT", "system", "postgres://u@h", "h:5432 u - -"},
#else
        {"PGSSLMODE", "require", "postgres://u@h", "sslmode require of PGSSLMODE"},
        {"PGREQUIRESSL", "1", "postgres://u@h",
         "sslmode require of PGREQUIRESSL, and that needs TLS"},
        {"PGSSLROOTCERT", "system", "postgres://u@h", "needs TLS"},
#endif
        {"PGSSLMODE", "require", "postgres://u@h?sslmode=prefer", "h:5432 u - -"},
        {"PGREQUIRESSL", "0", "postgres://u@h", "h:5432 u - -"},
        {"PGSERVICE", "s", "postgres://u@h", "pg_service.conf"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct target target;
        begin(NULL);
        setenv(rows[i].name, rows[i].value, 1);
        assert_true(check_parse(&target, rows[i].written, &text));
        if (target_complete_postgres(&target, &text))
            summarise(&target, &text);
        if (!strstr(bytes, rows[i].result))
            fail_msg("%s=%s: %s", rows[i].name, rows[i].value, bytes);
        target_release(&target);
    }
}

/* Each form of a password is hidden, refused or not. */
static void secrets_are_kept(void **state)
{
    static const char *const forms[] = {
        "postgres://u:s3same%40x@h/d", "postgres://h/d?user=u&password=s3same%40x",
        "postgres://u:s3same%40x@h/d?nosuch=1", "host=h user=u password=s3same@x"};
    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct target target;
        reads(&target, forms[i]);
        bool is_uri = strstr(forms[i], "://") != NULL;
        if (!strstr(forms[i], "nosuch"))
            assert_int_equal(secret_at("s3same@x", 8), 8);
        if (is_uri)
            assert_int_equal(secret_at("s3same%40x", 10), 10);
        target_release(&target);
    }
    begin(NULL);
    setenv("PGPASSWORD", "s3same", 1);
    struct target target;
    assert_true(check_parse(&target, "postgres://u@h", &text));
    assert_true(target_complete_postgres(&target, &text));
    assert_int_equal(secret_at("s3same", 6), 6);
    target_release(&target);
    target_release(&target); /* valid in every state */
}

static void resolvers(void **state)
{
    static const struct {
        const char *written;
        bool is_needed;
    } rows[] = {
        {"postgres://u@h/d", true},           {"postgres://u@127.0.0.1,localhost,[::1]/d", false},
        {"postgres://u@127.0.0.1,h/d", true}, {"postgres://u@h/d?hostaddr=127.0.0.1", false},
        {"postgres://u@/d", false},           {"postgres://u@%2Frun/d", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct target target;
        assert_true(reads(&target, rows[i].written));
        assert_int_equal(target_needs_resolver(&target), rows[i].is_needed);
        target_release(&target);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(good_targets, begin),
        cmocka_unit_test_setup(bad_targets, begin),
        cmocka_unit_test_setup(wishes_for_tls, begin),
        cmocka_unit_test_setup(direct_negotiation, begin),
        cmocka_unit_test_setup(variables_of_libpq, begin),
        cmocka_unit_test_setup(secrets_are_kept, begin),
        cmocka_unit_test_setup(resolvers, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
