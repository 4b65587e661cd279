/* PostgreSQL in the build without TLS, which libpq must not even offer. */
#include "checks/postgres.h"

void postgres_add_tls(struct postgres_parameters *parameters, const struct check *check,
                      const char *address)
{
    (void)check, (void)address;
    postgres_add(parameters, "sslmode", "disable"); /* for prefer */
}

bool postgres_fail_tls(const struct postgres *postgres, const char *message, enum phase phase)
{
    (void)postgres, (void)message, (void)phase;
    return false;
}
