/* JSON without a tree of it. */
#include "base/json_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_character(struct text *text, char character)
{
    const char words[] = {character, '\0'};
    text_add(text, words);
}

/* The length of what needs no escape. */
static size_t plain_length(const char *value)
{
    size_t length = 0;
    while ((unsigned char)value[length] >= ' ' && value[length] != '"' && value[length] != '\\')
        length++;
    return length;
}

static void add_quoted(struct text *text, const char *value)
{
    text_add(text, "\"");
    for (;;) {
        size_t length = plain_length(value);
        text_append(text, value, length);
        value += length;
        if (!*value)
            break;
        if (*value == '\n')
            text_add(text, "\\n");
        else if (*value == '"' || *value == '\\')
            text_format(text, "\\%c", *value);
        else
            text_format(text, "\\u%04x", (unsigned)*value);
        value++;
    }
    text_add(text, "\"");
}

static void add_name(struct text *text, const char *name)
{
    if (text->length > 0 && !strchr("{[", text->bytes[text->length - 1]))
        text_add(text, ",");
    if (!name)
        return;
    add_quoted(text, name);
    text_add(text, ":");
}

void json_text_open(struct text *text, const char *name, char bracket)
{
    add_name(text, name);
    add_character(text, bracket);
}

void json_text_close(struct text *text, char bracket)
{
    add_character(text, bracket);
}

void json_text_string(struct text *text, const char *name, const char *value)
{
    add_name(text, name);
    add_quoted(text, value);
}

void json_text_number(struct text *text, const char *name, int64_t number)
{
    add_name(text, name);
    text_add_number(text, number);
}

void json_text_milliseconds(struct text *text, const char *name, int64_t us)
{
    json_text_number(text, name, us / 1000);
    if (us % 1000)
        text_format(text, ".%03d", (int)(us % 1000));
}

/* A number that is read back as the same, with 15 digits if they do. */
static void add_double(struct text *text, double number)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%.15g", number);
    double same = strtod(digits, NULL);
    text_format(text, same < number || same > number ? "%.17g" : "%.15g", number);
}

static void add_list(struct text *text, const char *name, const cJSON *list)
{
    bool is_object = cJSON_IsObject(list);
    json_text_open(text, name, is_object ? '{' : '[');
    for (const cJSON *item = list->child; item; item = item->next)
        json_text_item(text, is_object ? item->string : NULL, item);
    json_text_close(text, is_object ? '}' : ']');
}

void json_text_item(struct text *text, const char *name, const cJSON *item)
{
    if (cJSON_IsObject(item) || cJSON_IsArray(item)) {
        add_list(text, name, item);
    } else if (cJSON_IsString(item)) {
        json_text_string(text, name, item->valuestring);
    } else {
        add_name(text, name);
        if (cJSON_IsNumber(item))
            add_double(text, item->valuedouble);
        else
            text_add(text, cJSON_IsNull(item) ? "null" : cJSON_IsTrue(item) ? "true" : "false");
    }
}
