/* output: stdout, the only stream that is written to, and the exit status. */
#ifndef PROBE_OUTPUT_H
#define PROBE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

enum {
    REPORT_SIZE_MAX = 4096, /* Docker keeps no more (moby daemon/health.go) */
    REPORT_LINE_MAX = 500,  /* Podman keeps no more */
    EXIT_HEALTHY = 0,
    EXIT_UNHEALTHY = 1,      /* everything else; Docker reserves 2 */
    OUTPUT_PATIENCE_MS = 100 /* with a slow terminal; a full pipe must not keep the process */
};

/* Writes all of it; a closed or full stdout changes nothing. */
void output_write(const char *bytes, size_t length);

/* Whether a write failed. */
bool output_is_gone(void);

/* Writes unless that would block for longer than a moment. For signal handlers. */
void output_say(const char *words);

#endif
