#include "placeholder.h"
#include "version.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    if (argc == 2)
        return placeholder_get(argv[1]) == 200 ? 0 : 1;
    printf("probe %s (curl %s, cJSON %s)\n", PROBE_VERSION, PROBE_VERSION_CURL,
           PROBE_VERSION_CJSON);
    return 0;
}
