/* install: a copy of the program, for a container whose image is another's. */
#ifndef PROBE_INSTALL_H
#define PROBE_INSTALL_H

#include "config/options.h"

/* Copies the running program to config's path, a file or a folder, under a temporary name in the
 * same folder until it is whole. Prints what came of it; returns the exit status. */
int install_copy(const struct config *config);

#endif
