/* One table of what people paste from other tools' lines: whose it is, and what probe
 * wants instead. A guess is made only where a word can mean nothing else. */
#include "config/options_foreign.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/parse.h"
#include "config/target.h"
#include "version.h"

struct foreign {
    const char *words; /* separated by spaces */
    const char *owner;
    const char *advice;
};

#define LEAVE_AWAY    "leave it away"
#define CURL_AND_WGET "curl's or wget's"
#define OF_TARGET     "it belongs in the target, "

static const struct foreign options[] = {
    {"-f --fail", "curl's", LEAVE_AWAY ", any status but 2xx is unhealthy"},
    {"-s --silent -S --show-error", "curl's", LEAVE_AWAY ", probe prints one line"},
#if PROBE_TLS
    {"-k --no-check-certificate", CURL_AND_WGET, "write --insecure"},
    {"-E", "curl's", "write --cert FILE"},
#else
    {"--cacert --cert -E --key --insecure --min-cert-days", "of the other flavour",
     "it " NEEDS_TLS_BUILD},
    {"-k --no-check-certificate", CURL_AND_WGET,
     LEAVE_AWAY ", and ask the service without TLS, http://localhost:PORT/"},
#endif
    {"-L --location", "curl's", "write --follow, or the path that the redirect leads to"},
    {"-m --max-time --connect-timeout", CURL_AND_WGET, "write --timeout 2s"},
    {"-T", "wget's", "write --timeout 2s"},
    {"--retry --retry-delay --retry-connrefused --tries", CURL_AND_WGET,
     LEAVE_AWAY ", the engine repeats the check; to wait for a start, write --wait 60s"},
    {"-o --output -O --output-document", CURL_AND_WGET, LEAVE_AWAY ", probe writes no body"},
    {"-w --write-out", "curl's", LEAVE_AWAY ", probe's line has the status"},
    {"-i --include", "curl's", LEAVE_AWAY ", -vv shows the headers"},
    {"-I --head", "curl's", "write --method HEAD"},
    {"--request", "curl's", "write --method"},
    {"-d --data-raw --data-binary --post-data", "curl's or psql's",
     "a request's body is --data, a database's name stands in postgres://HOST/NAME"},
    {"--json", "curl's", "write --data and --header 'Content-Type: application/json'"},
    {"-u --user", "curl's", "write http://USER:PASSWORD@HOST/, in a variable for env:NAME"},
    {"-A --user-agent", "curl's or psql's", LEAVE_AWAY ", or write --header 'User-Agent: NAME'"},
    {"-b --cookie", "curl's", "write --header 'Cookie: env:NAME'"},
    {"-x --proxy --noproxy --no-proxy", CURL_AND_WGET, LEAVE_AWAY ", probe uses no proxy"},
    {"--resolve", "curl's", "write --connect-to HOST:PORT"},
    {"--unix-socket", "curl's", "write http://unix:/run/app.sock:/path"},
    {"--url", "curl's", "write the URL alone"},
    {"-4 -6 --ipv4 --ipv6", CURL_AND_WGET, "write 127.0.0.1 or [::1] as the host"},
    {"--spider -nv --no-verbose -S --server-response", "wget's", LEAVE_AWAY},
    {"-z", "nc's", "write the target as tcp://HOST:PORT"},
    {"--host", "psql's", OF_TARGET "postgres://HOST:PORT/NAME"},
    {"-p --port", "psql's or redis-cli's",
     OF_TARGET "postgres://HOST:PORT/NAME or redis://HOST:PORT"},
    {"-U --username", "psql's", OF_TARGET "postgres://USER@HOST/NAME"},
    {"--dbname", "psql's", OF_TARGET "postgres://HOST/NAME"},
    {"-W --password --no-password", "psql's", OF_TARGET "which --db=env:NAME keeps out of argv"},
    {"-c --command", "psql's", "write --db-query 'SELECT 1'"},
    {"-a --pass --askpass --no-auth-warning", "redis-cli's",
     OF_TARGET "which --redis=env:NAME keeps out of argv"},
    {"-t --tuples-only --no-align", "psql's", LEAVE_AWAY},
    {"-n", "redis-cli's", OF_TARGET "redis://HOST/1"},
    {"-wait", "dockerize's", "write probe ready tcp://HOST:PORT --wait 60s -- COMMAND"},
    {"-timeout", "dockerize's", "write --wait 60s"},
    {"-wait-retry-interval", "dockerize's", "write --interval 1s"},
    {"--strict", "wait-for-it's", LEAVE_AWAY ", COMMAND runs only when all is healthy"},
    {"--retries --start-period --start-interval --health-interval --health-retries "
     "--health-timeout",
     "the engine's", "write it in front of CMD in HEALTHCHECK, or in compose's healthcheck"},
};

/* What a shell reads, and the names of programs. */
static const struct foreign words[] = {
    {"|| && ; & exit", NULL, "exec form has no shell: leave `|| exit 1` away, probe exits 0 or 1"},
    {"|", NULL, "exec form has no shell: in place of `| grep UP`, write --expect-body UP"},
    {"> >> 1> 2> &> >& < 2>&1 >/dev/null 1>/dev/null 2>/dev/null &>/dev/null", NULL,
     "exec form has no shell: leave `>/dev/null 2>&1` away, or write -q"},
    {"curl wget nc pg_isready psql redis-cli dockerize wait-for-it wait-for-it.sh wait-for sh "
     "/bin/sh bash /bin/bash CMD CMD-SHELL",
     "another program", "leave it away, and write only probe's own command"},
    {"ping PING", "redis-cli's", LEAVE_AWAY ", --redis sends PING"},
};

static bool is_one_of(const char *list, const char *word, size_t length)
{
    while (*list) {
        size_t n = strcspn(list, " ");
        if (n == length && strncmp(list, word, n) == 0)
            return true;
        list += n + strspn(list + n, " ");
    }
    return false;
}

static const struct foreign *find(const struct foreign *rows, size_t count, const char *word,
                                  size_t length)
{
    for (size_t i = 0; i < count; i++)
        if (is_one_of(rows[i].words, word, length))
            return &rows[i];
    return NULL;
}

static void add(const struct foreign *row, const char *word, size_t length, struct text *why)
{
    text_add(why, "'");
    text_add_foreign(why, word, length, 40);
    text_format(why, row->owner ? "' is %s: %s" : "' is the shell's, and %s%s",
                row->owner ? row->owner : "", row->advice);
}

/* Several of curl's letters in one word, not all of them ours: -fsSL. */
static bool explain_letters(const char *word, size_t length, struct text *why)
{
    static const char letters[] = "fgkqsvILNS#4";
    static const char not_ours[] = "fgkILNS#4";
    bool is_curls = false;
    for (size_t i = 1; i < length; i++) {
        if (!strchr(letters, word[i]))
            return false;
        is_curls |= strchr(not_ours, word[i]) != NULL;
    }
    if (length < 3 || !is_curls)
        return false;
    const struct foreign row = {.owner = "curl's",
                                .advice = LEAVE_AWAY ", any status but 2xx is unhealthy"};
    add(&row, word, length, why);
    if (memchr(word, 'L', length))
        text_add(why, "; for -L write --follow");
    return true;
}

bool foreign_explain(const char *option, size_t length, struct text *why)
{
    const struct foreign *row = find(options, sizeof options / sizeof *options, option, length);
    if (row)
        add(row, option, length, why);
    return row || explain_letters(option, length, why);
}

bool foreign_explain_word(const char *word, struct text *why)
{
    const char *part = word;
    do { /* "/x || exit 1" may be one word */
        part += strspn(part, " \t");
        size_t length = strcspn(part, " \t");
        const struct foreign *row = find(words, sizeof words / sizeof *words, part, length);
        if (row && (part == word || !row->owner)) {
            add(row, part, length, why);
            return true;
        }
        part += length;
    } while (*part);
    return false;
}

bool foreign_is_meant(const struct option_row *row, const char *value)
{
    value += strspn(value, " ");
    switch (row->kind) {
    case OPTION_DURATION:
    case OPTION_STATUSES:
        return !isdigit((unsigned char)*value) && *value != '.';
    case OPTION_CHOICE:
        return *value == '-' || strchr(value, '/');
    default:
        return false;
    }
}

bool foreign_add_similar(const char *option, size_t length, struct text *why)
{
    char name[40] = "";
    if (length < 5 || length - 2 >= sizeof name || option[1] != '-')
        return false;
    memcpy(name, option + 2, length - 2);
    for (size_t i = 0; i < options_count; i++)
        if (parse_is_near(name, options_table[i].name) ||
            strncmp(name, options_table[i].name, length - 2) == 0) {
            text_format(why, ": did you mean --%s?", options_table[i].name);
            return true;
        }
    return false;
}
