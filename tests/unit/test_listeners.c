/* Goal: who listens, and how many wait there, is told the same by the kernel's
 * sock_diag(7) and by /proc/net, and by neither wrongly. procfs/ holds little
 * roots to read. */
#include "unit.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/unix_diag.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "machine/listeners.h"
#include "machine/sock_diag.h"
#include "made_root.h"

enum { NOBODY = 65534 };

static struct listeners listeners;

static int forget(void **state)
{
    (void)state;
    listeners = (struct listeners){.count = 0};
    return 0;
}

/* From /proc/net ------------------------------------------------------------- */

static void assert_listener(size_t i, const char *place, int port, unsigned waiting)
{
    assert_true(i < listeners.count);
    assert_string_equal(listeners.list[i].place, place);
    assert_int_equal(listeners.list[i].port, port);
    assert_int_equal(listeners.list[i].waiting, waiting);
}

static void listeners_by_port_and_added_up(void **state)
{
    (void)state;
    listeners_read("procfs/v2", LISTENER_TCP, &listeners);
    assert_true(listeners.is_known);
    assert_int_equal(listeners.count, 6);
    assert_int_equal(listeners.left_out, 0);
    assert_listener(0, "10.0.0.2", 22, 0);
    assert_listener(1, "2001:db8::1", 443, 0);
    assert_listener(2, "0.0.0.0", 8000, 14 + 3); /* two workers by SO_REUSEPORT */
    assert_listener(3, "::", 8000, 1);
    assert_listener(4, "127.0.0.1", 8080, 2); /* and not the connections of that port */
    assert_listener(5, "::1", 9000, 0);
    assert_int_equal(listeners.list[2].inode, 394617);
    assert_int_equal(listeners.list[5].inode, 394620);
}

static void listeners_of_one_family(void **state)
{
    (void)state;
    put("/proc/net/tcp6", "   0: 00000000000000000000000000000000:1F40 "
                          "00000000000000000000000000000000:0000 0A 00000000:00000001 00:00000000 "
                          "00000000     0        0 394619 1 0 100 0 0 10 0\n");
    listeners_read(made, LISTENER_TCP, &listeners);
    assert_true(listeners.is_known);
    assert_int_equal(listeners.count, 1);
    assert_listener(0, "::", 8000, 1);
}

static void no_listeners_and_no_files(void **state)
{
    (void)state;
    listeners_read(made, LISTENER_TCP, &listeners);
    assert_false(listeners.is_known);
    put("/proc/net/tcp", "  sl  local_address rem_address   st tx_queue rx_queue\n");
    listeners_read(made, LISTENER_TCP, &listeners);
    assert_true(listeners.is_known);
    assert_int_equal(listeners.count, 0);
}

static void listeners_of_garbage(void **state)
{
    (void)state;
    listeners_read("procfs/garbage", LISTENER_TCP, &listeners);
    assert_true(listeners.is_known);
    assert_int_equal(listeners.count, 0);
}

static void listeners_without_an_inode(void **state)
{
    (void)state;
    listeners_parse("0: 0100007F:1F40 00000000:0000 0A 0:0000000A", false, &listeners);
    assert_listener(0, "127.0.0.1", 8000, 10);
    assert_int_equal(listeners.list[0].inode, 0);
}

static void more_listeners_than_places(void **state)
{
    char line[120];
    (void)state;
    for (unsigned port = 3 * LISTENERS_MAX; port > 0; port--) {
        snprintf(line, sizeof line, "%u: 00000000:%04X 00000000:0000 0A 0:1 00:0 0 0 0 1", port,
                 port);
        listeners_parse(line, false, &listeners);
    }
    assert_int_equal(listeners.count, LISTENERS_MAX);
    assert_int_equal(listeners.left_out, 2 * LISTENERS_MAX);
    for (size_t i = 1; i < listeners.count; i++)
        assert_true(listeners.list[i - 1].port < listeners.list[i].port);
    listeners_parse("0: 00000000:00C0 00000000:0000 0A 0:5 00:0 0 0 0 1", false, &listeners);
    assert_listener(LISTENERS_MAX - 1, "0.0.0.0", 192, 6); /* one that is known has its place */
    assert_int_equal(listeners.left_out, 2 * LISTENERS_MAX);
}

static void assert_path(size_t i, const char *path, unsigned waiting)
{
    assert_listener(i, path, 0, waiting);
}

static void unix_listeners(void **state)
{
    (void)state;
    listeners_read("procfs/v2", LISTENER_UNIX, &listeners);
    assert_true(listeners.is_known);
    assert_int_equal(listeners.count, 3);
    assert_path(0, "/run/app.sock", 2);
    assert_path(1, "/run/with a space.sock", 1);
    assert_path(2, "/run/idle.sock", 0);
}

/* An abstract name, a datagram's, a connection's: nothing listens there by a path. */
static void no_unix_listeners(void **state)
{
    (void)state;
    listeners_read("procfs/garbage", LISTENER_UNIX, &listeners);
    assert_true(listeners.is_known);
    assert_int_equal(listeners.count, 0);
    listeners_read(made, LISTENER_UNIX, &listeners);
    assert_false(listeners.is_known);
}

static void no_permission(void **state)
{
    char closed[100];
    (void)state;
    if (geteuid() != 0)
        skip();
    put("/proc/net/tcp", "");
    snprintf(closed, sizeof closed, "%s/proc/net/tcp", made);
    assert_int_equal(chmod(closed, 0), 0);
    assert_int_equal(seteuid(NOBODY), 0);
    listeners_read(made, LISTENER_TCP, &listeners);
    assert_int_equal(seteuid(0), 0);
    assert_false(listeners.is_known);
}

/* By sock_diag(7) ------------------------------------------------------------ */

#define SAME(ours, our_member, theirs, their_member)                                               \
    _Static_assert(offsetof(struct ours, our_member) == offsetof(struct theirs, their_member) &&   \
                       sizeof(((struct ours *)0)->our_member) ==                                   \
                           sizeof(((struct theirs *)0)->their_member),                             \
                   #our_member " is not the kernel's " #their_member)

_Static_assert(sizeof(struct sock_diag_tcp) == sizeof(struct inet_diag_msg), "inet_diag_msg");
SAME(sock_diag_tcp, family, inet_diag_msg, idiag_family);
SAME(sock_diag_tcp, id.port, inet_diag_msg, id.idiag_sport);
SAME(sock_diag_tcp, id.address, inet_diag_msg, id.idiag_src);
SAME(sock_diag_tcp, waiting, inet_diag_msg, idiag_rqueue);
SAME(sock_diag_tcp, backlog, inet_diag_msg, idiag_wqueue);
SAME(sock_diag_tcp, inode, inet_diag_msg, idiag_inode);
_Static_assert(sizeof(struct sock_diag_unix) == sizeof(struct unix_diag_msg), "unix_diag_msg");
SAME(sock_diag_unix, inode, unix_diag_msg, udiag_ino);
SAME(sock_diag_queue, waiting, unix_diag_rqlen, udiag_rqueue);
SAME(sock_diag_queue, backlog, unix_diag_rqlen, udiag_wqueue);
_Static_assert((int)SOCK_DIAG_UNIX_NAME == (int)UNIX_DIAG_NAME, "UNIX_DIAG_NAME");
_Static_assert((int)SOCK_DIAG_UNIX_QUEUE == (int)UNIX_DIAG_RQLEN, "UNIX_DIAG_RQLEN");

enum { BACKLOG = 7, CLIENTS = 3 };

struct service {
    int fd;
    int clients[CLIENTS];
};

/* Listens, and lets a few wait. The address has the port afterwards. */
static void serve(struct service *service, struct sockaddr *address, socklen_t length)
{
    service->fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(service->fd, address, length), 0);
    assert_int_equal(listen(service->fd, BACKLOG), 0);
    assert_int_equal(getsockname(service->fd, address, &length), 0);
    for (size_t i = 0; i < CLIENTS; i++) {
        service->clients[i] = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(connect(service->clients[i], address, length), 0);
    }
}

static void stop(const struct service *service)
{
    close(service->fd);
    for (size_t i = 0; i < CLIENTS; i++)
        close(service->clients[i]);
}

static const struct listener *find(const char *place, int port)
{
    for (size_t i = 0; i < listeners.count; i++)
        if (listeners.list[i].port == port && strcmp(listeners.list[i].place, place) == 0)
            return &listeners.list[i];
    return NULL;
}

/* That either way of asking finds a service, and tells the same of it. */
static void assert_found(enum listener_family family, const char *place, int port)
{
    assert_true(listeners_ask(family, &listeners));
    const struct listener *found = find(place, port);
    assert_non_null(found);
    struct listener asked = *found;
    assert_int_equal(asked.waiting, CLIENTS);
    assert_int_equal(asked.backlog, BACKLOG);
    listeners_read("", family, &listeners);
    found = find(place, port);
    assert_non_null(found);
    assert_int_equal(found->waiting, CLIENTS);
    assert_int_equal(found->inode, asked.inode);
    assert_int_equal(found->backlog, -1);
}

static void the_kernel_tells_of_tcp(void **state)
{
    struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct service services[2];
    (void)state;
    serve(&services[0], (struct sockaddr *)&ipv4, sizeof ipv4);
    serve(&services[1], (struct sockaddr *)&ipv6, sizeof ipv6);
    assert_found(LISTENER_TCP, "127.0.0.1", ntohs(ipv4.sin_port));
    assert_found(LISTENER_TCP, "::1", ntohs(ipv6.sin6_port));
    stop(&services[0]);
    stop(&services[1]);
    assert_true(listeners_ask(LISTENER_TCP, &listeners));
    assert_null(find("127.0.0.1", ntohs(ipv4.sin_port)));
}

static void the_kernel_tells_of_unix_sockets(void **state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct service service;
    (void)state;
    snprintf(address.sun_path, sizeof address.sun_path, "%s/app.sock", made);
    serve(&service, (struct sockaddr *)&address, sizeof address);
    assert_found(LISTENER_UNIX, address.sun_path, 0);
    stop(&service);
    assert_true(listeners_ask(LISTENER_UNIX, &listeners));
    assert_null(find(address.sun_path, 0));
}

/* More than one datagram's worth. */
static void the_kernel_tells_of_many(void **state)
{
    enum { MANY = 300 };
    static struct service services[MANY];
    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        services[i].fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(services[i].fd, (struct sockaddr *)&address, sizeof address), 0);
        assert_int_equal(listen(services[i].fd, BACKLOG), 0);
    }
    assert_true(listeners_ask(LISTENER_TCP, &listeners));
    assert_int_equal(listeners.count, LISTENERS_MAX);
    assert_true(listeners.left_out >= MANY - LISTENERS_MAX);
    for (size_t i = 0; i < MANY; i++)
        close(services[i].fd);
}

static void attributes_of_garbage(void **state)
{
    static const unsigned char rows[][12] = {
        {0, 0, 0, 0},                                     /* shorter than its own head */
        {3, 0, 0, 0},          {13, 0, 0, 0, 'x'},        /* longer than the row */
        {255, 255, 0, 0, 'x'}, {4, 0, 7, 0, 12, 0, 0, 0}, /* behind another, and too long */
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char name[4] = "";
        sock_diag_attribute(rows[i], sizeof rows[i], SOCK_DIAG_UNIX_NAME, name, sizeof name);
        assert_string_equal(name, "");
        sock_diag_attribute(rows[i], 3, SOCK_DIAG_UNIX_NAME, name, sizeof name);
        assert_string_equal(name, "");
    }
}

static void attributes_behind_others_and_cut(void **state)
{
    static const unsigned char row[] = {5, 0, 7, 0,   9,   0,   0,   0,   10,
                                        0, 0, 0, '/', 'a', 'b', 'c', 'd', 'e'};
    char name[8] = "";
    (void)state;
    sock_diag_attribute(row, sizeof row, SOCK_DIAG_UNIX_NAME, name, 7);
    assert_string_equal(name, "/abcde");
    memset(name, 0, sizeof name);
    sock_diag_attribute(row, sizeof row, SOCK_DIAG_UNIX_NAME, name, 3);
    assert_string_equal(name, "/ab");
    sock_diag_attribute(row, sizeof row, SOCK_DIAG_UNIX_QUEUE, name, 7);
    assert_string_equal(name, "/ab");
}

/* Whose ---------------------------------------------------------------------- */

static void owners(void **state)
{
    (void)state;
    listeners_read("procfs/v2", LISTENER_TCP, &listeners);
    put("/proc/7/fd/0", "");
    put("/proc/8/fd/0", "");
    put_link("/proc/7/fd/3", "socket:[394617]");
    put_link("/proc/8/fd/3", "socket:[394620]");
    listeners_find_owners(made, &listeners, 1);
    assert_int_equal(listeners.list[2].pid, 7);
    assert_int_equal(listeners.list[5].pid, 8);
    assert_int_equal(listeners.list[0].pid, 0);
}

/* By which name -------------------------------------------------------------- */

static void names_of_a_socket(void **state)
{
    static const struct {
        const char *name;
        const char *path;
        bool is_bound;
    } rows[] = {
        {"/run/app.sock", "/run/app.sock", true},
        {"app.sock", "/run/app.sock", true}, /* bound in a directory that nobody tells */
        {"run/app.sock", "/run/app.sock", true},
        {"un/app.sock", "/run/app.sock", false},
        {"pp.sock", "/run/app.sock", false},
        {"/run/other.sock", "/run/app.sock", false},
        {"/srv/app.sock", "/run/app.sock", false}, /* neither is there */
        {"/run/app.sock", "app.sock", false},
        {"", "/run/app.sock", false},
        {"app.sock", "app.sock", true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        if (listeners_is_bound(rows[i].name, rows[i].path) != rows[i].is_bound)
            fail_msg("%s at %s", rows[i].name, rows[i].path);
}

/* /var/run is often a link to /run. */
static void one_file_by_two_paths(void **state)
{
    char name[60];
    char path[60];
    (void)state;
    put("/run/app.sock", "");
    put("/other/app.sock", "");
    snprintf(name, sizeof name, "%s/run/app.sock", made);
    put_link("/var", "run");
    snprintf(path, sizeof path, "%s/var/app.sock", made);
    assert_true(listeners_is_bound(name, path));
    assert_true(listeners_is_bound(path, name));
    snprintf(path, sizeof path, "%s/other/app.sock", made);
    assert_false(listeners_is_bound(name, path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listeners_by_port_and_added_up),
        cmocka_unit_test_setup_teardown(listeners_of_one_family, begin, end),
        cmocka_unit_test_setup_teardown(no_listeners_and_no_files, begin, end),
        cmocka_unit_test(listeners_of_garbage),
        cmocka_unit_test_setup(listeners_without_an_inode, forget),
        cmocka_unit_test_setup(more_listeners_than_places, forget),
        cmocka_unit_test(unix_listeners),
        cmocka_unit_test_setup_teardown(no_unix_listeners, begin, end),
        cmocka_unit_test_setup_teardown(no_permission, begin, end),
        cmocka_unit_test(the_kernel_tells_of_tcp),
        cmocka_unit_test_setup_teardown(the_kernel_tells_of_unix_sockets, begin, end),
        cmocka_unit_test(the_kernel_tells_of_many),
        cmocka_unit_test(attributes_of_garbage),
        cmocka_unit_test(attributes_behind_others_and_cut),
        cmocka_unit_test_setup_teardown(owners, begin, end),
        cmocka_unit_test(names_of_a_socket),
        cmocka_unit_test_setup_teardown(one_file_by_two_paths, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
