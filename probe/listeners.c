/* The kernel's tables of sockets that listen, by sock_diag(7) or from /proc/net. */
#include "listeners.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "procfs.h"
#include "sock_diag.h"

enum { STATE_LISTEN = 0x0A };

static void add_listener(struct listeners *listeners, const struct listener *found)
{
    for (size_t i = 0; i < listeners->count; i++) {
        struct listener *known = &listeners->list[i];
        if (known->port == found->port && strcmp(known->place, found->place) == 0) {
            known->waiting += found->waiting;
            known->backlog += found->backlog;
            return;
        }
    }
    if (listeners->count == LISTENERS_MAX) {
        listeners->left_out++;
        return;
    }
    size_t at = listeners->count++;
    for (; at > 0 && listeners->list[at - 1].port > found->port; at--)
        listeners->list[at] = listeners->list[at - 1];
    listeners->list[at] = *found;
}

/* By sock_diag(7) ------------------------------------------------------------ */

static void take_tcp_row(const unsigned char *bytes, size_t length, void *user)
{
    struct sock_diag_tcp row;
    struct listener found = {.port = 0};
    if (length < sizeof row)
        return;
    memcpy(&row, bytes, sizeof row);
    if (!inet_ntop(row.family, row.id.address, found.place, sizeof found.place))
        return;
    found.port = ntohs(row.id.port);
    found.waiting = row.waiting;
    found.backlog = row.backlog;
    found.inode = row.inode;
    add_listener(user, &found);
}

static void take_unix_row(const unsigned char *bytes, size_t length, void *user)
{
    struct sock_diag_unix row;
    struct sock_diag_queue queue = {0};
    struct listener found = {.port = 0};
    if (length < sizeof row)
        return;
    memcpy(&row, bytes, sizeof row);
    bytes += sizeof row;
    length -= sizeof row;
    sock_diag_attribute(bytes, length, SOCK_DIAG_UNIX_NAME, found.place, sizeof found.place - 1);
    sock_diag_attribute(bytes, length, SOCK_DIAG_UNIX_QUEUE, &queue, sizeof queue);
    if (!*found.place) /* an abstract name, or none */
        return;
    found.waiting = queue.waiting;
    found.backlog = queue.backlog;
    found.inode = row.inode;
    add_listener(user, &found);
}

bool listeners_ask(enum listener_family family, struct listeners *listeners)
{
    *listeners = (struct listeners){.count = 0};
    if (family == LISTENER_UNIX)
        listeners->is_known = sock_diag_each(AF_UNIX, take_unix_row, listeners);
    else
        listeners->is_known = sock_diag_each(AF_INET, take_tcp_row, listeners) &&
                              sock_diag_each(AF_INET6, take_tcp_row, listeners);
    return listeners->is_known;
}

/* From /proc/net ------------------------------------------------------------- */

/* An address as the kernel prints it: words of 32 bits in the machine's order. */
static bool parse_address(const char *hex, bool is_ipv6, char *text, size_t size)
{
    uint32_t words[4] = {0};
    size_t count = is_ipv6 ? 4 : 1;
    if (strlen(hex) != 8 * count)
        return false;
    for (size_t i = 0; i < count; i++) {
        char word[9] = "";
        memcpy(word, hex + 8 * i, 8);
        words[i] = (uint32_t)strtoul(word, NULL, 16);
    }
    return inet_ntop(is_ipv6 ? AF_INET6 : AF_INET, words, text, (socklen_t)size) != NULL;
}

/* rx_queue of a listening row is the number of connections that wait. */
void listeners_parse(const char *line, bool is_ipv6, struct listeners *listeners)
{
    char hex[33];
    unsigned port;
    unsigned state;
    struct listener found = {.port = 0};
    if (!strstr(line, ":0000 0A ")) /* quickly past connections, of which there may be thousands */
        return;
    int fields = sscanf(line,
                        " %*d: %32[0-9A-Fa-f]:%x %*32[0-9A-Fa-f]:%*x %x %*x:%x %*x:%*x %*x "
                        "%*u %*u %lu",
                        hex, &port, &state, &found.waiting, &found.inode);
    if (fields < 4 || state != STATE_LISTEN || port == 0 || port > 65535)
        return;
    if (!parse_address(hex, is_ipv6, found.place, sizeof found.place))
        return;
    found.port = (int)port;
    add_listener(listeners, &found);
}

static void take_tcp_line(const char *line, void *user)
{
    listeners_parse(line, false, user);
}

static void take_tcp6_line(const char *line, void *user)
{
    listeners_parse(line, true, user);
}

struct unix_line {
    const char *path;
    unsigned long inode;
    bool is_listening;
    bool is_waiting; /* has no owner yet */
};

/* "Num: RefCount Protocol Flags Type St Inode Path"; flag 10000 listens, state 02
 * has no owner. False without a path in the file system. */
static bool parse_unix(const char *line, struct unix_line *row)
{
    unsigned flags;
    unsigned state;
    int at = 0;
    if (sscanf(line, "%*x: %*x %*x %x %*x %x %lu %n", &flags, &state, &row->inode, &at) != 3 ||
        at == 0 || line[at] == '\0' || line[at] == '@')
        return false;
    row->path = line + at;
    row->is_listening = (flags & 0x10000) != 0;
    row->is_waiting = !row->is_listening && state == 2;
    return true;
}

static void take_unix_line(const char *line, void *user)
{
    struct unix_line row;
    struct listener found = {.port = 0};
    if (!parse_unix(line, &row) || !row.is_listening || strlen(row.path) >= sizeof found.place)
        return;
    memcpy(found.place, row.path, strlen(row.path));
    found.inode = row.inode;
    add_listener(user, &found);
}

/* Those that wait bear the name of the socket that they wait at. */
static void count_unix_line(const char *line, void *user)
{
    struct listeners *listeners = user;
    struct unix_line row;
    if (!parse_unix(line, &row) || !row.is_waiting)
        return;
    for (size_t i = 0; i < listeners->count; i++)
        listeners->list[i].waiting += strcmp(listeners->list[i].place, row.path) == 0;
}

void listeners_read(const char *root, enum listener_family family, struct listeners *listeners)
{
    *listeners = (struct listeners){.count = 0};
    if (family == LISTENER_UNIX) {
        listeners->is_known = procfs_each_line(root, "/proc/net/unix", take_unix_line, listeners);
        procfs_each_line(root, "/proc/net/unix", count_unix_line, listeners);
        return;
    }
    bool has_tcp = procfs_each_line(root, "/proc/net/tcp", take_tcp_line, listeners);
    bool has_tcp6 = procfs_each_line(root, "/proc/net/tcp6", take_tcp6_line, listeners);
    listeners->is_known = has_tcp || has_tcp6;
}

/* ---------------------------------------------------------------------------- */

void listeners_find(enum listener_family family, struct listeners *listeners)
{
    if (!listeners_ask(family, listeners))
        listeners_read("", family, listeners);
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool listeners_is_bound(const char *name, const char *path)
{
    struct stat bound;
    struct stat asked;
    size_t length = strlen(name);
    size_t whole = strlen(path);
    if (strcmp(name, path) == 0)
        return true;
    if (strcmp(last_part(name), last_part(path)) != 0)
        return false;
    if (*name == '/')
        return stat(name, &bound) == 0 && stat(path, &asked) == 0 && bound.st_dev == asked.st_dev &&
               bound.st_ino == asked.st_ino;
    return whole > length && path[whole - length - 1] == '/' &&
           strcmp(path + whole - length, name) == 0;
}
