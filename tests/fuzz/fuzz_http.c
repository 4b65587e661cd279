/* Whatever answers an HTTP request, it becomes a verdict at once, in words that
 * are safe to print and hold no secret. */
#include "fuzz.h"
#include "peer.h"

#define TARGET " http://unix:/run/app.sock:/health?token=" CANARY
#define TOKEN  " -H X-Token:env:CANARY"

static const char *const command_lines[] = {
    "live" TARGET,
    "live -vv" TOKEN TARGET,
    "live --follow -v" TARGET,
    "live --expect-json /database/status=connected" TARGET,
    "live --expect-json /checks/0/ok=true -vv" TARGET,
    "live --expect-body ready -s 200-299,503" TARGET,
    "live -X HEAD -s 100-599 -v" TARGET,
    "live -X POST" TOKEN TARGET,
    "live --data a=b --follow -vv --expect-header Content-Type:text/html" TARGET,
    "live -v --expect-json /a=\"x\" --expect-json /b=20261126181935123" TARGET,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    peer_converse(command_lines, sizeof command_lines / sizeof *command_lines, data, size);
    return 0;
}
