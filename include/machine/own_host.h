/* own_host: whether a host is this machine though its name does not tell. */
#ifndef PROBE_OWN_HOST_H
#define PROBE_OWN_HOST_H

#include <stdbool.h>

#include "base/deadline.h"
#include "config/target.h"

/* Whether each address of the target's host is one of this machine's; keeps the first in
 * own_address. A name is resolved, at most until the deadline; nothing is sent to the host
 * itself. */
bool own_host_find(struct target *target, struct deadline deadline);

#endif
