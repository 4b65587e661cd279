/* watchdog: the last resort that keeps the deadline.
 *
 * Checks end by themselves before the deadline. Should one not (a library that
 * loops, a descriptor that blocks, a pipe nobody reads), SIGALRM ends the
 * process at the deadline: with a line that says so, exit status 1. */
#ifndef PROBE_WATCHDOG_H
#define PROBE_WATCHDOG_H

#include "deadline.h"

/* Arms it. `line` is what it writes to stdout, NULL for nothing; the string
 * must outlive the process. */
void watchdog_arm(struct deadline deadline, const char *line);

/* The verdict is known: from here on the watchdog only ends the process, with
 * this exit status, and writes nothing. */
void watchdog_settle(int exit_status);

#endif
