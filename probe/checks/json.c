/* A value in a JSON body: cJSON reads it, and a JSON Pointer finds the value. */
#include "checks/json.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "checks/json_number.h"

/* Some bytes of a document. */
struct slice {
    const char *bytes;
    size_t length;
};

/* As cJSON sees it. */
static bool is_blank(char byte)
{
    return (unsigned char)byte <= ' ';
}

/* The end of a string that begins at its quote. */
static const char *string_end(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++)
        at += *at == '\\';
    return at < end ? at + 1 : end;
}

static const char *word_end(const char *at, const char *end)
{
    while (at < end && !is_blank(*at) && !strchr(",:]}\"[{", *at))
        at++;
    return at;
}

/* cJSON ends its strings at an escaped zero byte, and its numbers at 63 characters.
 * Puts in their place, at the same length, what it reads whole: U+FFFD, and 0. */
static void make_readable(char *json, size_t length)
{
    enum { NUMBER_MAX = 63 };
    const char *end = json + length;
    for (char *at = json; at < end;) {
        if (*at == '"') {
            const char *stop = string_end(at, end);
            for (; at < stop; at += *at == '\\' ? 2 : 1)
                if (stop - at > 6 && memcmp(at, "\\u0000", 6) == 0)
                    memcpy(at, "\\ufffd", 6);
            at = json + (stop - json);
            continue;
        }
        size_t word = (size_t)(word_end(at, end) - at);
        if (word > NUMBER_MAX && strchr("-0123456789", *at) &&
            strspn(at, "-+.eE0123456789") >= word) {
            memset(at, ' ', word);
            *at = '0';
        }
        at += word ? word : 1;
    }
}

/* The whole body, or NULL. */
static cJSON *parse(struct slice body)
{
    size_t length = body.length;
    const char *end = NULL;
    /* a zero byte is not JSON, and would end a string early */
    char *copy = memchr(body.bytes, '\0', length) ? NULL : memory_copy(body.bytes, length);
    if (!copy)
        return NULL;
    make_readable(copy, length);
    cJSON *json = cJSON_ParseWithLengthOpts(copy, length, &end, false);
    while (end && end < copy + length && is_blank(*end))
        end++;
    bool is_whole = end == copy + length;
    free(copy);
    if (is_whole)
        return json;
    cJSON_Delete(json);
    return NULL;
}

/* How many values of the document begin before an item does; false when the tree
 * does not have it. */
static bool count_before(const cJSON *tree, const cJSON *item, size_t *count)
{
    if (tree == item)
        return true;
    ++*count;
    const cJSON *child;
    cJSON_ArrayForEach(child, tree)
    {
        if (count_before(child, item, count))
            return true;
    }
    return false;
}

/* The end of an object or array. */
static const char *container_end(const char *at, const char *end)
{
    int depth = 0;
    do {
        depth += *at == '{' || *at == '[';
        depth -= *at == '}' || *at == ']';
        at = *at == '"' ? string_end(at, end) : at + 1;
    } while (at < end && depth > 0);
    return at;
}

static bool is_key(const char *behind, const char *end)
{
    while (behind < end && is_blank(*behind))
        behind++;
    return behind < end && *behind == ':';
}

/* A value as the valid document has it, by the number of those before it. */
static struct slice find_written(struct slice body, size_t before)
{
    const char *end = body.bytes + body.length;
    for (const char *at = body.bytes; at < end;) {
        const char *stop = *at == '"' ? string_end(at, end) : word_end(at, end);
        bool is_container = *at == '{' || *at == '[';
        bool is_found = is_container || (stop > at && !(*at == '"' && is_key(stop, end)));
        if (is_found && before-- == 0) {
            stop = is_container ? container_end(at, end) : stop;
            return (struct slice){at, (size_t)(stop - at)};
        }
        at = is_container || stop == at ? at + 1 : stop;
    }
    return (struct slice){body.bytes, 0};
}

/* A value in quotes is a string of JSON's. */
static bool is_quoted_string(const cJSON *item, const char *value)
{
    cJSON *wanted = parse((struct slice){value, strlen(value)});
    bool is_same = cJSON_IsString(wanted) && cJSON_IsString(item) &&
                   strcmp(wanted->valuestring, item->valuestring) == 0;
    cJSON_Delete(wanted);
    return is_same;
}

/* The next string or single byte that is not blank; moves behind it. */
static struct slice next_part(struct slice *left)
{
    const char *at = left->bytes;
    const char *end = at + left->length;
    while (at < end && is_blank(*at))
        at++;
    const char *stop = at == end ? end : *at == '"' ? string_end(at, end) : at + 1;
    *left = (struct slice){stop, (size_t)(end - stop)};
    return (struct slice){at, (size_t)(stop - at)};
}

/* Whether two objects or arrays are written alike, but for blanks. */
static bool is_same_but_blanks(struct slice one, struct slice other)
{
    struct slice a;
    do {
        struct slice b = next_part(&other);
        a = next_part(&one);
        if (a.length != b.length || memcmp(a.bytes, b.bytes, a.length) != 0)
            return false;
    } while (a.length > 0);
    return true;
}

static bool is_value(const cJSON *item, struct slice written, const char *value)
{
    if (*value == '"')
        return is_quoted_string(item, value);
    if (cJSON_IsArray(item) || cJSON_IsObject(item))
        return is_same_but_blanks(written, (struct slice){value, strlen(value)});
    if (cJSON_IsString(item))
        return strcmp(item->valuestring, value) == 0;
    if (cJSON_IsNumber(item))
        return json_is_same_number(written.bytes, written.length, value, strlen(value));
    const char *name = cJSON_IsTrue(item) ? "true" : cJSON_IsFalse(item) ? "false" : "null";
    return strcmp(name, value) == 0;
}

/* Whether two expectations have the same pointer. */
static bool is_alternative(const char *one, const char *other)
{
    size_t length = strcspn(one, "=");
    return length == strcspn(other, "=") && strncmp(one, other, length) == 0;
}

/* Whether item is what one of the expectations of first's pointer names. */
static bool is_any(const cJSON *item, struct slice written, const struct texts *expectations,
                   const char *first)
{
    for (size_t i = 0; i < expectations->count; i++)
        if (is_alternative(first, expectations->items[i]) &&
            is_value(item, written, strchr(expectations->items[i], '=') + 1))
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

/* {"a": 1,   "b": 2} on one line; taken whole, because a secret that is cut would not
 * be recognised. */
static void add_written(struct slice written, struct text *text)
{
    char *line = memory_copy(written.bytes, written.length);
    size_t n = 0;
    for (size_t i = 0; line && i < written.length; i++) {
        bool is_space = is_blank(line[i]);
        if (!is_space || (n > 0 && line[n - 1] != ' '))
            line[n++] = (char)(is_space ? ' ' : line[i]);
    }
    text_add_foreign(text, line ? line : "", n, 100);
    free(line);
}

/* A valid document, as it was written and as cJSON reads it. */
struct document {
    struct slice body;
    cJSON *json;
};

/* Whether a name is what a token of a pointer stands for: ~1 is /, ~0 is ~. */
static bool is_name(const char *name, struct slice token)
{
    for (size_t i = 0; i < token.length; i++, name++) {
        char byte = token.bytes[i];
        if (byte == '~' && ++i < token.length && strchr("01", token.bytes[i]))
            byte = token.bytes[i] == '1' ? '/' : '~';
        else if (byte == '~')
            return false;
        if (*name != byte)
            return false;
    }
    return *name == '\0';
}

/* The value of an object that a token names, or of an array by its number. Of two equal
 * names the last counts, as for nearly everybody who reads JSON. */
static const cJSON *find_child(const cJSON *parent, struct slice token)
{
    const cJSON *found = NULL;
    const cJSON *child;
    size_t index = 0;
    char number[24];
    cJSON_ArrayForEach(child, parent)
    {
        snprintf(number, sizeof number, "%zu", index++);
        if (is_name(cJSON_IsObject(parent) ? child->string : number, token))
            found = child;
    }
    return found;
}

/* The value at the pointer of an expectation, or NULL. */
static const cJSON *find_item(const cJSON *json, const char *expectation)
{
    const char *end = expectation + strcspn(expectation, "=");
    for (const char *at = expectation; json && at < end;) {
        at++; /* behind the slash */
        struct slice token = {at, strcspn(at, "/=")};
        json = find_child(json, token);
        at += token.length;
    }
    return json;
}

/* Judges the value at the pointer of an expectation, by all that have this pointer. */
static void judge_pointer(const struct document *document, const struct texts *expectations,
                          const char *first, struct result *result)
{
    const cJSON *item = find_item(document->json, first);
    struct slice written = {NULL, 0};
    size_t before = 0;
    if (item && count_before(document->json, item, &before))
        written = find_written(document->body, before);
    bool is_met = item && is_any(item, written, expectations, first);
    if (is_met)
        return;
    size_t length = strcspn(first, "=");
    struct text words = result_fail(result, CAUSE_JSON_MISMATCH, item ? "JSON " : "JSON has no ");
    text_add_foreign(&words, first, length, 100);
    if (!item)
        return;
    text_add(&words, length > 0 ? " is " : "is ");
    add_written(written, &words);
    add_expected(&words, expectations, first);
}

static struct slice without_mark(const char *body, size_t length)
{
    bool has_mark = length >= 3 && memcmp(body, "\xEF\xBB\xBF", 3) == 0;
    return (struct slice){body + (has_mark ? 3 : 0), length - (has_mark ? 3 : 0)};
}

void json_expect(const char *body, size_t length, const struct texts *expectations,
                 struct result *result)
{
    struct document document = {.body = without_mark(body, length)};
    document.json = parse(document.body);
    if (!document.json) {
        struct text words = result_fail(result, CAUSE_JSON_INVALID, "the body is not JSON: ");
        text_add_foreign(&words, body, length, 80);
    }
    for (size_t i = 0; document.json && i < expectations->count && result->cause == CAUSE_NONE; i++)
        judge_pointer(&document, expectations, expectations->items[i], result);
    cJSON_Delete(document.json);
}
