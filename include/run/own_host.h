/* own_host: whether a host is this machine though its name does not tell. */
#ifndef PROBE_OWN_HOST_H
#define PROBE_OWN_HOST_H

#include "base/deadline.h"
#include "config/target.h"

/* Unknown is a name that was not resolved. */
enum own_host { OWN_HOST, OTHER_HOST, UNKNOWN_HOST };

/* Whether each address of the target's host is one of this machine's; keeps the first in
 * own_address. A name is resolved, at most until the deadline; nothing is sent to the host
 * itself. */
enum own_host own_host_find(struct target *target, struct deadline deadline);

#endif
