/* watchdog: the last resort that keeps the deadline, and ends the process when
 * it is told to.
 *
 * Checks end by themselves before the deadline. Should one not (a library that
 * loops, a descriptor that blocks, a pipe nobody reads), SIGALRM ends the
 * process at the deadline: with a line that says so, exit status 1. SIGTERM,
 * SIGINT and SIGXCPU (RLIMIT_CPU) end it at once in the same way. */
#ifndef PROBE_WATCHDOG_H
#define PROBE_WATCHDOG_H

#include <stdbool.h>

#include "deadline.h"

/* Arms it; quiet: without a line. May be called again with another deadline. */
void watchdog_arm(struct deadline deadline, bool quiet);

/* Arms it for signals alone: there is no deadline. What it prints first, to
 * leave a terminal as it was found, is `farewell` (NULL: nothing); the string
 * must outlive the process. */
void watchdog_arm_signals(bool quiet, const char *farewell);

/* What the deadline is to say instead of its own line: a report made beforehand.
 * The bytes must live until another takes their place. */
void watchdog_foresee(const char *report);

/* The verdict is known: from here on the watchdog only ends the process, with
 * this exit status, and writes nothing. */
void watchdog_settle(int exit_status);

#endif
