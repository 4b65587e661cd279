/* discover_parts: a service's variables, one a part, shared by the file that finds
 * them (discover.c) and the one that makes a target of them (discover_compose.c). */
#ifndef PROBE_DISCOVER_PARTS_H
#define PROBE_DISCOVER_PARTS_H

#include <stdbool.h>

#include "config/discover.h"

enum part { HOST, PORT, USER, PASSWORD, NAME, PARTS };
#define PART_BIT(part) (1U << (part))

/* One way to name a service by its parts. */
struct source {
    enum service service;
    const char *variables[PARTS];
    const char *unread[PARTS]; /* what other programs call a part; NULL without one */
    const char *other_user;    /* another variable for the user; NULL without one */
    const char *default_user;  /* where no variable gives one; NULL: one must */
    /* PART_BIT()s of the parts that the service's own container has: one of them without a
     * host means localhost. */
    unsigned local;
    bool has_plain_host;  /* no host:port: libpq reads the variables as they are */
    const char *tls[7];   /* variables by which people ask for TLS */
    const char *kinds[5]; /* variables that may name another kind of database */
};

/* The parts of a source; NULL or "" where no variable gives one. */
struct parts {
    const struct source *source;
    char *values[PARTS];
    const char *tls_mode; /* libpq's word for what is wanted; NULL: nothing says */
};

/* The port that counts, NULL without one. */
const char *parts_port(const struct parts *parts);

/* Appends PostgreSQL's parts as libpq's keyword string, and Redis's as a URL: each
 * value arrives as it is, whatever is in it. */
void parts_compose(const struct parts *parts, struct text *target);

#endif
