/* A process runs: found by its name or its command line, or by the number in a file. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "checks/check.h"
#include "checks/file.h"
#include "config/target_parser.h"
#include "machine/procfs.h"

enum { COMMAND_LINE_MAX = 128 * 1024 }; /* Java's have a class path */

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
    char *line;     /* room for a command line */
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

static const char *name_of(const char *program)
{
    const char *slash = strrchr(program, '/');
    return slash ? slash + 1 : program;
}

/* Whether a shell runs what follows, as in sh -c TEXT, also behind tini -- or its kin: that names
 * what it may run later. Cuts the line into its words. */
static bool is_script(char *line)
{
    static const char *const shells[] = {"sh", "bash", "dash", "ash", "ksh", "zsh"};
    bool is_found = false;
    for (char *word = line, *next; *word; word = next) {
        next = word + strcspn(word, " ");
        if (*next)
            *next++ = '\0';
        is_found |= *next == '-' && next[1] != '-' && memchr(next, 'c', strcspn(next, " ")) &&
                    IS_IN(shells, name_of(word));
    }
    return is_found;
}

/* By the name, which the kernel cuts at 15 bytes; by that of the program; by the whole line. A
 * check of processes, or what starts one, has the pattern in its own. */
static bool is_meant(const struct search *search, const struct process *process)
{
    char *line = search->line;
    if (is_match(search->pattern, process->command))
        return true;
    procfs_command_line("", process->pid, line, COMMAND_LINE_MAX);
    if (!*line || strstr(line, "process://"))
        return false;
    bool is_line = is_match(search->pattern, line) && !is_script(line);
    line[strcspn(line, " ")] = '\0';
    return is_line || is_match(search->pattern, name_of(line));
}

static void take(const struct process *process, void *user)
{
    struct search *search = user;
    search->has_first |= process->pid == 1;
    if (is_meant(search, process) && !is_ours(process->pid))
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
    struct search search = {.pattern = pattern, .line = memory_get(COMMAND_LINE_MAX)};
    procfs_each_process("", take, &search);
    free(search.line);
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

/* Whether a number is a process's, and not a thread's, which /proc shows as well. */
static bool is_process(int pid)
{
    static const char field[] = "\nTgid:\t";
    char path[32];
    char status[512];
    struct text text;
    text_init(&text, TEXT_ARRAY(path));
    text_format(&text, "/proc/%d/status", pid);
    procfs_read("", path, status, sizeof status);
    const char *group = strstr(status, field);
    return group && atoi(group + strlen(field)) == pid;
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
    if (procfs_process("", pid, &process)) {
        if (is_process(pid) && !is_ours(pid))
            count(&search, &process);
    } else if (kill(pid, 0) != 0 && errno == EPERM) {
        result_fail(result, CAUSE_NOT_SEEN, "the processes of others are not seen");
        return;
    }
    char *number = bytes + strspn(bytes, " \t\r\n");
    number[strcspn(number, " \t\r\n")] = '\0';
    judge(&search, number, result);
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
