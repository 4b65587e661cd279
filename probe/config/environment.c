/* Variables by name, by file and from a .env file. */
#include "config/environment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/parse.h"
#include "config/dotenv.h"

/* Says why a file cannot be read; when it is permission, whose it is. */
static void explain(const char *path, int error, struct text *why)
{
    struct stat info;
    text_add(why, "cannot read '");
    text_add_foreign(why, path, strlen(path), 200);
    text_format(why, "': %s", strerror(error));
    if (error == EACCES && stat(path, &info) == 0)
        text_format(why, ": owner uid %u, mode %03o, and probe runs as uid %u",
                    (unsigned)info.st_uid, (unsigned)info.st_mode & 07777, (unsigned)geteuid());
    else if (error == EACCES)
        text_format(why, ": a directory above it is closed to uid %u", (unsigned)geteuid());
}

/* Reads until the end or until size bytes; -1 with errno. */
static ssize_t read_all(int fd, char *bytes, size_t size)
{
    size_t length = 0;
    while (length < size) {
        ssize_t n = read(fd, bytes + length, size - length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        length += (size_t)n;
    }
    return (ssize_t)length;
}

char *environment_read_file(const char *path, size_t max, struct text *why)
{
    char *value = memory_get(max + 2);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t length = fd >= 0 ? read_all(fd, value, max + 1) : -1;
    int error = errno;
    if (fd >= 0)
        close(fd);
    bool is_whole = length >= 0 && (size_t)length <= max;
    if (is_whole && !memchr(value, '\0', (size_t)length)) {
        while (length > 0 && (value[length - 1] == '\n' || value[length - 1] == '\r'))
            length--;
        value[length] = '\0';
        return value;
    }
    if (is_whole) {
        text_add(why, "file '");
        text_add_foreign(why, path, strlen(path), 200);
        text_add(why, "' has a NUL byte: is it UTF-16? save it as UTF-8");
    } else {
        explain(path, length < 0 ? error : EFBIG, why);
    }
    free(value);
    return NULL;
}

/* The value of a variable that is set and not empty; NULL otherwise. */
static const char *value_of(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

/* The path that NAME_FILE holds; NULL without one. */
static const char *path_of(const char *name, char file_name[80])
{
    snprintf(file_name, 80, "%s_FILE", name);
    return value_of(file_name);
}

bool environment_has(const char *name)
{
    char file_name[80];
    return value_of(name) || path_of(name, file_name);
}

char *environment_get(const char *name, struct text *why)
{
    char file_name[80];
    const char *value = value_of(name);
    const char *path = value ? NULL : path_of(name, file_name);
    if (!path)
        return value ? memory_copy(value, strlen(value)) : NULL;
    char *content = environment_read_file(path, VALUE_LENGTH_MAX, why);
    if (!content) {
        text_add(why, " (");
        text_add_name(why, file_name);
        text_add(why, " names it)");
    }
    return content;
}

void environment_add_similar(const struct environment *environment, const char *name,
                             struct text *text)
{
    for (char **entry = environ; *entry; entry++) {
        char other[33] = "";
        size_t length = strcspn(*entry, "=");
        if (length < 4 || length >= sizeof other)
            continue;
        memcpy(other, *entry, length);
        unsigned distance = parse_distance(name, other);
        if (distance > 0 && distance <= 2) {
            text_add(text, " (did you mean ");
            text_add_name(text, other);
            text_add(text, "?)");
            break;
        }
    }
    if (environment->broken_line > 0)
        text_format(text, " (line %d of the .env file is not NAME=VALUE)",
                    environment->broken_line);
}

static const char *find(char *const entries[], const char *name, size_t length)
{
    for (; entries && *entries; entries++)
        if (strncmp(*entries, name, length) == 0 && (*entries)[length] == '=')
            return *entries + length + 1;
    return NULL;
}

/* What a value may refer to: what was inherited, and what files have set so far. */
static const char *look_up(const char *name, size_t length)
{
    return find(environ, name, length);
}

static void set(const char *name, const char *raw, struct text *why)
{
    size_t length = dotenv_expand(raw, look_up, NULL);
    if (length > ENV_FILE_LENGTH_MAX) {
        text_add(why, "has a value that expands to more than 256 KiB");
        return;
    }
    char *value = memory_get(length + 1);
    dotenv_expand(raw, look_up, value);
    if (setenv(name, value, 1) != 0)
        memory_run_out(); /* the only reason, with a name as it is here */
    free(value);
}

/* What cannot be read is passed over, as the application does; but a variable of
 * probe's own would be one demand less. */
static void take(struct environment *environment, const struct dotenv_statement *statement,
                 struct text *why)
{
    const char *name = statement->name;
    if (!name && strncmp(statement->start, "PROBE_", 6) == 0)
        text_add(why, "is not NAME=VALUE");
    else if (!name && environment->broken_line == 0)
        environment->broken_line = statement->line;
    if (!name || strchr(name, '=') || find(environment->inherited, name, strlen(name)))
        return;
    if (statement->value)
        set(name, statement->value, why);
    else
        unsetenv(name);
}

bool environment_load(struct environment *environment, const char *path, struct text *why)
{
    char bytes[120];
    struct text reason;
    struct dotenv dotenv;
    struct dotenv_statement statement = {.line = 0};
    char *content = environment_read_file(path, ENV_FILE_LENGTH_MAX, why);
    if (!content)
        return false;
    if (!environment->inherited)
        environment->inherited = environ; /* setenv(3) copies the array before it adds to it */
    text_init(&reason, TEXT_ARRAY(bytes));
    dotenv_init(&dotenv, content);
    while (reason.length == 0 && dotenv_next(&dotenv, &statement))
        take(environment, &statement, &reason);
    free(content);
    if (reason.length == 0)
        return true;
    text_add(why, "--env-file '");
    text_add_foreign(why, path, strlen(path), 200);
    text_format(why, "': line %d %s", statement.line, bytes);
    return false;
}
