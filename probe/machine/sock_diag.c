/* One request to the kernel's NETLINK_SOCK_DIAG, and its rows. */
#include "machine/sock_diag.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* linux/netlink.h, linux/sock_diag.h, linux/inet_diag.h, linux/unix_diag.h */
enum {
    NETLINK_SOCK_DIAG = 4,
    SOCK_DIAG_BY_FAMILY = 20,
    NLM_F_REQUEST = 0x001,
    NLM_F_DUMP = 0x300,
    NLMSG_DONE = 3,
    UDIAG_SHOW_NAME = 0x01,
    UDIAG_SHOW_RQLEN = 0x10,
    TCPF_CLOSE = 1 << 7,
    TCPF_LISTEN = 1 << 10
};

/* struct nlmsghdr */
struct message {
    uint32_t length; /* this header's included */
    uint16_t type;
    uint16_t flags;
    uint32_t sequence;
    uint32_t sender;
};

/* struct nlattr */
struct attribute {
    uint16_t length;
    uint16_t type;
};

/* struct inet_diag_req_v2, struct unix_diag_req */
struct request {
    struct message head;
    uint8_t family;
    uint8_t protocol;
    uint16_t none; /* of the extensions */
    uint32_t states;
    union {
        struct sock_diag_id id;
        struct {
            uint32_t inode;
            uint32_t show;
            uint32_t cookie[2];
        } local;
    } of;
};

enum { LOCAL_LENGTH = 40 }; /* of a request for unix sockets */

static size_t align(size_t length)
{
    return (length + 3) & ~(size_t)3;
}

/* Sends a request; what the kernel has to say is there when it returns. Returns the
 * descriptor to read it from, which the caller closes, or -1. */
static int send_request(const struct request *request)
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    ssize_t length = (ssize_t)request->head.length;
    if (fd >= 0 && send(fd, request, request->head.length, 0) != length) {
        close(fd);
        return -1;
    }
    return fd;
}

enum rows { ROWS_GO_ON, ROWS_END, ROWS_BROKEN };

/* Takes the messages of one datagram apart. */
static enum rows take_rows(const unsigned char *bytes, size_t length, sock_diag_take *take,
                           void *user)
{
    struct message head;
    for (size_t at = 0; at + sizeof head <= length; at += align(head.length)) {
        memcpy(&head, bytes + at, sizeof head);
        if (head.length < sizeof head || head.length > length - at)
            return ROWS_BROKEN;
        if (head.type == NLMSG_DONE)
            return ROWS_END;
        if (head.type != SOCK_DIAG_BY_FAMILY)
            return ROWS_BROKEN;
        take(bytes + at + sizeof head, head.length - sizeof head, user);
    }
    return ROWS_GO_ON;
}

/* All rows of an answer. */
static enum rows receive_rows(int fd, sock_diag_take *take, void *user)
{
    unsigned char bytes[8192]; /* no datagram is longer for a reader of this size */
    for (;;) {
        ssize_t length = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
        enum rows rows = length > 0 ? take_rows(bytes, (size_t)length, take, user) : ROWS_BROKEN;
        if (rows != ROWS_GO_ON)
            return rows;
    }
}

bool sock_diag_each(int family, int protocol, sock_diag_take *take, void *user)
{
    struct request request = {
        .head = {.length = sizeof request,
                 .type = SOCK_DIAG_BY_FAMILY,
                 .flags = NLM_F_REQUEST | NLM_F_DUMP},
        .family = (uint8_t)family,
        .protocol = (uint8_t)protocol,
        .states = protocol == IPPROTO_UDP ? TCPF_CLOSE : TCPF_LISTEN,
    };
    if (family == AF_UNIX) {
        request.head.length = LOCAL_LENGTH;
        request.of.local.show = UDIAG_SHOW_NAME | UDIAG_SHOW_RQLEN;
    }
    int fd = send_request(&request);
    if (fd < 0)
        return false;
    bool is_whole = receive_rows(fd, take, user) == ROWS_END;
    close(fd);
    return is_whole;
}

void sock_diag_attribute(const unsigned char *bytes, size_t length, int type, void *value,
                         size_t size)
{
    struct attribute head;
    for (size_t at = 0; at + sizeof head <= length; at += align(head.length)) {
        memcpy(&head, bytes + at, sizeof head);
        if (head.length < sizeof head || head.length > length - at)
            return;
        size_t n = head.length - sizeof head;
        if (head.type == type)
            memcpy(value, bytes + at + sizeof head, n < size ? n : size);
    }
}
