/* Which kind a text is of, before it is taken apart. */
#include "config/kind.h"

#include <string.h>

#include "config/target_parser.h"

bool kind_has(const struct kind *kind, const char *text)
{
    const char *end = strstr(text, "://");
    char scheme[40] = "";
    bool is_bare = kind->is_keywords ? parser_is_keywords(text)
                                     : kind->is_path && *text && strchr("/:", *text);
    size_t length = end ? (size_t)(end - text) : 0;
    if (is_bare || length == 0 || length >= sizeof scheme)
        return is_bare;
    memcpy(scheme, text, length);
    return target_is_among(kind->schemes, scheme);
}
