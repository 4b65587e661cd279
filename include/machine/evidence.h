/* evidence: what this container's processes, limits and queues show of a service that
 * is in trouble. Reads each process once; sends nothing to anybody. */
#ifndef PROBE_EVIDENCE_H
#define PROBE_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/deadline.h"
#include "base/text.h"
#include "config/target.h"
#include "machine/procfs.h"

/* What is not so is 0; a process that there is not has the pid 0. */
struct evidence {
    int64_t oom_kills; /* processes that the kernel ended for memory */
    int64_t pids;      /* that are used, where the limit is reached without us */
    int64_t pids_limit;
    int zombies;
    struct process stopped;   /* by a signal: SIGSTOP, SIGTSTP */
    struct process exhausted; /* has as many descriptors open as it may */
    int64_t descriptors;      /* that many */
    struct process waiting;   /* another probe, that waits for what its command needs */
    bool is_own;              /* the processes are this container's, as far as is known */
    bool is_whole;            /* there was time to look at all of them */
};

/* Looks for it; at processes, of which a machine may have thousands, until end. root as
 * in procfs.h. */
void evidence_find(const char *root, struct deadline end, struct evidence *evidence);

/* Appends all of it that explains a failure, each behind "; ". */
void evidence_add(const struct evidence *evidence, struct text *words);

/* What to do about it, a clause; NULL if the failure's cause tells better. Processes
 * that were killed count only where the service is gone, or broke off. */
const char *evidence_hint(const struct evidence *evidence, bool is_gone);

/* Appends the listeners, but the target's own, whose queues are full. */
void evidence_add_full_queues(const struct target *target, struct text *words);

#endif
