/* mode: how often a plan is run: once, until it is healthy, or for a person who
 * watches. Each prints what it found and returns the exit status. */
#ifndef PROBE_MODE_H
#define PROBE_MODE_H

#include <stdint.h>

#include "config/options.h"
#include "run/plan.h"

/* Once; began_us is when the process began, on deadline_now()'s clock. */
int mode_once(const struct config *config, const struct plan *plan, int64_t began_us);

/* Again and again until healthy or --wait is over, with a line at every change;
 * then becomes the command, if there is one. */
int mode_wait(const struct config *config, const struct plan *plan, int64_t began_us);

/* Again and again, for a person, until a signal ends it. */
int mode_watch(const struct config *config, const struct plan *plan, int64_t began_us);

/* Finds the health check that fits what runs here, and prints it. */
int mode_suggest(const struct config *config);

#endif
