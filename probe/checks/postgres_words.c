/* libpq's parameters, and its words for what went wrong. */
#include <string.h>

#include "checks/postgres.h"

void postgres_add(struct postgres_parameters *parameters, const char *keyword, const char *value)
{
    if (!value || !*value || parameters->count == POSTGRES_PARAMETERS_MAX)
        return;
    parameters->keywords[parameters->count] = keyword;
    parameters->values[parameters->count++] = value;
}

const char *postgres_own_words(const char *message)
{
    const char *failed = strstr(message, " failed: ");
    return failed ? failed + strlen(" failed: ") : message;
}

bool postgres_is_foreign(const char *message)
{
    static const char *const parts[] = {"expected authentication request",
                                        "invalid",
                                        "lost synchronization",
                                        "message type",
                                        "insufficient data",
                                        "message contents",
                                        "unexpected ",
                                        "without prior row",
                                        "malformed",
                                        "incorrect server signature"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strstr(message, parts[i]))
            return true;
    return false;
}
