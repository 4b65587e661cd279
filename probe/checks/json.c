/* A value in a JSON body, by cJSON and its JSON Pointer. */
#include "checks/json.h"

#include <cjson/cJSON.h>
#include <cjson/cJSON_Utils.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_text.h"
#include "base/memory.h"

static bool is_number(const char *text, double number)
{
    char *end;
    double wanted = strtod(text, &end);
    return *text && *end == '\0' && wanted >= number && wanted <= number;
}

static bool is_value(const cJSON *item, const char *value)
{
    if (cJSON_IsString(item))
        return strcmp(item->valuestring, value) == 0;
    if (cJSON_IsNumber(item))
        return is_number(value, item->valuedouble);
    const char *name = cJSON_IsTrue(item) ? "true" : cJSON_IsFalse(item) ? "false" : "null";
    return !cJSON_IsArray(item) && !cJSON_IsObject(item) && strcmp(name, value) == 0;
}

static void fail_without_memory(struct result *result)
{
    result_fail(result, CAUSE_NO_RESOURCES, "no memory is left");
}

/* Whether two expectations have the same pointer. */
static bool is_alternative(const char *one, const char *other)
{
    size_t length = strcspn(one, "=");
    return length == strcspn(other, "=") && strncmp(one, other, length) == 0;
}

/* Whether item is what one of the expectations of first's pointer names. */
static bool is_any(const cJSON *item, const struct texts *expectations, const char *first)
{
    for (size_t i = 0; i < expectations->count; i++)
        if (is_alternative(first, expectations->items[i]) &&
            is_value(item, strchr(expectations->items[i], '=') + 1))
            return true;
    return false;
}

/* ", not A", or ", not A or B". */
static void add_expected(struct text *words, const struct texts *expectations, const char *first)
{
    const char *before = ", not ";
    for (size_t i = 0; i < expectations->count; i++) {
        if (!is_alternative(first, expectations->items[i]))
            continue;
        const char *value = strchr(expectations->items[i], '=') + 1;
        text_add(words, before);
        text_add_foreign(words, value, strlen(value), 60);
        before = " or ";
    }
}

/* Judges the value at the pointer of an expectation, by all that have this pointer. */
static void judge_pointer(cJSON *json, size_t body_length, const struct texts *expectations,
                          const char *first, struct result *result)
{
    enum { LONGEST_ESCAPE = 6, LONGEST_NUMBER = 32 };
    size_t length = strcspn(first, "=");
    char *pointer = memory_copy(first, length);
    cJSON *item = pointer ? cJSONUtils_GetPointerCaseSensitive(json, pointer) : NULL;
    free(pointer);
    if (item && is_any(item, expectations, first))
        return;
    size_t size = LONGEST_ESCAPE * body_length + LONGEST_NUMBER;
    char *printed = item ? memory_get(size) : NULL;
    if (memory_is_out()) {
        fail_without_memory(result);
        return;
    }
    struct text words = result_fail(result, CAUSE_JSON_MISMATCH, item ? "JSON " : "JSON has no ");
    text_add_foreign(&words, first, length, 100);
    if (!item)
        return;
    struct text whole; /* a secret that is cut would not be recognised */
    text_init(&whole, printed, size);
    json_text_item(&whole, NULL, item);
    text_add(&words, length > 0 ? " is " : "is ");
    text_add_foreign(&words, printed, whole.length, 100);
    add_expected(&words, expectations, first);
    free(printed);
}

/* The whole body, or NULL. A zero byte would end a string early, and so make it
 * what it is not. */
static cJSON *parse(const char *body, size_t length)
{
    const char *end = body;
    cJSON *json = memmem(body, length, "\\u0000", 6)
                      ? NULL
                      : cJSON_ParseWithLengthOpts(body, length, &end, false);
    while (end < body + length && *end && strchr(" \t\r\n", *end))
        end++;
    if (end == body + length)
        return json;
    cJSON_Delete(json);
    return NULL;
}

void json_expect(const char *body, size_t length, const struct texts *expectations,
                 struct result *result)
{
    cJSON *json = parse(body, length);
    if (memory_is_out()) {
        fail_without_memory(result);
    } else if (!json) {
        struct text words = result_fail(result, CAUSE_JSON_INVALID, "the body is not JSON: ");
        text_add_foreign(&words, body, length, 80);
    }
    for (size_t i = 0; json && i < expectations->count && result->cause == CAUSE_NONE; i++)
        judge_pointer(json, length, expectations, expectations->items[i], result);
    cJSON_Delete(json);
}
