/* Which addresses are our own: those that a socket can be bound to. It needs neither
 * netlink nor ioctl(2), which a seccomp profile may forbid. */
#include "run/own_host.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "checks/resolve.h"
#include "machine/procfs.h"

/* Whether sockets may be bound to addresses that are not ours: then binding proves
 * nothing. */
static bool binds_any(const char *setting)
{
    char value[8];
    return procfs_read("", setting, value, sizeof value) && *value == '1';
}

/* Whether the address is one of ours. The socket is UDP's and without a port of its own:
 * nobody sees it, and nothing is sent. To a network's broadcast address it may be bound, but
 * not connected. */
static bool is_bindable(const struct sockaddr *address, socklen_t length)
{
    int fd = socket(address->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool is_bound = fd >= 0 && bind(fd, address, length) == 0 && connect(fd, address, length) == 0;
    if (fd >= 0)
        close(fd);
    return is_bound;
}

static bool is_own_ipv4(struct in_addr ipv4)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = ipv4};
    uint32_t number = ntohl(ipv4.s_addr);
    return number != INADDR_BROADCAST && !IN_MULTICAST(number) &&
           is_bindable((const struct sockaddr *)&address, sizeof address) &&
           !binds_any("/proc/sys/net/ipv4/ip_nonlocal_bind");
}

static bool is_own_ipv6(const struct in6_addr *ipv6)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = *ipv6};
    return !IN6_IS_ADDR_MULTICAST(ipv6) &&
           is_bindable((const struct sockaddr *)&address, sizeof address) &&
           !binds_any("/proc/sys/net/ipv6/ip_nonlocal_bind");
}

static bool is_own(const char *text)
{
    struct in_addr ipv4;
    struct in6_addr ipv6;
    if (inet_pton(AF_INET, text, &ipv4) == 1)
        return is_own_ipv4(ipv4);
    return inet_pton(AF_INET6, text, &ipv6) == 1 && is_own_ipv6(&ipv6);
}

enum own_host own_host_find(struct target *target, struct deadline deadline)
{
    struct result unused = {.cause = CAUSE_NONE};
    struct addresses addresses;
    if (!resolve_host(target->host, deadline, &addresses, &unused))
        return UNKNOWN_HOST;
    for (size_t i = 0; i < addresses.count; i++)
        if (!is_own(addresses.text[i]))
            return OTHER_HOST;
    memcpy(target->own_address, addresses.text[0], sizeof target->own_address);
    return OWN_HOST;
}
