/* Memory that may be none, told apart from everything else that may be wrong. */
#include "base/memory.h"

#include <cjson/cJSON.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Doctor's longest report is about 200 kB of cJSON's nodes and strings. Pages
 * that no report touches are never there. */
enum { RESERVE_SIZE = 256 * 1024, ALIGNMENT = alignof(max_align_t) };

static alignas(max_align_t) char reserve[RESERVE_SIZE];
static size_t reserve_used;
static _Thread_local bool is_reporting;
static _Thread_local bool is_out;

static void *from_reserve(size_t size)
{
    size_t rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (rounded < size || rounded > RESERVE_SIZE - reserve_used)
        return NULL;
    void *block = reserve + reserve_used;
    reserve_used += rounded;
    return block;
}

void *memory_get(size_t size)
{
    void *block = is_reporting ? from_reserve(size) : malloc(size);
    if (!block)
        memory_run_out();
    return block;
}

char *memory_copy(const char *bytes, size_t length)
{
    char *copy = memory_get(length + 1);
    if (!copy)
        return NULL;
    memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

/* For cJSON: what lies in the reserve goes with the report. */
static void release(void *block)
{
    uintptr_t at = (uintptr_t)block;
    if (at < (uintptr_t)reserve || at >= (uintptr_t)reserve + RESERVE_SIZE)
        free(block);
}

void memory_settle(void)
{
    cJSON_Hooks hooks = {.malloc_fn = memory_get, .free_fn = release};
    cJSON_InitHooks(&hooks);
}

void memory_run_out(void)
{
    is_out = true;
}

bool memory_is_out(void)
{
    return is_out;
}

void memory_forget(void)
{
    is_out = false;
}

void memory_begin_report(void)
{
    memory_forget();
    reserve_used = 0;
    is_reporting = true;
}

void memory_end_report(void)
{
    is_reporting = false;
}
