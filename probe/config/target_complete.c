/* What libpq's variables and defaults make of a PostgreSQL target, and whether
 * libpq and this build can do what came of it. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/parse.h"
#include "base/secret.h"
#include "config/target_parser.h"
#include "version.h"

enum { PORT_MAX = 65535 };

/* Where Debian's and upstream's servers put their socket. */
static const char socket_directories[] = "/var/run/postgresql,/tmp";

static const char *value_or_empty(const struct target *target, const char *name)
{
    const char *value = target_value(target, name);
    return value ? value : "";
}

static size_t count_parts(const char *list)
{
    size_t count = 1;
    for (; *list; list++)
        count += *list == ',';
    return count;
}

/* Whether libpq would take these lists as one of so many hosts. */
static bool check_counts(size_t count, const char *names, const char *ports, struct text *why)
{
    size_t name_count = count_parts(names);
    size_t port_count = count_parts(ports);
    if (*names && name_count != count)
        text_format(why, "names %zu hosts and %zu addresses", name_count, count);
    else if (port_count != 1 && port_count != count)
        text_format(why, "names %zu hosts and %zu ports", count, port_count);
    else
        return true;
    return false;
}

/* Copies a list to *storage, to be cut at its commas. */
static char *copy_list(char **storage, const char *list)
{
    char *copy = *storage;
    memcpy(copy, list, strlen(list) + 1);
    *storage += strlen(list) + 1;
    return copy;
}

/* The next of a list; "" behind its end. */
static const char *next_part(char **list)
{
    const char *part = strsep(list, ",");
    return part ? part : "";
}

static bool is_directory(const struct target_host *host)
{
    return !*host->address && (*host->name == '/' || *host->name == '@');
}

/* A number as libpq reads one: spaces around it, and a sign, are no fault. */
static bool read_number(const char *text, long *number)
{
    char *end;
    *number = strtol(text, &end, 10);
    bool has_digits = end > text;
    return has_digits && end[strspn(end, " \t\n\v\f\r")] == '\0' && *number >= INT_MIN &&
           *number <= INT_MAX;
}

/* A port as libpq reads one; 0 when it is none. */
static int read_port(const char *text)
{
    long port;
    return read_number(text, &port) && port >= 1 && port <= PORT_MAX ? (int)port : 0;
}

/* The first host stands for the target where one is told from another. */
static void take_first_host(struct target *target)
{
    const struct target_host *first = &target->hosts[0];
    bool is_socket = is_directory(first);
    target->socket = is_socket ? first->name : NULL;
    target->host = is_socket ? NULL : *first->name ? first->name : first->address;
    target->port = read_port(first->port);
}

static bool place(struct target *target, const char *names, const char *ports, struct text *why)
{
    const char *addresses = value_or_empty(target, "hostaddr");
    size_t count = *addresses ? count_parts(addresses) : count_parts(names);
    size_t size = strlen(names) + strlen(addresses) + strlen(ports) + 3;
    if (!check_counts(count, names, ports, why))
        return false;
    free(target->hosts);
    target->hosts = memory_get(count * sizeof *target->hosts + size);
    target->host_count = count;
    char *storage = (char *)(target->hosts + count);
    char *name = copy_list(&storage, names);
    char *address = copy_list(&storage, addresses);
    char *port = copy_list(&storage, ports);
    bool is_one_port = !strchr(ports, ',');
    for (size_t i = 0; i < count; i++)
        target->hosts[i] = (struct target_host){.name = next_part(&name),
                                                .address = next_part(&address),
                                                .port = is_one_port ? port : next_part(&port)};
    take_first_host(target);
    return true;
}

bool target_place_postgres(struct target *target, struct text *why)
{
    return place(target, value_or_empty(target, "host"), value_or_empty(target, "port"), why);
}

/* What the target does not give, its variable does, if it is not empty. */
static void take_variables(struct target *target)
{
    for (size_t i = 0; i < target->parameter_count; i++) {
        struct parameter *parameter = &target->parameters[i];
        const char *value =
            !parameter->value && parameter->variable ? getenv(parameter->variable) : NULL;
        if (value && *value)
            parameter->value = value;
    }
    target->user = target_value(target, "user");
    target->password = target_value(target, "password");
    if (target->password)
        secret_add(target->password);
}

/* libpq's defaults where nothing is named: a socket, and its port. */
static bool take_places(struct target *target, struct text *why)
{
    const char *names = value_or_empty(target, "host");
    const char *ports = value_or_empty(target, "port");
    bool is_nowhere = !*names && !*value_or_empty(target, "hostaddr");
    if (!place(target, is_nowhere ? socket_directories : names, *ports ? ports : target->kind->port,
               why))
        return false;
    for (size_t i = 0; i < target->host_count; i++) {
        struct target_host *host = &target->hosts[i];
        if (!*host->port)
            host->port = target->kind->port;
        if (!*host->name && !*host->address)
            host->name = "/var/run/postgresql";
    }
    take_first_host(target);
    if (is_nowhere) { /* its directories are ours, not the user's */
        target->socket = NULL;
        target->host = "";
    }
    return true;
}

/* A port that is none may be a part of a password whose @ or / is not encoded: it
 * is not shown. */
static bool check_ports(const struct target *target, struct text *why)
{
    for (size_t i = 0; i < target->host_count; i++) {
        if (read_port(target->hosts[i].port) > 0)
            continue;
        text_add(why, "has a port that is not a number from 1 to 65535 (in a password, write @ as "
                      "%40, / as %2F, : as %3A)");
        return false;
    }
    return true;
}

/* Whether each socket has a path that is short enough. */
static bool check_sockets(const struct target *target, struct text *why)
{
    for (size_t i = 0; i < target->host_count; i++) {
        const struct target_host *host = &target->hosts[i];
        size_t length = strlen(host->name) + strlen("/.s.PGSQL.") + strlen(host->port);
        if (is_directory(host) && !target_check_socket(length, why)) {
            text_add(why, ", with its /.s.PGSQL.PORT");
            return false;
        }
    }
    return true;
}

static const char needs_tls[] = "and that " NEEDS_TLS_BUILD;

/* What libpq takes as a parameter's value, and what of it this build cannot do. */
static const struct rule {
    const char *name;
    const char *values;  /* separated by spaces; NULL: a number */
    const char *refused; /* one of them, or NULL */
    const char *missing; /* what it would need */
} rules[] = {
    {"sslmode", "disable allow prefer require verify-ca verify-full", NULL, NULL},
    {"channel_binding", "disable prefer require", "require", needs_tls},
    {"sslnegotiation", "postgres direct", "direct", needs_tls},
    {"sslcertmode", "disable allow require", "require", needs_tls},
    {"ssl_min_protocol_version", "TLSv1 TLSv1.1 TLSv1.2 TLSv1.3", NULL, NULL},
    {"ssl_max_protocol_version", "TLSv1.2 TLSv1.3", NULL, NULL},
    {"gssencmode", "disable prefer require", "require", "and this build has no Kerberos"},
    {"target_session_attrs", "any read-write read-only primary standby prefer-standby", NULL, NULL},
    {"load_balance_hosts", "disable random", NULL, NULL},
    {"connect_timeout", NULL, NULL, NULL},
    {"keepalives", NULL, NULL, NULL},
    {"keepalives_idle", NULL, NULL, NULL},
    {"keepalives_interval", NULL, NULL, NULL},
    {"keepalives_count", NULL, NULL, NULL},
    {"tcp_user_timeout", NULL, NULL, NULL},
};

static bool has_word(const char *words, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = words; *at; at += strspn(at, " ")) {
        size_t n = strcspn(at, " ");
        if (n == length && strncmp(at, word, n) == 0)
            return true;
        at += n;
    }
    return false;
}

/* "has sslmode require", and the variable that says so. */
static void add_value(const struct target *target, const char *name, struct text *why)
{
    for (size_t i = 0; i < target->parameter_count; i++) {
        const struct parameter *parameter = &target->parameters[i];
        if (strcmp(parameter->name, name) != 0)
            continue;
        text_format(why, "has %s ", name);
        text_add_foreign(why, parameter->value, strlen(parameter->value), 24);
        if (!parameter->is_written)
            text_format(why, " of %s", parameter->variable);
    }
}

static bool check_rule(const struct target *target, const struct rule *rule, struct text *why)
{
    const char *value = target_value(target, rule->name);
    long number;
    if (!value || !*value)
        return true;
    bool is_right = rule->values ? has_word(rule->values, value) : read_number(value, &number);
    bool is_missing = rule->missing && (!PROBE_TLS || rule->missing != needs_tls);
    bool is_refused = is_missing && strcmp(value, rule->refused) == 0;
    if (is_right && !is_refused)
        return true;
    add_value(target, rule->name, why);
    if (is_refused)
        text_format(why, ", %s", rule->missing);
    else
        text_format(why, ", which is not %s%s", rule->values ? "one of: " : "a number",
                    rule->values ? rule->values : "");
    return false;
}

static bool has_sockets_alone(const struct target *target)
{
    size_t i = 0;
    while (i < target->host_count && is_directory(&target->hosts[i]))
        i++;
    return i == target->host_count;
}

/* How libpq is to use TLS, by sslmode or what stands for it; NULL where nothing says. */
static const char *wished_mode(const struct target *target)
{
    const char *mode = target_value(target, "sslmode");
    if (mode && *mode)
        return mode;
    return strcmp(value_or_empty(target, "sslrootcert"), "system") == 0 ? "verify-full" : NULL;
}

/* Without TLS each way to ask libpq for it is refused, but on a unix socket, where libpq
 * never uses it. */
static bool check_plain(const struct target *target, struct text *why)
{
    static const char modes[] = "require verify-ca verify-full no-verify";
    const char *mode = wished_mode(target);
    const char *written = target_value(target, "sslmode");
    if (has_sockets_alone(target) || !mode || !has_word(modes, mode))
        return true;
    add_value(target, written && *written ? "sslmode" : "sslrootcert", why);
    text_add(why,
             ", and that " NEEDS_TLS_BUILD ", or write sslmode=prefer where the server allows it");
    return false;
}

/* Whether files are named by their names: a key itself would be shown with the target. */
static bool check_files(const struct target *target, struct text *why)
{
    for (size_t i = 0; i < target->parameter_count; i++) {
        const struct parameter *parameter = &target->parameters[i];
        bool is_file = strncmp(parameter->name, "ssl", 3) == 0 && parameter->value &&
                       strcmp(parameter->name, "sslpassword") != 0;
        if (!is_file || !parse_is_pem(parameter->value))
            continue;
        secret_add(parameter->value);
        text_format(why, "has a parameter '%s' that " HOLDS_PEM, parameter->name);
        return false;
    }
    return true;
}

/* Whether a host is named by its address alone. */
static bool has_lone_address(const struct target *target)
{
    size_t i = 0;
    while (i < target->host_count && *target->hosts[i].name)
        i++;
    return i < target->host_count;
}

/* What libpq refuses only once it connects. */
static bool check_tls(const struct target *target, struct text *why)
{
    const char *mode = wished_mode(target);
    const char *mode_or_default = mode ? mode : "prefer";
    bool is_system = strcmp(value_or_empty(target, "sslrootcert"), "system") == 0;
    bool is_direct = strcmp(value_or_empty(target, "sslnegotiation"), "direct") == 0;
    const char *written = target_value(target, "sslmode");
    const char *first = value_or_empty(target, "ssl_min_protocol_version");
    const char *last = value_or_empty(target, "ssl_max_protocol_version");
    if (written && !*written)
        text_add(why,
                 "has an empty sslmode, which libpq refuses: leave it out, or give it a value");
    else if (*last && strcmp(first, last) > 0)
        text_add(why, "has an ssl_min_protocol_version above its ssl_max_protocol_version");
    else if (strcmp(mode_or_default, "verify-full") == 0 && has_lone_address(target))
        text_add(why, "has a hostaddr without a host, and sslmode=verify-full wants its name");
    else if (is_system && strcmp(mode_or_default, "verify-full") != 0)
        text_format(why, "has sslmode %s, and sslrootcert=system wants verify-full",
                    mode_or_default);
    else if (is_direct && !has_word("require verify-ca verify-full", mode_or_default))
        text_format(why, "has sslmode %s, and sslnegotiation=direct wants require or more",
                    mode_or_default);
    else
        return true;
    return false;
}

/* Other drivers' words for libpq's: node-postgres writes no-verify for require, and libpq's
 * old variable means require too. */
static void translate_mode(struct target *target)
{
    const char *required = getenv("PGREQUIRESSL");
    for (size_t i = 0; i < target->parameter_count; i++) {
        struct parameter *parameter = &target->parameters[i];
        if (strcmp(parameter->name, "sslmode") != 0)
            continue;
        bool is_given = parameter->value && *parameter->value;
        if (is_given && strcmp(parameter->value, "no-verify") == 0 && PROBE_TLS)
            parameter->value = "require";
        if (!is_given && required && *required == '1') {
            parameter->value = "require";
            parameter->variable = "PGREQUIRESSL";
        }
    }
}

bool target_complete_postgres(struct target *target, struct text *why)
{
    take_variables(target);
    translate_mode(target);
    if (!target->user || !*target->user) {
        text_add(why, "names no user: write postgres://USER:PASSWORD@HOST/NAME, or set PGUSER");
        return false;
    }
    if (target_value(target, "service")) {
        text_add(why, "names a service, and probe reads no pg_service.conf: name its host and "
                      "database");
        return false;
    }
    if (!take_places(target, why) || (!PROBE_TLS && !check_plain(target, why)))
        return false;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (!check_rule(target, &rules[i], why))
            return false;
    return (!PROBE_TLS || (check_files(target, why) && check_tls(target, why))) &&
           check_ports(target, why) && check_sockets(target, why);
}
