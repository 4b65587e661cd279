/* discover: the target that --db or --redis mean when they name none. */
#ifndef PROBE_DISCOVER_H
#define PROBE_DISCOVER_H

#include <stdbool.h>

#include "base/text.h"

enum service { SERVICE_DB, SERVICE_REDIS };

/* Writes the URL that the service's variables make: DATABASE_URL, else DB_HOST,
 * DB_PORT, DB_USER, DB_PASSWORD, DB_NAME, else libpq's PGHOST and so on;
 * REDIS_URL, else REDIS_HOST and so on. Each may be a file that NAME_FILE
 * names. *origin becomes the variable to blame. False with the reason in why. */
bool discover_target(enum service service, struct text *url, const char **origin, struct text *why);

#endif
