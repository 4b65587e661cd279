/* environment: variables, the files that hold them, and the files they name. */
#ifndef PROBE_ENVIRONMENT_H
#define PROBE_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* What the .env files of a run have left. */
struct environment {
    char **inherited; /* as it was before the first of them; NULL: none was loaded */
    int broken_line;  /* the first that was passed over; 0: none */
};

enum { VALUE_LENGTH_MAX = 8192, ENV_FILE_LENGTH_MAX = 256 * 1024 };

/* Adds the variables of a .env file to the environment, as python-dotenv's
 * load_dotenv() does (dotenv.h): a statement that it cannot read is passed over,
 * unless it begins with PROBE_; those that were inherited win; of several files, and
 * of equal names in one, the last wins. False with the reason in why. */
bool environment_load(struct environment *environment, const char *path, struct text *why);

/* Reads a whole small file; the newlines at its end are not part of it. The
 * caller frees the string. NULL with the reason in why, also when it has more
 * than max bytes, or a NUL; where permission is lacking, the file's owner and mode
 * and our uid. */
char *environment_read_file(const char *path, size_t max, struct text *why);

/* Whether a variable is set, or NAME_FILE is; an empty one is not. */
bool environment_has(const char *name);

/* The value of a variable, or of the file that NAME_FILE names; an empty variable
 * is not set. Returns a copy that the caller frees; NULL without a value: with the
 * reason in why when the file cannot be read, with nothing in it when neither is
 * set. */
char *environment_get(const char *name, struct text *why);

/* Appends what may be the reason that a variable is not set: one whose name is close
 * to it is, or a line of a .env file was passed over. */
void environment_add_similar(const struct environment *environment, const char *name,
                             struct text *text);

#endif
