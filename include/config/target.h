/* target: what is to be checked, from text. Pure: no I/O, no look-up.
 *
 * The only module that knows URLs and hides the secrets in them: target_parse.c
 * takes them apart, target_postgres.c those that libpq reads, and target.c
 * answers for what came of it. */
#ifndef PROBE_TARGET_H
#define PROBE_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "config/kind.h"
#include "config/tls_wish.h"

enum {
    TARGET_LENGTH_MAX = 2048,
    SOCKET_PATH_MAX = 107,  /* what sockaddr_un has room for, unix(7) */
    ADDRESS_LENGTH_MAX = 46 /* of a numeric address, with its NUL */
};

/* A parameter of a target, percent-decoded. */
struct parameter {
    const char *name;
    const char *value;    /* NULL: PostgreSQL knows it, and the target does not give it */
    const char *variable; /* gives it where the target does not; NULL: none does */
    bool is_written;      /* the target gives it, not a variable */
};

/* One of the hosts of a PostgreSQL target, as libpq numbers them. */
struct target_host {
    const char *name;    /* of a host, or a socket's directory; "" without one */
    const char *address; /* connected to in place of the name; "" without one */
    const char *port;    /* as written, "" without one */
};

/* The parts point into the target's own storage; those absent are NULL. */
struct target {
    const struct kind *kind; /* NULL: no check knows its scheme */
    const char *scheme;      /* lower case; "http" for the short forms */
    const char *user;        /* percent-decoded, as is the password */
    const char *password;
    const char *host;       /* an IPv6 address without its brackets, "" when none was written; NULL
                               with a socket */
    int port;               /* 1 to 65535, 0 when none was written */
    const char *more_hosts; /* "b:5433,c", the rest of a list as written; NULL without one, and
                               for PostgreSQL */
    const char *schema;     /* where a PostgreSQL driver would look; NULL: none was written */
    const char *socket;     /* the path of a unix socket, at most SOCKET_PATH_MAX bytes; NULL
                               without one */
    const char *path;       /* as written, from its slash; "" when none was written */
    const char *query;      /* as written, without the '?'; NULL without one, and for PostgreSQL */
    struct parameter *parameters; /* of the query: none for HTTP; for PostgreSQL, all that libpq
                                     knows */
    size_t parameter_count;
    struct target_host *hosts; /* of PostgreSQL alone, at least one; host, port and socket above
                                  are the first one's */
    size_t host_count;
    char own_address[ADDRESS_LENGTH_MAX]; /* where the host is an address or a name of this
                                             machine: which one; see own_host.h; else "" */
    bool is_short;                        /* written without a scheme: /path, :PORT/path */
    const char *url_host;                 /* the host and port that the URL names, where the
                                             connection goes to others (--connect-to); NULL */
    int url_port;
    const char *credentials; /* of an HTTP login, as Basic authentication sends them; NULL */
    char *prepared;          /* what a check's prepare() added to the storage; NULL */
    bool has_variable;       /* a $NAME stands in it as it is: nothing expanded it */
    char *storage;
};

/* Why parse_is_pem() is refused, and why a build without TLS refuses a target. */
#define HOLDS_PEM       "holds a PEM text: write the name of a file that has it"
#define NEEDS_TLS_BUILD "needs TLS: use probe's TLS build (image probe:tls)"

/* Parses text, which is of that kind (NULL: of none that is known), and copies what it needs.
 * False with the reason in why, which never holds a secret. Registers the
 * passwords and tokens with secret_add(): they stay in the target, refused or
 * not, until the caller releases it. */
bool target_parse(struct target *target, const struct kind *kind, const char *text,
                  struct text *why);

/* Frees what it owns; valid in every state. */
void target_release(struct target *target);

/* Completes a PostgreSQL target as libpq does: what it does not give, libpq's
 * variables give (PGHOST, PGUSER ...), then libpq's defaults but for the user.
 * Registers PGPASSWORD as a secret. False with the reason in why when libpq
 * would refuse what came of it. */
bool target_complete_postgres(struct target *target, struct text *why);

/* Completes a Redis target as redis-py does: its host and port. False with the reason
 * in why when this build cannot ask it (TLS), or no client knows a parameter. */
bool target_complete_redis(struct target *target, struct text *why);

/* As whom a Redis target logs in, and the database that it selects; "" for none. */
struct redis_login {
    const char *user;
    const char *password;
    const char *db;
    bool is_lone_user; /* without a colon behind it: often a password that lacks its own */
};
struct redis_login target_redis_login(const struct target *target);

/* Whether a Redis target is asked over TLS, and what it wants of TLS then: redis-py's ssl_*
 * parameters; what it does not say, the options do. */
struct config;
bool target_redis_uses_tls(const struct target *target);
struct tls_wish target_redis_tls(const struct target *target, const struct config *config);

/* The value of a parameter, whole and decoded; NULL when the target has none of
 * that name. */
const char *target_value(const struct target *target, const char *name);

/* Whether a word, what follows a + in it left aside, is among those in a list. */
bool target_is_among(const char *schemes, const char *scheme);

/* Whether the value of a query's parameter name[length] may be shown: those that the target's
 * kind knows to hold no secret. */
bool target_may_show(const struct target *target, const char *name, size_t length);

/* The same of a whole name=value[length]. What has a second ? or = is hidden: ?check=db?token=x
 * is meant to be two. */
bool target_may_show_pair(const struct target *target, const char *pair, size_t length);

/* Begins a reason: "has a parameter 'name' ", the name only where it is a word: it may be a
 * part of a password that has an & of its own. */
void target_add_parameter(struct text *why, const char *name);

/* Undoes percent-encoding in place; false on a lone % and on %00. */
bool target_decode(char *text);

/* Makes the target's path, percent-decoded, what is prepared. False with the reason in why. */
bool target_decode_path(struct target *target, struct text *why);

/* Appends text so that it may stand anywhere in a URL. */
void target_add_encoded(struct text *text, const char *part);

/* Whether a unix socket's path may have that length; false with the reason in
 * why. */
bool target_check_socket(size_t length, struct text *why);

/* Whether the target is known to be this machine: a unix socket, localhost, 127.0.0.0/8,
 * ::1, or a host with an own_address. */
bool target_is_local(const struct target *target);

/* Whether a host is the address that servers bind to listen on all of a machine's: 0.0.0.0,
 * however it is written, or ::. */
bool target_is_wildcard(const struct target *target);

/* Whether a host's addresses are known without asking: it is one, or is
 * localhost. */
bool target_is_known_host(const char *host);

/* Whether a resolver must be asked for the target's host, or for one of them. */
bool target_needs_resolver(const struct target *target);

/* The same target with the host and port that its URL names, not those of its
 * connection. */
struct target target_as_written(const struct target *target);

/* Appends "host:port", the host in brackets if it is an IPv6 address; without
 * the port when there is none. For a socket "unix:/path". */
void target_add_authority(const struct target *target, struct text *text);

/* Appends the whole target as a user would write it, every secret as ***: the
 * password and the values of the query. */
void target_add_url(const struct target *target, struct text *text);

/* Appends the shortest form that tells targets of one kind apart:
 * ":8000/path", "db:5432/app". */
void target_add_short(const struct target *target, struct text *text);

/* Appends a text that could not be parsed as a target, so that nothing which
 * may be a secret is in it. */
void target_add_redacted(struct text *text, const char *written);

#endif
