/* Whatever answers Redis' commands, it becomes a verdict at once, in words that
 * are safe to print and hold no secret. */
#include "fuzz.h"
#include "peer.h"

static const char *const command_lines[] = {
    "ready --no-http unix:///run/redis.sock",
    "ready --no-http unix:///run/redis.sock?db=7&password=" CANARY,
    "ready --no-http --redis-writable -v unix:///run/redis.sock?username=u&password=" CANARY,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    peer_converse(command_lines, sizeof command_lines / sizeof *command_lines, data, size);
    return 0;
}
