/* secret: what must never be printed.
 *
 * Targets and options register their passwords, tokens and header values while
 * the plan is made, before the first thread starts; from then on the list is
 * only read. text_add_foreign() asks it, so that a secret which a server sends
 * back is hidden as well, also where it is written in another way: percent-encoded,
 * escaped as in JSON or HTML, in hexadecimal, or somewhere in a text in base64. */
#ifndef PROBE_SECRET_H
#define PROBE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

enum { SECRET_LENGTH_MIN = 4 };

/* Registers value, which must stay where it is until the last text is made.
 * Shorter ones than SECRET_LENGTH_MIN bytes are left out: hiding "1" wherever it stands
 * would make every message unreadable; they are hidden in URLs and headers all the same. */
void secret_add(const char *value);

/* The same for the value of a header, and for what may stand alone in it: in "Bearer abc"
 * the token, in "Basic YTpi" the login and its password, in "a=1; b=2" each value. */
void secret_add_header(const char *value);

/* The length of the longest secret that stands at the start of bytes[length] in one of its
 * forms, 0 if none does. */
size_t secret_at(const char *bytes, size_t length);

/* Whether the name of a header says that its value is a secret: "Authorization",
 * "X-Api-Key". */
bool secret_is_header(const char *name, size_t length);

/* Forgets all of them (for tests). */
void secret_clear(void);

#endif
