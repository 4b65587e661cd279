/* memory: malloc(3) that remembers when it had none, and a reserve for reports.
 *
 * What is remembered is each thread's own, so that a check does not blame a
 * body, a variable or a URL for what another one lacked. */
#ifndef PROBE_MEMORY_H
#define PROBE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Makes cJSON take its memory here. To be called before the first thread starts. */
void memory_settle(void);

/* For free(3), but for what a report took; NULL when none is left. */
void *memory_get(size_t size);

/* A copy of bytes[length] and a NUL, from memory_get(). */
char *memory_copy(const char *bytes, size_t length);

/* Notes that a function which allocates by itself had none. */
void memory_run_out(void);

/* Whether there was none since the last memory_forget(), in this thread. */
bool memory_is_out(void);
void memory_forget(void);

/* Between the two, memory_get() serves this thread from a reserve of a fixed
 * size, so that a report is whole where the machine has none left. Begins with
 * memory_forget(); what the report before took is gone. The main thread's only. */
void memory_begin_report(void);
void memory_end_report(void);

#endif
