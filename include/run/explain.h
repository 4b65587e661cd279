/* explain: what this machine knows of why a check failed. Runs beside the
 * service, and so can look around: who listens, whether connections wait, what
 * the resolver is. */
#ifndef PROBE_EXPLAIN_H
#define PROBE_EXPLAIN_H

#include "checks/check.h"

/* Makes a timeout's cause more precise where the queue of connections that wait
 * tells, and says so in its words. For every result, because what is to be done
 * next depends on causes. */
void explain_cause(const struct check *check, struct result *result);

/* Adds the evidence of any other failure to a result's words, once. Only for what
 * is shown: it may ask the kernel for all that listens. Sends nothing to anybody
 * else. */
void explain_words(const struct check *check, struct result *result);

/* Gives a healthy check a note, if it has none and there is something to be noted: that
 * nobody outside reaches the service. Reads files of /proc, which may take some
 * milliseconds: so the verdict comes first. */
void explain_note(const struct check *check, struct result *result);

#endif
