/* report_suggest: a health check as the lines to paste. */
#ifndef PROBE_REPORT_SUGGEST_H
#define PROBE_REPORT_SUGGEST_H

#include "run/suggest.h"

/* Prints what is suggested, in config's format, or why nothing is. Returns the exit status: 0 when
 * something is. */
int report_suggest(const struct config *config, const struct suggestion *suggestion);

#endif
