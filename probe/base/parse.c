/* Numbers and durations from text. */
#include "base/parse.h"

#include <string.h>
#include <strings.h>

static const int64_t DURATION_MAX_MS = INT64_C(10000) * 3600 * 1000;

/* Reads the digits at *text, at most 12 of them, and moves behind them. */
static bool parse_digits(const char **text, int64_t *number)
{
    const char *start = *text;
    int64_t value = 0;
    while (**text >= '0' && **text <= '9' && *text - start < 12)
        value = value * 10 + (*(*text)++ - '0');
    *number = value;
    return *text > start;
}

bool parse_number(const char *text, int64_t min, int64_t max, int64_t *number)
{
    int64_t value;
    if (!parse_digits(&text, &value) || *text != '\0' || value < min || value > max)
        return false;
    *number = value;
    return true;
}

/* The unit at *text in milliseconds, and moves behind it; 0 if there is none. */
static int64_t parse_unit(const char **text)
{
    static const struct {
        const char *name;
        int64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t length = strlen(units[i].name);
        if (strncmp(*text, units[i].name, length) == 0) {
            *text += length;
            return units[i].ms;
        }
    }
    return 0;
}

/* Reads the decimals behind a point, in thousandths; three digits count. */
static bool parse_thousandths(const char **text, int64_t *thousandths)
{
    *thousandths = 0;
    if (**text != '.')
        return true;
    const char *start = ++*text;
    int64_t weight = 100;
    for (; **text >= '0' && **text <= '9'; ++*text, weight /= 10)
        *thousandths += (**text - '0') * weight;
    return *text > start;
}

bool parse_duration(const char *text, int64_t *ms)
{
    int64_t total = 0;
    int64_t last_unit = INT64_MAX;
    do {
        int64_t whole;
        int64_t thousandths;
        bool has_whole = parse_digits(&text, &whole); /* .5s is half a second */
        if ((!has_whole && *text != '.') || !parse_thousandths(&text, &thousandths))
            return false;
        bool bare = last_unit == INT64_MAX && *text == '\0';
        int64_t unit = bare ? 1000 : parse_unit(&text);
        if (unit == 0 || unit >= last_unit || whole > DURATION_MAX_MS / unit)
            return false;
        last_unit = unit;
        total += whole * unit + thousandths * unit / 1000;
    } while (*text != '\0');
    if (total > DURATION_MAX_MS)
        return false;
    *ms = total;
    return true;
}

bool parse_switch(const char *text, bool *on)
{
    static const char *const words[][2] = {
        {"0", "1"}, {"false", "true"}, {"no", "yes"}, {"off", "on"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        for (int value = 0; value < 2; value++)
            if (strcasecmp(text, words[i][value]) == 0) {
                *on = value;
                return true;
            }
    return false;
}

bool parse_has_variable(const char *text)
{
    static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    while ((text = strchr(text, '$')) != NULL) {
        text++;
        bool has_brace = *text == '{' && text[1] != '}' && strchr(text, '}');
        if (has_brace || (*text && strchr(capitals, *text)))
            return true;
    }
    return false;
}

bool parse_is_pem(const char *text)
{
    static const char begin_in_base64[] = "LS0tLS1CRUdJTi"; /* of "-----BEGIN" */
    return strstr(text, "-----BEGIN ") || strstr(text, begin_in_base64);
}

unsigned parse_distance(const char *a, const char *b)
{
    enum { LONGEST = 32 };
    size_t n = strlen(a);
    size_t m = strlen(b);
    unsigned char row[LONGEST + 1];
    if (n > LONGEST || m > LONGEST)
        return 99;
    for (size_t j = 0; j <= m; j++)
        row[j] = (unsigned char)j;
    for (size_t i = 1; i <= n; i++) {
        unsigned char diagonal = row[0];
        row[0] = (unsigned char)i;
        for (size_t j = 1; j <= m; j++) {
            unsigned char above = row[j];
            unsigned best = diagonal + (a[i - 1] != b[j - 1] ? 1u : 0u);
            if (above + 1u < best)
                best = above + 1u;
            if (row[j - 1] + 1u < best)
                best = row[j - 1] + 1u;
            row[j] = (unsigned char)best;
            diagonal = above;
        }
    }
    return row[m];
}

bool parse_is_near(const char *word, const char *other)
{
    unsigned distance = parse_distance(word, other);
    return distance <= 2 && 3 * distance < strlen(other);
}
