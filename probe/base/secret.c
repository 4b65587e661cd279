/* The list of what must never be printed. Filled by one thread before any
 * other starts, read-only after. */
#include "base/secret.h"

#include <string.h>

static const char *secrets[SECRETS_MAX];
static size_t count;

void secret_add(const char *value)
{
    if (strlen(value) >= SECRET_LENGTH_MIN && count < SECRETS_MAX)
        secrets[count++] = value;
}

size_t secret_at(const char *bytes, size_t length)
{
    size_t longest = 0;
    for (size_t i = 0; i < count; i++) {
        size_t n = strlen(secrets[i]);
        if (n > longest && n <= length && memcmp(bytes, secrets[i], n) == 0)
            longest = n;
    }
    return longest;
}

void secret_clear(void)
{
    count = 0;
}
