/* explain: what this machine knows of why a check failed. Runs beside the
 * service, and so can look around: who listens, whether connections wait, what
 * the resolver is. */
#ifndef PROBE_EXPLAIN_H
#define PROBE_EXPLAIN_H

#include "check.h"

/* Adds the evidence to a result's words, and makes its cause more precise where
 * the evidence does. Reads files, sends nothing; costs a healthy check four
 * system calls. */
void explain(const struct check *check, struct result *result);

#endif
