/* The list of what must never be printed. Filled by one thread before any
 * other starts, read-only after. */
#include "base/secret.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/memory.h"

struct secret {
    const char *bytes;
    size_t length;
    char *storage; /* of a secret that is kept here; NULL */
};

static struct secret *secrets;
static size_t count;

static void add_form(const char *bytes, size_t length, char *storage)
{
    enum { STEP = 32 };
    if (length < SECRET_LENGTH_MIN) {
        free(storage);
        return;
    }
    if (count % STEP == 0)
        secrets = memory_resize(secrets, (count + STEP) * sizeof *secrets);
    secrets[count++] = (struct secret){bytes, length, storage};
}

/* Reads an escape sequence, or a byte where there is none. */
static size_t read_character(const char *bytes, size_t length, struct character *character)
{
    size_t taken = escape_read(bytes, length, character);
    if (taken)
        return taken;
    *character->bytes = *bytes;
    character->length = 1;
    return 1;
}

/* As it is, and percent-decoded, which is how a server may have understood it. */
static void add_bytes(const char *bytes, size_t length, char *storage)
{
    char *decoded = memchr(bytes, '%', length) ? memory_copy(bytes, length) : NULL;
    add_form(bytes, length, storage);
    if (!decoded)
        return;
    size_t n = 0;
    for (size_t at = 0; at < length; n++) {
        struct character c;
        at += read_character(decoded + at, decoded[at] == '%' ? length - at : 1, &c);
        decoded[n] = *c.bytes;
    }
    add_form(decoded, n, decoded);
}

void secret_add(const char *value)
{
    add_bytes(value, strlen(value), NULL);
}

/* Decodes base64 up to the first byte that is none of it; returns how many bytes come
 * of it. */
static size_t decode_base64(const char *coded, size_t length, char *decoded)
{
    uint32_t bits = 0;
    size_t n = 0;
    int have = 0;
    for (size_t i = 0; i < length && escape_base64(coded[i]) >= 0; i++) {
        bits = bits << 6 | (uint32_t)escape_base64(coded[i]);
        have += 6;
        if (have >= 8) {
            have -= 8;
            decoded[n++] = (char)(bits >> have);
        }
    }
    return n;
}

/* "user:password" in base64 */
static void add_login(const char *coded, size_t length)
{
    char *login = memory_copy(coded, length);
    if (!login)
        return;
    size_t decoded = decode_base64(coded, length, login);
    const char *colon = memchr(login, ':', decoded);
    if (colon)
        add_bytes(colon + 1, (size_t)(login + decoded - colon - 1), NULL);
    add_bytes(login, decoded, login);
}

/* A part of a header between spaces, commas and semicolons, and the value of name="value". */
static void add_part(const char *part, size_t length)
{
    const char *equals = memchr(part, '=', length);
    add_bytes(part, length, NULL);
    if (!equals)
        return;
    const char *value = equals + 1;
    const char *end = part + length;
    if (value < end && *value == '"') {
        value++;
        end -= end[-1] == '"' && end - 1 > value;
    }
    add_bytes(value, (size_t)(end - value), NULL);
}

/* The length of a scheme ("Bearer") that credentials follow, 0 if there is none. */
static size_t scheme_length(const char *value)
{
    size_t n = 0;
    while (isalnum((unsigned char)value[n]) || value[n] == '-')
        n++;
    return value[n] == ' ' ? n : 0;
}

void secret_add_header(const char *value)
{
    static const char separators[] = " \t,;";
    size_t scheme = scheme_length(value);
    const char *at = value + scheme;
    secret_add(value);
    at += strspn(at, separators);
    if (scheme == strlen("Basic") && strncasecmp(value, "Basic", scheme) == 0)
        add_login(at, strlen(at));
    if (at != value)
        secret_add(at);
    while (*at) {
        size_t length = strcspn(at, separators);
        add_part(at, length);
        at += length;
        at += strspn(at, separators);
    }
}

/* Reads a character that was escaped twice: a URL in another URL's query, JSON in HTML. */
static size_t read_twice(const char *bytes, size_t length, struct character *character)
{
    char once[12]; /* the longest escape sequence */
    size_t ends[sizeof once] = {0};
    size_t n = 0;
    for (size_t at = 0; n < sizeof once && at < length; n++) {
        struct character c;
        at += read_character(bytes + at, length - at, &c);
        once[n] = *c.bytes;
        ends[n] = at;
    }
    size_t taken = escape_read(once, n, character);
    return taken ? ends[taken - 1] : 0;
}

/* Whether the next character of a secret, as read from an escape sequence, is that. */
static bool is_next(const struct secret *secret, size_t at, const struct character *c)
{
    return c->length <= secret->length - at && memcmp(c->bytes, secret->bytes + at, c->length) == 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '+';
}

/* The length of a secret that is written as it is, or with characters of it escaped; in a
 * form a space is a plus. */
static size_t match_escaped(const struct secret *secret, const char *bytes, size_t length)
{
    size_t at = 0;
    for (size_t i = 0; i < secret->length && at < length;) {
        struct character c;
        size_t taken = read_twice(bytes + at, length - at, &c);
        if (!taken || !is_next(secret, i, &c))
            taken = read_character(bytes + at, length - at, &c);
        if (!is_next(secret, i, &c))
            taken = read_character(bytes + at, 1, &c);
        bool is_space = is_blank(*c.bytes) && is_blank(secret->bytes[i]);
        if (!is_space && !is_next(secret, i, &c))
            return 0;
        at += taken;
        i += c.length;
        if (i == secret->length)
            return at;
    }
    return 0;
}

/* The length of a secret that is written in hexadecimal. */
static size_t match_hex(const struct secret *secret, const char *bytes, size_t length)
{
    if (length / 2 < secret->length)
        return 0;
    for (size_t i = 0; i < secret->length; i++) {
        int high = escape_hex(bytes[2 * i]);
        int low = escape_hex(bytes[2 * i + 1]);
        if (high < 0 || low < 0 || high * 16 + low != (unsigned char)secret->bytes[i])
            return 0;
    }
    return 2 * secret->length;
}

/* The length of a secret that is a part of what a text in base64 means. Its first bit is
 * the one at `skipped` of the first digit; bits of other bytes around it do not count. */
static size_t match_base64(const struct secret *secret, size_t skipped, const char *bytes,
                           size_t length)
{
    size_t bits = secret->length * 8 + skipped;
    size_t digits = (bits + 5) / 6;
    if (digits > length)
        return 0;
    for (size_t i = 0; i < digits; i++) {
        int digit = escape_base64(bytes[i]);
        if (digit < 0)
            return 0;
        for (size_t bit = i == 0 ? skipped : 0; bit < 6 && i * 6 + bit < bits; bit++) {
            size_t at = i * 6 + bit - skipped;
            int wanted = (unsigned char)secret->bytes[at / 8] >> (7 - at % 8) & 1;
            if ((digit >> (5 - bit) & 1) != wanted)
                return 0;
        }
    }
    return digits;
}

/* The most bytes at the start of bytes[length] that one form of the secret takes. */
static size_t match(const struct secret *secret, const char *bytes, size_t length)
{
    bool is_plain = secret->length <= length && memcmp(bytes, secret->bytes, secret->length) == 0;
    size_t longest = is_plain ? secret->length : 0;
    const size_t others[] = {match_escaped(secret, bytes, length), match_hex(secret, bytes, length),
                             match_base64(secret, 0, bytes, length),
                             match_base64(secret, 2, bytes, length),
                             match_base64(secret, 4, bytes, length)};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i] > longest)
            longest = others[i];
    return longest;
}

size_t secret_at(const char *bytes, size_t length)
{
    size_t longest = 0;
    for (size_t i = 0; i < count; i++) {
        size_t n = match(&secrets[i], bytes, length);
        if (n > longest)
            longest = n;
    }
    return longest;
}

bool secret_is_header(const char *name, size_t length)
{
    static const char *const marks[] = {"auth", "cookie", "token", "key", "secret", "password"};
    char copy[64] = "";
    memcpy(copy, name, length < sizeof copy ? length : sizeof copy - 1);
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (strcasestr(copy, marks[i]))
            return true;
    return false;
}

void secret_clear(void)
{
    for (size_t i = 0; i < count; i++)
        free(secrets[i].storage);
    free(secrets);
    secrets = NULL;
    count = 0;
}
