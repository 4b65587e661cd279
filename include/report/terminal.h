/* terminal: the one on stdout, if there is one, and its other screen. */
#ifndef PROBE_TERMINAL_H
#define PROBE_TERMINAL_H

#include <stdbool.h>

#include "base/deadline.h"

/* Whether stdout is a terminal that understands commands (TERM is not dumb). */
bool terminal_is_there(void);

/* Its columns and rows now; 80 and 24 where it does not tell. */
int terminal_columns(void);
int terminal_rows(void);

/* Begins to draw on the other screen, without a cursor. From here on the
 * terminal is left as it was found by whatever ends the process, and while a
 * person has stopped it (Ctrl-Z). Once. */
void terminal_enter(void);

/* Waits until the deadline, or until what was drawn must be drawn anew, because
 * the size has changed or the process went on after a stop: then it is true. */
bool terminal_wait(struct deadline deadline);

#endif
