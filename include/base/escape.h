/* escape: characters as others write them. */
#ifndef PROBE_ESCAPE_H
#define PROBE_ESCAPE_H

#include <stddef.h>

/* A character in UTF-8, or a byte that is none. */
struct character {
    char bytes[4];
    size_t length;
};

/* Reads the escape sequence at the start of bytes[length]: %2F, \/ \" \n \x2f \u0026 (a pair
 * of surrogates too), &amp; &#38; &#x26;. Returns how many bytes it has, 0 if there is none. */
size_t escape_read(const char *bytes, size_t length, struct character *character);

/* The value of a hexadecimal digit, and of one of base64's in either alphabet; -1 if it
 * is none. */
int escape_hex(char digit);
int escape_base64(char digit);

#endif
