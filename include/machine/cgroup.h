/* cgroup: what this container has used and may use, from the cgroup hierarchy. */
#ifndef PROBE_CGROUP_H
#define PROBE_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the cgroup has used and may use; -1 unknown, INT64_MAX no limit. */
struct cgroup {
    int64_t memory_bytes;
    int64_t file_cache_bytes; /* the part of it that the kernel takes back first */
    int64_t memory_limit_bytes;
    int64_t oom_kills;
    int64_t cpu_throttled_periods;
    int64_t cpu_throttled_us;
    int64_t pids;
    int64_t pids_limit;
};

/* Reads it from version 2 of the hierarchy, version 1, or both (hybrid). */
void cgroup_read(const char *root, struct cgroup *cgroup);

/* The path of a controller's group in a text like /proc/self/cgroup; controller
 * "" for version 2. False when it is not there. */
bool cgroup_parse_path(const char *text, const char *controller, char *path, size_t size);

/* The number behind a key in a text of "key number" lines; -1 without it. */
int64_t cgroup_parse_value(const char *text, const char *key);

#endif
