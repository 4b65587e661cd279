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
    int fd = value ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    ssize_t length = fd >= 0 ? read_all(fd, value, max + 1) : -1;
    int error = errno;
    if (fd >= 0)
        close(fd);
    if (length >= 0 && (size_t)length <= max) {
        while (length > 0 && (value[length - 1] == '\n' || value[length - 1] == '\r'))
            length--;
        value[length] = '\0';
        return value;
    }
    explain(path, length < 0 ? error : EFBIG, why);
    free(value);
    return NULL;
}

char *environment_get(const char *name, struct text *why)
{
    char file_name[80];
    const char *value = getenv(name);
    if (value)
        return memory_copy(value, strlen(value));
    snprintf(file_name, sizeof file_name, "%s_FILE", name);
    const char *path = getenv(file_name);
    if (!path || !*path)
        return NULL;
    char *content = environment_read_file(path, VALUE_LENGTH_MAX, why);
    if (!content)
        text_format(why, " (%s names it)", file_name);
    return content;
}

void environment_add_similar(const char *name, struct text *text)
{
    for (char **entry = environ; *entry; entry++) {
        char other[33] = "";
        size_t length = strcspn(*entry, "=");
        if (length < 4 || length >= sizeof other)
            continue;
        memcpy(other, *entry, length);
        unsigned distance = parse_distance(name, other);
        if (distance > 0 && distance <= 2) {
            text_format(text, " (%s is: misspelt?)", other);
            return;
        }
    }
}

/* One line of a .env file, without its end. */
static bool load_line(char *line, struct text *why)
{
    line += strspn(line, " \t");
    char *equals = strchr(line, '=');
    if (*line == '\0' || *line == '#')
        return true;
    if (equals)
        *equals = '\0';
    if (*line == '\0' || line[strcspn(line, " \t")]) {
        text_add(why, "has a name that is empty or has a space: write NAME=VALUE, without export");
        return false;
    }
    if (equals && setenv(line, equals + 1, 0) != 0) {
        memory_run_out(); /* the only reason, with a name as it is here */
        text_format(why, "cannot be taken: %s", strerror(errno));
        return false;
    }
    return true;
}

bool environment_load(const char *path, struct text *why)
{
    char bytes[120];
    struct text reason;
    char *content = environment_read_file(path, ENV_FILE_LENGTH_MAX, why);
    bool loaded = content != NULL;
    int number = 0;
    text_init(&reason, TEXT_ARRAY(bytes));
    char *line = content;
    if (content && strncmp(content, "\xef\xbb\xbf", 3) == 0)
        line += 3;
    while (loaded && line) {
        char *end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        line[strcspn(line, "\r")] = '\0';
        number++;
        loaded = load_line(line, &reason);
        line = end;
    }
    if (content && !loaded)
        text_format(why, "--env-file '%s': line %d %s", path, number, bytes);
    free(content);
    return loaded;
}
