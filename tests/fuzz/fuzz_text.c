/* Whatever others wrote becomes one line of valid UTF-8 without control
 * characters and without secrets, within its limits. The input's first two
 * bytes are the array's size and the limit. */
#include "fuzz.h"

#include "base/secret.h"
#include "base/text.h"

enum { SIZE_MIN = 8, LIMIT_MIN = 3, INDENT = 22 };

/* A line may be too long only for a word that is. */
static void check_lines(const char *line)
{
    while (*line) {
        size_t length = strcspn(line, "\n");
        size_t spaces = strspn(line, " ");
        bool is_one_word = !memchr(line + spaces, ' ', length - spaces);
        REQUIRE(length <= TEXT_WIDTH || is_one_word);
        line += length + (line[length] == '\n');
    }
}

static void check_wrapped(const char *words)
{
    char bytes[8192];
    struct text text;
    text_init(&text, TEXT_ARRAY(bytes));
    text_format(&text, "%*s", INDENT, "");
    text_add_wrapped(&text, words, INDENT);
    if (!text.cut)
        check_lines(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char bytes[SIZE_MIN + 255];
    struct text text;
    if (size < 2)
        return 0;
    size_t room = SIZE_MIN + data[0];
    size_t limit = LIMIT_MIN + data[1];
    secret_clear();
    secret_add(CANARY);
    text_init(&text, bytes, room);
    text_add(&text, "begin ");
    size_t before = text.length;
    text_add_foreign(&text, (const char *)data + 2, size - 2, limit);
    REQUIRE(text.length < room && strlen(bytes) == text.length);
    REQUIRE(text.cut || (text.length >= before && text.length - before <= limit));
    REQUIRE(fuzz_is_clean(bytes) && !strstr(bytes, CANARY));
    check_wrapped(bytes);
    text_add_foreign(&text, (const char *)data, size, limit);
    REQUIRE(text.length < room && fuzz_is_clean(bytes));
    return 0;
}
