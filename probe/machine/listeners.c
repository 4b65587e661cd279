/* The kernel's tables of sockets that listen, by sock_diag(7) or from /proc/net. */
#include "machine/listeners.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine/procfs.h"
#include "machine/sock_diag.h"

/* Who is told of a listener. */
struct sink {
    listeners_take *take;
    void *user;
    bool is_ipv6; /* of the lines that are read, as is their state */
    const char *state;
};

static void add_listener(const struct listener *found, void *user)
{
    struct listeners *listeners = user;
    if (strcmp(found->place, "127.0.0.11") == 0) /* Docker's own name server */
        return;
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

static void take_inet_row(const unsigned char *bytes, size_t length, void *user)
{
    const struct sink *sink = user;
    struct sock_diag_tcp row;
    struct listener found = {.port = 0};
    if (length < sizeof row)
        return;
    memcpy(&row, bytes, sizeof row);
    if (!inet_ntop(row.family, row.id.address, found.place, sizeof found.place))
        return;
    found.port = ntohs(row.id.port);
    found.waiting = row.waiting;
    found.backlog = (int)row.backlog;
    found.inode = row.inode;
    sock_diag_attribute(bytes + sizeof row, length - sizeof row, SOCK_DIAG_IPV6_ONLY,
                        &found.is_ipv6_only, 1);
    sink->take(&found, sink->user);
}

static void take_unix_row(const unsigned char *bytes, size_t length, void *user)
{
    const struct sink *sink = user;
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
    found.backlog = (int)queue.backlog;
    found.inode = row.inode;
    sink->take(&found, sink->user);
}

static bool ask_each(enum listener_family family, struct sink sink)
{
    int protocol = family == LISTENER_UDP ? IPPROTO_UDP : IPPROTO_TCP;
    if (family == LISTENER_UNIX)
        return sock_diag_each(AF_UNIX, 0, take_unix_row, &sink);
    return sock_diag_each(AF_INET, protocol, take_inet_row, &sink) &&
           sock_diag_each(AF_INET6, protocol, take_inet_row, &sink);
}

bool listeners_ask(enum listener_family family, struct listeners *listeners)
{
    *listeners = (struct listeners){.count = 0};
    listeners->is_known = ask_each(family, (struct sink){.take = add_listener, .user = listeners});
    return listeners->is_known;
}

/* From /proc/net ------------------------------------------------------------- */

/* "0100007F:1F40", an address and its port as the kernel prints them: the words
 * of 32 bits in the machine's order. */
static bool parse_place(const char *field, bool is_ipv6, struct listener *found)
{
    uint32_t words[4] = {0};
    size_t digits = is_ipv6 ? 32 : 8;
    if (strspn(field, "0123456789ABCDEFabcdef") != digits || field[digits] != ':')
        return false;
    for (size_t i = 0; i < digits / 8; i++) {
        char word[9] = "";
        memcpy(word, field + 8 * i, 8);
        words[i] = (uint32_t)strtoul(word, NULL, 16);
    }
    found->port = (int)strtoul(field + digits + 1, NULL, 16);
    return found->port > 0 && found->port <= 65535 &&
           inet_ntop(is_ipv6 ? AF_INET6 : AF_INET, words, found->place, sizeof found->place);
}

/* "sl: LOCAL REMOTE ST TX:RX TR:WHEN RETRNSMT UID TIMEOUT INODE"; RX of a row that
 * listens is the number of connections that wait. state is REMOTE's port and ST of those that
 * listen. */
static bool parse_inet(const char *line, bool is_ipv6, const char *state, struct listener *found)
{
    *found = (struct listener){.backlog = -1, .may_be_ipv6_only = is_ipv6};
    if (!strstr(line, state)) /* quickly past connections, of which there may be thousands */
        return false;
    const char *place = procfs_field(line, 1);
    const char *queues = procfs_field(line, 4);
    const char *inode = procfs_field(line, 9);
    const char *waiting = queues ? strchr(queues, ':') : NULL;
    if (!place || !waiting || strncmp(procfs_field(line, 3), state + strlen(":0000 "), 3) != 0 ||
        !parse_place(place, is_ipv6, found))
        return false;
    found->waiting = (unsigned)strtoul(waiting + 1, NULL, 16);
    found->inode = inode ? strtoul(inode, NULL, 10) : 0;
    return true;
}

static const char tcp_state[] = ":0000 0A ";
static const char udp_state[] = ":0000 07 ";

void listeners_parse(const char *line, bool is_ipv6, struct listeners *listeners)
{
    struct listener found;
    if (parse_inet(line, is_ipv6, tcp_state, &found))
        add_listener(&found, listeners);
}

static void take_inet_line(const char *line, void *user)
{
    const struct sink *sink = user;
    struct listener found;
    if (parse_inet(line, sink->is_ipv6, sink->state, &found))
        sink->take(&found, sink->user);
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
    row->path = procfs_field(line, 7);
    if (!row->path || *row->path == '@')
        return false;
    row->is_listening = (strtoul(procfs_field(line, 3), NULL, 16) & 0x10000) != 0;
    row->is_waiting = !row->is_listening && strtoul(procfs_field(line, 5), NULL, 16) == 2;
    row->inode = strtoul(procfs_field(line, 6), NULL, 10);
    return true;
}

static void take_unix_line(const char *line, void *user)
{
    const struct sink *sink = user;
    struct unix_line row;
    struct listener found = {.backlog = -1};
    if (!parse_unix(line, &row) || !row.is_listening || strlen(row.path) >= sizeof found.place)
        return;
    memcpy(found.place, row.path, strlen(row.path));
    found.inode = row.inode;
    sink->take(&found, sink->user);
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

static bool read_each(const char *root, enum listener_family family, struct sink sink)
{
    bool is_udp = family == LISTENER_UDP;
    if (family == LISTENER_UNIX)
        return procfs_each_line(root, "/proc/net/unix", take_unix_line, &sink);
    sink.state = is_udp ? udp_state : tcp_state;
    bool is_read =
        procfs_each_line(root, is_udp ? "/proc/net/udp" : "/proc/net/tcp", take_inet_line, &sink);
    sink.is_ipv6 = true;
    is_read |=
        procfs_each_line(root, is_udp ? "/proc/net/udp6" : "/proc/net/tcp6", take_inet_line, &sink);
    return is_read;
}

void listeners_read(const char *root, enum listener_family family, struct listeners *listeners)
{
    *listeners = (struct listeners){.count = 0};
    listeners->is_known =
        read_each(root, family, (struct sink){.take = add_listener, .user = listeners});
    if (family == LISTENER_UNIX)
        procfs_each_line(root, "/proc/net/unix", count_unix_line, listeners);
}

/* ---------------------------------------------------------------------------- */

void listeners_find(enum listener_family family, struct listeners *listeners)
{
    if (!listeners_ask(family, listeners))
        listeners_read("", family, listeners);
}

bool listeners_each(enum listener_family family, listeners_take *take, void *user)
{
    struct sink sink = {.take = take, .user = user};
    return ask_each(family, sink) || read_each("", family, sink);
}

struct owned {
    struct listeners *lists;
    size_t count;
};

static void take_socket(int pid, unsigned long inode, void *user)
{
    const struct owned *owned = user;
    for (size_t i = 0; i < owned->count; i++)
        for (size_t k = 0; k < owned->lists[i].count; k++) {
            struct listener *listener = &owned->lists[i].list[k];
            if (listener->inode == inode && listener->pid == 0)
                listener->pid = pid;
        }
}

void listeners_find_owners(const char *root, struct listeners lists[], size_t count)
{
    struct owned owned = {lists, count};
    procfs_each_socket(root, take_socket, &owned);
}

void listeners_add_place(const struct listener *listener, struct text *text)
{
    if (listener->port) {
        text_add_endpoint(text, listener->place, listener->port);
        return;
    }
    text_add(text, "unix:");
    text_add_foreign(text, listener->place, strlen(listener->place), sizeof listener->place);
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
