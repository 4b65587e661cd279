/* Whatever a .env file holds, it is taken or refused with the number of a line,
 * and none of its values is told. */
#include "fuzz.h"

#include "config/environment.h"

/* In libc's place: a name must be one, and the environment stays as it is. */
int setenv(const char *name, const char *value, int overwrite)
{
    REQUIRE(*name && !strchr(name, '=') && strlen(value) <= ENV_FILE_LENGTH_MAX && overwrite == 1);
    return 0;
}

int unsetenv(const char *name)
{
    REQUIRE(*name && !strchr(name, '='));
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    char path[32];
    char bytes[500];
    struct text why;
    if (fd < 0)
        fd = memfd_create("input", 0);
    fuzz_fill(fd, data, size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    text_init(&why, TEXT_ARRAY(bytes));
    struct environment environment = {.broken_line = 0};
    bool loaded = environment_load(&environment, path, &why);
    REQUIRE(loaded == (why.length == 0));
    REQUIRE(fuzz_is_clean(bytes) && !strstr(bytes, CANARY));
    text_init(&why, TEXT_ARRAY(bytes));
    char *content = environment_read_file(path, 64, &why);
    REQUIRE((content == NULL) == (why.length > 0));
    REQUIRE(!content || strlen(content) <= 64);
    free(content);
    return 0;
}
