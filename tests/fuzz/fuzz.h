/* What every fuzzer includes: libFuzzer's entry, and what must hold for
 * whatever is printed. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What stands for a password in the inputs: found in no output. */
#define CANARY "s3cr3t-canary"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the run, which keeps the input, unless it holds. */
#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition);          \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* A copy of the input that ends in NUL; the caller frees it. */
static inline char *fuzz_string(const uint8_t *data, size_t size)
{
    char *string = malloc(size + 1);
    REQUIRE(string);
    memcpy(string, data, size);
    string[size] = '\0';
    return string;
}

/* Makes a file without a name hold the input. */
static inline void fuzz_fill(int fd, const uint8_t *data, size_t size)
{
    REQUIRE(ftruncate(fd, 0) == 0);
    REQUIRE(pwrite(fd, data, size, 0) == (ssize_t)size);
}

/* The length of the UTF-8 character at bytes, 0 if there is none: by the table
 * of RFC 3629, which is not how text.c does it. */
static inline size_t fuzz_character(const unsigned char *bytes)
{
    static const struct {
        unsigned char first[2];
        unsigned char second[2];
        size_t length;
    } rows[] = {
        {{0xC2, 0xDF}, {0x80, 0xBF}, 2}, {{0xE0, 0xE0}, {0xA0, 0xBF}, 3},
        {{0xE1, 0xEC}, {0x80, 0xBF}, 3}, {{0xED, 0xED}, {0x80, 0x9F}, 3},
        {{0xEE, 0xEF}, {0x80, 0xBF}, 3}, {{0xF0, 0xF0}, {0x90, 0xBF}, 4},
        {{0xF1, 0xF3}, {0x80, 0xBF}, 4}, {{0xF4, 0xF4}, {0x80, 0x8F}, 4},
    };
    if (bytes[0] < 0x80)
        return 1;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (bytes[0] < rows[i].first[0] || bytes[0] > rows[i].first[1])
            continue;
        if (bytes[1] < rows[i].second[0] || bytes[1] > rows[i].second[1])
            return 0;
        for (size_t n = 2; n < rows[i].length; n++)
            if ((bytes[n] & 0xC0) != 0x80)
                return 0;
        return rows[i].length;
    }
    return 0;
}

/* Whether a string is valid UTF-8 without control characters, C1's among them:
 * one line that is safe on a terminal. */
static inline bool fuzz_is_clean(const char *string)
{
    const unsigned char *at = (const unsigned char *)string;
    while (*at) {
        size_t length = fuzz_character(at);
        bool is_control = *at < 0x20 || *at == 0x7F || (*at == 0xC2 && at[1] < 0xA0);
        if (length == 0 || is_control)
            return false;
        at += length;
    }
    return true;
}

#endif
