/* Goal: who listens, and how many wait there, is told the same by the kernel's
 * sock_diag(7) and by /proc/net. */
#include "unit.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/unix_diag.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "machine/listeners.h"
#include "machine/sock_diag.h"
#include "made_root.h"

static struct listeners listeners;

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

/* The two bytes of a number below 256 as this machine has them. */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define HALF(number) 0, (number)
#else
#define HALF(number) (number), 0
#endif

/* Each worker of a port that several share has a queue of its own. */
static void the_kernel_tells_of_a_shared_port(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int on = 1;
    int fds[2];
    (void)state;
    for (size_t i = 0; i < COUNT(fds); i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(setsockopt(fds[i], SOL_SOCKET, SO_REUSEPORT, &on, sizeof on), 0);
        assert_int_equal(bind(fds[i], (struct sockaddr *)&address, sizeof address), 0);
        assert_int_equal(listen(fds[i], BACKLOG + (int)i), 0);
        assert_int_equal(getsockname(fds[i], (struct sockaddr *)&address, &length), 0);
    }
    assert_true(listeners_ask(LISTENER_TCP, &listeners));
    const struct listener *found = find("127.0.0.1", ntohs(address.sin_port));
    assert_non_null(found);
    assert_int_equal(found->backlog, BACKLOG + BACKLOG + 1);
    for (size_t i = 0; i < COUNT(fds); i++)
        close(fds[i]);
}

static void attributes_of_garbage(void **state)
{
    static const unsigned char rows[][12] = {
        {0, 0, 0, 0}, /* shorter than its own head */
        {HALF(3)},
        {HALF(13), 0, 0, 'x'}, /* longer than the row */
        {255, 255, 0, 0, 'x'},
        {HALF(4), HALF(7), HALF(12)}, /* behind another, and too long */
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
    static const unsigned char row[] = {HALF(5), HALF(7), 9,   0,   0,   0,   HALF(10),
                                        HALF(0), '/',     'a', 'b', 'c', 'd', 'e'};
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_kernel_tells_of_tcp),
        cmocka_unit_test_setup_teardown(the_kernel_tells_of_unix_sockets, begin, end),
        cmocka_unit_test(the_kernel_tells_of_many),
        cmocka_unit_test(the_kernel_tells_of_a_shared_port),
        cmocka_unit_test(attributes_of_garbage),
        cmocka_unit_test(attributes_behind_others_and_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
