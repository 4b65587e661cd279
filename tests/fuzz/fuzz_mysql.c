/* Whatever greets as MySQL does, or answers the login that it refuses, becomes a verdict
 * at once, in words that are safe to print and hold no secret. */
#include "fuzz.h"
#include "peer.h"

static const char *const command_lines[] = {
    "ready --no-http mysql://unix:/run/mysqld.sock",
    "ready --no-http -v mysql://unix:/run/mysqld.sock:/?password=" CANARY,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    peer_converse(command_lines, sizeof command_lines / sizeof *command_lines, data, size);
    return 0;
}
