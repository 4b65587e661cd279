/* Goal: what the kernel tells is read rightly on version 1 and 2 of the cgroup
 * hierarchy and in between; what it does not tell, or tells as garbage, is
 * absent and never a wrong number. procfs/ holds little roots to read. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "machine/cgroup.h"
#include "machine/procfs.h"
#include "made_root.h"

enum { NOBODY = 65534 };

/* Processes ----------------------------------------------------------------- */

static void a_process(void **state)
{
    struct process process;
    (void)state;
    assert_true(procfs_process("procfs/v2", 1, &process));
    assert_int_equal(process.pid, 1);
    assert_string_equal(process.command, "gunicorn");
    assert_int_equal(process.state, 'S');
    assert_int_equal(process.threads, 1);
    assert_true(process.age_ms == -1 || process.age_ms >= 0); /* since this machine began */
    assert_false(procfs_process("procfs/v2", 2, &process));
    assert_false(procfs_process("procfs/garbage", 1, &process));
}

#define REST " S 1 2 2 0 -1 0 0 0 0 0 0 0 0 0 20 0 3 0 500 0 0"

static void commands_of_any_characters(void **state)
{
    static const struct {
        const char *line;
        const char *command;
    } rows[] = {
        {"2 (a b)" REST, "a b"},
        {"2 (a) S 1 (b))" REST, "a) S 1 (b)"},
        {"2 ())" REST, ")"},
        {"2 ()" REST, ""},
        {"2 (tmux: \n1)" REST, "tmux: \n1"},
        {"2 (\xc3\xa9\xff)" REST, "\xc3\xa9\xff"},
        {"2 (0123456789012345678901234567890123456789012345678901234567890123456789)" REST,
         "012345678901234567890123456789012345678901234567890123456789012"},
    };
    struct process process;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_true(procfs_parse_stat(rows[i].line, 6000, &process));
        assert_string_equal(process.command, rows[i].command);
        assert_int_equal(process.state, 'S');
        assert_int_equal(process.threads, 3);
        assert_int_equal(process.age_ms, 1000);
    }
}

static void stat_that_is_none(void **state)
{
    static const char *const lines[] = {
        "",
        "1",
        "1 (",
        "1 (a",
        "1 a)",
        ")(",
        "1 (a)",
        "1 (a) S",
        ("x (a)" REST),
        "1 (a) S 1 2 2 0 -1 0 0 0 0 0 0 0 0 0 20 0 3 0",
        "1 (a) S 1 2 2 x -1 0 0 0 0 0 0 0 0 0",
    };
    struct process process;
    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++)
        if (procfs_parse_stat(lines[i], 6000, &process))
            fail_msg("'%s' was taken", lines[i]);
}

/* A clock that does not fit the process, as where /proc/uptime is a container's
 * own and /proc/1/stat the host's: no age rather than a wrong one. */
static void absurd_ages(void **state)
{
    struct process process;
    (void)state;
    assert_true(procfs_parse_stat("1 (a)" REST, -1, &process));
    assert_int_equal(process.age_ms, -1);
    assert_true(procfs_parse_stat("1 (a)" REST, 4999, &process));
    assert_int_equal(process.age_ms, -1);
    assert_true(procfs_parse_stat("1 (a)" REST, 5000, &process));
    assert_int_equal(process.age_ms, 0);
    assert_true(procfs_parse_stat("1 (a) S 1 2 2 0 -1 0 0 0 0 0 0 0 0 0 20 0 3 0 "
                                  "99999999999999999999999 0 0",
                                  6000, &process));
    assert_int_equal(process.age_ms, -1);
}

/* The clock is that of the kernel, whatever /proc/uptime says. */
static void age_by_the_kernel_s_clock(void **state)
{
    struct timespec now;
    char line[100];
    struct process process;
    (void)state;
    clock_gettime(CLOCK_BOOTTIME, &now);
    int64_t age_s = now.tv_sec < 42 ? now.tv_sec : 42; /* of a machine that has just started */
    snprintf(line, sizeof line, "1 (a) S 1 2 2 0 -1 0 0 0 0 0 0 0 0 0 20 0 3 0 %lld 0 0\n",
             (long long)(now.tv_sec - age_s) * 100);
    put("/proc/1/stat", line);
    put("/proc/uptime", "1.00 1.00\n");
    assert_true(procfs_process(made, 1, &process));
    assert_in_range(process.age_ms, age_s * 1000, age_s * 1000 + 10000);
}

static void processes_counted(void **state)
{
    struct processes all;
    (void)state;
    procfs_processes("procfs/v2", &all); /* the stat of 9 is empty: it has just gone */
    assert_int_equal(all.count, 3);
    assert_int_equal(all.zombies, 1);
    assert_int_equal(all.threads, 1 + 5 + 1);
    procfs_processes(made, &all);
    assert_int_equal(all.count, -1);
    procfs_processes("procfs/v1", &all); /* a /proc without processes (hidepid) */
    assert_int_equal(all.count, -1);
}

static void open_files(void **state)
{
    int64_t open;
    int64_t limit;
    (void)state;
    procfs_open_files("procfs/v2", 1, &open, &limit);
    assert_int_equal(open, -1); /* another user's, whose descriptors are closed to us */
    assert_int_equal(limit, 1024);
    procfs_open_files("procfs/garbage", 1, &open, &limit);
    assert_int_equal(limit, -1);
    put("/proc/1/fd/0", "");
    put("/proc/1/fd/1", "");
    put("/proc/1/fd/22", "");
    procfs_open_files(made, 1, &open, &limit);
    assert_int_equal(open, 3);
    assert_int_equal(limit, -1);
}

/* Where others are hidden, those that are seen are not all. */
static void processes_hidden(void **state)
{
    struct processes all;
    (void)state;
    put("/proc/7/stat", "7 (a)" REST "\n");
    procfs_processes(made, &all);
    assert_int_equal(all.count, -1);
    put("/proc/1/stat", "1 (a)" REST "\n");
    procfs_processes(made, &all);
    assert_int_equal(all.count, 2);
}

struct sockets {
    char list[100];
};

static void take_socket(int pid, unsigned long inode, void *user)
{
    struct sockets *sockets = user;
    size_t length = strlen(sockets->list);
    snprintf(sockets->list + length, sizeof sockets->list - length, "%d:%lu ", pid, inode);
}

static void sockets_of_processes(void **state)
{
    struct sockets sockets = {""};
    (void)state;
    procfs_each_socket(made, take_socket, &sockets);
    assert_string_equal(sockets.list, "");
    put("/proc/7/fd/0", "");
    put_link("/proc/7/fd/3", "socket:[4711]");
    put_link("/proc/7/fd/4", "pipe:[4712]");
    put_link("/proc/7/fd/5", "socket:[x]");
    procfs_each_socket(made, take_socket, &sockets);
    assert_string_equal(sockets.list, "7:4711 ");
}

static void open_files_without_a_limit(void **state)
{
    int64_t open;
    int64_t limit;
    (void)state;
    put("/proc/7/limits",
        "Max open files            unlimited            unlimited            files\n");
    procfs_open_files(made, 7, &open, &limit);
    assert_true(limit == INT64_MAX);
}

static void whose_process_1_is(void **state)
{
    static const struct {
        const char *first;
        const char *ours;
        bool is_ours;
    } rows[] = {
        {"0::/\n", "0::/\n", true},
        {"0::/init.scope\n", "0::/\n", true}, /* systemd as process 1 of a container */
        {"0::/docker/a\n", "0::/docker/a\n", true},
        {"0::/docker/a/init.scope\n", "0::/docker/a\n", true},
        {"0::/docker/ab\n", "0::/docker/a\n", false},
        {"0::/../../init.scope\n", "0::/\n", false}, /* --pid=host */
        {"0::/../b\n", "0::/\n", false},             /* another container of a pod */
        {"0::/init.scope\n", "0::/docker/a\n", false},
        {"4:pids:/docker/a\n3:memory:/docker/a\n0::/\n",
         "4:pids:/docker/a\n3:memory:/docker/a\n0::/\n", true},
        {"4:pids:/docker/b\n0::/\n", "4:pids:/docker/a\n0::/\n", false},
        {"4:pids:/\n3:memory:/docker/a\n", "4:pids:/\n3:memory:/docker/b\n", false},
        {"", "", true},
    };
    (void)state;
    assert_true(procfs_is_first_ours(made)); /* nobody knows */
    for (size_t i = 0; i < COUNT(rows); i++) {
        put("/proc/1/cgroup", rows[i].first);
        put("/proc/self/cgroup", rows[i].ours);
        if (procfs_is_first_ours(made) != rows[i].is_ours)
            fail_msg("row %zu: %s beside %s", i, rows[i].first, rows[i].ours);
    }
}

static void fields_of_a_line(void **state)
{
    (void)state;
    assert_string_equal(procfs_field("a bc\td", 0), "a bc\td");
    assert_string_equal(procfs_field("  a  bc \t d", 1), "bc \t d");
    assert_string_equal(procfs_field("a bc d", 2), "d");
    assert_null(procfs_field("a bc d", 3));
    assert_null(procfs_field("a ", 1));
    assert_null(procfs_field("  ", 0));
    assert_null(procfs_field("", 9));
}

/* cgroups ------------------------------------------------------------------- */

static void assert_cgroup(const char *root, const struct cgroup *wanted)
{
    struct cgroup cgroup;
    cgroup_read(root, &cgroup);
    assert_int_equal(cgroup.memory_bytes, wanted->memory_bytes);
    assert_int_equal(cgroup.file_cache_bytes, wanted->file_cache_bytes);
    assert_int_equal(cgroup.memory_limit_bytes, wanted->memory_limit_bytes);
    assert_int_equal(cgroup.oom_kills, wanted->oom_kills);
    assert_int_equal(cgroup.cpu_throttled_periods, wanted->cpu_throttled_periods);
    assert_int_equal(cgroup.cpu_throttled_us, wanted->cpu_throttled_us);
    assert_int_equal(cgroup.pids, wanted->pids);
    assert_int_equal(cgroup.pids_limit, wanted->pids_limit);
}

static const struct cgroup unknown = {-1, -1, -1, -1, -1, -1, -1, -1};

static void version_2(void **state)
{
    (void)state;
    assert_cgroup("procfs/v2", &(struct cgroup){.memory_bytes = 157286400,
                                                .file_cache_bytes = 94371840,
                                                .memory_limit_bytes = 268435456,
                                                .oom_kills = 2,
                                                .cpu_throttled_periods = 37,
                                                .cpu_throttled_us = 1250000,
                                                .pids = 12,
                                                .pids_limit = INT64_MAX});
}

/* The host's path, of which the container sees only the end, as its root. */
static void version_2_of_a_host_path(void **state)
{
    struct cgroup wanted = unknown;
    (void)state;
    put("/proc/self/cgroup", "0::/system.slice/docker-4f1e.scope\n");
    put("/sys/fs/cgroup/memory.current", "4096\n");
    put("/sys/fs/cgroup/memory.max", "max\n");
    wanted.memory_bytes = 4096;
    wanted.memory_limit_bytes = INT64_MAX;
    assert_cgroup(made, &wanted);
}

/* The whole hierarchy is seen, and our group is below its root. */
static void version_2_below_the_root(void **state)
{
    struct cgroup wanted = unknown;
    (void)state;
    put("/proc/self/cgroup", "0::/a:b/c\n");
    put("/sys/fs/cgroup/pids.current", "900\n");
    put("/sys/fs/cgroup/a:b/c/pids.current", "9\n");
    put("/sys/fs/cgroup/a:b/c/pids.max", "100\n");
    wanted.pids = 9;
    wanted.pids_limit = 100;
    assert_cgroup(made, &wanted);
}

static void version_2_without_controllers(void **state)
{
    (void)state;
    put("/proc/self/cgroup", "0::/\n");
    put("/sys/fs/cgroup/cpu.stat", "usage_usec 1\nuser_usec 1\nsystem_usec 0\n");
    assert_cgroup(made, &unknown);
}

/* memory below the mount, pids with a path that is the host's, cpu under the
 * name of both its controllers, no limit as the largest multiple of a page. */
static void version_1(void **state)
{
    (void)state;
    assert_cgroup("procfs/v1", &(struct cgroup){.memory_bytes = 104857600,
                                                .file_cache_bytes = 20971520,
                                                .memory_limit_bytes = INT64_MAX,
                                                .oom_kills = 4,
                                                .cpu_throttled_periods = 9,
                                                .cpu_throttled_us = 2500,
                                                .pids = 3,
                                                .pids_limit = 64});
}

static void version_1_of_cpu_alone(void **state)
{
    struct cgroup wanted = unknown;
    (void)state;
    put("/proc/self/cgroup", "1:cpu:/\n");
    put("/sys/fs/cgroup/cpu/cpu.stat", "nr_throttled 2\nthrottled_time 3000\n");
    wanted.cpu_throttled_periods = 2;
    wanted.cpu_throttled_us = 3;
    assert_cgroup(made, &wanted);
}

/* An old kernel's memory.oom_control tells no oom_kill; pids is not mounted. */
static void hybrid(void **state)
{
    struct cgroup wanted = unknown;
    (void)state;
    wanted.memory_bytes = 1048576;
    wanted.file_cache_bytes = 20971520;
    wanted.memory_limit_bytes = 2097152;
    assert_cgroup("procfs/hybrid", &wanted);
}

static void no_cgroup(void **state)
{
    (void)state;
    assert_cgroup(made, &unknown);
    assert_cgroup("procfs/none", &unknown);
    assert_cgroup("procfs/garbage", &unknown);
}

static void a_path_too_long(void **state)
{
    char path[600];
    char bytes[8];
    (void)state;
    memset(path, 'a', sizeof path);
    path[0] = '/';
    path[sizeof path - 1] = '\0';
    assert_false(procfs_read("", path, bytes, sizeof bytes));
    assert_string_equal(bytes, "");
}

static void no_permission(void **state)
{
    struct cgroup cgroup;
    struct processes all;
    (void)state;
    if (geteuid() != 0)
        skip();
    put("/proc/self/cgroup", "0::/\n");
    put("/sys/fs/cgroup/memory.current", "1\n");
    put("/sys/fs/cgroup/pids.current", "1\n");
    char closed[100];
    static const char *const names[] = {"/sys/fs/cgroup/memory.current", "/proc"};
    for (size_t i = 0; i < COUNT(names); i++) {
        snprintf(closed, sizeof closed, "%s%s", made, names[i]);
        assert_int_equal(chmod(closed, 0), 0);
    }
    assert_int_equal(seteuid(NOBODY), 0);
    cgroup_read(made, &cgroup);
    procfs_processes(made, &all);
    assert_int_equal(seteuid(0), 0);
    assert_int_equal(cgroup.memory_bytes, -1);
    assert_int_equal(cgroup.pids, 1);
    assert_int_equal(all.count, -1);
}

static void paths_of_controllers(void **state)
{
    static const struct {
        const char *text;
        const char *controller;
        const char *path; /* NULL: not there */
    } rows[] = {
        {"0::/\n", "", "/"},
        {"0::/a\n", "", "/a"},
        {"0::/a", "", "/a"},
        {"4:memory:/m\n0::/u\n", "", "/u"},
        {"4:memory:/m\n0::/u\n", "memory", "/m"},
        {"1:cpu,cpuacct:/c\n", "cpu", "/c"},
        {"1:cpuacct,cpu:/c\n", "cpu", "/c"},
        {"1:cpuset:/s\n2:cpu:/c\n", "cpu", "/c"},
        {"1:name=systemd:/s\n", "systemd", NULL},
        {"1:memory:/a:b\n", "memory", "/a:b"},
        {"1:memory:\n", "memory", ""},
        {"1:memory:/much-too-long-for-it\n", "memory", "/much-too-long-"},
        {"", "memory", NULL},
        {"\n\n", "", NULL},
        {"memory\n", "memory", NULL},
        {"4:memory", "memory", NULL},
        {":::::\n", "", ":::"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char path[16] = "";
        bool found = cgroup_parse_path(rows[i].text, rows[i].controller, path, sizeof path);
        if (found != (rows[i].path != NULL))
            fail_msg("'%s' in '%s': %d", rows[i].controller, rows[i].text, found);
        assert_string_equal(path, found ? rows[i].path : "");
    }
}

static void values_behind_keys(void **state)
{
    static const struct {
        const char *text;
        const char *key;
        int64_t value;
    } rows[] = {
        {"oom 3\noom_kill 2\n", "oom_kill", 2},
        {"oom_kill_disable 1\nunder_oom 0\noom_kill 2", "oom_kill", 2},
        {"oom_kill 0\n", "oom_kill", 0},
        {"oom_kill 2\noom_kill 3\n", "oom_kill", 2},
        {"oom_group_kill 9\n", "oom_kill", -1},
        {"oom_kill\n", "oom_kill", -1},
        {"oom_kill \n1\n", "oom_kill", -1},
        {"oom_kill many\n", "oom_kill", -1},
        {"oom_kill -1\n", "oom_kill", -1},
        {"oom_kill", "oom_kill", -1},
        {"\n\noom_kill 5 x\n", "oom_kill", 5},
        {"oom_kill 99999999999999999999\n", "oom_kill", INT64_MAX},
        {"", "oom_kill", -1},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        if (cgroup_parse_value(rows[i].text, rows[i].key) != rows[i].value)
            fail_msg("'%s' is not %lld", rows[i].text, (long long)rows[i].value);
}

/* Lines --------------------------------------------------------------------- */

struct lines {
    size_t count;
    size_t lengths[8];
    char starts[8]; /* the first byte of each */
    char ends[8];
};

static void take_line(const char *line, void *user)
{
    struct lines *lines = user;
    size_t length = strlen(line);
    assert_true(lines->count < COUNT(lines->lengths));
    lines->lengths[lines->count] = length;
    lines->starts[lines->count] = *line;
    lines->ends[lines->count++] = length ? line[length - 1] : '\0';
}

static void assert_lines(const char *content, const char *starts)
{
    struct lines lines = {0};
    put("/file", content);
    assert_true(procfs_each_line(made, "/file", take_line, &lines));
    assert_string_equal(lines.starts, starts);
    assert_int_equal(lines.count, strlen(starts));
}

static void short_lines(void **state)
{
    struct lines lines = {0};
    (void)state;
    assert_lines("", "");
    assert_lines("a", "a");
    assert_lines("a\n", "a");
    assert_lines("a1\nb2\nc3", "abc");
    put("/file", "\n\n");
    assert_true(procfs_each_line(made, "/file", take_line, &lines));
    assert_int_equal(lines.count, 2);
    assert_false(procfs_each_line(made, "/none", take_line, &lines));
    assert_int_equal(lines.count, 2);
}

/* A line of x, of that length, between two short ones. */
static void assert_long_line(size_t length, size_t kept)
{
    static char content[64 * 1024];
    struct lines lines = {0};
    char *at = content;
    at += sprintf(at, "a\n");
    memset(at, 'x', length - 1);
    at[length - 1] = 'y';
    memcpy(at + length, "\nb\n", sizeof "\nb\n");
    put("/file", content);
    assert_true(procfs_each_line(made, "/file", take_line, &lines));
    assert_string_equal(lines.starts, "axb");
    assert_int_equal(lines.count, 3);
    assert_int_equal(lines.lengths[1], kept);
    assert_int_equal(lines.ends[1], kept == length ? 'y' : 'x');
}

/* The rest of a line that is cut must not be taken for a line of its own. */
static void long_lines_are_cut(void **state)
{
    static const size_t lengths[] = {4000, 4090, 4091, 4092, 4093, 4094};
    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++)
        assert_long_line(lengths[i], lengths[i]);
    assert_long_line(4096, 4095);
    assert_long_line(8190, 4095);
    assert_long_line(8192, 4095);
    assert_long_line(50000, 4095);
}

static void a_long_last_line(void **state)
{
    static char content[9000];
    struct lines lines = {0};
    (void)state;
    memset(content, 'x', sizeof content - 1);
    put("/file", content);
    assert_true(procfs_each_line(made, "/file", take_line, &lines));
    assert_int_equal(lines.count, 1);
    assert_int_equal(lines.lengths[0], 4095);
}

/* A title that a process gives itself lacks its last NUL, and an environment may be longer than is
 * read: what lists their strings must find an end. */
static void lists_of_strings_end(void **state)
{
    static const struct {
        const char *content;
        size_t length;
        size_t size;
        size_t read;
    } rows[] = {{"ab\0cd", 5, 20, 5}, {"ab\0cd", 5, 7, 5}, {"ab\0cd", 5, 6, 4}, {"", 0, 6, 0}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char bytes[20];
        memset(bytes, '/', sizeof bytes);
        put_bytes("/list", rows[i].content, rows[i].length);
        assert_true(procfs_read(made, "/list", bytes, rows[i].size));
        assert_memory_equal(bytes, rows[i].content, rows[i].read);
        assert_memory_equal(bytes + rows[i].read, "\0", 2);
        assert_true(rows[i].read + 2 == sizeof bytes || bytes[rows[i].read + 2] == '/');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_process, begin, end),
        cmocka_unit_test(commands_of_any_characters),
        cmocka_unit_test(stat_that_is_none),
        cmocka_unit_test(absurd_ages),
        cmocka_unit_test_setup_teardown(age_by_the_kernel_s_clock, begin, end),
        cmocka_unit_test_setup_teardown(processes_counted, begin, end),
        cmocka_unit_test_setup_teardown(open_files, begin, end),
        cmocka_unit_test_setup_teardown(processes_hidden, begin, end),
        cmocka_unit_test_setup_teardown(sockets_of_processes, begin, end),
        cmocka_unit_test_setup_teardown(open_files_without_a_limit, begin, end),
        cmocka_unit_test_setup_teardown(whose_process_1_is, begin, end),
        cmocka_unit_test(fields_of_a_line),
        cmocka_unit_test(version_2),
        cmocka_unit_test_setup_teardown(version_2_of_a_host_path, begin, end),
        cmocka_unit_test_setup_teardown(version_2_below_the_root, begin, end),
        cmocka_unit_test_setup_teardown(version_2_without_controllers, begin, end),
        cmocka_unit_test(version_1),
        cmocka_unit_test_setup_teardown(version_1_of_cpu_alone, begin, end),
        cmocka_unit_test(hybrid),
        cmocka_unit_test_setup_teardown(no_cgroup, begin, end),
        cmocka_unit_test(a_path_too_long),
        cmocka_unit_test_setup_teardown(no_permission, begin, end),
        cmocka_unit_test(paths_of_controllers),
        cmocka_unit_test(values_behind_keys),
        cmocka_unit_test_setup_teardown(short_lines, begin, end),
        cmocka_unit_test_setup_teardown(long_lines_are_cut, begin, end),
        cmocka_unit_test_setup_teardown(a_long_last_line, begin, end),
        cmocka_unit_test_setup_teardown(lists_of_strings_end, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
