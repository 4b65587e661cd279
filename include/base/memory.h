/* memory: malloc(3) that always succeeds: when there is none left, the process ends.
 *
 * What we ask for is small, and nothing sensible is left to do without it. What a
 * library fails to get is that check's cause; but what OpenSSL fails to get ends the
 * process too. */
#ifndef PROBE_MEMORY_H
#define PROBE_MEMORY_H

#include <stddef.h>

/* What ends the process, from any thread and without memory, with a line that says
 * so. Also makes cJSON take its memory here. To be called before the first thread
 * starts. */
void memory_init(void (*run_out)(void));

/* For free(3). */
void *memory_get(size_t size);

/* realloc(3). */
void *memory_resize(void *block, size_t size);

/* A copy of bytes[length] and a NUL, from memory_get(). */
char *memory_copy(const char *bytes, size_t length);

/* Ends the process, for a function of libc's that found none. */
_Noreturn void memory_run_out(void);

#endif
