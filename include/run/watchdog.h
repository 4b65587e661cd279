/* watchdog: the last resort that keeps the deadline, and ends the process when
 * it is told to.
 *
 * Checks end by themselves before the deadline. Should one not (a library that
 * loops, a descriptor that blocks, a pipe nobody reads), SIGALRM ends the
 * process at the deadline: with a line that says so, exit status 1. SIGTERM,
 * SIGINT, SIGHUP, SIGQUIT and SIGXCPU (RLIMIT_CPU) end it at once in the same
 * way. */
#ifndef PROBE_WATCHDOG_H
#define PROBE_WATCHDOG_H

#include "base/deadline.h"
#include "config/options.h"

/* Arms it for signals. The form of its line is config's, which may be filled
 * later and must outlive the process. */
void watchdog_arm(const struct config *config);

/* Sets the deadline, in the place of one that was set before; and lifts it. */
void watchdog_set(struct deadline deadline);
void watchdog_lift(void);

/* What it prints first, to leave a terminal as it was found (NULL: nothing); the
 * string must outlive the process. */
void watchdog_farewell(const char *words);

/* What the deadline is to say instead of its own line: a report made beforehand.
 * The bytes must live until another takes their place. */
void watchdog_foresee(const char *report);

/* The verdict is known: from here on the watchdog only ends the process, with
 * this exit status, and writes nothing. */
void watchdog_settle(int exit_status);

#endif
