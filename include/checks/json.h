/* json: what --expect-json asks of a body. */
#ifndef PROBE_JSON_H
#define PROBE_JSON_H

#include <stddef.h>

#include "checks/result.h"

/* Looks a value up in body[length], any bytes, by "POINTER=VALUE" (RFC 6901; an
 * empty pointer is the whole body; an expectation without = is not to be given) and
 * fails the result unless it is VALUE: a string
 * by its characters, a number by its value, true, false and null by name. */
void json_expect(const char *body, size_t length, const char *expectation, struct result *result);

#endif
