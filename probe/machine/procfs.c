/* /proc, read line by line. */
#include "machine/procfs.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 4096, PATH_MAX_BYTES = 512, TICKS_PER_SECOND = 100 };

static int open_file(const char *root, const char *path)
{
    char full[PATH_MAX_BYTES];
    int length = snprintf(full, sizeof full, "%s%s", root, path);
    if (length < 0 || (size_t)length >= sizeof full)
        return -1;
    return open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

/* procfs_read(), and how much there was. */
static bool read_whole(const char *root, const char *path, char *bytes, size_t size, size_t *length)
{
    ssize_t n = -1;
    int fd = open_file(root, path);
    *length = 0;
    while (fd >= 0 && *length < size - 2 && (n = read(fd, bytes + *length, size - 2 - *length)) > 0)
        *length += (size_t)n;
    if (fd >= 0)
        close(fd);
    bytes[*length] = bytes[*length + 1] = '\0';
    return fd >= 0 && n >= 0;
}

bool procfs_read(const char *root, const char *path, char *bytes, size_t size)
{
    size_t ignored;
    return read_whole(root, path, bytes, size, &ignored);
}

bool procfs_command_line(const char *root, int pid, char *bytes, size_t size)
{
    char path[32];
    size_t length;
    snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
    bool is_read = read_whole(root, path, bytes, size, &length);
    while (length > 0 && bytes[length - 1] == '\0')
        length--;
    for (size_t i = 0; i < length; i++)
        if (bytes[i] == '\0')
            bytes[i] = ' ';
    return is_read;
}

bool procfs_each_line(const char *root, const char *path,
                      void (*take)(const char *line, void *user), void *user)
{
    char bytes[LINE_MAX_BYTES];
    size_t length = 0;
    bool is_rest = false; /* of a line that has been cut */
    int fd = open_file(root, path);
    if (fd < 0)
        return false;
    for (;;) {
        ssize_t n = read(fd, bytes + length, sizeof bytes - 1 - length);
        if (n <= 0)
            break;
        length += (size_t)n;
        char *line = bytes;
        char *end;
        while ((end = memchr(line, '\n', length)) != NULL) {
            *end = '\0';
            if (!is_rest)
                take(line, user);
            is_rest = false;
            length -= (size_t)(end + 1 - line);
            line = end + 1;
        }
        memmove(bytes, line, length);
        if (length < sizeof bytes - 1)
            continue;
        bytes[length] = '\0';
        if (!is_rest)
            take(bytes, user);
        is_rest = true;
        length = 0;
    }
    bytes[length] = '\0';
    if (length > 0 && !is_rest)
        take(bytes, user);
    close(fd);
    return true;
}

const char *procfs_field(const char *line, int n)
{
    line += strspn(line, " \t");
    for (; n > 0 && *line; n--) {
        line += strcspn(line, " \t");
        line += strspn(line, " \t");
    }
    return *line ? line : NULL;
}

/* The number that a field of a line begins with. */
static bool read_field(const char *line, int n, unsigned long long *number)
{
    const char *field = procfs_field(line, n);
    if (!field || !isdigit((unsigned char)*field))
        return false;
    *number = strtoull(field, NULL, 10);
    return true;
}

bool procfs_parse_stat(const char *line, int64_t now_ms, struct process *process)
{
    /* the command stands in parentheses and may hold any character, ) too; what
     * follows it are the fields from the third on, proc_pid_stat(5) */
    enum { STATE, PARENT, THREADS = 20 - 3, STARTED = 22 - 3 };
    const char *open = strchr(line, '(');
    const char *close = strrchr(line, ')');
    unsigned long long pid;
    unsigned long long parent;
    unsigned long long threads;
    unsigned long long started;
    *process = (struct process){.age_ms = -1};
    if (!open || !close || close < open || !read_field(line, 0, &pid) ||
        !read_field(close + 1, PARENT, &parent) || !read_field(close + 1, THREADS, &threads) ||
        !read_field(close + 1, STARTED, &started))
        return false;
    size_t length = (size_t)(close - open) - 1;
    if (length >= sizeof process->command)
        length = sizeof process->command - 1;
    memcpy(process->command, open + 1, length);
    process->pid = (int)pid;
    process->parent = (int)parent;
    process->state = *procfs_field(close + 1, STATE);
    process->threads = (long)threads;
    process->started_ms = (int64_t)(started * 1000 / TICKS_PER_SECOND);
    int64_t age = now_ms - process->started_ms;
    process->age_ms = now_ms >= 0 && age >= 0 ? age : -1;
    return true;
}

/* Since the machine began: the clock of /proc/PID/stat, which /proc/uptime is not
 * where lxcfs makes it the container's own. */
static int64_t now_ms(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool procfs_process(const char *root, int pid, struct process *process)
{
    char path[64];
    char line[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    return procfs_read(root, path, line, sizeof line) && procfs_parse_stat(line, now_ms(), process);
}

bool procfs_is_first_ours(const char *root)
{
    char first[LINE_MAX_BYTES];
    char ours[LINE_MAX_BYTES];
    if (!procfs_read(root, "/proc/1/cgroup", first, sizeof first) ||
        !procfs_read(root, "/proc/self/cgroup", ours, sizeof ours))
        return true;
    const char *line = ours;
    for (const char *other = first; *line && *other;) {
        size_t length = strcspn(line, "\n");
        bool is_below = strncmp(other, line, length) == 0 &&
                        (line[length - (length > 0)] == '/' || strchr("/\n", other[length]));
        if (!is_below)
            return false;
        line += length + (line[length] == '\n');
        other += strcspn(other, "\n");
        other += *other == '\n';
    }
    return !strstr(first, "/..");
}

int64_t procfs_began_after_first_ms(const char *root, int pid)
{
    struct process first;
    struct process process;
    if (!procfs_process(root, 1, &first) || first.age_ms < 0 || !procfs_is_first_ours(root) ||
        !procfs_process(root, pid, &process) || process.age_ms < 0)
        return -1;
    return process.started_ms > first.started_ms ? process.started_ms - first.started_ms : 0;
}

/* The next directory of /proc that is a process; 0 at the end. */
static int next_process(DIR *directory)
{
    const struct dirent *entry;
    while ((entry = readdir(directory)) != NULL)
        if (isdigit((unsigned char)entry->d_name[0]))
            return atoi(entry->d_name);
    return 0;
}

static DIR *open_directory(const char *root, const char *path)
{
    char full[PATH_MAX_BYTES];
    int length = snprintf(full, sizeof full, "%s%s", root, path);
    return length > 0 && (size_t)length < sizeof full ? opendir(full) : NULL;
}

bool procfs_each_process(const char *root, void (*take)(const struct process *process, void *user),
                         void *user)
{
    DIR *directory = open_directory(root, "/proc");
    if (!directory)
        return false;
    for (int pid; (pid = next_process(directory)) != 0;) {
        struct process process;
        if (procfs_process(root, pid, &process))
            take(&process, user);
    }
    closedir(directory);
    return true;
}

struct counting {
    struct processes *processes;
    bool has_first; /* else others are hidden: the mount option hidepid */
};

static void count_process(const struct process *process, void *user)
{
    struct counting *counting = user;
    counting->has_first |= process->pid == 1;
    if (process->pid == getpid())
        return;
    counting->processes->count++;
    counting->processes->threads += process->threads;
    counting->processes->zombies += process->state == 'Z';
}

void procfs_processes(const char *root, struct processes *processes)
{
    struct counting counting = {.processes = processes};
    *processes = (struct processes){.count = 0};
    if (!procfs_each_process(root, count_process, &counting) || !counting.has_first)
        processes->count = -1;
}

bool procfs_is_alone(const char *root)
{
    struct processes all;
    struct process process;
    int waiting = 0;
    procfs_processes(root, &all);
    for (int pid = getpid(); procfs_process(root, pid, &process) && process.parent > 0; waiting++)
        pid = process.parent;
    return all.count >= 0 && all.count - all.zombies == waiting;
}

/* The inode of a socket that a descriptor is; 0 when it is none. */
static unsigned long socket_inode(DIR *descriptors, const char *name)
{
    static const char prefix[] = "socket:[";
    char link[64] = "";
    readlinkat(dirfd(descriptors), name, link, sizeof link - 1);
    return strncmp(link, prefix, strlen(prefix)) == 0 ? strtoul(link + strlen(prefix), NULL, 10)
                                                      : 0;
}

void procfs_each_socket(const char *root, void (*take)(int pid, unsigned long inode, void *user),
                        void *user)
{
    DIR *directory = open_directory(root, "/proc");
    if (!directory)
        return;
    for (int pid; (pid = next_process(directory)) != 0;) {
        char path[64];
        snprintf(path, sizeof path, "/proc/%d/fd", pid);
        DIR *descriptors = open_directory(root, path);
        if (!descriptors)
            continue;
        for (const struct dirent *entry; (entry = readdir(descriptors)) != NULL;) {
            unsigned long inode = socket_inode(descriptors, entry->d_name);
            if (inode)
                take(pid, inode, user);
        }
        closedir(descriptors);
    }
    closedir(directory);
}

static void take_limit(const char *line, void *user)
{
    static const char name[] = "Max open files";
    unsigned long long limit;
    if (strncmp(line, name, strlen(name)) != 0)
        return;
    line += strlen(name);
    if (read_field(line, 0, &limit))
        *(int64_t *)user = (int64_t)limit;
    else if (strstr(line, "unlimited"))
        *(int64_t *)user = INT64_MAX;
}

void procfs_open_files(const char *root, int pid, int64_t *open, int64_t *limit)
{
    char path[64];
    *open = -1;
    *limit = -1;
    snprintf(path, sizeof path, "/proc/%d/limits", pid);
    procfs_each_line(root, path, take_limit, limit);
    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    DIR *directory = open_directory(root, path);
    if (!directory)
        return;
    *open = 0;
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
        *open += entry->d_name[0] != '.';
    closedir(directory);
}
