/* container_log: the stderr of process 1, which the engine keeps as the container's log. */
#ifndef PROBE_CONTAINER_LOG_H
#define PROBE_CONTAINER_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* Opens it, if process 1 has it open for writing, a file for appending, and somebody may read it.
 * As process 1 ourselves we have nothing to add to it, so nothing is opened and that is no
 * fault. False with the reason, and what to do about it, in why: a clause. Waits for nobody
 * who reads or writes there. For signal handlers too. */
bool container_log_open(struct text *why);

/* Writes bytes[length] there in one piece, at most PIPE_BUF of them; nothing if it is not open or
 * has no room. For signal handlers too. */
void container_log_write(const char *bytes, size_t length);

#endif
