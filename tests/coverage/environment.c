/* The runtime that counts leaves a mark in the environment, which a program that
 * becomes another would hand on: it is not set. Linked with --wrap=setenv. */
#include <string.h>

int __real_setenv(const char *name, const char *value, int overwrite);
int __wrap_setenv(const char *name, const char *value, int overwrite);

int __wrap_setenv(const char *name, const char *value, int overwrite)
{
    if (strcmp(name, "__LLVM_PROFILE_RT_INIT_ONCE") == 0)
        return 0;
    return __real_setenv(name, value, overwrite);
}
