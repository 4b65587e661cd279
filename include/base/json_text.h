/* json_text: JSON written straight into a text, so that a signal handler can, and
 * a machine without memory.
 *
 * A comma is put before whatever does not begin its object or list. A name is
 * NULL within a list. When the text is cut, nothing in it is JSON. */
#ifndef PROBE_JSON_TEXT_H
#define PROBE_JSON_TEXT_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "base/text.h"

/* '{' or '['; and the end of it, '}' or ']'. */
void json_text_open(struct text *text, const char *name, char bracket);
void json_text_close(struct text *text, char bracket);

/* Valid UTF-8. */
void json_text_string(struct text *text, const char *name, const char *value);
void json_text_number(struct text *text, const char *name, int64_t number);

/* Microseconds, as milliseconds: 12.345. Not negative. */
void json_text_milliseconds(struct text *text, const char *name, int64_t us);

/* Whatever cJSON read or made. */
void json_text_item(struct text *text, const char *name, const cJSON *item);

#endif
