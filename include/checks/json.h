/* json: what --expect-json asks of a body. */
#ifndef PROBE_JSON_H
#define PROBE_JSON_H

#include <stddef.h>

#include "checks/result.h"
#include "config/options.h"

/* Looks values up in body[length], any bytes, by "POINTER=VALUE" (RFC 6901; an
 * empty pointer is the whole body; each expectation has a =) and fails the result
 * unless the value at each pointer is one of those named for it: a string by its
 * characters, a number by its exact value (json_number.h), true, false and null by
 * name, an object or an array as it is written, but for blanks. A VALUE in double
 * quotes is a string as JSON writes it, and no number. Of two members with the same
 * name the last counts. */
void json_expect(const char *body, size_t length, const struct texts *expectations,
                 struct result *result);

#endif
