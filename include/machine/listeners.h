/* listeners: the sockets that listen in this network namespace, and how many
 * connections wait at each. Linux only.
 *
 * The kernel is asked by sock_diag(7), which tells of those that listen and of
 * nothing else; where it has no answer (gVisor, a kernel without the module, a
 * filter), /proc/net is read, which has a line for every connection and costs
 * milliseconds where the kernel's hash is large. */
#ifndef PROBE_LISTENERS_H
#define PROBE_LISTENERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

enum { LISTENERS_MAX = 64, LISTENER_PLACE_MAX = 109 };

struct listener {
    char place[LISTENER_PLACE_MAX]; /* a numeric address, or a unix socket's path */
    int port;                       /* 0: a unix socket */
    unsigned waiting;               /* connections that wait to be accepted */
    int backlog;                    /* how many may, by its listen(2); -1: unknown */
    unsigned long inode;            /* of the socket, as in /proc/PID/fd; 0: unknown */
    int pid;                        /* whose it is; 0 until listeners_find_owners() sees it */
    bool is_ipv6_only;              /* known to take no IPv4 */
    bool may_be_ipv6_only;          /* nobody tells whether it takes IPv4 */
};

/* Those of one family but for Docker's own name server (127.0.0.11), each place and port once
 * (workers that share a port by SO_REUSEPORT are added up), by port. */
struct listeners {
    struct listener list[LISTENERS_MAX];
    size_t count;
    size_t left_out; /* that found no place in the list */
    bool is_known;   /* the kernel has told, be it of none */
};

enum listener_family { LISTENER_TCP, LISTENER_UDP, LISTENER_UNIX };

/* Finds them: TCP or UDP of both versions of IP, or unix sockets with a path. Sends
 * nothing to anybody but the kernel; never blocks. */
void listeners_find(enum listener_family family, struct listeners *listeners);

/* Calls back with each as it is found, Docker's name server too; again where one of the two ways
 * broke off. False when neither tells. */
typedef void listeners_take(const struct listener *listener, void *user);
bool listeners_each(enum listener_family family, listeners_take *take, void *user);

/* The two ways of finding them. The first is false when the kernel does not
 * answer; the second takes the root of the file system, "" for the real one, so
 * that tests can show it another kernel's files. */
bool listeners_ask(enum listener_family family, struct listeners *listeners);
void listeners_read(const char *root, enum listener_family family, struct listeners *listeners);

/* Finds the process that holds each of those in lists[count], the first of several,
 * where we may see it. Reads every process's descriptors, once: slow where there
 * are many. */
void listeners_find_owners(const char *root, struct listeners lists[], size_t count);

/* Appends "0.0.0.0:8080", "[::1]:8080" or "unix:/run/app.sock". */
void listeners_add_place(const struct listener *listener, struct text *text);

/* Adds what a line of /proc/net/tcp, or tcp6, tells, if its socket listens. */
void listeners_parse(const char *line, bool is_ipv6, struct listeners *listeners);

/* Whether the unix socket that is found at a path is the one that was bound by
 * a name: the same words, the same file by another way (/var/run is often a link
 * to /run), or the path's end, where the name is relative to a directory that
 * nobody tells. */
bool listeners_is_bound(const char *name, const char *path);

#endif
