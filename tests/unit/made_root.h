/* A root of a file system whose files a test makes itself, and which is gone
 * after it. */
#ifndef MADE_ROOT_H
#define MADE_ROOT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

static char made[] = "/tmp/probe-root-XXXXXX";

static inline int begin(void **state)
{
    (void)state;
    memcpy(made + sizeof made - sizeof "XXXXXX", "XXXXXX", sizeof "XXXXXX");
    return mkdtemp(made) && chmod(made, 0755) == 0 ? 0 : -1;
}

static inline int end(void **state)
{
    char command[80];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", made);
    return system(command);
}

/* Makes a file of the made root, and the directories above it. */
static inline void put_bytes(const char *path, const char *bytes, size_t length)
{
    char full[300];
    snprintf(full, sizeof full, "%s%s", made, path);
    for (char *slash = full + strlen(made) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        mkdir(full, 0755);
        *slash = '/';
    }
    FILE *file = fopen(full, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    fclose(file);
}

static inline void put(const char *path, const char *content)
{
    put_bytes(path, content, strlen(content));
}

/* Makes a symbolic link of the made root; its folder must be there. */
static inline void put_link(const char *path, const char *to)
{
    char full[100];
    snprintf(full, sizeof full, "%s%s", made, path);
    assert_int_equal(symlink(to, full), 0);
}

#endif
