/* dotenv: a .env file's statements, as python-dotenv (1.0, dotenv/parser.py) reads
 * them. Pure; works in the bytes that it is given. */
#ifndef PROBE_DOTENV_H
#define PROBE_DOTENV_H

#include <stdbool.h>
#include <stddef.h>

struct dotenv {
    char *at; /* the rest */
    int line; /* its number, from 1 */
};

struct dotenv_statement {
    int line;          /* in which it begins */
    const char *start; /* where its name does, without "export"; only to be compared */
    char *name;        /* NULL: it is broken, and is passed over */
    char *value;       /* decoded, but not expanded; NULL: a name without = */
};

/* Begins with a text, which it changes and which must outlive the statements. A
 * byte order mark is passed over (python-dotenv takes it into the first name). */
void dotenv_init(struct dotenv *dotenv, char *text);

/* Reads the next statement; false at the end. */
bool dotenv_next(struct dotenv *dotenv, struct dotenv_statement *statement);

/* Writes a value with its ${NAME} and ${NAME:-default} replaced by what look_up
 * gives for the name (NULL: not set), and a NUL, to out; only counts where out is
 * NULL. Returns the length. */
size_t dotenv_expand(const char *value, const char *(*look_up)(const char *name, size_t length),
                     char *out);

#endif
