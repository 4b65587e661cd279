/* watchdog: the last resort that keeps the deadline, and ends the process when
 * it is told to.
 *
 * Checks end by themselves before the deadline. Should one not (a library that
 * loops, a descriptor that blocks, a pipe nobody reads, a machine that gives us no
 * turn), SIGALRM ends the process at the deadline: with a line that names each
 * check, its phase and its cause, exit status 1. SIGTERM, SIGINT, SIGHUP, SIGQUIT
 * and SIGXCPU (RLIMIT_CPU) end it at once with a line that names the signal. */
#ifndef PROBE_WATCHDOG_H
#define PROBE_WATCHDOG_H

#include "base/cause.h"
#include "base/deadline.h"
#include "base/text.h"
#include "config/options.h"
#include "run/run.h"

/* Says why the process ends. Called by a signal handler: it allocates nothing and waits for
 * nothing, as output_say() does. run is NULL before the first. */
typedef void watchdog_report(const struct config *config, const struct run *run, enum cause cause,
                             const char *why);

/* Arms it for signals. The config may be filled later and must outlive the
 * process. */
void watchdog_arm(const struct config *config, watchdog_report *report);

/* The run that the report is about; it must live until watchdog_finish(). */
void watchdog_set_run(const struct run *run);

/* Sets the deadline, in the place of one that was set before; and removes it. */
void watchdog_set_deadline(struct deadline deadline);
void watchdog_remove_deadline(void);

/* What it prints first, to leave a terminal as it was found (NULL: nothing); the
 * string must outlive the process. */
void watchdog_set_terminal_reset(const char *words);

/* The report is about to be written: from here on the watchdog only ends the
 * process, with this exit status, and writes nothing. */
void watchdog_finish(int exit_status);

/* Ends the process because no memory is left: with a line that says so, unless a
 * report is being written. From any thread. */
_Noreturn void watchdog_run_out_of_memory(void);

#endif
