/* file: what the kinds that look at a file share. */
#ifndef PROBE_FILE_H
#define PROBE_FILE_H

#include "checks/result.h"

/* A file at a path could not be looked at, with errno `error`. */
void file_fail(const char *path, int error, struct result *result);

#endif
