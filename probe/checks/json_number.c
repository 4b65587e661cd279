/* Numbers of JSON, compared digit by digit: a double has room for 15 of them. */
#include "checks/json_number.h"

#include <stdint.h>
#include <string.h>

enum { EXPONENT_DIGITS_MAX = 15 };

/* 0.d1d2d3... times ten to the power of exponent. */
struct decimal {
    bool is_negative;
    int64_t exponent;
    const char *digits; /* from the first that is not 0; a point may be among them */
    size_t length;      /* to the last that is not 0; 0: the number is 0 */
};

static size_t count_digits(const char *at, const char *end)
{
    size_t count = 0;
    while (at + count < end && at[count] >= '0' && at[count] <= '9')
        count++;
    return count;
}

/* e5, E-5; what is behind the digits must be this, or nothing. */
static bool read_exponent(const char *at, const char *end, int64_t *exponent)
{
    *exponent = 0;
    if (at == end)
        return true;
    if (*at++ != 'e' && at[-1] != 'E')
        return false;
    bool is_negative = at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+');
    size_t count = count_digits(at, end);
    if (count == 0 || count > EXPONENT_DIGITS_MAX || at + count != end)
        return false;
    for (; at < end; at++)
        *exponent = *exponent * 10 + (*at - '0');
    if (is_negative)
        *exponent = -*exponent;
    return true;
}

/* Leaves the zeros at both ends away, and moves the exponent for those in front. */
static void trim(struct decimal *decimal)
{
    while (decimal->length > 0 && strchr("0.", decimal->digits[decimal->length - 1]))
        decimal->length--;
    bool is_behind_point = false;
    while (decimal->length > 0 && strchr("0.", *decimal->digits)) {
        is_behind_point = is_behind_point || *decimal->digits == '.';
        decimal->exponent -= *decimal->digits == '0' && is_behind_point;
        decimal->digits++;
        decimal->length--;
    }
}

/* The grammar of RFC 8259, section 6. */
static bool read_decimal(const char *text, size_t length, struct decimal *decimal)
{
    const char *end = text + length;
    decimal->is_negative = length > 0 && *text == '-';
    text += decimal->is_negative;
    size_t whole = count_digits(text, end);
    const char *point = text + whole;
    bool has_point = point < end && *point == '.';
    size_t fraction = has_point ? count_digits(point + 1, end) : 0;
    if (whole == 0 || (whole > 1 && *text == '0') || (has_point && fraction == 0))
        return false;
    decimal->digits = text;
    decimal->length = whole + (has_point ? 1 + fraction : 0);
    if (!read_exponent(text + decimal->length, end, &decimal->exponent))
        return false;
    decimal->exponent += *text == '0' ? 0 : (int64_t)whole;
    trim(decimal);
    return true;
}

/* The next digit, behind a point; 0 at the end. */
static char next_digit(struct decimal *decimal)
{
    if (decimal->length > 0 && *decimal->digits == '.') {
        decimal->digits++;
        decimal->length--;
    }
    if (decimal->length == 0)
        return 0;
    decimal->length--;
    return *decimal->digits++;
}

bool json_is_same_number(const char *one, size_t one_length, const char *other, size_t other_length)
{
    struct decimal a;
    struct decimal b;
    if (!read_decimal(one, one_length, &a) || !read_decimal(other, other_length, &b))
        return false;
    if (a.length == 0 || b.length == 0)
        return a.length == b.length;
    if (a.is_negative != b.is_negative || a.exponent != b.exponent)
        return false;
    char digit;
    do {
        digit = next_digit(&a);
        if (digit != next_digit(&b))
            return false;
    } while (digit);
    return true;
}
