/* kind: what is true of one kind of target before anything is asked of it. Its row stands in the
 * file of its check; whoever parses a text passes the row of its kind down. */
#ifndef PROBE_KIND_H
#define PROBE_KIND_H

#include <stdbool.h>

struct parser;

struct kind {
    const char *name;    /* "http": how the first line calls it */
    const char *schemes; /* separated by spaces; the first is what a user would write */
    const char *forms;   /* how its targets are written, separated by ", " */
    const char *help;    /* the same as lines of probe help, with what they mean */
    const char *port;    /* where a target names none; NULL: it must, or prepare() knows */
    const char *shown; /* parameters whose values are no secret, separated by spaces; NULL: none */
    bool is_path;      /* /path and :PORT/path are of it */
    bool is_keywords;  /* so is a string of NAME=VALUE */
    bool takes_spaces; /* its clients read a space in a URL as it is */
    bool shows_user;   /* a user without a password is shown; of others it is hidden, because it
                          is often a password or a token that lacks its colon */
    /* Reads what follows "scheme://": parser_read_http() and the like, or parser_read_plain() where
     * a URL is all there is to it. */
    bool (*read)(struct parser *parser);
};

/* Whether a text is of a kind: by its scheme, a +driver left aside, or by its form. */
bool kind_has(const struct kind *kind, const char *text);

#endif
