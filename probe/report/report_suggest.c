/* A suggestion in the words of those who run a check: Docker, compose, Kubernetes, ECS. */
#include "report/report_suggest.h"

#include <string.h>
#include <unistd.h>

#include "base/json_text.h"
#include "report/report.h"
#include "run/progress.h"
#include "run/watchdog.h"

enum { SECOND_MS = 1000, STARTUP_S = 2, ECS_START_MAX_S = 300, OUT_SIZE = 16 * 1024 };

/* Letters of a stanza that stand for what the suggestion has there. */
#define LIVE     "\1"  /* the words of a command, as of a list in JSON */
#define READY    "\2"  /* the same */
#define TIMEOUT  "\3"  /* in seconds: above probe's own, so that probe ends first */
#define START    "\4"  /* the start period in seconds */
#define ATTEMPTS "\5"  /* as many as the start period has room for */
#define SHORTER  "\6"  /* the start period, as far as ECS allows one */
#define EXEC     "\7"  /* what each of Kubernetes' probes begins with, behind its name */
#define LIMITS   "\10" /* and what it ends with, before its last number */

static const char *const names[STANZAS] = {[STANZA_DOCKERFILE] = "dockerfile",
                                           [STANZA_COMPOSE] = "compose",
                                           [STANZA_KUBERNETES] = "kubernetes",
                                           [STANZA_ECS] = "ecs"};

static const char *const stanzas[STANZAS] = {
    [STANZA_DOCKERFILE] = "HEALTHCHECK --interval=30s --timeout=" TIMEOUT "s --start-period=" START
                          "s --retries=3 CMD [" LIVE "]\n",
    [STANZA_COMPOSE] = "    healthcheck:\n"
                       "      test: [\"CMD\", " READY "]\n"
                       "      interval: 10s\n"
                       "      timeout: " TIMEOUT "s\n"
                       "      retries: 3\n"
                       "      start_period: " START "s\n",
    [STANZA_KUBERNETES] = "          startup" EXEC LIVE "]" LIMITS ATTEMPTS "\n"
                          "            periodSeconds: 2\n"
                          "          liveness" EXEC LIVE "]" LIMITS "3\n"
                          "            periodSeconds: 10\n"
                          "          readiness" EXEC READY "]" LIMITS "2\n"
                          "            periodSeconds: 5\n",
    [STANZA_ECS] = "\"healthCheck\": {\n"
                   "  \"command\": [\"CMD\", " LIVE "],\n"
                   "  \"interval\": 30,\n"
                   "  \"timeout\": " TIMEOUT ",\n"
                   "  \"retries\": 3,\n"
                   "  \"startPeriod\": " SHORTER "\n"
                   "}\n",
};

static const char *const parts[] = {
    "Probe:\n"
    "            exec:\n"
    "              command: [",
    "\n"
    "            timeoutSeconds: " TIMEOUT "\n"
    "            failureThreshold: ",
};

/* The program as the check would start it. */
static const char *find_program(void)
{
    static char path[256];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    for (ssize_t i = 0; i < length; i++)
        if (path[i] <= ' ' || path[i] > '~' || strchr("\"\\", path[i]))
            length = 0;
    return length > 0 ? path : "/probe";
}

/* `"/probe", "ready", ":8000/", "--db"` */
static void add_command(struct text *out, const struct suggestion *suggestion, enum command command)
{
    bool is_ready = command == COMMAND_READY;
    text_format(out, "\"%s\", \"%s\", \"%s\"", find_program(), command_name(command),
                is_ready ? suggestion->ready : suggestion->live);
    if (is_ready && suggestion->asks[SERVICE_DB])
        text_add(out, ", \"--db\"");
    if (is_ready && suggestion->asks[SERVICE_REDIS])
        text_add(out, ", \"--redis\"");
}

static void add_template(struct text *out, const struct suggestion *suggestion, const char *at)
{
    int64_t start_s = suggestion->start_period_ms / SECOND_MS;
    const int64_t numbers[] = {suggestion->timeout_ms / SECOND_MS + 2, start_s,
                               (start_s + 1) / STARTUP_S,
                               start_s < ECS_START_MAX_S ? start_s : ECS_START_MAX_S};
    for (; *at; at++)
        if (*at > *LIMITS)
            text_append(out, at, 1);
        else if (*at >= *EXEC)
            add_template(out, suggestion, parts[*at - *EXEC]);
        else if (*at >= *TIMEOUT)
            text_add_number(out, numbers[*at - *TIMEOUT]);
        else
            add_command(out, suggestion, *at == *LIVE ? COMMAND_LIVE : COMMAND_READY);
}

static void add_stanza(struct text *out, const struct suggestion *suggestion, enum stanza stanza)
{
    add_template(out, suggestion, stanzas[stanza]);
}

/* One stanza alone, for a file: the first line is a comment where there are any. */
static void add_alone(struct text *out, const struct suggestion *suggestion, enum stanza stanza)
{
    if (stanza != STANZA_ECS)
        text_format(out, "# %s\n", suggestion->first);
    add_stanza(out, suggestion, stanza);
}

static void add_all(struct text *out, const struct suggestion *suggestion)
{
    text_format(out, "%s\n%s", suggestion->first, suggestion->found);
    for (enum stanza stanza = STANZA_DOCKERFILE; suggestion->live && stanza < STANZAS; stanza++) {
        text_format(out, "\n%s\n", names[stanza]);
        add_stanza(out, suggestion, stanza);
    }
}

static void add_list(struct text *out, enum command command, const struct suggestion *suggestion)
{
    json_text_open(out, command_name(command), '[');
    add_command(out, suggestion, command);
    json_text_close(out, ']');
}

static void add_json(struct text *out, const struct config *config,
                     const struct suggestion *suggestion)
{
    char bytes[2048];
    struct text text;
    bool is_some = suggestion->live != NULL;
    report_json_open(config, is_some ? "healthy" : "unhealthy", out);
    json_text_string(out, "cause", cause_info(suggestion->cause)->name);
    json_text_string(out, "message", suggestion->first);
    json_text_string(out, "found", suggestion->found);
    if (is_some) {
        add_list(out, COMMAND_LIVE, suggestion);
        add_list(out, COMMAND_READY, suggestion);
        json_text_number(out, "start_period_ms", suggestion->start_period_ms);
        json_text_string(out, "start_period", suggestion->is_guess ? "guess" : "measured");
    }
    for (enum stanza stanza = STANZA_DOCKERFILE; is_some && stanza < STANZAS; stanza++) {
        text_init(&text, TEXT_ARRAY(bytes));
        add_stanza(&text, suggestion, stanza);
        json_text_string(out, names[stanza], bytes);
    }
    json_text_close(out, '}');
    text_add(out, "\n");
}

int report_suggest(const struct config *config, const struct suggestion *suggestion)
{
    static char bytes[OUT_SIZE];
    int status = suggestion->live ? EXIT_HEALTHY : EXIT_UNHEALTHY;
    struct text out;
    text_init(&out, TEXT_ARRAY(bytes));
    if (config->output == OUTPUT_JSON)
        add_json(&out, config, suggestion);
    else if (config->stanza && suggestion->live)
        add_alone(&out, suggestion, config->stanza);
    else
        add_all(&out, suggestion);
    watchdog_finish(status);
    output_write(bytes, out.length);
    return status;
}
