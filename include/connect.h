/* connect: a stream to a target, by one of its addresses or its socket. */
#ifndef PROBE_CONNECT_H
#define PROBE_CONNECT_H

#include "check.h"
#include "deadline.h"

/* Connects, to each address in turn until one accepts; those before the last
 * may use their share of the time. Returns a non-blocking descriptor that the
 * caller closes, or -1 with the cause in result. */
int connect_target(const struct check *check, struct deadline deadline, struct result *result);

/* The cause of a connection that failed with errno `error`, in words that name
 * the target: "refused by db:5432". */
void connect_fail(const struct check *check, int error, struct result *result);

#endif
