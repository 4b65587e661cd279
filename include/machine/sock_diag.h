/* sock_diag: the kernel's list of sockets that listen, or of UDP are bound, by netlink;
 * sock_diag(7), netlink(7). The structs are the kernel's (linux/inet_diag.h, linux/unix_diag.h),
 * written down here because musl comes without its headers; a unit test holds
 * them to those of the machine that runs it. */
#ifndef PROBE_SOCK_DIAG_H
#define PROBE_SOCK_DIAG_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* struct inet_diag_sockid; ports and addresses in the network's order */
struct sock_diag_id {
    uint16_t port;
    uint16_t peer_port;
    uint32_t address[4];
    uint32_t peer_address[4];
    uint32_t interface;
    uint32_t cookie[2];
};

/* struct inet_diag_msg, of a socket that listens */
struct sock_diag_tcp {
    uint8_t family;
    uint8_t state;
    uint8_t timer;
    uint8_t retransmits;
    struct sock_diag_id id;
    uint32_t expires;
    uint32_t waiting; /* rqueue: connections that wait to be accepted */
    uint32_t backlog; /* wqueue: how many may, by listen(2) */
    uint32_t uid;
    uint32_t inode;
};

/* struct unix_diag_msg; attributes follow */
struct sock_diag_unix {
    uint8_t family;
    uint8_t type;
    uint8_t state;
    uint8_t pad;
    uint32_t inode;
    uint32_t cookie[2];
};

/* struct unix_diag_rqlen, the value of SOCK_DIAG_UNIX_QUEUE */
struct sock_diag_queue {
    uint32_t waiting;
    uint32_t backlog;
};

/* UNIX_DIAG_NAME: the name it was bound by, which ends without a NUL; UNIX_DIAG_RQLEN;
 * INET_DIAG_SKV6ONLY: a byte, 1 where the socket takes no IPv4 */
enum { SOCK_DIAG_UNIX_NAME = 0, SOCK_DIAG_UNIX_QUEUE = 4, SOCK_DIAG_IPV6_ONLY = 11 };

/* Takes a row: `bytes` begins with the family's struct, if `length` has room for
 * one. */
typedef void sock_diag_take(const unsigned char *bytes, size_t length, void *user);

/* Calls back with each socket of a family (AF_INET, AF_INET6, AF_UNIX) and a protocol
 * (IPPROTO_TCP, IPPROTO_UDP; 0) that listens in this network namespace, or of UDP is bound and
 * takes from anybody. False when the kernel does not answer to the end. Does not block. */
bool sock_diag_each(int family, int protocol, sock_diag_take *take, void *user);

/* Takes a row's bytes: at most `size` of an attribute's value; what is not there
 * leaves `value` as it is. */
void sock_diag_attribute(const unsigned char *bytes, size_t length, int type, void *value,
                         size_t size);

#endif
