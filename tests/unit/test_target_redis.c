/* Goal: Redis' targets are read as redis-py reads them; what it cannot send, or this build
 * cannot do, is refused by its name. tests/e2e/test_redis_differential.py holds them to
 * redis-py itself. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "checks/check.h"
#include "config/target.h"
#include "version.h"

static char bytes[512];
static struct text text;

static int begin(void **state)
{
    (void)state;
    secret_clear();
    text_init(&text, TEXT_ARRAY(bytes));
    return 0;
}

static bool reads(struct target *target, const char *written)
{
    begin(NULL);
    return check_parse(target, written, &text) && target_complete_redis(target, &text);
}

/* "host:port user password db", each in < >. */
static void summarise(const struct target *target, struct text *summary)
{
    struct redis_login login = target_redis_login(target);
    if (target->socket)
        text_format(summary, "%s", target->socket);
    else
        text_format(summary, "%s:%d", target->host, target->port);
    text_format(summary, " <%s> <%s> <%s>", login.user, login.password, login.db);
}

static void good_targets(void **state)
{
    static const struct {
        const char *written;
        const char *summary;
    } rows[] = {
        {"redis://", "localhost:6379 <> <> <>"},
        {"redis://h", "h:6379 <> <> <>"},
        {"REDIS://h:1/", "h:1 <> <> <>"},
        {"redis://h:0", "h:6379 <> <> <>"},
        {"redis://h:", "h:6379 <> <> <>"},
        {"valkey://h:1/2", "h:1 <> <> <2>"},
        {"redis://[::1]:7/3", "::1:7 <> <> <3>"},
        {"redis://:pw@h", "h:6379 <> <pw> <>"},
        {"redis://u:pw@h/0", "h:6379 <u> <pw> <>"},
        {"redis://u:@h", "h:6379 <u> <> <>"},
        {"redis://u@h", "h:6379 <u> <> <>"},
        {"redis://@h", "h:6379 <> <> <>"},
        {"redis://:p@ss@h", "h:6379 <> <p@ss> <>"},
        {"redis://:p:s@h", "h:6379 <> <p:s> <>"},
        {"redis://:p%40s%2F%25@h", "h:6379 <> <p@s/%> <>"},
        {"redis://:100%@h", "h:6379 <> <100%> <>"},
        {"redis://:a%zz%4@h", "h:6379 <> <a%zz%4> <>"},
        {"redis://:a b@h", "h:6379 <> <a b> <>"},
        {"redis://:a+b@h", "h:6379 <> <a+b> <>"},
        /* databases: the parameter, then the path; what is no number there is none */
        {"redis://h/0?db=99", "h:6379 <> <> <99>"},
        {"redis://h/9?db=0", "h:6379 <> <> <>"},
        {"redis://h/007", "h:6379 <> <> <7>"},
        {"redis://h/1/2", "h:6379 <> <> <12>"},
        {"redis://h/%31", "h:6379 <> <> <1>"},
        {"redis://h/-1", "h:6379 <> <> <-1>"},
        {"redis://h/-0", "h:6379 <> <> <>"},
        {"redis://h/1_0", "h:6379 <> <> <10>"},
        {"redis://h/ 3 ", "h:6379 <> <> <3>"},
        {"redis://h/+3", "h:6379 <> <> <3>"},
        {"redis://h/cache", "h:6379 <> <> <>"},
        {"redis://h/1x", "h:6379 <> <> <>"},
        {"redis://h/1__0", "h:6379 <> <> <>"},
        {"redis://h/9999999999999999999999", "h:6379 <> <> <9999999999999999999999>"},
        {"redis://h?db=+3", "h:6379 <> <> <3>"}, /* a + is a space there */
        {"redis://h/4?db=", "h:6379 <> <> <4>"},
        {"redis://h?db=1&db=2", "h:6379 <> <> <1>"},
        {"redis://h?db=1&db=x", "h:6379 <> <> <1>"},
        {"redis://h?db", "h:6379 <> <> <>"},
        /* parameters: decoded twice, the authority wins */
        {"redis://h?username=u&password=p", "h:6379 <u> <p> <>"},
        {"redis://v:q@h?username=u&password=p", "h:6379 <v> <q> <>"},
        {"redis://v:@h?username=u&password=p", "h:6379 <v> <p> <>"},
        {"redis://v:q@h/1?username=a@b", "h:6379 <v> <q> <1>"},
        {"redis://h?password=a+b", "h:6379 <> <a b> <>"},
        {"redis://h?password=a%2Bb", "h:6379 <> <a+b> <>"},
        {"redis://h?password=100%2525", "h:6379 <> <100%> <>"},
        {"redis://h?password=%zz", "h:6379 <> <%zz> <>"},
        {"redis://h?pass%77ord=p", "h:6379 <> <p> <>"},
        {"redis://?host=h&port=7", "h:7 <> <> <>"},
        {"redis://g:8?host=h&port=7", "g:8 <> <> <>"},
        {"redis://h?socket_timeout=5&decode_responses=True&health_check_interval=30&protocol=3",
         "h:6379 <> <> <>"},
        {"redis://h?Family=6&&pool_size=4", "h:6379 <> <> <>"},
        {"redis://h?ssl=false&tls=0", "h:6379 <> <> <>"},
        /* sockets: only the path and the login count */
        {"unix:///run/r.sock", "/run/r.sock <> <> <>"},
        {"unix:///run/r.sock?db=1", "/run/r.sock <> <> <1>"},
        {"unix://u:p@/run/r.sock", "/run/r.sock <u> <p> <>"},
        {"unix://u:p@h:x/run/r%20s", "/run/r s <u> <p> <>"},
        {"unix://run/r.sock", "/r.sock <> <> <>"},
        {"redis+socket:///run/r.sock?virtual_host=1", "/run/r.sock <> <> <1>"},
        {"redis+socket:///run/r.sock?virtual_host=/2", "/run/r.sock <> <> <2>"},
        {"redis+socket://:p@/run/r.sock", "/run/r.sock <> <p> <>"},
        {"redis-socket:///run/r.sock?db=3", "/run/r.sock <> <> <3>"},
        {"redis+unix:///run/r.sock?db=3", "/run/r.sock <> <> <3>"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct target target;
        char summary_bytes[200];
        struct text summary;
        text_init(&summary, TEXT_ARRAY(summary_bytes));
        if (!reads(&target, rows[i].written))
            fail_msg("'%s' was refused because it %s", rows[i].written, bytes);
        summarise(&target, &summary);
        assert_string_equal(summary_bytes, rows[i].summary);
        target_release(&target);
    }
}

static void bad_targets(void **state)
{
    static const struct {
        const char *written;
        const char *reason; /* a part of it */
    } rows[] = {
        {"redis://h:70000", "port"},
        {"redis://h:-1", "port"},
        {"redis://h:x", "port"},
        {"redis://u:pa/ss@h/", "%2F"},
        {"redis://u:p@ss/w@h/", "%2F"},
        {"redis://:pw#x@h", "%23"},
        {"redis://h/0#x", "%23"},
        {"redis://:a%00@h", "%00"},
        {"redis://a%00:p@h", "%00"},
        {"redis://h%00", "%00"},
        {"redis://h/%00", "%00"},
        {"redis://h?password=%00", "%00"},
        {"redis://h?password=%2500", "%00"},
        {"redis://h?%00=1", "%00"},
        {"unix:///run/%00", "%00"},
        {"redis://:p[w@h[", "["},
        {"redis://[::1", "["},
        {"redis://::1]", "["},
        {"redis://x[::1]", "["},
        {"redis://[::g]", "character"},
        {"redis://a:b:c", "port"},
        {"redis://h\xc3\xbc", "character"},
        {"redis://%2Frun%2Fr.sock", "character"},
        {"redis://ca che", "character"},
        {"redis://a,b", "several hosts"},
        {"redis://a:1,b:2", "port"},
        {"redis://h\t", "control"},
        {"redis://h?db=x", "'db' that is not the number of a database"},
        {"redis://h?db=1.0", "'db'"},
        {"redis://?port=0", "'port'"},
        {"redis://?port=70000", "'port'"},
        {"redis://h?socket_timeout=soon", "'socket_timeout' that is not a number"},
        {"redis://h?max_connections=x", "'max_connections'"},
        {"redis://h?virtual_host=1", "'virtual_host'"},
        {"redis://h?path=/run/r.sock", "'path'"},
        {"redis://h?pasword=x", "'pasword' that Redis' clients do not know"},
        {"unix:///r?host=h", "'host'"},
        {"unix://", "no socket"},
        {"redis+x://h", "redis+x"},
#if !PROBE_TLS
        {"rediss://h", "needs TLS: use probe's TLS build (image probe:tls)"},
        {"rediss+x://h", "needs TLS"},
        {"valkeys://h", "needs TLS"},
        {"redis://h?ssl=true", "'ssl' that needs TLS"},
        {"redis://h?SSL=required", "'SSL' that needs TLS"},
        {"redis://h?tls=1", "'tls' that needs TLS"},
        {"redis://h?use_ssl=yes", "'use_ssl' that needs TLS"},
        {"redis://h?ssl_cert_reqs=none", "'ssl_cert_reqs' that needs TLS"},
        {"redis://h?ssl_ca_certs=/x", "'ssl_ca_certs' that needs TLS"},
        {"rediss+sentinel://h", "needs TLS"},
#endif
        {"redis+sentinel://h:26379/main/0", "for Sentinel (redis+sentinel)"},
        {"redis-sentinel://h", "for Sentinel"},
        {"sentinel://h", "for Sentinel (sentinel)"},
        {"redis+cluster://h", "cluster's client (redis+cluster)"},
        {"redis-cluster://h", "cluster's client"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct target target;
        assert_false(reads(&target, rows[i].written));
        if (!strstr(bytes, rows[i].reason))
            fail_msg("'%s' was refused because it %s", rows[i].written, bytes);
        target_release(&target);
    }
}

/* Each form in which a password is written or sent is known as a secret. */
static void secrets_are_kept(void **state)
{
    static const struct {
        const char *written;
        const char *secrets[3];
    } rows[] = {
        {"redis://:s3s%40me@h", {"s3s%40me", "s3s@me"}},
        {"redis://u:s3same@h?db=x", {"s3same"}},
        {"redis://s3samesame@h", {"s3samesame"}},
        {"redis://h?password=s3s%2540me", {"s3s%2540me", "s3s%40me", "s3s@me"}},
        {"redis://h?token=s3samesame", {"s3samesame"}},
        {"unix://:s3same@/run/x", {"s3same"}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct target target;
        reads(&target, rows[i].written);
        for (size_t j = 0; j < COUNT(rows[i].secrets) && rows[i].secrets[j]; j++) {
            size_t length = strlen(rows[i].secrets[j]);
            assert_int_equal(secret_at(rows[i].secrets[j], length), length);
        }
        target_release(&target);
    }
}

static void what_is_shown(void **state)
{
    static const char *const rows[][2] = {
        {"redis://:pw@h/0", "redis://:***@h:6379/0"},
        {"redis://u:pw@h:1?db=2", "redis://u:***@h:1?db=2"},
        {"redis://geheim@h", "redis://***@h:6379"},
        {"valkey://h?password=x", "valkey://h:6379?password=***"},
        {"redis+socket:///run/r?virtual_host=1", "unix:///run/r?virtual_host=1"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct target target;
        assert_true(reads(&target, rows[i][0]));
        target_add_url(&target, &text);
        assert_string_equal(bytes, rows[i][1]);
        target_release(&target);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(good_targets, begin),
        cmocka_unit_test_setup(bad_targets, begin),
        cmocka_unit_test_setup(secrets_are_kept, begin),
        cmocka_unit_test_setup(what_is_shown, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
