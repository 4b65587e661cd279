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

/* Those before live ask of probe itself, and take no options. */
enum command {
    COMMAND_HELP,
    COMMAND_VERSION,
    COMMAND_LICENSES,
    COMMAND_LIVE,
    COMMAND_READY,
    COMMAND_DOCTOR
};
#define COMMAND_BIT(command) (1u << (command))

enum output { OUTPUT_TEXT, OUTPUT_JSON };

enum { HEADERS_MAX = 16, STATUS_RANGES_MAX = 16, TARGETS_MAX = 16, OPTIONS_MAX = 32 };

struct header {
    const char *name;
    size_t name_length;
    const char *value; /* as written: the value, @FILE or env:NAME */
};

struct status_range {
    int first;
    int last;
};

/* What the user asked for, typed and checked one by one; strings are argv's or
 * the environment's. */
struct config {
    enum command command;
    const char *help_topic; /* of COMMAND_HELP; NULL for the overview */
    int64_t timeout_ms;     /* 10 ms to 1 h */
    struct status_range statuses[STATUS_RANGES_MAX];
    size_t status_count;
    struct header headers[HEADERS_MAX];
    size_t header_count;
    const char *method;
    const char *expect_body; /* NULL: anything */
    const char *expect_json; /* "/pointer=value"; NULL: anything */
    bool allow_remote;
    bool follow;
    int verbosity; /* 0 to 2 */
    bool quiet;
    enum output output;
    int64_t wait_ms;     /* 0: one attempt; else 10 ms to 24 h */
    int64_t interval_ms; /* 10 ms to 1 h */
    bool backoff;
    bool is_watching;
    int64_t watch_ms;               /* between two runs: 10 ms to 1 h */
    int64_t docker_interval_ms;     /* 10 ms to 24 h */
    int64_t docker_retries;         /* 1 to 1000 */
    int64_t docker_start_period_ms; /* 0, or 10 ms to 24 h */
    char *const *become;            /* the command behind --, ends in NULL; NULL: none */
    bool db;                        /* --db, and --redis */
    bool redis;
    const char *db_target; /* NULL: found in the environment */
    const char *redis_target;
    bool no_http;
    const char *db_query;     /* NULL: SELECT 1 */
    const char *db_migration; /* "app.name"; NULL: not asked */
    bool db_writable;
    bool redis_writable;
    const char *env_file;
    const char *targets[TARGETS_MAX];
    size_t target_count;
    unsigned given; /* one bit a row of the table: argv had it */
    const char
        *values[OPTIONS_MAX]; /* as written, by argv or its variable; NULL: the initial one */
};

/* Reads argv. False with the reason in why; config is then good enough to
 * report it (output, quiet). */
bool options_parse(struct config *config, int argc, char *argv[], struct text *why);

/* Reads the PROBE_* variables for all that argv did not give; those of options
 * that are not the command's are passed over. False with the reason in why. */
bool options_parse_environment(struct config *config, struct text *why);

/* One row a line, for help and for the documents made from it. */
struct option_row {
    const char *name;     /* long name; its variable is PROBE_ and the name in capitals */
    char letter;          /* 0: none */
    const char *argument; /* NULL: takes none; in [ ] it may be left out */
    const char *initial;  /* the value without any, as a user would write it; NULL: none */
    const char *help;
    unsigned commands; /* COMMAND_BIT()s that take it */
    /* Reads one value; false with what is right in why. */
    bool (*set)(struct config *config, const char *value, struct text *why);
};

/* Whether a variable's name, or NAME=VALUE, is that of an option: expect-status
 * is PROBE_EXPECT_STATUS. */
bool option_is_variable(const char *option, const char *entry);

/* Whether a row's values may hold a secret: then they are not to be printed. */
bool option_is_secret(const struct option_row *row);

/* How much of a value may be shown when it is wrong: of a header's, its name. */
size_t option_shown_length(const struct option_row *row, const char *value);

/* Why live takes neither a PostgreSQL nor a Redis target, nor an option of theirs. */
#define NOT_FOR_LIVE                                                                               \
    "is not for probe live: a database outage must not restart every container; "                  \
    "ask it with probe ready"

/* The word by which a user calls a command: "live". */
const char *command_name(enum command command);

/* The table, and the number of its rows. */
extern const struct option_row options_table[];
extern const size_t options_count;

#endif
