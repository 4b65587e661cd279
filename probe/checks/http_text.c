/* What the body of an answer says, by its worth: the text of a page without its
 * markup, what is down of a health answer in JSON, else its first bytes. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "checks/http.h"
#include "checks/json_health.h"

/* Far more is taken than shown, so that no secret is cut where it could not be
 * seen. */
enum { LINE_MAX_BYTES = 4096 };

/* One line, made of parts between which a page has its blocks. */
struct line {
    char bytes[LINE_MAX_BYTES];
    size_t length;
    size_t part;     /* where the present part begins */
    size_t previous; /* and the one before */
    const char *known;
};

static void line_add(struct line *line, char byte)
{
    bool is_space = byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
    bool follows_space = line->length == line->part || line->bytes[line->length - 1] == ' ';
    if ((is_space && follows_space) || line->length == sizeof line->bytes)
        return;
    line->bytes[line->length++] = (char)(is_space ? ' ' : byte);
}

static bool begins_with(const char *bytes, size_t length, const char *start, size_t start_length)
{
    return start_length > 0 && start_length <= length && memcmp(bytes, start, start_length) == 0;
}

static bool ends_with(const char *bytes, size_t length, const char *end, size_t end_length)
{
    return end_length <= length && memcmp(bytes + length - end_length, end, end_length) == 0;
}

/* "404 Not Found" where the status is 404 Not Found, or "Not Found". */
static bool is_known(const struct line *line, const char *part, size_t length)
{
    size_t digits = 0;
    while (digits < length && strchr("0123456789 ", part[digits]))
        digits++;
    return length - digits == strlen(line->known) &&
           memcmp(part + digits, line->known, length - digits) == 0;
}

/* Ends a part; drops what is said twice: "Error" before "Error: no route". */
static void line_end_part(struct line *line)
{
    while (line->length > line->part && line->bytes[line->length - 1] == ' ')
        line->length--;
    char *part = line->bytes + line->part;
    size_t length = line->length - line->part;
    char *before = line->bytes + line->previous;
    size_t before_length = line->part > line->previous ? line->part - line->previous - 1 : 0;
    if (length == 0 || is_known(line, part, length) ||
        ends_with(before, before_length, part, length)) {
        line->length = line->part;
        return;
    }
    if (begins_with(part, length, before, before_length)) {
        memmove(before, part, length);
        line->length = line->previous + length;
    } else {
        line->previous = line->part;
    }
    line_add(line, ' ');
    line->part = line->length;
}

/* Appends a character of Unicode in UTF-8; what is none is a question mark. */
static void add_point(struct line *line, unsigned long point)
{
    if (point > 0x10FFFF)
        point = '?';
    unsigned more = point < 0x80 ? 0 : point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xC0, 0xE0, 0xF0};
    line_add(line, (char)(lead[more] | point >> 6 * more));
    while (more-- > 0)
        line_add(line, (char)(0x80 | (point >> 6 * more & 0x3F)));
}

/* &#8217; and &#x2019; from behind the number sign. */
static const char *add_numeric(struct line *line, const char *digits)
{
    char *end = NULL;
    bool is_hex = (*digits | 0x20) == 'x';
    unsigned long point = strtoul(digits + is_hex, &end, is_hex ? 16 : 10);
    bool is_number = isxdigit((unsigned char)digits[is_hex]) && *end == ';';
    if (is_number)
        add_point(line, point == 0xA0 ? ' ' : point);
    return is_number ? end + 1 : NULL;
}

static const char *add_named(struct line *line, const char *name)
{
    static const struct {
        const char *name;
        const char *text;
    } table[] = {{"amp;", "&"},   {"lt;", "<"},     {"gt;", ">"},     {"quot;", "\""},
                 {"apos;", "'"},  {"nbsp;", " "},   {"ndash;", "-"},  {"mdash;", "-"},
                 {"rsquo;", "'"}, {"ldquo;", "\""}, {"rdquo;", "\""}, {"hellip;", "..."}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t length = strlen(table[i].name);
        if (strncmp(name, table[i].name, length) != 0)
            continue;
        for (const char *c = table[i].text; *c; c++)
            line_add(line, *c);
        return name + length;
    }
    return NULL;
}

/* Appends the character of a reference, and moves behind it; what is none is text. */
static const char *add_reference(struct line *line, const char *at, const char *end)
{
    char reference[12] = ""; /* the longest that is known, and a NUL */
    size_t length = (size_t)(end - at - 1);
    memcpy(reference, at + 1, length < sizeof reference ? length : sizeof reference - 1);
    const char *stop =
        *reference == '#' ? add_numeric(line, reference + 1) : add_named(line, reference);
    if (!stop)
        line_add(line, '&');
    return at + 1 + (stop ? stop - reference : 0);
}

static bool is_tag(const char *at, const char *end, const char *name)
{
    size_t length = strlen(name);
    return (size_t)(end - at) > length && strncasecmp(at, name, length) == 0 &&
           strchr(" \t\r\n/>", at[length]);
}

/* Those inside a sentence. */
static bool is_inline(const char *at, const char *end)
{
    static const char *const names[] = {"a",    "b",    "i",  "u",     "em",  "strong",
                                        "span", "code", "tt", "small", "font"};
    at += at < end && *at == '/';
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (is_tag(at, end, names[i]))
            return true;
    return false;
}

/* The end of text[..] behind `at`, or the end of all. */
static const char *behind(const char *at, const char *end, const char *text)
{
    size_t length = strlen(text);
    for (; (size_t)(end - at) >= length; at++)
        if (strncasecmp(at, text, length) == 0)
            return at + length;
    return end;
}

/* At a '<': ends a part where the tag does, and moves behind the tag, its comment,
 * its script or its styles. */
static const char *skip_markup(struct line *line, const char *at, const char *end)
{
    const char *name = at + 1;
    if (end - at >= 4 && memcmp(at, "<!--", 4) == 0)
        return behind(at + 4, end, "-->");
    if (is_tag(name, end, "script"))
        return behind(name, end, "</script>");
    if (is_tag(name, end, "style"))
        return behind(name, end, "</style>");
    if (!is_inline(name, end))
        line_end_part(line);
    return behind(name, end, ">");
}

static bool is_markup(const char *at, const char *end)
{
    return end - at > 1 && *at == '<' &&
           (strchr("/!?", at[1]) || ((at[1] | 0x20) >= 'a' && (at[1] | 0x20) <= 'z'));
}

static void add_page(struct line *line, const char *at, const char *end)
{
    while (at < end && line->length < sizeof line->bytes) {
        if (is_markup(at, end))
            at = skip_markup(line, at, end);
        else if (*at == '&')
            at = add_reference(line, at, end);
        else
            line_add(line, *at++);
    }
}

static void add_plain(struct line *line, const char *at, const char *end)
{
    while (at < end && line->length < sizeof line->bytes)
        line_add(line, *at++);
}

/* Compressed all the same: its bytes say nothing. */
static bool add_encoding(const struct exchange *exchange, struct text *text)
{
    static const char none[] = "identity";
    size_t length;
    const char *encoding = http_header(exchange, "Content-Encoding", &length);
    bool is_none = length == strlen(none) && strncasecmp(encoding, none, length) == 0;
    if (length == 0 || is_none || exchange->length == 0)
        return false;
    text_add(text, "a body compressed with ");
    text_add_foreign(text, encoding, length, 20);
    text_add(text, ", although none was asked for");
    return true;
}

void http_add_text(const struct exchange *exchange, const char *known, struct text *text,
                   size_t limit)
{
    const char *at = exchange->body;
    const char *end = at + exchange->length;
    struct line line = {.known = known};
    if (add_encoding(exchange, text))
        return;
    if (begins_with(at, exchange->length, "\xEF\xBB\xBF", 3))
        at += 3;
    while (at < end && *at && strchr(" \t\r\n", *at))
        at++;
    if (is_markup(at, end))
        add_page(&line, at, end);
    else
        add_plain(&line, at, end);
    line_end_part(&line);
    if (line.length > 0 && line.bytes[line.length - 1] == ' ')
        line.length--;
    bool is_json = at < end && (*at == '{' || *at == '[');
    if (is_json && line.length > limit && json_add_down(at, (size_t)(end - at), text, limit))
        return;
    text_add_foreign(text, line.bytes, line.length, limit);
}
