/* The cgroup hierarchy: what this container has used and may use. */
#include "machine/cgroup.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/procfs.h"

enum { FILE_MAX_BYTES = 4096, PATH_MAX_BYTES = 512 };

/* Whether a controller is among those of a list, "cpu,cpuacct", up to end. */
static bool has_controller(const char *list, const char *end, const char *controller)
{
    size_t wanted = strlen(controller);
    for (;;) {
        size_t length = strcspn(list, ",:");
        if (length == wanted && strncmp(list, controller, wanted) == 0)
            return true;
        list += length + 1;
        if (list > end)
            return false;
    }
}

/* Lines are "HIERARCHY:CONTROLLERS:PATH". */
bool cgroup_parse_path(const char *text, const char *controller, char *path, size_t size)
{
    for (size_t line; *text; text += line + (text[line] == '\n')) {
        line = strcspn(text, "\n");
        const char *list = memchr(text, ':', line);
        size_t rest = list ? line - (size_t)(list + 1 - text) : 0;
        const char *group = list ? memchr(list + 1, ':', rest) : NULL;
        if (!group || !has_controller(list + 1, group, controller))
            continue;
        snprintf(path, size, "%.*s", (int)(text + line - group) - 1, group + 1);
        return true;
    }
    return false;
}

int64_t cgroup_parse_value(const char *text, const char *key)
{
    size_t length = strlen(key);
    for (const char *line = text; *line;
         line += strcspn(line, "\n") + (line[strcspn(line, "\n")] != '\0'))
        if (strncmp(line, key, length) == 0 && line[length] == ' ' &&
            isdigit((unsigned char)line[length + 1]))
            return strtoll(line + length + 1, NULL, 10);
    return -1;
}

/* Where a controller's files may be: a container sees its own group as the
 * hierarchy's root, or below it. */
struct group {
    const char *root;
    const char *mount; /* "/sys/fs/cgroup", "/sys/fs/cgroup/memory" */
    char path[256];    /* of the group, "" when it is the root */
};

static bool read_group(const struct group *group, const char *file, char *bytes, size_t size)
{
    char path[PATH_MAX_BYTES];
    snprintf(path, sizeof path, "%s%s/%s", group->mount, group->path, file);
    if (procfs_read(group->root, path, bytes, size))
        return true;
    snprintf(path, sizeof path, "%s/%s", group->mount, file);
    return procfs_read(group->root, path, bytes, size);
}

/* One number in a file, "max" as no limit; -1 when it is not there. Version 1
 * has no word for it: the largest multiple of a page. */
static int64_t read_number(const struct group *group, const char *file)
{
    enum { LEAST_BITS = 62 };
    char bytes[64];
    if (!read_group(group, file, bytes, sizeof bytes))
        return -1;
    if (strncmp(bytes, "max", 3) == 0)
        return INT64_MAX;
    if (!isdigit((unsigned char)*bytes))
        return -1;
    int64_t number = strtoll(bytes, NULL, 10);
    return number >= (INT64_C(1) << LEAST_BITS) ? INT64_MAX : number;
}

/* The number behind a key in a file of the group. */
static int64_t read_value(const struct group *group, const char *file, const char *key)
{
    char bytes[FILE_MAX_BYTES];
    return read_group(group, file, bytes, sizeof bytes) ? cgroup_parse_value(bytes, key) : -1;
}

/* The group of a controller of version 1; false when it is not mounted so. */
static bool find_group(struct group *group, const char *cgroups, const char *controller,
                       const char *mount)
{
    group->mount = mount;
    return cgroup_parse_path(cgroups, controller, group->path, sizeof group->path);
}

static void read_version_1(struct group *group, const char *cgroups, struct cgroup *cgroup)
{
    static const char *const cpu_mounts[] = {"/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct"};
    if (find_group(group, cgroups, "memory", "/sys/fs/cgroup/memory")) {
        cgroup->memory_bytes = read_number(group, "memory.usage_in_bytes");
        cgroup->file_cache_bytes = read_value(group, "memory.stat", "total_cache");
        cgroup->memory_limit_bytes = read_number(group, "memory.limit_in_bytes");
        cgroup->oom_kills = read_value(group, "memory.oom_control", "oom_kill");
    }
    if (find_group(group, cgroups, "pids", "/sys/fs/cgroup/pids")) {
        cgroup->pids = read_number(group, "pids.current");
        cgroup->pids_limit = read_number(group, "pids.max");
    }
    for (size_t i = 0; i < 2 && cgroup->cpu_throttled_periods < 0; i++) {
        if (!find_group(group, cgroups, "cpu", cpu_mounts[i]))
            return;
        int64_t ns = read_value(group, "cpu.stat", "throttled_time");
        cgroup->cpu_throttled_periods = read_value(group, "cpu.stat", "nr_throttled");
        cgroup->cpu_throttled_us = ns < 0 ? -1 : ns / 1000;
    }
}

static void read_version_2(const struct group *group, struct cgroup *cgroup)
{
    cgroup->memory_bytes = read_number(group, "memory.current");
    cgroup->file_cache_bytes = read_value(group, "memory.stat", "file");
    cgroup->memory_limit_bytes = read_number(group, "memory.max");
    cgroup->oom_kills = read_value(group, "memory.events", "oom_kill");
    cgroup->cpu_throttled_periods = read_value(group, "cpu.stat", "nr_throttled");
    cgroup->cpu_throttled_us = read_value(group, "cpu.stat", "throttled_usec");
    cgroup->pids = read_number(group, "pids.current");
    cgroup->pids_limit = read_number(group, "pids.max");
}

void cgroup_read(const char *root, struct cgroup *cgroup)
{
    char cgroups[FILE_MAX_BYTES];
    struct group group = {.root = root, .mount = "/sys/fs/cgroup"};
    procfs_read(root, "/proc/self/cgroup", cgroups, sizeof cgroups);
    if (!cgroup_parse_path(cgroups, "", group.path, sizeof group.path))
        *group.path = '\0';
    read_version_2(&group, cgroup);
    if (cgroup->memory_bytes < 0 && cgroup->pids < 0)
        read_version_1(&group, cgroups, cgroup);
}
