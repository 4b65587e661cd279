/* The variables that name a database or a Redis, in the order in which people
 * use them. */
#include "discover.h"

#include <stdlib.h>
#include <string.h>

#include "environment.h"
#include "target.h"

enum part { HOST, PORT, USER, PASSWORD, NAME, PARTS };

struct source {
    enum service service;
    const char *scheme;
    const char *variables[PARTS];
};

static const struct source sources[] = {
    {SERVICE_DB, "postgres", {"DB_HOST", "DB_PORT", "DB_USER", "DB_PASSWORD", "DB_NAME"}},
    {SERVICE_DB, "postgres", {"PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE"}},
    {SERVICE_REDIS,
     "redis",
     {"REDIS_HOST", "REDIS_PORT", "REDIS_USER", "REDIS_PASSWORD", "REDIS_DB"}},
};

/* The variable that holds a service's whole URL. */
static const char *const url_variables[] = {
    [SERVICE_DB] = "DATABASE_URL",
    [SERVICE_REDIS] = "REDIS_URL",
};

static void add_part(struct text *url, const char *before, const char *part)
{
    if (!part || !*part)
        return;
    text_add(url, before);
    target_add_encoded(url, part);
}

static void compose(const char *scheme, char *const parts[PARTS], struct text *url)
{
    const char *host = parts[HOST] ? parts[HOST] : "";
    text_format(url, "%s://", scheme);
    add_part(url, "", parts[USER]);
    add_part(url, ":", parts[PASSWORD]);
    if ((parts[USER] && *parts[USER]) || (parts[PASSWORD] && *parts[PASSWORD]))
        text_add(url, "@");
    if (strchr(host, ':')) /* an IPv6 address */
        text_format(url, "[%s]", host);
    else
        add_part(url, "", host);
    add_part(url, ":", parts[PORT]);
    add_part(url, "/", parts[NAME]);
}

/* Makes the URL of a source's parts; false when it has none, or one of them
 * cannot be read (then why says so). */
static bool try_source(const struct source *source, struct text *url, struct text *why)
{
    char *parts[PARTS];
    for (int part = 0; part < PARTS; part++)
        parts[part] = environment_get(source->variables[part], why);
    bool is_there =
        why->length == 0 && ((parts[HOST] && *parts[HOST]) ||
                             (source->service == SERVICE_DB &&
                              ((parts[USER] && *parts[USER]) || (parts[NAME] && *parts[NAME]))));
    if (is_there)
        compose(source->scheme, parts, url);
    for (int part = 0; part < PARTS; part++)
        free(parts[part]);
    return is_there;
}

bool discover_target(enum service service, struct text *url, const char **origin, struct text *why)
{
    *origin = url_variables[service];
    char *whole = environment_get(*origin, why);
    if (whole) {
        text_add(url, whole);
        free(whole);
        return true;
    }
    for (size_t i = 0; i < sizeof sources / sizeof *sources && why->length == 0; i++) {
        if (sources[i].service != service || !try_source(&sources[i], url, why))
            continue;
        *origin = sources[i].variables[HOST];
        return true;
    }
    if (why->length > 0)
        return false;
    text_format(why, "%s finds nothing: %s is not set", service == SERVICE_DB ? "--db" : "--redis",
                *origin);
    environment_add_similar(*origin, why);
    text_add(why, service == SERVICE_DB ? ", nor DB_HOST, nor PGHOST; write --db=postgres://..."
                                        : ", nor REDIS_HOST; write --redis=redis://...");
    return false;
}
