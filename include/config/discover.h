/* discover: the target that --db or --redis mean when they name none. */
#ifndef PROBE_DISCOVER_H
#define PROBE_DISCOVER_H

#include "base/text.h"
#include "config/environment.h"
#include "config/kind.h"
#include "config/options.h"

enum found {
    DISCOVERED,
    DISCOVERED_NOTHING, /* no variable names one */
    DISCOVERED_OTHER,   /* a kind of database that probe does not ask */
    DISCOVERED_WRONG    /* a variable is wrong, or the file that it names */
};

struct discovery {
    enum found found;
    const char *origin; /* the variable to blame */
};

/* Writes the target that the service's variables name, for target_parse(): a URL
 * as it is written (DATABASE_URL, REDIS_URL), else one of the parts.
 *
 * PostgreSQL: DB_HOST, DB_PORT, DB_USER, DB_PASSWORD, DB_NAME, else libpq's PGHOST and
 * so on, else the official image's POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_DB,
 * whose host is localhost by TCP unless POSTGRES_HOST names one: the server that the
 * image runs during initdb has a socket only. Redis: REDIS_HOST, REDIS_PORT, REDIS_USER
 * or REDIS_USERNAME, REDIS_PASSWORD, REDIS_DB; localhost where REDIS_PASSWORD is set and
 * REDIS_HOST is not. Each may be a file that NAME_FILE names; an empty one is not set.
 *
 * kind: the one that a URL must be of. But for DISCOVERED, the reason is in why. */
struct discovery discover_target(const struct environment *environment, enum service service,
                                 const struct kind *kind, struct text *target, struct text *why);

#endif
