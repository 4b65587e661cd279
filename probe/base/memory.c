/* Memory, or the end of the process. */
#include "base/memory.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/output.h"

static void (*on_run_out)(void);

void memory_init(void (*run_out)(void))
{
    cJSON_Hooks hooks = {.malloc_fn = memory_get, .free_fn = free};
    cJSON_InitHooks(&hooks);
    on_run_out = run_out;
}

void memory_run_out(void)
{
    if (on_run_out)
        on_run_out();
    _exit(EXIT_UNHEALTHY);
}

void *memory_get(size_t size)
{
    void *block = malloc(size);
    if (!block)
        memory_run_out();
    return block;
}

void *memory_resize(void *block, size_t size)
{
    void *resized = realloc(block, size);
    if (!resized)
        memory_run_out();
    return resized;
}

char *memory_copy(const char *bytes, size_t length)
{
    char *copy = memory_get(length + 1);
    memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}
