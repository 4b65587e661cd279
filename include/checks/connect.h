/* connect: a stream to a target, by one of its addresses or its socket. */
#ifndef PROBE_CONNECT_H
#define PROBE_CONNECT_H

#include "base/deadline.h"
#include "checks/resolve.h"
#include "checks/result.h"
#include "config/target.h"

/* The address that took a connection. */
struct connected {
    char address[ADDRESS_LENGTH_MAX]; /* numeric; "" for a unix socket */
    bool is_first;                    /* of those that were tried */
};

/* Connects to the first of the addresses that accepts. They are tried in turn: the next
 * one when the last failed, or has been silent for a quarter of a second (less if the
 * time is short), and those that are silent go on beside it. Returns a non-blocking
 * descriptor that the caller closes, or -1 with the cause in result: of several failures
 * the most telling one. `connected` may be NULL. */
int connect_target(const struct target *target, struct deadline deadline,
                   struct connected *connected, struct result *result);

/* Whether a TCP connection's two ends are the same: where nothing listens on a port
 * that the kernel gives to clients too, a socket may be given that port and then
 * answers itself. */
bool connect_is_to_itself(int fd);

/* The cause of a connection to `place` that failed with errno `error`: "refused
 * by db:5432". */
void connect_fail(const char *place, int error, struct result *result);

/* How much a failure to connect tells, for a choice among several: from 0 (none
 * failed) to 4. A refusal tells more than that ::1 is switched off, a timeout more
 * than a refusal. */
int connect_rank(enum cause cause);

#endif
