/* procfs: what the kernel tells about this container: how old it is, what
 * runs in it, what it may use. Linux only; proc(5), and the kernel's
 * Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst.
 *
 * Every function takes the root of the file system, "" for the real one, so
 * that tests can show it another kernel's files. What cannot be read is absent:
 * a count of 0, or -1. */
#ifndef PROBE_PROCFS_H
#define PROBE_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { COMMAND_LENGTH_MAX = 64 };

/* The age, in ms, up to which a container may still be starting. */
enum { STARTING_MS = 3 * 60 * 1000 };

/* One process, by /proc/PID/stat. */
struct process {
    int pid;
    int parent; /* 0: none that is seen */
    char state; /* R, S, D, Z, ...; 0: unknown */
    char command[COMMAND_LENGTH_MAX];
    long threads;
    int64_t started_ms; /* since the machine began */
    int64_t age_ms;     /* since it started; -1 unknown */
};

/* Reads a process; false when there is none to be seen. */
bool procfs_process(const char *root, int pid, struct process *process);

/* Takes a line of /proc/PID/stat apart; now_ms is the time since the machine
 * began, -1 unknown. */
bool procfs_parse_stat(const char *line, int64_t now_ms, struct process *process);

/* How long after process 1 of our own container a process began, in ms; -1 unknown. */
int64_t procfs_began_after_first_ms(const char *root, int pid);

/* Whether process 1 is of our own container, as far as is known: its cgroups are
 * ours or below them. With --pid=host it is the machine's, and where a pod shares
 * its processes another container's. */
bool procfs_is_first_ours(const char *root);

/* All but our own. */
struct processes {
    int count; /* -1: unknown, or others are hidden */
    int zombies;
    long threads;
};

void procfs_processes(const char *root, struct processes *processes);

/* Calls back with each process, our own too. False when /proc cannot be read. */
bool procfs_each_process(const char *root, void (*take)(const struct process *process, void *user),
                         void *user);

/* Whether nobody runs here but we and those who wait for us: our parent, its parent
 * and so on. False when that is not known. */
bool procfs_is_alone(const char *root);

/* Calls back with each socket that a process holds, of those whose descriptors
 * we may see. */
void procfs_each_socket(const char *root, void (*take)(int pid, unsigned long inode, void *user),
                        void *user);

/* Open files of a process and its soft limit; -1 unknown, INT64_MAX no limit. */
void procfs_open_files(const char *root, int pid, int64_t *open, int64_t *limit);

/* Where the nth of a line's fields begins, counted from 0; NULL without one. */
const char *procfs_field(const char *line, int n);

/* Reads a small file whole into bytes[size], and ends it with two NULs, so that a list of
 * strings ends whether or not its last one does; false, and an empty string, when it cannot be
 * read. */
bool procfs_read(const char *root, const char *path, char *bytes, size_t size);

/* Reads the command line of a process, its arguments with a space between; what bytes[size] have
 * no room for is cut. False, and an empty string, when it cannot be read. */
bool procfs_command_line(const char *root, int pid, char *bytes, size_t size);

/* Calls back with each line of a file, without its end; longer ones than 4 KiB
 * are cut. False when the file cannot be read. */
bool procfs_each_line(const char *root, const char *path,
                      void (*take)(const char *line, void *user), void *user);

#endif
