/* The ways in which URLs, JSON, C and HTML write a character. */
#include "base/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

int escape_hex(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    digit = (char)(digit | 0x20);
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

int escape_base64(char digit)
{
    if (digit >= 'A' && digit <= 'Z')
        return digit - 'A';
    if (digit >= 'a' && digit <= 'z')
        return digit - 'a' + 26;
    if (digit >= '0' && digit <= '9')
        return digit - '0' + 52;
    return digit == '+' || digit == '-' ? 62 : digit == '/' || digit == '_' ? 63 : -1;
}

static void set_byte(struct character *character, uint32_t byte)
{
    *character = (struct character){.bytes = {(char)byte}, .length = 1};
}

static void set_point(struct character *character, uint32_t point)
{
    static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    if (point < 0x80) {
        set_byte(character, point);
        return;
    }
    size_t length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    character->length = length;
    for (size_t i = length - 1; i > 0; i--) {
        character->bytes[i] = (char)(0x80 | (point & 0x3F));
        point >>= 6;
    }
    character->bytes[0] = (char)(leads[length] | point);
}

/* So many hexadecimal digits; false if there are fewer. */
static bool read_hex(const char *bytes, size_t length, size_t digits, uint32_t *number)
{
    *number = 0;
    if (length < digits)
        return false;
    for (size_t i = 0; i < digits; i++) {
        int digit = escape_hex(bytes[i]);
        if (digit < 0)
            return false;
        *number = *number << 4 | (uint32_t)digit;
    }
    return true;
}

/* \u0026, and a pair of surrogates */
static size_t read_unicode(const char *bytes, size_t length, struct character *character)
{
    enum { LENGTH = 6 };
    uint32_t high;
    uint32_t low;
    if (!read_hex(bytes + 2, length - 2, 4, &high))
        return 0;
    bool is_pair = high >= 0xD800 && high < 0xDC00 && length >= 2 * LENGTH &&
                   bytes[LENGTH] == '\\' && bytes[LENGTH + 1] == 'u' &&
                   read_hex(bytes + LENGTH + 2, 4, 4, &low) && low >= 0xDC00 && low < 0xE000;
    set_point(character, is_pair ? 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00) : high);
    return is_pair ? (size_t)2 * LENGTH : LENGTH;
}

static size_t read_backslash(const char *bytes, size_t length, struct character *character)
{
    static const char letters[] = "nrtbfv\"\\/'";
    static const char meanings[] = "\n\r\t\b\f\v\"\\/'";
    uint32_t byte;
    if (length < 2 || !bytes[1])
        return 0;
    if (bytes[1] == 'u')
        return read_unicode(bytes, length, character);
    if (bytes[1] == 'x' && read_hex(bytes + 2, length - 2, 2, &byte)) {
        set_byte(character, byte);
        return 4;
    }
    const char *letter = strchr(letters, bytes[1]);
    if (!letter)
        return 0;
    set_byte(character, (unsigned char)meanings[letter - letters]);
    return 2;
}

/* &#38; and &#x26; */
static size_t read_reference(const char *bytes, size_t length, struct character *character)
{
    enum { DIGITS_MAX = 8, POINT_MAX = 0x10FFFF };
    bool is_hex = length > 2 && (bytes[2] | 0x20) == 'x';
    size_t start = is_hex ? 3 : 2;
    size_t at = start;
    uint32_t point = 0;
    for (; at < length && at < start + DIGITS_MAX && point <= POINT_MAX; at++) {
        int digit = escape_hex(bytes[at]);
        if (digit < 0 || (!is_hex && digit > 9))
            break;
        point = point * (is_hex ? 16 : 10) + (uint32_t)digit;
    }
    if (at == start || at == length || bytes[at] != ';' || point > POINT_MAX)
        return 0;
    set_point(character, point);
    return at + 1;
}

static size_t read_entity(const char *bytes, size_t length, struct character *character)
{
    static const struct {
        const char *name;
        char meaning;
    } entities[] = {
        {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
    if (length > 1 && bytes[1] == '#')
        return read_reference(bytes, length, character);
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++) {
        size_t n = strlen(entities[i].name);
        if (n <= length && memcmp(bytes, entities[i].name, n) == 0) {
            set_byte(character, (unsigned char)entities[i].meaning);
            return n;
        }
    }
    return 0;
}

size_t escape_read(const char *bytes, size_t length, struct character *character)
{
    uint32_t byte;
    if (length == 0)
        return 0;
    switch (*bytes) {
    case '%':
        if (!read_hex(bytes + 1, length - 1, 2, &byte))
            return 0;
        set_byte(character, byte);
        return 3;
    case '\\':
        return read_backslash(bytes, length, character);
    case '&':
        return read_entity(bytes, length, character);
    default:
        return 0;
    }
}
