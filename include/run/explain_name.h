/* explain_name: what this container shows of a name that does not resolve. */
#ifndef PROBE_EXPLAIN_NAME_H
#define PROBE_EXPLAIN_NAME_H

#include "checks/check.h"

/* Appends to the words of a result who was asked for the target's name, and a name in /etc/hosts
 * that is close to it. */
void explain_name(const struct check *check, struct result *result);

#endif
