/* Bounded strings: cut, never overrun; what others wrote becomes one printable
 * line without secrets. */
#include "base/text.h"

#include <stdio.h>
#include <string.h>

#include "base/secret.h"

void text_init(struct text *text, char *bytes, size_t size)
{
    *text = (struct text){.bytes = bytes, .size = size};
    bytes[0] = '\0';
}

/* Drops what stands after the last whole character and marks the cut. */
static void text_mark_cut(struct text *text)
{
    size_t keep = text->size - sizeof "...";
    while (keep > 0 && ((unsigned char)text->bytes[keep] & 0xC0) == 0x80)
        keep--;
    memcpy(text->bytes + keep, "...", sizeof "...");
    text->length = keep + 3;
    text->cut = true;
}

void text_append(struct text *text, const char *bytes, size_t length)
{
    if (text->cut)
        return;
    size_t room = text->size - 1 - text->length;
    size_t taken = length < room ? length : room;
    memcpy(text->bytes + text->length, bytes, taken);
    text->length += taken;
    text->bytes[text->length] = '\0';
    if (taken < length)
        text_mark_cut(text);
}

void text_add(struct text *text, const char *words)
{
    text_append(text, words, strlen(words));
}

void text_add_number(struct text *text, int64_t number)
{
    char digits[24];
    char *first = digits + sizeof digits;
    uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
    *--first = '\0';
    do
        *--first = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (number < 0)
        *--first = '-';
    text_add(text, first);
}

void text_add_endpoint(struct text *text, const char *address, int port)
{
    text_format(text, strchr(address, ':') ? "[%s]:%d" : "%s:%d", address, port);
}

void text_vformat(struct text *text, const char *format, va_list arguments)
{
    if (text->cut)
        return;
    size_t room = text->size - text->length;
    int length = vsnprintf(text->bytes + text->length, room, format, arguments);
    if (length < 0)
        return;
    if ((size_t)length < room)
        text->length += (size_t)length;
    else
        text_mark_cut(text);
}

void text_format(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    text_vformat(text, format, arguments);
    va_end(arguments);
}

/* Decodes one UTF-8 sequence strictly (RFC 3629: no overlong forms, no
 * surrogates, nothing above U+10FFFF). Returns its length, 0 if it is none. */
static size_t utf8_decode(const unsigned char *bytes, size_t length, uint32_t *point)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char lead = bytes[0];
    if (lead < 0x80) {
        *point = lead;
        return 1;
    }
    size_t n = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || n > length)
        return 0;
    uint32_t value = lead & (0xFFu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (bytes[i] & 0x3Fu);
    }
    if (value < least[n] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return 0;
    *point = value;
    return n;
}

/* Line and paragraph separators, bidirectional marks and what has no width: they make
 * a terminal show something other than what was sent. */
static bool is_deceptive(uint32_t point)
{
    static const struct {
        uint32_t first;
        uint32_t last;
    } ranges[] = {{0x00AD, 0x00AD}, {0x061C, 0x061C}, {0x180E, 0x180E},
                  {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F},
                  {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE0FFF}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (point >= ranges[i].first && point <= ranges[i].last)
            return true;
    return false;
}

size_t text_character(const char *bytes, size_t length)
{
    uint32_t point = 0;
    size_t n = length > 0 ? utf8_decode((const unsigned char *)bytes, length, &point) : 0;
    bool control = point < 0x20 || (point >= 0x7F && point < 0xA0);
    return n > 0 && !control && !is_deceptive(point) ? n : 0;
}

/* Writes the printable form of what stands at bytes into out; returns how
 * many bytes of the input it stands for. */
static size_t foreign_piece(const char *bytes, size_t length, char out[16])
{
    size_t secret = secret_at(bytes, length);
    if (secret > 0) {
        memcpy(out, "***", sizeof "***");
        return secret;
    }
    size_t n = text_character(bytes, length);
    if (n > 0) {
        memcpy(out, bytes, n);
        out[n] = '\0';
        return n;
    }
    uint32_t point = 0;
    n = utf8_decode((const unsigned char *)bytes, length, &point);
    if (n > 1 && point >= 0xA0) {
        snprintf(out, 16, "\\u%04x", (unsigned)point);
        return n;
    }
    unsigned char byte = (unsigned char)bytes[0];
    if (byte == '\n' || byte == '\r' || byte == '\t')
        snprintf(out, 16, "\\%c", byte == '\n' ? 'n' : byte == '\r' ? 'r' : 't');
    else
        snprintf(out, 16, "\\x%02x", byte);
    return 1;
}

void text_add_foreign(struct text *text, const char *bytes, size_t length, size_t limit)
{
    size_t end = text->length + limit;
    size_t cut_at = text->length; /* where the three points would still fit */
    for (size_t at = 0; at < length && !text->cut;) {
        char piece[16];
        at += foreign_piece(bytes + at, length - at, piece);
        if (text->length + strlen(piece) > end) {
            text->length = cut_at;
            text_add(text, "...");
            return;
        }
        text_add(text, piece);
        if (text->length + 3 <= end)
            cut_at = text->length;
    }
}

void text_add_name(struct text *text, const char *name)
{
    enum { NAME_MAX_BYTES = 160 };
    text_add_foreign(text, name, strlen(name), NAME_MAX_BYTES);
}

void text_add_cut(struct text *text, const char *words, size_t limit)
{
    size_t length = strlen(words);
    if (length <= limit) {
        text_add(text, words);
        return;
    }
    size_t kept = limit > 3 ? limit - 3 : 0;
    while (kept > 0 && ((unsigned char)words[kept] & 0xC0) == 0x80)
        kept--;
    text_append(text, words, kept);
    text_add(text, "...");
}

void text_add_duration(struct text *text, int64_t us)
{
    if (us < 1000) {
        text_add(text, "<1 ms");
    } else if (us < 10 * 1000000) {
        text_add_number(text, us / 1000);
        text_add(text, " ms");
    } else if (us < 60 * 1000000) {
        text_add_number(text, us / 1000000);
        text_add(text, ".");
        text_add_number(text, us / 100000 % 10);
        text_add(text, " s");
    } else {
        text_add_limit(text, us / 1000000 * 1000);
    }
}

void text_add_limit(struct text *text, int64_t ms)
{
    static const struct {
        int64_t ms;
        const char *name;
    } units[] = {{3600000, " h"}, {60000, " min"}, {1000, " s"}, {1, " ms"}};
    const char *space = "";
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        int64_t n = ms / units[i].ms;
        ms %= units[i].ms;
        bool is_all = units[i].ms == 1 && !*space; /* of "0 ms" */
        if (n == 0 && !is_all)
            continue;
        text_add(text, space);
        text_add_number(text, n);
        text_add(text, units[i].name);
        space = " ";
    }
}

/* The date by counting days in eras of 400 years that begin on 1 March: pure,
 * which gmtime(3) is not everywhere. */
void text_add_time(struct text *text, int64_t seconds)
{
    enum { DAY = 86400, ERA_DAYS = 146097, BEFORE_1970 = 719468 };
    int64_t days = seconds / DAY + BEFORE_1970;
    int64_t rest = seconds % DAY;
    int64_t in_era = days % ERA_DAYS;
    int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * in_year + 2) / 153; /* 0 is March */
    int64_t day = in_year - (153 * month + 2) / 5 + 1;
    year += days / ERA_DAYS * 400 + (month >= 10);
    month += month < 10 ? 3 : -9;
    text_format(text, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)year, (int)month, (int)day,
                (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60));
}

/* The columns that a character takes, by its first byte: from U+3000 on they are
 * wide, but for some that nobody misses. */
static int width_of(const char *character)
{
    unsigned char lead = (unsigned char)*character;
    return (lead & 0xC0) == 0x80 ? 0 : lead >= 0xE3 ? 2 : 1;
}

void text_add_columns(struct text *text, const char *words, int columns)
{
    size_t kept = 0; /* as far as three points would still fit */
    size_t length = 0;
    for (int used = 0; words[length]; length++) {
        used += width_of(words + length);
        if (used > columns) {
            text_append(text, words, kept);
            text_append(text, "...", columns > 3 ? 3 : columns > 0 ? (size_t)columns : 0);
            return;
        }
        if (used <= columns - 3)
            kept = length + 1;
    }
    text_append(text, words, length);
}

void text_add_wrapped(struct text *text, const char *words, size_t indent)
{
    size_t column = indent;
    while (*words) {
        size_t length = strcspn(words, " ");
        if (column > indent && column + 1 + length > TEXT_WIDTH) {
            text_format(text, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            text_add(text, " ");
            column++;
        }
        text_format(text, "%.*s", (int)length, words);
        column += length;
        words += length + strspn(words + length, " ");
    }
}
