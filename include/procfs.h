/* procfs: what the kernel tells about this container: who listens, how old it
 * is, what it may use. Linux only; proc(5), and the kernel's
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

enum { LISTENERS_MAX = 64, COMMAND_LENGTH_MAX = 64 };

struct listener {
    char address[46]; /* numeric, without brackets */
    int port;
    unsigned waiting;    /* connections that wait to be accepted: rx_queue of a listening row */
    unsigned long inode; /* of the socket, as in /proc/PID/fd; 0: unknown */
};

struct listeners {
    struct listener list[LISTENERS_MAX];
    size_t count;
    size_t left_out; /* rows that found no place */
    bool is_known;   /* the files could be read */
};

/* The sockets that listen on TCP, each address and port once (workers that
 * share a port by SO_REUSEPORT are added up), by port. */
void procfs_listeners(const char *root, struct listeners *listeners);

/* Adds a line of /proc/net/tcp, or tcp6, if it is that of a socket that
 * listens. */
void procfs_parse_listener(const char *line, bool is_ipv6, struct listeners *listeners);

/* Connections that wait to be accepted on a unix socket: its rows in
 * /proc/net/unix that have no owner yet. -1 when nothing is seen to listen by
 * that very path: it was bound by another name, or in another container. */
int procfs_unix_waiting(const char *root, const char *path);

/* The age, in ms, at which a container no longer counts as one that starts. */
enum { YOUNG_MS = 10 * 60 * 1000 };

/* One process, by /proc/PID/stat. */
struct process {
    int pid;
    char state; /* R, S, D, Z, ...; 0: unknown */
    char command[COMMAND_LENGTH_MAX];
    long threads;
    int64_t age_ms; /* since it started; -1 unknown */
};

/* Reads a process; false when there is none to be seen. */
bool procfs_process(const char *root, int pid, struct process *process);

/* Takes a line of /proc/PID/stat apart; uptime_ms is the machine's. */
bool procfs_parse_stat(const char *line, int64_t uptime_ms, struct process *process);

struct processes {
    int count; /* -1: unknown */
    int zombies;
    long threads;
};

void procfs_processes(const char *root, struct processes *processes);

/* The process that holds a socket, among those whose descriptors we may see; 0
 * if none is found. */
int procfs_socket_owner(const char *root, unsigned long inode);

/* Open files of a process and its soft limit; -1 unknown. */
void procfs_open_files(const char *root, int pid, int64_t *open, int64_t *limit);

/* What the cgroup has used and may use; -1 unknown, INT64_MAX no limit. */
struct cgroup {
    int64_t memory_bytes;
    int64_t memory_limit_bytes;
    int64_t oom_kills;
    int64_t cpu_throttled_periods;
    int64_t cpu_throttled_us;
    int64_t pids;
    int64_t pids_limit;
};

/* Reads it from version 2 of the hierarchy, version 1, or both (hybrid). */
void procfs_cgroup(const char *root, struct cgroup *cgroup);

/* The path of a controller's group in a text like /proc/self/cgroup; controller
 * "" for version 2. False when it is not there. */
bool procfs_parse_cgroup_path(const char *text, const char *controller, char *path, size_t size);

/* The number behind a key in a text of "key number" lines; -1 without it. */
int64_t procfs_parse_value(const char *text, const char *key);

/* Reads a small file whole into bytes[size] and ends it with NUL; false, and an
 * empty string, when it cannot be read. */
bool procfs_read(const char *root, const char *path, char *bytes, size_t size);

/* Calls back with each line of a file, without its end; longer ones than 4 KiB
 * are cut. False when the file cannot be read. */
bool procfs_each_line(const char *root, const char *path,
                      void (*take)(const char *line, void *user), void *user);

#endif
