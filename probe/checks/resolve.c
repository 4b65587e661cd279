/* Names to addresses. getaddrinfo(3) blocks as long as it likes, which is why
 * a check that needs it runs in a thread of its own. */
#include "checks/resolve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <strings.h>

static void add_address(struct addresses *addresses, const char *text)
{
    if (addresses->count < ADDRESSES_MAX)
        strncpy(addresses->text[addresses->count++], text, ADDRESS_LENGTH_MAX - 1);
}

static void add_sockaddr(struct addresses *addresses, const struct sockaddr *address)
{
    char text[ADDRESS_LENGTH_MAX] = "";
    const void *binary = address->sa_family == AF_INET6
                             ? (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr
                             : (const void *)&((const struct sockaddr_in *)address)->sin_addr;
    if (inet_ntop(address->sa_family, binary, text, sizeof text))
        add_address(addresses, text);
}

/* Says why there is no address. musl gives a limit of descriptors no error of its
 * own (EAI_SYSTEM, EAI_AGAIN or worse), and leaves errno. */
static void fail(const char *host, int error, int system_error, struct result *result)
{
    bool is_unknown = error == EAI_NONAME;
    if (error == EAI_MEMORY)
        system_error = ENOMEM;
    if (!is_unknown && cause_of_errno(system_error) == CAUSE_NO_RESOURCES)
        result_fail(result, CAUSE_NO_RESOURCES, "name '%s' not resolved: %s", host,
                    strerror(system_error));
    else
        result_fail(result, is_unknown ? CAUSE_NAME_NOT_FOUND : CAUSE_NAME_FAILED,
                    is_unknown ? "name '%s' not found" : "name '%s' not resolved: %s", host,
                    gai_strerror(error));
}

static bool ask_resolver(const char *host, struct addresses *addresses, struct result *result)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = AF_UNSPEC};
    struct addrinfo *found = NULL;
    result_enter(result, PHASE_RESOLVE);
    errno = 0;
    int error = getaddrinfo(host, NULL, &hints, &found);
    if (error) {
        fail(host, error, errno, result);
        return false;
    }
    for (const struct addrinfo *each = found; each; each = each->ai_next)
        add_sockaddr(addresses, each->ai_addr);
    freeaddrinfo(found);
    return true;
}

bool resolve_host(const char *host, struct addresses *addresses, struct result *result)
{
    *addresses = (struct addresses){0};
    if (!target_is_known_host(host))
        return ask_resolver(host, addresses, result);
    if (strcasecmp(host, "localhost") == 0) {
        add_address(addresses, "127.0.0.1");
        add_address(addresses, "::1");
    } else {
        add_address(addresses, host);
    }
    return true;
}
