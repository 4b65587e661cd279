/* JSON without a tree of it. */
#include "base/json_text.h"

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

void json_text_name(struct text *text, const char *name)
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
    json_text_name(text, name);
    add_character(text, bracket);
}

void json_text_close(struct text *text, char bracket)
{
    add_character(text, bracket);
}

void json_text_string(struct text *text, const char *name, const char *value)
{
    json_text_name(text, name);
    add_quoted(text, value);
}

void json_text_number(struct text *text, const char *name, int64_t number)
{
    json_text_name(text, name);
    text_add_number(text, number);
}

void json_text_milliseconds(struct text *text, const char *name, int64_t us)
{
    json_text_number(text, name, us / 1000);
    if (us % 1000)
        text_format(text, ".%03d", (int)(us % 1000));
}
