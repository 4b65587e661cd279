/* A process runs: found by its name or its command line, or by the number in a file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checks/check.h"
#include "checks/file.h"
#include "config/target_parser.h"
#include "machine/procfs.h"

enum { COMMAND_LINE_MAX = 4096 };

/* The pattern, or the file's path, is all that follows the scheme. */
static bool process_read(struct parser *parser)
{
    parser->target->host = "";
    parser->target->path = parser_keep(parser, parser->at, strlen(parser->at));
    return true;
}

static bool is_pid_file(const struct target *target)
{
    return strcmp(target->scheme, "pid") == 0;
}

static bool process_prepare(struct target *target, const struct config *config, struct text *why)
{
    (void)config;
    if (!target_decode_path(target, why))
        return false;
    const char *written = target->prepared;
    if (is_pid_file(target) && *written != '/')
        text_add(why, "is not pid:///PATH, with three slashes");
    else if (written[strspn(written, "*")] == '\0')
        text_add(why, "would be any process: write process://NAME, or a command line with * for "
                      "what may be anything");
    return why->length == 0;
}

/* Whether a text is as a pattern says, in which * is anything. */
static bool is_match(const char *pattern, const char *text)
{
    const char *star = NULL; /* the last one, and how far it reaches */
    const char *rest = NULL;
    while (*text) {
        if (*pattern == '*') {
            star = ++pattern;
            rest = text;
        } else if (*pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star;
            text = ++rest;
        } else {
            return false;
        }
    }
    return pattern[strspn(pattern, "*")] == '\0';
}

/* Whether a process waits for us, or is us: its command line may hold the pattern. */
static bool is_ours(int pid)
{
    struct process process;
    int ours = getpid();
    while (ours != pid && procfs_process("", ours, &process) && process.parent > 0)
        ours = process.parent;
    return ours == pid;
}

/* Those that were found. */
struct search {
    const char *pattern;
    bool has_first; /* process 1 is seen: others are not hidden */
    int running;
    int first; /* the pid of one that runs, has ended or is stopped; 0: none */
    int ended;
    int stopped;
};

static void count(struct search *search, const struct process *process)
{
    if (strchr("ZX", process->state)) {
        search->ended = process->pid;
    } else if (strchr("Tt", process->state)) {
        search->stopped = process->pid;
    } else {
        search->first = search->running == 0 ? process->pid : search->first;
        search->running++;
    }
}

/* By the name, which the kernel cuts at 15 bytes; by that of the program; by the whole line. A
 * check of processes, or what starts one, has the pattern in its own. */
static bool is_meant(const struct process *process, const char *pattern)
{
    char line[COMMAND_LINE_MAX];
    if (is_match(pattern, process->command))
        return true;
    procfs_command_line("", process->pid, line, sizeof line);
    if (!*line || strstr(line, "process://"))
        return false;
    if (is_match(pattern, line))
        return true;
    line[strcspn(line, " ")] = '\0';
    const char *slash = strrchr(line, '/');
    return is_match(pattern, slash ? slash + 1 : line);
}

static void take(const struct process *process, void *user)
{
    struct search *search = user;
    search->has_first |= process->pid == 1;
    if (is_meant(process, search->pattern) && !is_ours(process->pid))
        count(search, process);
}

/* What is found of it, by its name or by a number. */
static void judge(const struct search *search, const char *name, struct result *result)
{
    struct text words;
    if (search->running > 1) {
        words = result_pass(result);
        text_format(&words, "runs, %d processes", search->running);
    } else if (search->running == 1) {
        words = result_pass(result);
        text_format(&words, "runs (pid %d)", search->first);
    } else if (search->stopped) {
        result_fail(result, CAUSE_PROCESS_STOPPED, "is stopped (pid %d)", search->stopped);
    } else if (search->ended) {
        result_fail(result, CAUSE_PROCESS_MISSING, "has ended, and is a zombie (pid %d)",
                    search->ended);
    } else {
        words = result_fail(result, CAUSE_PROCESS_MISSING, "%s", "does not run: ");
        text_add_name(&words, name);
    }
}

static void find_by_name(const char *pattern, struct result *result)
{
    struct search search = {.pattern = pattern};
    procfs_each_process("", take, &search);
    if (search.has_first || search.running)
        judge(&search, pattern, result);
    else
        result_fail(result, CAUSE_NOT_SEEN, "the processes of others are not seen");
}

/* The number that a file begins with; 0 when it is none. */
static int read_pid(const char *bytes)
{
    enum { PID_MAX = 1 << 22 }; /* Linux, include/linux/threads.h */
    char *end;
    long pid = strtol(bytes, &end, 10);
    bool is_number = end > bytes && strchr(" \t\r\n", *end) && pid > 0 && pid <= PID_MAX;
    return is_number ? (int)pid : 0;
}

static void find_by_file(const char *path, struct result *result)
{
    char bytes[64];
    struct search search = {.pattern = NULL};
    struct process process;
    errno = 0;
    if (!procfs_read("", path, bytes, sizeof bytes)) {
        file_fail(path, errno, result);
        return;
    }
    int pid = read_pid(bytes);
    if (pid == 0) {
        struct text words = result_fail(result, CAUSE_FILE_UNUSABLE, "%s", "no number begins ");
        text_add_name(&words, path);
        return;
    }
    if (!procfs_process("", getpid(), &process)) {
        result_fail(result, CAUSE_NOT_SEEN, "there is no /proc");
        return;
    }
    bool is_there = procfs_process("", pid, &process);
    if (is_there && !is_ours(pid))
        count(&search, &process);
    bytes[strcspn(bytes, " \t\r\n")] = '\0';
    judge(&search, bytes, result);
}

static void process_run(const struct check *check, struct deadline deadline, struct result *result)
{
    const struct target *target = check->target;
    (void)deadline;
    result_enter(result, PHASE_FILE);
    if (is_pid_file(target))
        find_by_file(target->prepared, result);
    else
        find_by_name(target->prepared, result);
}

const struct check_type check_process = {
    .kind = {.name = "process",
             .schemes = "process pid",
             .forms = "process://NAME, pid:///PATH",
             .help =
                 "  process://NAME                    a process runs; a command line with * too\n"
                 "  pid:///PATH                       the process whose number a file has runs\n",
             .takes_spaces = true,
             .read = process_read},
    .has_no_peer = true,
    .commands = COMMAND_BIT(COMMAND_LIVE) | COMMAND_BIT(COMMAND_READY),
    .prepare = process_prepare,
    .run = process_run,
};
