/* text: a bounded string that can only be cut, never overrun.
 *
 * Everything probe prints is made here, so that it is always valid UTF-8
 * without control characters and without secrets. A text writes into an array
 * of its owner's, allocates nothing and cannot fail: what does not fit is cut
 * at a character's boundary and marked with "...". */
#ifndef PROBE_TEXT_H
#define PROBE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    char *bytes; /* always ends in NUL; the owner's array */
    size_t size; /* of the array, at least 8 */
    size_t length;
    bool cut; /* something did not fit */
};

/* Begins an empty text in bytes[size]; the array must outlive the text. */
void text_init(struct text *text, char *bytes, size_t size);

/* The text over a char array: text_init(&text, TEXT_ARRAY(array)). */
#define TEXT_ARRAY(array) (array), sizeof(array)

/* Append our own words: trusted, printed as they are. */
void text_add(struct text *text, const char *words);
void text_append(struct text *text, const char *bytes, size_t length);
void text_add_number(struct text *text, int64_t number);

/* An IP address and a port: "127.0.0.1:8000", "[::1]:8000". */
void text_add_endpoint(struct text *text, const char *address, int port);
void text_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vformat(struct text *text, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* Appends trusted words, at most limit bytes of them, cut between characters. */
void text_add_cut(struct text *text, const char *words, size_t limit);

/* Appends what somebody else wrote, at most limit bytes of result: known
 * secrets become ***, control characters, invalid UTF-8 and characters that
 * turn the direction of writing become escapes (\n, \x1b, \u202e), so that
 * the result is one line. */
void text_add_foreign(struct text *text, const char *bytes, size_t length, size_t limit);

/* The same for a whole string: a name, a path; at most 160 bytes of it. */
void text_add_name(struct text *text, const char *name);

/* Appends a duration as a person reads it: <1 ms, 12 ms, 3.2 s, 4 min 10 s.
 * Microseconds; negative counts as 0. */
void text_add_duration(struct text *text, int64_t us);

/* Appends a limit as its user wrote it: 500 ms, 3 s, 1 min 30 s. */
void text_add_limit(struct text *text, int64_t ms);

/* Appends a moment as RFC 3339 writes it in UTC: 2026-11-21T05:46:16Z. Seconds
 * since 1970, not negative. */
void text_add_time(struct text *text, int64_t seconds);

/* Appends trusted words, at most so many columns of a terminal: wide characters
 * take two. */
void text_add_columns(struct text *text, const char *words, int columns);

/* Appends trusted words that begin in column `indent`, in lines of at most
 * TEXT_WIDTH columns, the further ones indented as far. */
enum { TEXT_WIDTH = 79 };
void text_add_wrapped(struct text *text, const char *words, size_t indent);

/* The number of bytes at the start of bytes[length] that make one printable
 * UTF-8 character, 0 when they do not (a control character, an invalid or
 * incomplete sequence, a bidirectional override). */
size_t text_character(const char *bytes, size_t length);

#endif
