/* What Redis' answers mean: each error has its cause, and PONG alone does not
 * prove that a Sentinel or a cluster serves. */
#include <string.h>

#include "base/parse.h"
#include "checks/protocol.h"
#include "checks/redis.h"

enum words_after { NOTHING, REASON, DATABASE };

static const struct {
    const char *is; /* the error's first word (a code), or else a part of the error */
    enum cause cause;
    const char *words;
    enum words_after after;
} errors[] = {
    {"NOAUTH", CAUSE_REDIS_NOAUTH, "wants a password (NOAUTH)", NOTHING},
    {"WRONGPASS", CAUSE_REDIS_WRONG_PASSWORD, "wrong user or password (WRONGPASS)", NOTHING},
    {"NOPERM", CAUSE_REDIS_NOPERM, "user lacks a permission (NOPERM)", REASON},
    {"LOADING", CAUSE_REDIS_LOADING, "loading its data (LOADING)", NOTHING},
    {"MISCONF", CAUSE_REDIS_MISCONF, "cannot save to disk (MISCONF)", NOTHING},
    {"MASTERDOWN", CAUSE_REDIS_MASTERDOWN, "replica without its master (MASTERDOWN)", NOTHING},
    {"READONLY", CAUSE_REDIS_READONLY, "read-only replica (READONLY)", NOTHING},
    {"BUSY", CAUSE_REDIS_BUSY, "busy with a script (BUSY)", NOTHING},
    {"OOM", CAUSE_REDIS_OOM, "at its maxmemory (OOM)", NOTHING},
    {"NOREPLICAS", CAUSE_REDIS_NOREPLICAS, "too few replicas (NOREPLICAS)", NOTHING},
    {"CLUSTERDOWN", CAUSE_REDIS_CLUSTER_DOWN, "cluster down (CLUSTERDOWN)", REASON},
    {"DENIED", CAUSE_REDIS_PROTECTED, "in protected mode (DENIED)", NOTHING},
    {"invalid password", CAUSE_REDIS_WRONG_PASSWORD, "wrong password", NOTHING}, /* before 6.0 */
    {"without any password configured", CAUSE_REDIS_NO_PASSWORD_SET, "has no password set",
     NOTHING},
    {"Client sent AUTH, but no password is set", CAUSE_REDIS_NO_PASSWORD_SET, "has no password set",
     NOTHING},
    {"max number of clients", CAUSE_REDIS_MAX_CLIENTS, "too many connections (maxclients)",
     NOTHING},
    {"DB index is out of range", CAUSE_REDIS_DB_RANGE, " out of range", DATABASE},
    {"invalid DB index", CAUSE_REDIS_DB_RANGE, " out of range", DATABASE},
    {"SELECT is not allowed in cluster mode", CAUSE_REDIS_DB_RANGE,
     " out of range: a cluster has database 0 only", DATABASE},
};

static bool is_word(const char *error, size_t length, const char *word)
{
    size_t n = strlen(word);
    return length >= n && memcmp(error, word, n) == 0 && (length == n || error[n] == ' ');
}

/* A code must be the error's first word: others may stand in any text, a name
 * that the error repeats for example. */
static bool is_error(const char *error, size_t length, const char *is)
{
    bool is_code = is[strspn(is, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] == '\0';
    return is_code ? is_word(error, length, is) : memmem(error, length, is, strlen(is)) != NULL;
}

/* What follows the error's own first word. */
static void add_reason(const char *error, size_t length, struct text *words)
{
    const char *space = memchr(error, ' ', length);
    if (!space)
        return;
    text_add(words, ": ");
    text_add_foreign(words, space + 1, length - (size_t)(space + 1 - error), 120);
}

void redis_fail(struct result *result, const char *error, size_t length, const char *db)
{
    enum { KNOWN = sizeof errors / sizeof *errors };
    if (result->cause != CAUSE_NONE)
        return;
    size_t i = 0;
    while (i < KNOWN && !is_error(error, length, errors[i].is))
        i++;
    struct text words;
    if (i == KNOWN) {
        words = result_fail(result, CAUSE_REDIS_ERROR, "error: ");
        text_add_foreign(&words, error, length, 200);
    } else if (errors[i].after == DATABASE) {
        words = result_fail(result, errors[i].cause, "database ");
        text_add_foreign(&words, db, strlen(db), 16);
        text_add(&words, errors[i].words);
    } else {
        words = result_fail(result, errors[i].cause, "%s", errors[i].words);
        if (errors[i].after == REASON)
            add_reason(error, length, &words);
    }
    struct text detail = result_detail(result);
    text_add_foreign(&detail, error, length, 400);
    text_add(&detail, "\n");
}

bool redis_takes_writes(const char *error, size_t length)
{
    static const char *const codes[] = {"MOVED", "ASK", "WRONGTYPE"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (is_word(error, length, codes[i]))
            return true;
    return false;
}

void redis_fail_memory(struct result *result)
{
    result_fail(result, CAUSE_NO_RESOURCES, "no memory is left");
}

bool redis_is_pong(const redisReply *reply)
{
    bool is_string = reply->type == REDIS_REPLY_STATUS || reply->type == REDIS_REPLY_STRING;
    return is_string && strcmp(reply->str, "PONG") == 0;
}

void redis_fail_protocol(struct result *result, const char *first, size_t length,
                         const char *reason)
{
    const char *protocol = protocol_of(first, length);
    if (protocol && strcmp(protocol, "TLS") == 0) {
        protocol_fail_tls(result, "Redis");
        return;
    }
    struct text words =
        result_fail(result, CAUSE_REDIS_PROTOCOL, "not Redis%s%s: ", protocol ? " but " : "",
                    protocol ? protocol : "");
    if (length == 0) {
        text_add_foreign(&words, reason, strlen(reason), 100);
        return;
    }
    text_add(&words, "it answers '");
    text_add_foreign(&words, first, length, 60);
    text_add(&words, "'");
}

enum redis_mode redis_mode_of(const redisReply *hello)
{
    size_t count = hello && hello->type == REDIS_REPLY_ARRAY ? hello->elements : 0;
    for (size_t i = 0; i + 1 < count; i += 2) {
        const redisReply *name = hello->element[i];
        const redisReply *value = hello->element[i + 1];
        if (name->type != REDIS_REPLY_STRING || value->type != REDIS_REPLY_STRING ||
            strcmp(name->str, "mode") != 0)
            continue;
        return strcmp(value->str, "cluster") == 0    ? REDIS_MODE_CLUSTER
               : strcmp(value->str, "sentinel") == 0 ? REDIS_MODE_SENTINEL
                                                     : REDIS_MODE_DATA;
    }
    return REDIS_MODE_DATA;
}

void redis_fail_sentinel(struct result *result)
{
    result_fail(result, CAUSE_REDIS_SENTINEL, "a Sentinel, which holds no data");
}

/* The number of a line "name:7\r\n" of CLUSTER INFO; -1 without one. */
static int64_t field(const char *info, const char *name)
{
    char digits[16] = "";
    int64_t number = -1;
    const char *at = strstr(info, name);
    if (!at)
        return -1;
    at += strlen(name);
    size_t length = strcspn(at, "\r\n");
    if (length >= sizeof digits)
        return -1;
    memcpy(digits, at, length);
    parse_number(digits, 0, INT32_MAX, &number);
    return number;
}

void redis_judge_cluster(struct result *result, const redisReply *info)
{
    enum { SLOTS = 16384 };
    const char *text = info && info->type == REDIS_REPLY_STRING ? info->str : "";
    if (strstr(text, "cluster_state:ok"))
        return;
    if (!strstr(text, "cluster_state:fail")) {
        struct text note = result_note(result);
        text_add(&note, "a cluster node that does not say whether the cluster is up");
        return;
    }
    int64_t assigned = field(text, "cluster_slots_assigned:");
    int64_t up = field(text, "cluster_slots_ok:");
    struct text words =
        result_fail(result, CAUSE_REDIS_CLUSTER_DOWN, "cluster down (cluster_state:fail)");
    if (assigned < 0 || up < 0)
        return;
    text_add(&words, ": ");
    text_add_number(&words, assigned < SLOTS ? assigned : up);
    text_format(&words, " of %d slots %s", SLOTS, assigned < SLOTS ? "assigned" : "served");
}
