/* json_number: whether two numbers are the same as they are written. */
#ifndef PROBE_JSON_NUMBER_H
#define PROBE_JSON_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

/* Compares by exact decimal value, without any rounding: 1 is 1.0 and 1e0, but
 * 20261126181935123 is not 20261126181935124. One that is no number of JSON's
 * (0x10, 007, +1, .5) is equal to none. */
bool json_is_same_number(const char *one, size_t one_length, const char *other,
                         size_t other_length);

#endif
