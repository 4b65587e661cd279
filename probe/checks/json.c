/* A value in a JSON body, by cJSON and its JSON Pointer. */
#include "checks/json.h"

#include <cjson/cJSON.h>
#include <cjson/cJSON_Utils.h>
#include <stdlib.h>
#include <string.h>

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

static void judge_item(cJSON *item, const char *pointer, const char *value, struct result *result)
{
    if (item && is_value(item, value))
        return;
    char *printed = item ? cJSON_PrintUnformatted(item) : NULL;
    if (memory_is_out()) {
        fail_without_memory(result);
        return;
    }
    struct text words = result_fail(result, CAUSE_JSON_MISMATCH, item ? "JSON " : "JSON has no ");
    text_add_foreign(&words, pointer, strlen(pointer), 100);
    if (!item)
        return;
    text_add(&words, *pointer ? " is " : "is ");
    text_add_foreign(&words, printed, strlen(printed), 100);
    text_add(&words, ", not ");
    text_add_foreign(&words, value, strlen(value), 60);
    cJSON_free(printed);
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

void json_expect(const char *body, size_t length, const char *expectation, struct result *result)
{
    const char *value = strchr(expectation, '=') + 1;
    char *pointer = memory_copy(expectation, (size_t)(value - expectation) - 1);
    cJSON *json = parse(body, length);
    if (memory_is_out()) {
        fail_without_memory(result);
    } else if (!json) {
        struct text words = result_fail(result, CAUSE_JSON_INVALID, "the body is not JSON: ");
        text_add_foreign(&words, body, length, 80);
    } else {
        judge_item(cJSONUtils_GetPointerCaseSensitive(json, pointer), pointer, value, result);
    }
    cJSON_Delete(json);
    free(pointer);
}
