/* parse: numbers and durations from text, with their ranges; pure. */
#ifndef PROBE_PARSE_H
#define PROBE_PARSE_H

#include <stdbool.h>
#include <stdint.h>

/* A decimal number without sign or space, the whole of text, from min to max.
 * False, and *number untouched, when it is anything else. */
bool parse_number(const char *text, int64_t min, int64_t max, int64_t *number);

/* A duration of at most 10,000 h: h, m, s and ms, the largest unit first (500ms, 3s,
 * 1m30s), or a bare number of seconds; each may have decimals (1.5s, .5s), of which three
 * digits count. Writes milliseconds. False, and *ms untouched, when it is anything
 * else. */
bool parse_duration(const char *text, int64_t *ms);

/* 1, true, yes, on; 0, false, no, off; in any case of letters. False, and *on
 * untouched, when it is anything else. */
bool parse_switch(const char *text, bool *on);

/* Whether a text has a $NAME in capitals or a ${NAME}, as a shell would expand it. */
bool parse_has_variable(const char *text);

/* Whether a text is a certificate or a key itself, in PEM or in base64 of it, and no name of
 * a file that has it. */
bool parse_is_pem(const char *text);

/* How many single letters apart two words are (Levenshtein), or 99 when either
 * is longer than 32 bytes. */
unsigned parse_distance(const char *a, const char *b);

/* Whether a word is near enough to another to be meant: at most two letters apart, and
 * less than a third of the other's. */
bool parse_is_near(const char *word, const char *other);

#endif
