/* Whatever answers libpq, it becomes a verdict at once, in words that are safe to
 * print and hold no secret. */
#include "fuzz.h"
#include "peer.h"

#define TARGET " postgres://app:" CANARY "@%2Frun%2Fpg/app"

static const char *const command_lines[] = {
    "ready --no-http" TARGET,
    "ready --no-http -v --db-writable" TARGET,
    "ready --no-http --db-migration orders.0001_initial" TARGET,
    "ready --no-http --db-query SELECT" TARGET,
    "ready --no-http --db-writable --db-migration a.b --db-query SELECT" TARGET,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    peer_converse(command_lines, sizeof command_lines / sizeof *command_lines, data, size);
    return 0;
}
