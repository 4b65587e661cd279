/* Reads the values of options: one function a kind. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/parse.h"
#include "config/options.h"

/* "10ms", "2s", "24h": a limit of a range as a user writes it. */
static void add_duration(struct text *why, int64_t ms)
{
    if (ms % 3600000 == 0 && ms > 0)
        text_format(why, "%dh", (int)(ms / 3600000));
    else if (ms % 1000 == 0)
        text_format(why, "%ds", (int)(ms / 1000));
    else
        text_format(why, "%dms", (int)ms);
}

static bool read_duration(const struct option_row *row, void *field, const char *value,
                          struct text *why)
{
    int64_t ms;
    if (parse_duration(value, &ms) && ms >= row->min && ms <= row->max) {
        *(int64_t *)field = ms;
        return true;
    }
    text_add(why, "is not a duration from ");
    add_duration(why, row->min);
    text_add(why, " to ");
    add_duration(why, row->max);
    text_add(why, ": write 500ms, 3s or 1m30s");
    return false;
}

static bool read_period(const struct option_row *row, void *field, const char *value,
                        struct text *why)
{
    bool on;
    if (!parse_switch(value, &on))
        return read_duration(row, field, value, why);
    *(int64_t *)field = 0;
    return !on || read_duration(row, field, row->initial, why);
}

static bool read_number(const struct option_row *row, void *field, const char *value,
                        struct text *why)
{
    if (parse_number(value, row->min, row->max, field))
        return true;
    text_format(why, "is not a number from %d to %d", (int)row->min, (int)row->max);
    return false;
}

static bool read_switch(const struct option_row *row, void *field, const char *value,
                        struct text *why)
{
    (void)row;
    if (parse_switch(value, field))
        return true;
    text_add(why, "is not a switch: write 1 or 0");
    return false;
}

/* Each -v adds one; a variable gives the number, or is a switch. */
static bool read_level(const struct option_row *row, void *field, const char *value,
                       struct text *why)
{
    int *level = field;
    int64_t added;
    bool on;
    if (parse_switch(value, &on)) {
        added = on;
    } else if (!parse_number(value, row->min, row->max, &added)) {
        text_format(why, "is not a level: write a number from %d to %d", (int)row->min,
                    (int)row->max);
        return false;
    }
    *level = *level + added > row->max ? (int)row->max : *level + (int)added;
    return true;
}

/* One of the words of the row's argument, text|json: the field is an enum in their order. */
static bool read_choice(const struct option_row *row, void *field, const char *value,
                        struct text *why)
{
    const char *word = row->argument;
    int choice = (int)row->min;
    for (size_t n; strncasecmp(word, value, n = strcspn(word, "|")) != 0 || value[n]; choice++) {
        text_format(why, "%s%.*s", why->length ? " or " : "is not a format: write ", (int)n, word);
        if (!word[n])
            return false;
        word += n + 1;
    }
    *(int *)field = choice;
    return true;
}

/* The characters of a header's name and of a method: RFC 9110's token. */
static size_t token_length(const char *text)
{
    size_t n = 0;
    while (isalnum((unsigned char)text[n]) || (text[n] && strchr("!#$%&'*+-.^_`|~", text[n])))
        n++;
    return n;
}

static bool read_method(const struct option_row *row, void *field, const char *value,
                        struct text *why)
{
    (void)row;
    size_t length = token_length(value);
    if (length == 0 || length > 20 || value[length] != '\0') {
        text_add(why, "is not a method: write GET, HEAD, POST");
        return false;
    }
    *(const char **)field = value;
    return true;
}

/* The length of HOST in HOST[:PORT], an IPv6 address in brackets; 0 if it is none. */
static size_t host_length(const char *value)
{
    if (*value != '[')
        return strcspn(value, ":/@?#[] \t");
    size_t length = strspn(value + 1, "0123456789abcdefABCDEF:.");
    return length > 0 && value[1 + length] == ']' ? length + 2 : 0;
}

static bool read_endpoint(const struct option_row *row, void *field, const char *value,
                          struct text *why)
{
    size_t length = host_length(value);
    int64_t port;
    bool is_whole =
        value[length] == '\0' ||
        (value[length] == ':' && parse_number(value + length + 1, row->min, row->max, &port));
    if (length == 0 || !is_whole) {
        text_add(why, "is not HOST[:PORT]: write localhost, 127.0.0.1:8443 or [::1]:8443");
        return false;
    }
    *(const char **)field = value;
    return true;
}

static bool is_long_enough(const struct option_row *row, const char *value, struct text *why)
{
    bool is_enough = (int64_t)strlen(value) >= row->min;
    if (!is_enough)
        text_format(why, "is empty: write --%s=%s", row->name, row->argument);
    return is_enough;
}

static bool read_text(const struct option_row *row, void *field, const char *value,
                      struct text *why)
{
    *(const char **)field = value;
    return is_long_enough(row, value, why);
}

/* Whether one more has room in a list of count. */
static bool has_room(size_t count, struct text *why)
{
    if (count >= LIST_MAX)
        text_format(why, "is one too many: at most %d are taken", LIST_MAX);
    return count < LIST_MAX;
}

static bool add_text(struct texts *texts, const char *value, struct text *why)
{
    if (!has_room(texts->count, why))
        return false;
    texts->items[texts->count++] = value;
    return true;
}

static bool read_texts(const struct option_row *row, void *field, const char *value,
                       struct text *why)
{
    return is_long_enough(row, value, why) && add_text(field, value, why);
}

static bool read_json(const struct option_row *row, void *field, const char *value,
                      struct text *why)
{
    (void)row;
    const char *equals = strchr(value, '=');
    if (!equals || (equals > value && *value != '/'))
        text_add(why,
                 "is not PATH=VALUE: write a JSON Pointer and a value, /database/status=connected");
    return why->length == 0 && add_text(field, value, why);
}

static bool read_migration(const struct option_row *row, void *field, const char *value,
                           struct text *why)
{
    (void)row;
    const char *dot = strchr(value, '.');
    if (!dot || dot == value || !dot[1]) {
        text_add(why, "is not APP.NAME: write the app and its migration, orders.0002_total");
        return false;
    }
    return add_text(field, value, why);
}

/* Bare, or with a target of its own; a variable may be a switch. */
static bool read_target(const struct option_row *row, void *field, const char *value,
                        struct text *why)
{
    (void)row;
    bool on;
    if (!parse_switch(value, &on))
        return add_text(field, value, why);
    return !on || add_text(field, NULL, why);
}

/* Whether a header's value has env:NAME or @/FILE behind other words, where it would be
 * sent as it is. */
static bool has_reference(const char *content)
{
    const char *name = strstr(content, " env:");
    bool is_name = name && (isalpha((unsigned char)name[5]) || name[5] == '_');
    return is_name || strstr(content, " @/");
}

static bool is_header_right(const struct option_row *row, const char *value, size_t length,
                            struct text *why)
{
    bool is_sent = row->field == offsetof(struct config, headers);
    const char *content = value + length;
    content += strspn(content, ": \t");
    if (length == 0 || value[length] != ':')
        text_add(why, is_sent ? "is not 'NAME: VALUE': VALUE may be @FILE or env:VARIABLE too"
                              : "is not 'NAME: VALUE'");
    else if (is_sent && length == 4 && strncasecmp(value, "Host", length) == 0)
        text_add(why,
                 "is refused: the Host sent is always the target's own, because a service answers "
                 "400 to one that its ALLOWED_HOSTS lacks; write the name into the URL");
    else if (is_sent && has_reference(content))
        text_add(why, "has env:NAME or @FILE behind other words, and would send it as it is: it "
                      "stands for the whole value, so put the other words into the variable or "
                      "the file");
    else if (!is_sent && !*content)
        text_add(why, "has no value: write 'NAME: VALUE'");
    return why->length == 0;
}

static bool read_header(const struct option_row *row, void *field, const char *value,
                        struct text *why)
{
    struct headers *headers = field;
    size_t length = token_length(value);
    if (!is_header_right(row, value, length, why) || !has_room(headers->count, why))
        return false;
    const char *content = value + length + 1;
    content += strspn(content, " \t");
    headers->items[headers->count++] =
        (struct header){.name = value, .name_length = length, .value = content};
    return true;
}

/* "200", "2xx", "300-399" or "300..399", with spaces around. */
static bool parse_range(const struct option_row *row, const char *text, size_t length,
                        struct status_range *range)
{
    char word[12] = "";
    int64_t low;
    int64_t high;
    while (length > 0 && *text == ' ')
        text++, length--;
    while (length > 0 && text[length - 1] == ' ')
        length--;
    if (length < 3 || length >= sizeof word)
        return false;
    memcpy(word, text, length);
    bool is_class = strcasecmp(word + 1, "xx") == 0;
    if (is_class)
        memcpy(word + 1, "00", 2);
    const char *last = strncmp(word + 3, "..", 2) == 0 ? word + 5
                       : word[3] == '-'                ? word + 4
                                                       : word;
    bool is_range = last != word;
    if (is_range)
        word[3] = '\0';
    if (!parse_number(word, row->min, row->max, &low) || !parse_number(last, low, row->max, &high))
        return false;
    *range = (struct status_range){(int)low, (int)(is_class ? low + 99 : high)};
    return true;
}

static bool read_statuses(const struct option_row *row, void *field, const char *value,
                          struct text *why)
{
    struct statuses *statuses = field;
    for (;;) {
        size_t length = strcspn(value, ",");
        struct status_range range;
        if (!parse_range(row, value, length, &range)) {
            text_format(why,
                        "is not a list of statuses from %d to %d: write 200,204,300-399 or 2xx",
                        (int)row->min, (int)row->max);
            return false;
        }
        if (!has_room(statuses->count, why))
            return false;
        statuses->items[statuses->count++] = range;
        if (value[length] == '\0')
            return true;
        value += length + 1;
    }
}

static bool (*const readers[])(const struct option_row *row, void *field, const char *value,
                               struct text *why) = {
    [OPTION_SWITCH] = read_switch,     [OPTION_LEVEL] = read_level,
    [OPTION_NUMBER] = read_number,     [OPTION_DURATION] = read_duration,
    [OPTION_PERIOD] = read_period,     [OPTION_CHOICE] = read_choice,
    [OPTION_METHOD] = read_method,     [OPTION_ENDPOINT] = read_endpoint,
    [OPTION_TEXT] = read_text,         [OPTION_TEXTS] = read_texts,
    [OPTION_JSON] = read_json,         [OPTION_MIGRATIONS] = read_migration,
    [OPTION_TARGETS] = read_target,    [OPTION_HEADERS] = read_header,
    [OPTION_STATUSES] = read_statuses,
};

static void *field_of(const struct option_row *row, struct config *config)
{
    return (char *)config + row->field;
}

static void add_texts(const struct texts *texts, struct text *text)
{
    for (size_t i = 0; i < texts->count; i++) {
        text_add(text, i > 0 ? ", " : "");
        text_add_foreign(text, texts->items[i], strlen(texts->items[i]), 200);
    }
}

static void add_statuses(const struct statuses *statuses, struct text *text)
{
    for (size_t i = 0; i < statuses->count; i++) {
        const struct status_range *range = &statuses->items[i];
        text_format(text, "%s%d", i > 0 ? "," : "", range->first);
        if (range->last > range->first)
            text_format(text, "-%d", range->last);
    }
}

void option_add_value(const struct option_row *row, const struct config *config, struct text *text)
{
    const void *field = (const char *)config + row->field;
    const char *written = config->values[row - options_table].written;
    bool on;
    if (row->is_secret && written && *written && !parse_switch(written, &on))
        text_add(text, "***");
    else if (row->kind == OPTION_STATUSES)
        add_statuses(field, text);
    else if (row->kind >= OPTION_TEXTS && row->kind <= OPTION_MIGRATIONS)
        add_texts(field, text);
    else if (written || row->initial)
        text_add_foreign(text, written ? written : row->initial,
                         strlen(written ? written : row->initial), 200);
}

bool option_is_list(const struct option_row *row)
{
    return row->kind >= OPTION_TEXTS;
}

bool option_read(const struct option_row *row, struct config *config, const char *value,
                 struct text *why)
{
    struct option_value *present = &config->values[row - options_table];
    bool is_first = !present->written;
    present->written = value;
    if (is_first && option_is_list(row))
        *(size_t *)field_of(row, config) = 0; /* the initial value goes */
    return readers[row->kind](row, field_of(row, config), value, why);
}

void options_init(struct config *config)
{
    char bytes[8];
    struct text ignored;
    text_init(&ignored, TEXT_ARRAY(bytes));
    for (size_t i = 0; i < options_count; i++) {
        const struct option_row *row = &options_table[i];
        if (row->initial && row->kind != OPTION_PERIOD)
            readers[row->kind](row, field_of(row, config), row->initial, &ignored);
    }
}

size_t option_shown_length(const struct option_row *row, const char *value)
{
    if (row->kind == OPTION_HEADERS) {
        size_t length = token_length(value);
        return value[length] == ':' ? length : 0;
    }
    return row->is_secret ? 0 : strlen(value);
}
