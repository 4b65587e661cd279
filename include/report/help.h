/* help: what probe can do, from the tables of options and causes. */
#ifndef PROBE_HELP_H
#define PROBE_HELP_H

#include "config/options.h"

/* Prints the overview, or one topic: a command's name, or "causes". Returns the
 * exit status: 0, or 1 for a topic there is not. */
int help_print(const char *topic);

/* Prints a command's help where it was asked for in place of its checks. Returns the
 * exit status 1: nothing was asked, and a health check must not pass because of it. */
int help_print_usage(enum command command);

/* Prints the version and those of the libraries. Returns the exit status. */
int help_print_version(void);

/* Prints the notices of all that is linked. Returns the exit status. */
int help_print_licenses(void);

#endif
