/* Writing to stdout, and whether it still takes anything. */
#include "base/output.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

static bool is_gone;

bool output_is_gone(void)
{
    return is_gone;
}

void output_write(const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(STDOUT_FILENO, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            is_gone = true;
            return;
        }
        bytes += written;
        length -= (size_t)written;
    }
}

/* Nobody is left to tell when it fails. */
void output_say(const char *words)
{
    int error = errno;
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    bool is_ready = poll(&out, 1, OUTPUT_PATIENCE_MS) == 1 && out.revents & POLLOUT;
    ssize_t ignored = is_ready ? write(STDOUT_FILENO, words, strlen(words)) : 0;
    (void)ignored;
    errno = error;
}
