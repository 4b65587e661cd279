/* Prints what .env files add to the environment: NAME, =, the value, and a NUL each. For
 * tests/e2e/differential_dotenv.py. */
#include <stdio.h>
#include <unistd.h>

#include "config/environment.h"

int main(int argc, char *argv[])
{
    char bytes[500];
    struct text why;
    struct environment environment = {.broken_line = 0};
    text_init(&why, TEXT_ARRAY(bytes));
    for (int i = 1; i < argc; i++)
        if (!environment_load(&environment, argv[i], &why)) {
            fprintf(stderr, "%s\n", bytes);
            return 1;
        }
    for (char **entry = environ; *entry; entry++)
        printf("%s%c", *entry, '\0');
    return 0;
}
