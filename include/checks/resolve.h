/* resolve: a host's addresses. The one place that asks a resolver. */
#ifndef PROBE_RESOLVE_H
#define PROBE_RESOLVE_H

#include <stddef.h>

#include "base/deadline.h"
#include "checks/result.h"
#include "config/target.h"

enum { ADDRESSES_MAX = 8 };

/* Numeric addresses in the order to try them, without brackets; what the resolver
 * knows beyond ADDRESSES_MAX is left out. */
struct addresses {
    char text[ADDRESSES_MAX][ADDRESS_LENGTH_MAX];
    size_t count; /* 0 for a unix socket */
};

/* Resolves a host: an address is itself, localhost is 127.0.0.1 and then ::1 without
 * asking anyone, anything else goes to getaddrinfo(3). A family that the name server does
 * not answer for in time is left out. Returns at the deadline; without threads to be had it
 * blocks for as long as the resolver takes. False with the cause in result. */
bool resolve_host(const char *host, struct deadline deadline, struct addresses *addresses,
                  struct result *result);

#endif
