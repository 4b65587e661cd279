/* secret: what must never be printed.
 *
 * Targets and options register their passwords, tokens and header values while
 * the plan is made, before the first thread starts; from then on the list is
 * only read. text_add_foreign() asks it, so that a secret which a server sends
 * back is hidden as well. */
#ifndef PROBE_SECRET_H
#define PROBE_SECRET_H

#include <stddef.h>

/* SECRETS_MAX is room for all that the largest plan holds (plan.c asserts it). */
enum { SECRET_LENGTH_MIN = 4, SECRETS_MAX = 11328 };

/* Registers value, which must stay where it is until the last text is made.
 * Shorter ones than SECRET_LENGTH_MIN bytes are left out: hiding "1" wherever it stands
 * would make every message unreadable; they are hidden in URLs all the same. */
void secret_add(const char *value);

/* The length of the longest secret that stands at the start of bytes[length],
 * 0 if none does. */
size_t secret_at(const char *bytes, size_t length);

/* Forgets all of them (for tests). */
void secret_clear(void);

#endif
