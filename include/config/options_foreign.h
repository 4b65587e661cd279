/* options_foreign: options and words of other tools, pasted into a line for probe. */
#ifndef PROBE_OPTIONS_FOREIGN_H
#define PROBE_OPTIONS_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "config/options.h"

/* Whether option[length], with its dashes and without a value, is one of another tool:
 * appends whose it is, and what to write here. */
bool foreign_explain(const char *option, size_t length, struct text *why);

/* The same for a word that would be a target: a program's name, or what only a shell
 * reads. */
bool foreign_explain_word(const char *word, struct text *why);

/* Whether a value shows that its option was meant as another tool's of the same name: a
 * word where probe takes a number. */
bool foreign_is_meant(const struct option_row *row, const char *value);

/* Appends ": did you mean --timeout?" where an option's name is near to option[length], or
 * begins with it. False when there is none. */
bool foreign_add_similar(const char *option, size_t length, struct text *why);

#endif
