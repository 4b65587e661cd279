/* The grammar of .env files: that of python-dotenv, whose regular expressions are
 * named where their turn comes. */
#include "config/dotenv.h"

#include <string.h>

/* The length of the white space character at the start of a text; 0 without one. It
 * is Python's idea of one (str.isspace): a no-break space counts. */
static size_t space_length(const char *at)
{
    static const char *const wide[] = {"\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80",
                                       "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf",
                                       "\xe2\x81\x9f", "\xe3\x80\x80"};
    unsigned char byte = (unsigned char)*at;
    if ((byte >= '\t' && byte <= '\r') || (byte >= 0x1C && byte <= ' '))
        return 1;
    if (byte < 0x80)
        return 0;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (strncmp(at, wide[i], strlen(wide[i])) == 0)
            return strlen(wide[i]);
    unsigned char third = (unsigned char)(strncmp(at, "\xe2\x80", 2) == 0 ? at[2] : 0);
    return third >= 0x80 && third <= 0x8A ? 3 : 0; /* U+2000 to U+200A */
}

/* Behind white space that does not end the line. */
static char *skip_spaces(char *at)
{
    size_t length;
    while (*at != '\n' && (length = space_length(at)) > 0)
        at += length;
    return at;
}

/* Every line's end becomes \n, as Python's text files have it. */
static void translate_newlines(char *text)
{
    char *out = text;
    for (const char *in = text; *in; in++) {
        if (*in == '\r' && in[1] == '\n')
            continue;
        *out++ = (char)(*in == '\r' ? '\n' : *in);
    }
    *out = '\0';
}

void dotenv_init(struct dotenv *dotenv, char *text)
{
    static const char mark[] = "\xef\xbb\xbf";
    translate_newlines(text);
    if (strncmp(text, mark, strlen(mark)) == 0)
        text += strlen(mark);
    *dotenv = (struct dotenv){.at = text, .line = 1};
}

/* What ends a quoted text that begins at `at`: the first such quote without a
 * backslash in front, else the last one at all (what _double_quoted_value comes to
 * when it backtracks); NULL without any. */
static char *closing_quote(char *at, char quote)
{
    char *last = NULL;
    for (char *found = strchr(at, quote); found; found = strchr(found + 1, quote)) {
        last = found;
        if (found == at || found[-1] != '\\')
            return found;
    }
    return last;
}

/* Replaces escapes in place: \\ and \' everywhere, the others in double quotes. */
static void decode_escapes(char *value, char quote)
{
    const char *letters = quote == '"' ? "\\'\"abfnrtv" : "\\'";
    const char *meanings = "\\'\"\a\b\f\n\r\t\v";
    char *out = value;
    for (const char *in = value; *in; in++) {
        const char *letter = *in == '\\' && in[1] ? strchr(letters, in[1]) : NULL;
        *out++ = (char)(letter ? meanings[letter - letters] : *in);
        in += letter != NULL;
    }
    *out = '\0';
}

/* Behind the last character of an unquoted value: white space at its end, and a
 * comment behind white space, are no part of it. */
static char *unquoted_end(char *value)
{
    char *end = value;
    for (char *at = value; *at && *at != '\n';) {
        size_t space = space_length(at);
        if (*at == '#' && at > end)
            break;
        at += space ? space : 1;
        if (!space)
            end = at;
    }
    return end;
}

/* A part of a statement, and where reading goes on; end NULL if it is broken. */
struct part {
    char *start;
    char *end;
    char *next;
    char quote; /* 0: none */
};

static struct part read_quoted(char *at)
{
    struct part part = {.start = at + 1, .next = at, .quote = *at};
    part.end = closing_quote(part.start, part.quote);
    if (part.end)
        part.next = part.end + 1;
    return part;
}

/* _single_quoted_key, _unquoted_key */
static struct part read_name(char *at)
{
    struct part part = {.start = at, .next = at};
    if (*at == '\'') {
        part.start++;
        part.end = strchr(part.start, '\'');
        if (part.end == part.start)
            part.end = NULL;
        if (part.end)
            part.next = part.end + 1;
        return part;
    }
    while (*part.next && !strchr("=#", *part.next) && !space_length(part.next))
        part.next++;
    if (part.next > at)
        part.end = part.next;
    return part;
}

static struct part read_value(char *at)
{
    struct part part = {.start = at};
    if (*at == '\'' || *at == '"')
        return read_quoted(at);
    part.end = unquoted_end(at);
    part.next = strchrnul(at, '\n');
    return part;
}

/* Goes on behind a line's end, counting the lines that were passed. */
static void go_on(struct dotenv *dotenv, const char *end)
{
    while (dotenv->at < end)
        dotenv->line += *dotenv->at++ == '\n';
    if (*dotenv->at == '\n') {
        dotenv->at++;
        dotenv->line++;
    }
}

/* Cuts the parts out, now that all is read. */
static void take_parts(struct dotenv_statement *statement, const struct part *name,
                       const struct part *value)
{
    *name->end = '\0';
    statement->name = name->start;
    if (!value->end)
        return;
    *value->end = '\0';
    statement->value = value->start;
    if (value->quote)
        decode_escapes(value->start, value->quote);
}

/* One statement from its name to its line's end, where `at` is not at a comment. */
static void read_statement(struct dotenv *dotenv, struct dotenv_statement *statement)
{
    static const char word[] = "export";
    char *at = dotenv->at;
    struct part value = {.end = NULL};
    if (strncmp(at, word, strlen(word)) == 0 && *(at + strlen(word)) != '\n' &&
        space_length(at + strlen(word)))
        at = skip_spaces(at + strlen(word));
    statement->start = at;
    struct part name = read_name(at);
    at = skip_spaces(name.next);
    bool is_right = name.end != NULL;
    if (is_right && *at == '=') {
        value = read_value(skip_spaces(at + 1));
        is_right = value.end != NULL;
        at = skip_spaces(value.next);
    }
    bool is_whole = is_right && (*at == '\0' || *at == '\n' || *at == '#');
    char *end = strchrnul(at, '\n');
    go_on(dotenv, end);
    if (is_whole)
        take_parts(statement, &name, &value);
}

bool dotenv_next(struct dotenv *dotenv, struct dotenv_statement *statement)
{
    for (;;) {
        size_t space;
        while ((space = space_length(dotenv->at)) > 0) {
            dotenv->line += *dotenv->at == '\n';
            dotenv->at += space;
        }
        if (*dotenv->at != '#')
            break;
        go_on(dotenv, strchrnul(dotenv->at, '\n'));
    }
    *statement = (struct dotenv_statement){.line = dotenv->line};
    if (*dotenv->at == '\0')
        return false;
    read_statement(dotenv, statement);
    return true;
}

/* A ${NAME} or ${NAME:-default} (_posix_variable) at the start of a text. */
struct variable {
    const char *name;
    size_t name_length;
    const char *fallback; /* NULL without one */
    size_t fallback_length;
    size_t length; /* of the whole; 0: there is none */
};

static struct variable read_variable(const char *at)
{
    struct variable found = {.name = at + 2};
    if (strncmp(at, "${", 2) != 0)
        return found;
    found.name_length = strcspn(found.name, "}:");
    const char *end = found.name + found.name_length;
    if (strncmp(end, ":-", 2) == 0) {
        found.fallback = end + 2;
        found.fallback_length = strcspn(found.fallback, "}");
        end = found.fallback + found.fallback_length;
    }
    if (*end == '}')
        found.length = (size_t)(end + 1 - at);
    return found;
}

size_t dotenv_expand(const char *value, const char *(*look_up)(const char *name, size_t length),
                     char *out)
{
    size_t total = 0;
    while (*value) {
        struct variable variable = read_variable(value);
        const char *piece = value;
        size_t length = 1;
        if (variable.length > 0) {
            piece = look_up(variable.name, variable.name_length);
            length = piece ? strlen(piece) : variable.fallback_length;
            piece = piece ? piece : variable.fallback;
        }
        if (out && length > 0)
            memcpy(out + total, piece, length);
        total += length;
        value += variable.length > 0 ? variable.length : 1;
    }
    if (out)
        out[total] = '\0';
    return total;
}
