/* The variables that name a database or a Redis, in the order in which people
 * use them. */
#include "config/discover.h"

#include <stdlib.h>
#include <string.h>

#include "base/parse.h"
#include "config/environment.h"
#include "config/target.h"

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

static bool is_set(const char *part)
{
    return part && *part;
}

static void add_part(struct text *url, const char *before, const char *part)
{
    if (!is_set(part))
        return;
    text_add(url, before);
    target_add_encoded(url, part);
}

/* Appends a host as people write it: a name, an address, name:port, or libpq's
 * list of them. */
static void add_host(struct text *url, const char *host)
{
    bool is_ipv6 = strchr(host, ':') != strrchr(host, ':') && *host != '[' && !strchr(host, ',');
    text_add(url, is_ipv6 ? "[" : "");
    for (; *host; host++) {
        const char letter[] = {*host, '\0'};
        if (strchr(":,[]", *host))
            text_add(url, letter);
        else
            target_add_encoded(url, letter);
    }
    text_add(url, is_ipv6 ? "]" : "");
}

static void compose(const char *scheme, char *const parts[PARTS], struct text *url)
{
    const char *host = parts[HOST] ? parts[HOST] : "";
    bool is_directory = *host == '/'; /* of a socket, like Cloud SQL's /cloudsql/p:r:i */
    bool has_port = !is_directory && strchr(host, ':') && strchr(host, ':') == strrchr(host, ':');
    text_format(url, "%s://", scheme);
    add_part(url, "", parts[USER]);
    add_part(url, ":", parts[PASSWORD]);
    if (is_set(parts[USER]) || is_set(parts[PASSWORD]))
        text_add(url, "@");
    if (is_directory)
        target_add_encoded(url, host);
    else
        add_host(url, host);
    if (!has_port && !strchr(host, ','))
        add_part(url, ":", parts[PORT]);
    add_part(url, "/", parts[NAME]);
    if (strchr(host, ',') && is_set(parts[PORT]))
        add_part(url, is_set(parts[NAME]) ? "?port=" : "/?port=", parts[PORT]);
}

/* Whether each part is what it must be; says which variable is not. */
static bool are_parts_right(const struct source *source, char *const parts[PARTS], struct text *why)
{
    int64_t number;
    bool is_redis = source->service == SERVICE_REDIS;
    if (is_set(parts[PORT]) && !parse_number(parts[PORT], 1, 65535, &number))
        text_format(why, "%s is not a number from 1 to 65535", source->variables[PORT]);
    else if (is_redis && is_set(parts[NAME]) && !parse_number(parts[NAME], 0, INT32_MAX, &number))
        text_format(why, "%s is not the number of a database", source->variables[NAME]);
    else if (!is_redis && !is_set(parts[USER]) && !getenv("PGUSER"))
        text_format(why, "%s is not set", source->variables[USER]);
    return why->length == 0;
}

/* Makes the URL of a source's parts; false when it has none, or one of them is
 * wrong or cannot be read (then why says so). */
static bool try_source(const struct source *source, struct text *url, struct text *why)
{
    char *parts[PARTS];
    for (int part = 0; part < PARTS; part++)
        parts[part] = environment_get(source->variables[part], why);
    bool is_db = source->service == SERVICE_DB;
    bool is_there = is_set(parts[HOST]) || (is_db && (is_set(parts[USER]) || is_set(parts[NAME])));
    bool is_right = why->length == 0 && is_there && are_parts_right(source, parts, why);
    if (is_right)
        compose(source->scheme, parts, url);
    for (int part = 0; part < PARTS; part++)
        free(parts[part]);
    return is_right;
}

bool discover_target(enum service service, struct text *url, const char **origin, struct text *why)
{
    *origin = url_variables[service];
    char *whole = environment_get(*origin, why);
    bool is_empty = whole && !*whole;
    bool is_whole = is_set(whole);
    if (is_whole)
        text_add(url, whole);
    free(whole);
    if (is_whole)
        return true;
    for (size_t i = 0; i < sizeof sources / sizeof *sources && why->length == 0; i++) {
        if (sources[i].service != service || !try_source(&sources[i], url, why))
            continue;
        *origin = sources[i].variables[HOST];
        return true;
    }
    if (why->length > 0)
        return false;
    text_format(why, "%s finds nothing: %s is %s", service == SERVICE_DB ? "--db" : "--redis",
                *origin, is_empty ? "empty" : "not set");
    environment_add_similar(*origin, why);
    text_add(why, service == SERVICE_DB
                      ? ", and neither DB_HOST nor PGHOST is set; write --db=postgres://..."
                      : ", and REDIS_HOST is not set; write --redis=redis://...");
    return false;
}
