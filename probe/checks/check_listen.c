/* A socket is bound: the kernel is asked, and the service sees nothing of it. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/parse.h"
#include "checks/check.h"
#include "config/target_parser.h"
#include "machine/listeners.h"

/* What is asked for, and what was found. */
struct search {
    enum listener_family family;
    int port;
    char address[ADDRESS_LENGTH_MAX]; /* "" any; as inet_ntop(3) writes it, or localhost */
    const char *path;                 /* of a unix socket */
    bool is_found;
    bool is_elsewhere;       /* the port is bound, to another address */
    struct listener nearest; /* of either */
};

/* An address as the kernel's are written; "localhost" stays as it is. False for a name. */
static bool read_address(const char *host, struct search *search)
{
    unsigned char address[sizeof(struct in6_addr)];
    int family = strchr(host, ':') ? AF_INET6 : AF_INET;
    if (strcasecmp(host, "localhost") == 0) {
        memcpy(search->address, "localhost", sizeof "localhost");
        return true;
    }
    return inet_pton(family, host, address) == 1 &&
           inet_ntop(family, address, search->address, sizeof search->address);
}

/* PORT, :PORT, udp:PORT, ADDRESS:PORT, unix:/PATH or /PATH. */
static bool read_target(const struct target *target, struct search *search)
{
    int64_t port;
    *search = (struct search){.family = LISTENER_TCP, .port = target->port};
    if (target->user || target->query || target->more_hosts)
        return false;
    if (target->prepared) {
        search->family = LISTENER_UNIX;
        search->path = target->prepared;
        return true;
    }
    if (target->socket || *target->path)
        return false;
    if (target->port == 0 && parse_number(target->host, 1, 65535, &port)) {
        search->port = (int)port;
        return true;
    }
    if (target->port > 0 && strcasecmp(target->host, "udp") == 0)
        search->family = LISTENER_UDP;
    else if (target->port > 0 && *target->host)
        return read_address(target->host, search);
    return target->port > 0;
}

static bool listen_prepare(struct target *target, const struct config *config, struct text *why)
{
    struct search search;
    (void)config;
    bool is_path = !target->socket && !*target->host && !target->port && *target->path;
    if (is_path &&
        (!target_decode_path(target, why) || !target_check_socket(strlen(target->prepared), why)))
        return false;
    if (read_target(target, &search))
        return true;
    text_add(why, "is not listen://PORT, listen://ADDRESS:PORT, listen://udp:PORT or "
                  "listen:///PATH");
    return false;
}

/* Whether what is sent to the address that is asked for comes to a socket. */
static bool is_covered(const struct listener *listener, const struct search *search)
{
    static const char mapped[] = "::ffff:";
    const char *place = listener->place;
    const char *asked = search->address;
    bool is_localhost = strcmp(asked, "localhost") == 0;
    if (strncmp(place, mapped, strlen(mapped)) == 0)
        place += strlen(mapped);
    if (!*asked || strcmp(place, asked) == 0)
        return true;
    if (strcmp(place, "::") == 0)
        return strchr(asked, ':') || is_localhost || !listener->is_ipv6_only;
    if (strcmp(place, "0.0.0.0") == 0)
        return !strchr(asked, ':');
    return is_localhost && (strcmp(place, "127.0.0.1") == 0 || strcmp(place, "::1") == 0);
}

static void take(const struct listener *listener, void *user)
{
    struct search *search = user;
    bool is_near = search->path ? listeners_is_bound(listener->place, search->path)
                                : listener->port == search->port;
    if (!is_near || search->is_found)
        return;
    search->is_found = search->path || is_covered(listener, search);
    search->is_elsewhere = !search->is_found;
    search->nearest = *listener;
}

static void pass(const struct search *search, struct result *result)
{
    const struct listener *found = &search->nearest;
    bool is_ipv4 = *search->address && !strchr(search->address, ':');
    struct text words = result_pass(result);
    text_add(&words, "listening on ");
    listeners_add_place(found, &words);
    text_add(&words, search->family == LISTENER_UDP ? ", UDP" : "");
    if (is_ipv4 && found->may_be_ipv6_only)
        text_add(&words, ", whether to IPv4 too is not known");
}

static void fail(const struct search *search, struct result *result)
{
    struct text words = result_fail(result, CAUSE_NOT_LISTENING, "%s", "");
    if (search->is_elsewhere) {
        text_format(&words, "port %d is bound to another address: ", search->port);
        listeners_add_place(&search->nearest, &words);
    } else if (search->path) {
        text_add(&words, "nothing listens at ");
        text_add_name(&words, search->path);
    } else {
        text_format(&words, "nothing listens on %s%d",
                    search->family == LISTENER_UDP ? "UDP port " : "", search->port);
    }
}

/* The name of a socket outlives its file, which is the way to it, and a file outlives its socket:
 * another one may have the same name, elsewhere or before. To connect by the wrong type reaches
 * no service, and is refused in another way where a socket is bound to the file. */
static bool is_socket_there(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    memcpy(address.sun_path, path, strlen(path) + 1);
    int status = connect(fd, (const struct sockaddr *)&address, sizeof address);
    bool is_dead = status != 0 && (errno == ECONNREFUSED || errno == ENOENT);
    close(fd);
    return !is_dead;
}

static void listen_run(const struct check *check, struct deadline deadline, struct result *result)
{
    struct search search;
    (void)deadline;
    result_enter(result, PHASE_FILE);
    read_target(check->target, &search);
    bool is_told = listeners_each(search.family, take, &search);
    search.is_found &= !search.path || is_socket_there(search.path);
    if (search.is_found)
        pass(&search, result);
    else if (is_told)
        fail(&search, result);
    else
        result_fail(result, CAUSE_NOT_SEEN, "the kernel does not tell who listens");
}

const struct check_type check_listen = {
    .kind = {.name = "listen",
             .schemes = "listen",
             .forms = "listen://PORT",
             .help =
                 "  listen://PORT                     a socket is bound to it, without asking it;\n"
                 "                                    ADDRESS:PORT, udp:PORT and /PATH too\n",
             .read = parser_read_plain},
    .has_no_peer = true,
    .commands = COMMAND_BIT(COMMAND_LIVE) | COMMAND_BIT(COMMAND_READY),
    .prepare = listen_prepare,
    .run = listen_run,
};
