/* options: the command line and the PROBE_* variables, from one table.
 *
 * The parser, the help text, the man page and the README's table come from
 * it. */
#ifndef PROBE_OPTIONS_H
#define PROBE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "config/environment.h"

/* Those before live ask of probe itself; they and install take no options. */
enum command {
    COMMAND_HELP,
    COMMAND_VERSION,
    COMMAND_LICENSES,
    COMMAND_LIVE,
    COMMAND_READY,
    COMMAND_DOCTOR,
    COMMAND_SUGGEST,
    COMMAND_INSTALL,
    COMMANDS
};
#define COMMAND_BIT(command) (1u << (command))

enum output { OUTPUT_TEXT, OUTPUT_JSON };

/* What suggest prints a health check for. */
enum stanza {
    STANZA_ALL,
    STANZA_DOCKERFILE,
    STANZA_COMPOSE,
    STANZA_KUBERNETES,
    STANZA_ECS,
    STANZAS
};

/* LIST_MAX: how often one option may be repeated. */
enum { LIST_MAX = 16, TARGETS_MAX = 16, OPTIONS_MAX = 40 };

/* The values of options that may be repeated. Each of these begins with its
 * count, so that options_value.c can empty any of them. */
struct texts {
    size_t count;
    const char *items[LIST_MAX];
};

struct header {
    const char *name;
    size_t name_length;
    const char *value; /* as written */
    bool is_secret;    /* its value is not to be printed; known once the plan is made */
};

struct headers {
    size_t count;
    struct header items[LIST_MAX];
};

struct status_range {
    int first;
    int last;
};

struct statuses {
    size_t count;
    struct status_range items[LIST_MAX];
};

/* What --db and --redis ask. */
enum service { SERVICE_DB, SERVICE_REDIS, SERVICES };

/* A target of argv. Right behind a bare --db or --redis it is theirs if it is a target
 * of that kind: then it takes the place of the item. */
struct target_word {
    const char *text;
    enum service service; /* SERVICES: none stands in front */
    size_t item;          /* of config's db or redis */
};

/* Where the value in effect comes from. */
enum option_source { SOURCE_DEFAULT, SOURCE_FILE, SOURCE_VARIABLE, SOURCE_OPTION };

struct option_value {
    enum option_source source;
    const char *written; /* the last one, as written; NULL with SOURCE_DEFAULT */
};

/* What the user asked for, typed and checked one by one; strings are argv's or
 * the environment's. Ranges and defaults stand in the table's rows. */
struct config {
    struct environment environment;
    enum command command;
    bool wants_help;        /* "live --help": nothing is to be asked */
    const char *help_topic; /* of COMMAND_HELP; NULL for the overview */
    const char *path;       /* of COMMAND_INSTALL */
    int64_t timeout_ms;
    struct statuses statuses;      /* one of them must hold */
    struct headers headers;        /* to send; a value may be @FILE or env:NAME */
    const char *method;            /* POST with data, unless -X was given */
    const char *data;              /* the request's body, or @FILE; NULL: none */
    const char *connect_to;        /* HOST[:PORT]: where the connection goes, whatever host the URL
                                      names; NULL: to the URL's */
    struct texts expect_body;      /* the body must hold each */
    struct texts expect_json;      /* "/pointer=value": of each pointer one must hold */
    struct headers expect_headers; /* the answer must have each, with that value */
    const char *cacert;            /* PEM file of the authorities to trust; NULL: the machine's */
    const char *cert;              /* PEM file of the client's certificate; NULL: none */
    const char *key;               /* PEM file of its key; NULL: cert has it */
    bool insecure;                 /* no certificate is verified */
    int64_t min_cert_days;         /* a certificate that ends sooner fails; 0: none does */
    bool allow_remote;
    bool follow;
    int verbosity; /* 0 to 2 */
    bool quiet;
    bool log; /* a failure's first line goes to process 1's stderr too */
    enum output output;
    enum stanza stanza; /* of suggest */
    int64_t wait_ms;    /* 0: one attempt */
    int64_t interval_ms;
    bool backoff;
    int64_t watch_ms; /* between two runs; 0: not watching */
    int64_t docker_interval_ms;
    int64_t docker_retries;
    int64_t docker_start_period_ms;
    char *const *become; /* the command behind --, ends in NULL; NULL: none */
    struct texts db;     /* targets; an item that is NULL is found in the environment */
    struct texts redis;
    bool no_http;
    struct texts db_queries;
    struct texts db_migrations; /* "app.name" */
    bool db_writable;
    bool redis_writable;
    struct texts env_files; /* a later one wins */
    struct target_word targets[TARGETS_MAX];
    size_t target_count;
    struct option_value values[OPTIONS_MAX]; /* one a row of the table */
};

/* Reads argv. False with the reason in why; config is then good enough to
 * report it (output, quiet). */
bool options_parse(struct config *config, int argc, char *argv[], struct text *why);

/* Reads the PROBE_* variables of all options that have no value yet; those of
 * options that are not the command's are passed over. source is SOURCE_VARIABLE,
 * or SOURCE_FILE once the --env-file files are loaded. False with the reason in
 * why. */
bool options_parse_environment(struct config *config, enum option_source source, struct text *why);

/* What holds between options, once all of them are read: refuses one that does nothing
 * without another, and a variable whose name is nearly an option's; makes --data
 * without -X a POST. False with the reason in why. */
bool options_check(struct config *config, struct text *why);

/* What an option's value is, and the type of its field in config. */
enum option_kind {
    OPTION_SWITCH,     /* bool */
    OPTION_LEVEL,      /* int, up to max; bare ones add up */
    OPTION_NUMBER,     /* int64_t, min to max */
    OPTION_DURATION,   /* int64_t in milliseconds, min to max */
    OPTION_PERIOD,     /* the same; bare, it is the row's initial value */
    OPTION_CHOICE,     /* an enum, from min on: one of the argument's words, text|json */
    OPTION_METHOD,     /* const char *, as are the next two */
    OPTION_ENDPOINT,   /* HOST[:PORT] */
    OPTION_TEXT,       /* at least min bytes, as OPTION_TEXTS */
    OPTION_TEXTS,      /* struct texts, as are the next three */
    OPTION_JSON,       /* PATH=VALUE */
    OPTION_MIGRATIONS, /* APP.NAME */
    OPTION_TARGETS,    /* bare: NULL */
    OPTION_HEADERS,    /* struct headers */
    OPTION_STATUSES,   /* struct statuses */
};

/* One row an option: all that is to be known of it. */
struct option_row {
    const char *name; /* long name; its variable is PROBE_ and the name in capitals */
    char letter;      /* 0: none */
    enum option_kind kind;
    unsigned commands; /* COMMAND_BIT()s that take it */
    const char *asks;  /* the kind of check that it asks more of, or TLS; NULL: of none, or any */
    const char *argument; /* NULL: takes none; in [ ] it may be left out */
    const char *initial;  /* the value without any, as a user would write it; NULL: none */
    int64_t min;
    int64_t max;
    bool is_secret; /* its values may hold a secret: they are not to be printed */
    size_t field;   /* offset into struct config */
    const char *help;
};

/* Reads one value of a row into config: a list's is added to those it has. False
 * with what is right in why. */
bool option_read(const struct option_row *row, struct config *config, const char *value,
                 struct text *why);

/* Whether a row's option may be repeated, and each of its values counts. */
bool option_is_list(const struct option_row *row);

/* Appends the values in effect, foreign or not, as a user would write them; *** for those
 * that may be secrets. */
void option_add_value(const struct option_row *row, const struct config *config, struct text *text);

/* Gives every row its initial value. */
void options_init(struct config *config);

/* A name's variable is the prefix and the name in capitals, with _ for -. */
enum { OPTION_NAME_SIZE = 32 };
#define OPTION_PREFIX "PROBE_"

/* Writes the name of a row's variable, without the prefix: EXPECT_STATUS. */
void option_variable(const struct option_row *row, char name[static OPTION_NAME_SIZE]);

/* The row whose variable NAME=VALUE is; NULL if there is none: PROBE_EXPECT_STATUS is
 * expect-status's. */
const struct option_row *option_of_variable(const char *entry);

/* How much of a value may be shown when it is wrong: of a header its name, of
 * another that may be a secret nothing. */
size_t option_shown_length(const struct option_row *row, const char *value);

/* Why live takes neither a PostgreSQL nor a Redis target, nor an option of theirs. */
#define NOT_FOR_LIVE                                                                               \
    "is not for probe live: a database outage must not restart every container; "                  \
    "ask it with probe ready"

/* The word by which a user calls a command: "live". */
const char *command_name(enum command command);

/* Of live and ready: the variable that names a command's targets, and the target that it asks
 * without any. NULL for the others. */
const char *command_variable(enum command command);
const char *command_target(enum command command);

/* The table, and the number of its rows. */
extern const struct option_row options_table[];
extern const size_t options_count;

#endif
