/* target_hint: what to write instead of a text that has no form of a target. */
#ifndef PROBE_TARGET_HINT_H
#define PROBE_TARGET_HINT_H

#include <stdbool.h>

#include "base/text.h"
#include "config/options.h"
#include "config/target.h"

/* Whether a text has none of a target's forms: no scheme, no / or : in front, no keywords. */
bool target_is_formless(const char *text);

/* Appends the nearest form of such a text: of "db:5432" it is tcp://db:5432; else the forms
 * that a command takes. */
void target_add_nearest(const char *text, enum command command, struct text *why);

/* Appends what may be asked in place of a target whose scheme no check knows. */
void target_add_instead(const struct target *target, enum command command, struct text *why);

#endif
