/* redis: what a server's answers mean, for the file that asks (check_redis.c). */
#ifndef PROBE_REDIS_H
#define PROBE_REDIS_H

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stddef.h>

#include "checks/result.h"

/* The verdict on an error that Redis sent; db is the database that was
 * selected, as the target names it. */
void redis_fail(struct result *result, const char *error, size_t length, const char *db);

/* Whether the error to a write says only that another node of the cluster, or
 * another type of key, would take it: the server takes writes. */
bool redis_takes_writes(const char *error, size_t length);

/* The verdict on something that is not Redis, by the bytes with which it
 * answered; without any, by the reason that the library has. */
void redis_fail_protocol(struct result *result, const char *first, size_t length,
                         const char *reason);

/* The verdict where no memory is left. */
void redis_fail_memory(struct result *result);

/* Whether a reply is that to PING. */
bool redis_is_pong(const redisReply *reply);

enum redis_mode { REDIS_MODE_DATA, REDIS_MODE_CLUSTER, REDIS_MODE_SENTINEL };

/* What kind of server HELLO's answer tells; one that knows no HELLO (before
 * 6.0, or a proxy) counts as REDIS_MODE_DATA. */
enum redis_mode redis_mode_of(const redisReply *hello);

/* The verdict on a Sentinel, which answers PING and holds no data. */
void redis_fail_sentinel(struct result *result);

/* The verdict on a cluster by the answer to CLUSTER INFO: nothing when its state
 * is ok, a note when the answer does not tell. */
void redis_judge_cluster(struct result *result, const redisReply *info);

#endif
