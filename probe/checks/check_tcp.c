/* TCP: a connection is accepted; nothing is sent. */
#include <string.h>
#include <unistd.h>

#include "checks/check.h"
#include "checks/connect.h"
#include "config/target_parser.h"

static bool tcp_prepare(struct target *target, const struct config *config, struct text *why)
{
    (void)config;
    bool has_place = target->socket || (*target->host && target->port && !target->more_hosts);
    if (!has_place || target->query || (*target->path && strcmp(target->path, "/") != 0)) {
        text_add(why, "is not tcp://HOST:PORT or tcp://unix:/PATH");
        return false;
    }
    return true;
}

static void tcp_run(const struct check *check, struct deadline deadline, struct result *result)
{
    int fd = connect_target(check->target, deadline, NULL, result);
    if (fd < 0)
        return;
    close(fd);
    struct text words = result_pass(result);
    text_add(&words, "accepted");
}

const struct check_type check_tcp = {
    .kind = {.name = "tcp",
             .schemes = "tcp",
             .forms = "tcp://HOST:PORT",
             .help =
                 "  tcp://HOST:PORT                   accepts a connection; tcp://unix:/PATH too\n",
             .read = parser_read_plain},
    .commands = COMMAND_BIT(COMMAND_LIVE) | COMMAND_BIT(COMMAND_READY),
    .local_only = true,
    .prepare = tcp_prepare,
    .run = tcp_run,
};
