/* Whatever /proc and the cgroups hold, what is read from them is absent or in
 * its range. Each file of a little root is a link to the input. */
#include "fuzz.h"

#include <arpa/inet.h>
#include <sys/stat.h>

#include "machine/cgroup.h"
#include "machine/listeners.h"
#include "machine/procfs.h"

static char root[] = "/tmp/probe-fuzz-XXXXXX";

static void remove_root(void)
{
    char command[60];
    snprintf(command, sizeof command, "rm -rf %s", root);
    REQUIRE(system(command) == 0);
}

static void make_link(const char *path, int fd)
{
    char full[100];
    char target[32];
    snprintf(full, sizeof full, "%s%s", root, path);
    for (char *slash = full + strlen(root) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        mkdir(full, 0755);
        *slash = '/';
    }
    snprintf(target, sizeof target, "/proc/self/fd/%d", fd);
    REQUIRE(symlink(target, full) == 0);
}

static int make_root(void)
{
    static const char *const paths[] = {
        "/proc/net/tcp",
        "/proc/net/tcp6",
        "/proc/net/unix",
        "/proc/uptime",
        "/proc/1/stat",
        "/proc/1/limits",
        "/proc/self/cgroup",
        "/sys/fs/cgroup/memory.events",
        "/sys/fs/cgroup/pids.max",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/cpu,cpuacct/cpu.stat",
    };
    int fd = memfd_create("input", 0);
    REQUIRE(fd >= 0 && mkdtemp(root));
    atexit(remove_root);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        make_link(paths[i], fd);
    return fd;
}

static void check_listeners(void)
{
    struct listeners listeners;
    unsigned char address[16];
    listeners_read(root, LISTENER_TCP, &listeners);
    REQUIRE(listeners.is_known && listeners.count <= LISTENERS_MAX);
    for (size_t i = 0; i < listeners.count; i++) {
        const struct listener *each = &listeners.list[i];
        int family = strchr(each->place, ':') ? AF_INET6 : AF_INET;
        REQUIRE(each->port > 0 && each->port <= 65535);
        REQUIRE(inet_pton(family, each->place, address) == 1);
        REQUIRE(i == 0 || listeners.list[i - 1].port <= each->port);
    }
    listeners_read(root, LISTENER_UNIX, &listeners);
    REQUIRE(listeners.is_known && listeners.count <= LISTENERS_MAX);
    for (size_t i = 0; i < listeners.count; i++)
        REQUIRE(*listeners.list[i].place && listeners.list[i].port == 0);
}

static void check_processes(const char *line)
{
    struct process process;
    struct processes all;
    int64_t open;
    int64_t limit;
    if (procfs_parse_stat(line, 1000 * 1000, &process)) {
        REQUIRE(memchr(process.command, '\0', sizeof process.command));
        REQUIRE(process.age_ms >= -1 && process.age_ms <= 1000 * 1000);
    }
    procfs_processes(root, &all);
    REQUIRE(all.count == 1 || all.count == -1);
    procfs_open_files(root, 1, &open, &limit);
    REQUIRE(open == -1);
}

static void check_cgroup(const char *text)
{
    char path[32];
    struct cgroup cgroup;
    cgroup_read(root, &cgroup);
    REQUIRE(cgroup.oom_kills >= -1 && cgroup.pids_limit >= -1 && cgroup.memory_limit_bytes >= -1);
    REQUIRE(cgroup.cpu_throttled_periods >= -1 && cgroup.cpu_throttled_us >= -1);
    REQUIRE(cgroup_parse_value(text, "oom_kill") >= -1);
    if (cgroup_parse_path(text, "memory", path, sizeof path))
        REQUIRE(memchr(path, '\0', sizeof path) && !strchr(path, '\n'));
    cgroup_parse_path(text, "", path, sizeof path);
}

static void take_line(const char *line, void *user)
{
    size_t *left = user;
    REQUIRE(strlen(line) < 4096 && !strchr(line, '\n'));
    REQUIRE(strlen(line) <= *left);
    *left -= strlen(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    if (fd < 0)
        fd = make_root();
    fuzz_fill(fd, data, size);
    char *text = fuzz_string(data, size);
    size_t left = size;
    REQUIRE(procfs_each_line(root, "/proc/net/tcp", take_line, &left));
    check_listeners();
    check_processes(text);
    check_cgroup(text);
    free(text);
    return 0;
}
