/* Help text: sentences of its own for commands and targets, the tables for all
 * that has a table. */
#include "report/help.h"

#include <stdlib.h>
#include <string.h>

#include "base/cause.h"
#include "base/memory.h"
#include "base/output.h"
#include "checks/check.h"
#include "checks/check_hint.h"
#include "config/licenses.h"
#include "version.h"

#ifdef PROBE_VERSION_MUSL
#define PROBE_LIBC "musl " PROBE_VERSION_MUSL
#else
#define PROBE_LIBC "glibc"
#endif
#ifdef PROBE_VERSION_OPENSSL
#define PROBE_TLS_BY "OpenSSL " PROBE_VERSION_OPENSSL ", "
#else
#define PROBE_TLS_BY ""
#endif

enum { HELP_SIZE = 16384, INDENT = 28 };

static const char overview[] =
    "probe " PROBE_VERSION ": the health check that a container runs against itself\n"
    "\n"
    "usage: probe live   [OPTION]... [TARGET]...\n"
    "       probe ready  [OPTION]... [TARGET]... [-- COMMAND...]\n"
    "       probe doctor [OPTION]... [TARGET]...\n"
    "       probe suggest [OPTION]...\n"
    "       probe install PATH\n"
    "       probe help [live|ready|doctor|suggest|causes] | --help | --version\n"
    "                  | --licenses\n"
    "\n"
    "live: does the process answer? ready: can it serve? Then COMMAND, if there is\n"
    "one, takes probe's place. doctor: all there is to know, for a person.\n"
    "suggest: which check fits what runs here.\n"
    "\n"
    "It exits 0 when every target is healthy and 1 otherwise, and prints one line\n"
    "that names the cause.\n"
    "\n"
    "targets:\n";

/* "  -t, --timeout DUR         help (default 3s)" */
static void add_option(struct text *text, const struct option_row *row)
{
    size_t start = text->length;
    text_format(text, row->letter ? "  -%c, " : "      ", row->letter);
    text_format(text, "--%s", row->name);
    if (row->argument && *row->argument == '[')
        text_format(text, "[=%s", row->argument + 1);
    else if (row->argument)
        text_format(text, " %s", row->argument);
    size_t column = text->length - start;
    if (column >= INDENT) {
        text_add(text, "\n");
        column = 0;
    }
    text_format(text, "%*s", (int)(INDENT - column), "");
    char bytes[240];
    struct text words;
    text_init(&words, TEXT_ARRAY(bytes));
    text_add(&words, row->help);
    if (row->initial)
        text_format(&words, " (default %s)", row->initial);
    text_add_wrapped(text, bytes, INDENT);
    text_add(text, "\n");
}

/* What each command's help begins and ends with. */
static const struct {
    const char *purpose;
    const char *rules; /* what follows the targets; NULL: they are not told */
    const char *example;
} topics[] = {
    [COMMAND_LIVE] =
        {"probe live: does the process answer? For a check whose failure restarts the\n"
         "container: Docker's HEALTHCHECK, Kubernetes' livenessProbe.\n"
         "\n"
         "usage: probe live [OPTION]... [TARGET]...\n",
         "It asks no database, whose outage must not restart every container.",
         "  HEALTHCHECK --timeout=4s CMD [\"/probe\", \"live\", \":8000/health\"]\n"},
    [COMMAND_READY] =
        {"probe ready: can the service work now? For a check whose failure only holds\n"
         "traffic back: Kubernetes' readinessProbe, compose's service_healthy.\n"
         "\n"
         "usage: probe ready [OPTION]... [TARGET]... [-- COMMAND...]\n",
         "COMMAND takes probe's place once all is healthy.",
         "  probe ready --db --redis /health\n"
         "  probe ready --no-http --db --wait 60s -- gunicorn app.wsgi\n"},
    [COMMAND_DOCTOR] =
        {"probe doctor: all that there is to know, for a person in the container. It asks\n"
         "what live and ready ask, and shows the configuration, the processes, the\n"
         "listeners, memory and names.\n"
         "\n"
         "usage: probe doctor [OPTION]... [TARGET]...\n",
         NULL, "  docker exec app /probe doctor\n"},
    [COMMAND_SUGGEST] =
        {"probe suggest: the health check to paste for what runs here. It asks each TCP\n"
         "port that listens for usual paths, by at most 16 GETs, and runs the result once.\n"
         "\n"
         "usage: probe suggest [OPTION]...\n",
         NULL, "  docker exec app /probe suggest --format compose\n"},
};

static void add_options(struct text *text, unsigned commands)
{
    text_add(text, "options, each also as a variable PROBE_NAME (the option wins):\n");
    for (size_t i = 0; i < options_count; i++)
        if (options_table[i].commands & commands)
            add_option(text, &options_table[i]);
    text_add(text, "\nA duration is 500ms, 3s, 1m30s or a number of seconds.\n");
}

/* Every form of a target, and what is asked without one. */
static void add_forms(struct text *text)
{
    char bytes[400];
    struct text words;
    text_init(&words, TEXT_ARRAY(bytes));
    for (const struct check_type *const *type = check_types; *type; type++) {
        text_add(text, (*type)->kind.help);
        if (!((*type)->commands & COMMAND_BIT(COMMAND_LIVE)))
            text_format(&words, "%s no %s", words.length ? " and" : "live takes",
                        (*type)->kind.name);
    }
    text_add(text,
             "  env:NAME                          the target in variable NAME, or in the file\n"
             "                                    that NAME_FILE names\n");
    text_format(&words,
                " target. Without any target: those in $%s or $%s, separated by spaces; else %s "
                "for live and %s for ready.",
                command_variable(COMMAND_LIVE), command_variable(COMMAND_READY),
                command_target(COMMAND_LIVE), command_target(COMMAND_READY));
    text_add_wrapped(text, bytes, 0);
    text_add(text, "\n\n");
}

static void add_overview(struct text *text)
{
    text_add(text, overview);
    add_forms(text);
    add_options(text, ~0u);
}

/* "A target is /path, ... or tcp://HOST:PORT; without one ..." */
static void add_targets(struct text *text, enum command command)
{
    char bytes[600];
    struct text words;
    text_init(&words, TEXT_ARRAY(bytes));
    text_add(&words, "A target is ");
    check_add_forms(command, &words);
    text_format(&words, "; without one $%s, else %s. %s", command_variable(command),
                command_target(command), topics[command].rules);
    text_add(text, "\n");
    text_add_wrapped(text, bytes, 0);
    text_add(text, "\n");
}

static void add_command(struct text *text, enum command command)
{
    text_add(text, topics[command].purpose);
    if (topics[command].rules)
        add_targets(text, command);
    text_add(text, "\n");
    add_options(text, COMMAND_BIT(command));
    text_add(text, "\nexample:\n");
    text_add(text, topics[command].example);
    text_add(text, "\nprobe help has every form of a target, probe help causes every cause.\n");
}

static void add_causes(struct text *text)
{
    for (int cause = CAUSE_NONE + 1; cause < CAUSE_COUNT; cause++) {
        const struct cause_info *info = cause_info((enum cause)cause);
        text_format(text, "%s: %s\n    %s\n", info->name, info->meaning, info->hint);
    }
}

/* The help on a topic; false with what is wrong for one that there is not. */
static bool add_topic(struct text *text, const char *topic)
{
    for (enum command command = COMMAND_LIVE; command <= COMMAND_SUGGEST; command++)
        if (topic && strcmp(topic, command_name(command)) == 0) {
            add_command(text, command);
            return true;
        }
    if (topic && strcmp(topic, "causes") == 0) {
        add_causes(text);
    } else if (topic) {
        text_add(text, "misconfigured: no help on '");
        text_add_foreign(text, topic, strlen(topic), 40);
        text_add(text, "': write probe help, or probe help causes\n");
        return false;
    } else {
        add_overview(text);
    }
    return true;
}

int help_print(const char *topic)
{
    char *bytes = memory_get(HELP_SIZE); /* not static: a check would start with its pages */
    struct text text;
    text_init(&text, bytes, HELP_SIZE);
    bool is_there = add_topic(&text, topic);
    output_write(bytes, text.length);
    free(bytes);
    return is_there ? EXIT_HEALTHY : EXIT_UNHEALTHY;
}

int help_print_usage(enum command command)
{
    help_print(command_name(command));
    return EXIT_UNHEALTHY;
}

int help_print_version(void)
{
    static const char line[] = "probe " PROBE_VERSION " (libcurl " PROBE_VERSION_CURL
                               ", libpq " PROBE_VERSION_PQ ", hiredis " PROBE_VERSION_HIREDIS
                               ", cJSON " PROBE_VERSION_CJSON ", " PROBE_TLS_BY PROBE_LIBC ")\n";
    output_write(line, sizeof line - 1);
    return EXIT_HEALTHY;
}

int help_print_licenses(void)
{
    for (const char *const *part = licenses; *part; part++)
        output_write(*part, strlen(*part));
    return EXIT_HEALTHY;
}
