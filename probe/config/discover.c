/* The variables that name a database or a Redis, in the order in which people
 * use them. */
#include "config/discover_parts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/parse.h"
#include "config/environment.h"
#include "config/target.h"
#include "version.h"

static const struct source sources[] = {
    {.service = SERVICE_DB,
     .variables = {"DB_HOST", "DB_PORT", "DB_USER", "DB_PASSWORD", "DB_NAME"},
     .unread = {[USER] = "DB_USERNAME", [PASSWORD] = "DB_PASS", [NAME] = "DB_DATABASE"},
     .tls = {"DB_SSL", "DB_SSLMODE", "DB_SSL_MODE"},
     .kinds = {"DB_CONNECTION", "DB_ENGINE", "DB_TYPE", "DB_DRIVER"}},
    {.service = SERVICE_DB,
     .variables = {"PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE"},
     .has_plain_host = true},
    {.service = SERVICE_DB,
     .variables = {"POSTGRES_HOST", "POSTGRES_PORT", "POSTGRES_USER", "POSTGRES_PASSWORD",
                   "POSTGRES_DB"},
     .unread = {[USER] = "POSTGRES_USERNAME", [NAME] = "POSTGRES_DATABASE"},
     .default_user = "postgres",
     .local = PART_BIT(USER) | PART_BIT(PASSWORD) | PART_BIT(NAME),
     .tls = {"POSTGRES_SSL", "POSTGRES_SSLMODE", "POSTGRES_SSL_MODE"}},
    {.service = SERVICE_REDIS,
     .variables = {"REDIS_HOST", "REDIS_PORT", "REDIS_USER", "REDIS_PASSWORD", "REDIS_DB"},
     .unread = {[PASSWORD] = "REDIS_PASS", [NAME] = "REDIS_DATABASE"},
     .other_user = "REDIS_USERNAME",
     .default_user = "",
     .local = PART_BIT(PASSWORD),
     .tls = {"REDIS_SSL", "REDIS_TLS", "REDIS_USE_SSL", "REDIS_USE_TLS", "REDIS_TLS_ENABLED",
             "REDIS_SCHEME"}},
};
enum { SOURCES = sizeof sources / sizeof *sources };

static const struct service_info {
    const char *url; /* the variable that holds the whole URL */
    const char *asked;
    const char *nothing;
} services[] = {
    [SERVICE_DB] = {"DATABASE_URL", "--db asks PostgreSQL only",
                    "--db: no database is configured: set DATABASE_URL, DB_HOST or PGHOST, or "
                    "write --db=postgres://..."},
    [SERVICE_REDIS] = {"REDIS_URL", "--redis asks Redis only",
                       "--redis: no Redis is configured: set REDIS_URL or REDIS_HOST, or write "
                       "--redis=redis://..."},
};

static void parts_release(struct parts *parts)
{
    for (int part = 0; part < PARTS; part++)
        free(parts->values[part]);
}

static bool is_set(const char *value)
{
    return value && *value;
}

static bool has_part(const struct source *source, enum part part)
{
    return environment_has(source->variables[part]) ||
           (part == USER && source->other_user && environment_has(source->other_user));
}

/* Whether a source says where the service is. */
static bool names_place(const struct source *source)
{
    if (has_part(source, HOST) || (source->has_plain_host && environment_has("PGHOSTADDR")))
        return true;
    for (int part = 0; part < PARTS; part++)
        if (source->local & PART_BIT(part) && has_part(source, (enum part)part))
            return true;
    return false;
}

/* The source that counts: the first that names a place, else the first that says as whom
 * to log in, or where to: the socket is libpq's default. */
static const struct source *find_source(enum service service)
{
    for (size_t i = 0; i < SOURCES; i++)
        if (sources[i].service == service && names_place(&sources[i]))
            return &sources[i];
    for (size_t i = 0; service == SERVICE_DB && i < SOURCES; i++)
        if (sources[i].service == service &&
            (has_part(&sources[i], USER) || has_part(&sources[i], NAME)))
            return &sources[i];
    return NULL;
}

static bool read_parts(struct parts *parts, struct text *why)
{
    const struct source *source = parts->source;
    for (int part = 0; part < PARTS; part++)
        parts->values[part] = environment_get(source->variables[part], why);
    if (!is_set(parts->values[USER]) && source->other_user) {
        free(parts->values[USER]);
        parts->values[USER] = environment_get(source->other_user, why);
    }
    return why->length == 0;
}

/* A port, or libpq's list of them. */
static bool is_port_list(const char *ports)
{
    char port[8] = "";
    int64_t number;
    for (;; ports++) {
        size_t length = strcspn(ports, ",");
        if (length >= sizeof port)
            return false;
        memcpy(port, ports, length);
        port[length] = '\0';
        if (length > 0 && !parse_number(port, 1, 65535, &number))
            return false;
        ports += length;
        if (*ports == '\0')
            return true;
    }
}

/* Whether no part stands only under a name that is not read: without it another database
 * would be asked, or another user's login. */
static bool are_names_read(const struct parts *parts, struct text *why)
{
    const struct source *source = parts->source;
    for (int part = 0; part < PARTS && why->length == 0; part++) {
        const char *unread = source->unread[part];
        if (unread && !is_set(parts->values[part]) && environment_has(unread))
            text_format(why, "%s is not set, and %s is not read: set %s", source->variables[part],
                        unread, source->variables[part]);
    }
    return why->length == 0;
}

/* Whether each part is what it must be; says which variable is not. */
static bool are_parts_right(const struct parts *parts, struct text *why)
{
    const struct source *source = parts->source;
    bool is_redis = source->service == SERVICE_REDIS;
    const char *host = parts->values[HOST];
    const char *port = parts_port(parts);
    int64_t number;
    if (host && strstr(host, "://"))
        text_format(why, "%s is a URL: write the host alone, or set %s", source->variables[HOST],
                    services[source->service].url);
    else if (port && !(is_redis ? parse_number(port, 1, 65535, &number) : is_port_list(port)))
        text_format(why, "%s is not a number from 1 to 65535", source->variables[PORT]);
    else if (is_redis && is_set(parts->values[NAME]) &&
             !parse_number(parts->values[NAME], 0, INT32_MAX, &number))
        text_format(why, "%s is not the number of a database", source->variables[NAME]);
    else if (!source->default_user && !is_set(parts->values[USER]) && !environment_has("PGUSER"))
        text_format(why, "%s is not set", source->variables[USER]);
    return why->length == 0;
}

/* Finds the variable that asks for TLS, and how PostgreSQL is asked then: "require" where the
 * variable says no more. */
static const char *find_wish_for_tls(const struct source *source, const char **mode)
{
    static const char *const wishes[] = {"require",     "required",  "verify-ca",
                                         "verify-full", "no-verify", "tls",
                                         "ssl",         "rediss",    "valkeys"};
    *mode = "require";
    for (const char *const *name = source->tls; *name; name++) {
        const char *value = getenv(*name);
        bool is_on = false;
        if (value && parse_switch(value, &is_on) && is_on)
            return *name;
        for (size_t i = 0; value && i < sizeof wishes / sizeof *wishes; i++)
            if (strcasecmp(value, wishes[i]) == 0) {
                *mode = strncmp(wishes[i], "verify-", 7) == 0 ? wishes[i] : *mode;
                return *name;
            }
    }
    return NULL;
}

/* A word that is one of ours but for a slip, two letters for the long names. */
static bool is_misspelt(enum service service, const char *scheme)
{
    return service == SERVICE_DB
               ? parse_distance(scheme, "postgres") <= 2 ||
                     parse_distance(scheme, "postgresql") <= 2
               : parse_distance(scheme, "redis") <= 1 || parse_distance(scheme, "valkey") <= 1;
}

/* The length of the scheme of a URL; 0 when the text has none. */
static size_t scheme_length(const char *url)
{
    static const char *const without_slashes[] = {
        "sqlite:", "sqlite3:", "file:", "jdbc:", "libsql:"};
    size_t length = 0;
    while (isalnum((unsigned char)url[length]) || (url[length] && strchr("+.-_", url[length])))
        length++;
    if (strncmp(url, "jdbc:", 5) == 0)
        length = 5 + strcspn(url + 5, ":/");
    if (strncmp(url + length, "://", 3) == 0)
        return length;
    for (size_t i = 0; i < sizeof without_slashes / sizeof *without_slashes; i++)
        if (strncmp(url, without_slashes[i], strlen(without_slashes[i])) == 0)
            return length;
    return 0;
}

/* Whether a URL is of a kind that probe does not ask; says of which. */
static bool is_other_kind(enum service service, const struct kind *kind, const char *url,
                          struct text *why)
{
    const struct service_info *info = &services[service];
    char scheme[40] = "";
    size_t length = scheme_length(url);
    if (length == 0 || length >= sizeof scheme)
        return false;
    memcpy(scheme, url, length);
    if (target_is_among(kind->schemes, scheme) || is_misspelt(service, scheme))
        return false;
    text_format(why, "%s has the scheme %s; %s", info->url, scheme, info->asked);
    return true;
}

/* Whether a variable of an application's own says that its database is another one. */
static bool names_other_kind(const struct source *source, struct text *why)
{
    static const char *const kinds[] = {"mysql",  "mariadb",   "sqlite", "mssql",
                                        "oracle", "sqlserver", "mongo"};
    for (const char *const *name = source->kinds; *name; name++) {
        const char *value = getenv(*name);
        for (size_t i = 0; value && i < sizeof kinds / sizeof *kinds; i++)
            if (strcasestr(value, kinds[i])) {
                text_format(why, "%s says %s; %s", *name, kinds[i],
                            services[source->service].asked);
                return true;
            }
    }
    return false;
}

static enum found discover_parts(const struct source *source, struct text *target, struct text *why)
{
    const char *mode;
    const char *wish = find_wish_for_tls(source, &mode);
    if (names_other_kind(source, why))
        return DISCOVERED_OTHER;
    if (wish && !PROBE_TLS) {
        text_format(why, "%s asks for TLS, and that " NEEDS_TLS_BUILD, wish);
        return DISCOVERED_WRONG;
    }
    struct parts parts = {.source = source, .tls_mode = wish ? mode : NULL};
    bool is_right =
        read_parts(&parts, why) && are_names_read(&parts, why) && are_parts_right(&parts, why);
    if (is_right)
        parts_compose(&parts, target);
    parts_release(&parts);
    return is_right ? DISCOVERED : DISCOVERED_WRONG;
}

static enum found discover_url(enum service service, const struct kind *kind, struct text *target,
                               struct text *why)
{
    char *url = environment_get(services[service].url, why);
    enum found found = DISCOVERED_WRONG;
    if (!url)
        return found;
    if (!*url)
        text_format(why, "%s_FILE names an empty file", services[service].url);
    else if (is_other_kind(service, kind, url, why))
        found = DISCOVERED_OTHER;
    else
        found = DISCOVERED;
    text_add(target, found == DISCOVERED ? url : "");
    free(url);
    return found;
}

struct discovery discover_target(const struct environment *environment, enum service service,
                                 const struct kind *kind, struct text *target, struct text *why)
{
    const char *url = services[service].url;
    const struct source *source = find_source(service);
    struct discovery discovery = {.found = DISCOVERED_NOTHING, .origin = url};
    if (environment_has(url)) {
        discovery.found = discover_url(service, kind, target, why);
    } else if (source) {
        discovery.origin = source->variables[HOST];
        discovery.found = discover_parts(source, target, why);
    } else {
        text_add(why, services[service].nothing);
        if (getenv(url))
            text_format(why, " (%s is empty)", url);
        environment_add_similar(environment, url, why);
    }
    return discovery;
}
