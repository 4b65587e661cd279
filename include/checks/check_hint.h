/* check_hint: what to write instead of a text that has no form of a target. */
#ifndef PROBE_CHECK_HINT_H
#define PROBE_CHECK_HINT_H

#include <stdbool.h>

#include "base/text.h"
#include "config/options.h"
#include "config/target.h"

/* Whether a text has none of a target's forms: no scheme, and no kind's form without one. */
bool check_is_formless(const char *text);

/* Appends the forms of the targets that a command asks: "/path, ... or tcp://HOST:PORT". */
void check_add_forms(enum command command, struct text *text);

/* Appends the nearest form of such a text: of "db:5432" it is tcp://db:5432; else the forms
 * that a command takes. */
void check_add_nearest(const char *text, enum command command, struct text *why);

/* Appends what may be asked in place of a target whose scheme no check knows. */
void check_add_instead(const struct target *target, enum command command, struct text *why);

#endif
