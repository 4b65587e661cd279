/* What there is to know of this container, section by section. */
#include "report/doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/secret.h"
#include "config/environment.h"
#include "config/target.h"
#include "machine/cgroup.h"
#include "machine/container_log.h"
#include "machine/listeners.h"
#include "machine/procfs.h"

enum { NAMES_MAX = 60, ENVIRONMENT_MAX = 64 * 1024, FIRST = 1 };

/* A number, or null when it is not known. */
static void add_number(cJSON *object, const char *name, int64_t number)
{
    if (number < 0)
        cJSON_AddNullToObject(object, name);
    else
        cJSON_AddNumberToObject(object, name, (double)number);
}

/* A limit: a number, "none" without one, null when it is not known. */
static void add_limit(cJSON *object, const char *name, int64_t limit)
{
    if (limit == INT64_MAX)
        cJSON_AddStringToObject(object, name, "none");
    else
        add_number(object, name, limit);
}

/* A string that others wrote; null when it is empty. */
static void add_string(cJSON *object, const char *name, const char *string, size_t limit)
{
    char bytes[1024];
    struct text text;
    text_init(&text, TEXT_ARRAY(bytes));
    text_add_foreign(&text, string, strlen(string), limit);
    if (text.length)
        cJSON_AddStringToObject(object, name, bytes);
    else
        cJSON_AddNullToObject(object, name);
}

/* An option's value in effect, and where it comes from. */
static void add_option(cJSON *section, const struct config *config, size_t i,
                       const struct option_row *row)
{
    static const char *const sources[] = {[SOURCE_DEFAULT] = "default",
                                          [SOURCE_FILE] = "file",
                                          [SOURCE_VARIABLE] = "variable",
                                          [SOURCE_OPTION] = "option"};
    cJSON *option = cJSON_AddObjectToObject(section, row->name);
    char bytes[256];
    struct text text;
    text_init(&text, TEXT_ARRAY(bytes));
    option_add_value(row, config, &text);
    cJSON_AddStringToObject(option, "value", bytes);
    cJSON_AddStringToObject(option, "source", sources[config->values[i].source]);
}

static void add_configuration(cJSON *machine, const struct config *config)
{
    cJSON *section = cJSON_AddObjectToObject(machine, "configuration");
    for (size_t i = 0; i < options_count; i++)
        if (options_table[i].commands & COMMAND_BIT(config->command) &&
            (config->values[i].written || options_table[i].initial))
            add_option(section, config, i, &options_table[i]);
}

/* Where a title that a process has given itself may hold a secret: from an option
 * on, or from a URL's word. */
static void cut_title(char *title)
{
    char *end = strstr(title, " -");
    if (end)
        *end = '\0';
    end = strstr(title, "://");
    while (end > title && *end != ' ')
        end--;
    if (end)
        *end = '\0';
}

/* What a process runs: its program, and the script that follows an interpreter.
 * Further arguments may be secrets. */
static void add_command(cJSON *section, int pid)
{
    char path[32];
    char line[512];
    snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
    if (!procfs_read("", path, line, sizeof line)) {
        cJSON_AddNullToObject(section, "command");
        return;
    }
    size_t length = strlen(line);
    cut_title(line);
    const char *second =
        length + 1 < sizeof line && line[length + 1] == '/' ? line + length + 1 : "";
    char both[sizeof line + 1];
    struct text text;
    text_init(&text, TEXT_ARRAY(both));
    text_add(&text, line);
    text_add(&text, *second ? " " : "");
    text_add(&text, second);
    add_string(section, "command", both, 200);
}

/* Adds what a process is, and for how long; NULL: one that cannot be seen. */
static void add_identity(cJSON *section, const struct process *process)
{
    add_string(section, "name", process ? process->command : "", 64);
    add_command(section, process ? process->pid : FIRST);
    add_number(section, "up_ms", process ? process->age_ms : -1);
}

static void add_open_files(cJSON *section, int pid)
{
    int64_t open;
    int64_t limit;
    procfs_open_files("", pid, &open, &limit);
    add_number(section, "open_files", open);
    add_limit(section, "open_files_limit", limit);
}

/* Whether --log would have its line there. */
static void add_log(cJSON *section)
{
    char bytes[200];
    struct text words;
    text_init(&words, TEXT_ARRAY(bytes));
    if (container_log_open(&words))
        text_add(&words, "open to --log");
    cJSON_AddStringToObject(section, "container_log", bytes);
}

static void add_process(cJSON *machine)
{
    cJSON *section = cJSON_AddObjectToObject(machine, "process");
    struct process first;
    struct processes all;
    bool is_seen = procfs_process("", FIRST, &first);
    cJSON_AddNumberToObject(section, "pid", FIRST);
    add_string(section, "belongs_to",
               !is_seen                   ? ""
               : procfs_is_first_ours("") ? "this container"
                                          : "the host, or another container",
               64);
    add_identity(section, is_seen ? &first : NULL);
    add_open_files(section, FIRST);
    procfs_processes("", &all);
    add_number(section, "processes", all.count);
    add_number(section, "threads", all.count < 0 ? -1 : all.threads);
    add_number(section, "zombies", all.count < 0 ? -1 : all.zombies);
    add_number(section, "probe_runs_as_uid", geteuid());
    add_log(section);
}

static void add_cgroup(cJSON *machine)
{
    struct cgroup cgroup;
    cgroup_read("", &cgroup);
    cJSON *memory = cJSON_AddObjectToObject(machine, "memory");
    add_number(memory, "used_bytes", cgroup.memory_bytes);
    add_number(memory, "file_cache_bytes", cgroup.file_cache_bytes);
    add_limit(memory, "limit_bytes", cgroup.memory_limit_bytes);
    add_number(memory, "oom_kills", cgroup.oom_kills);
    cJSON *cpu = cJSON_AddObjectToObject(machine, "cpu");
    add_number(cpu, "throttled_periods", cgroup.cpu_throttled_periods);
    add_number(cpu, "throttled_us", cgroup.cpu_throttled_us);
    cJSON *pids = cJSON_AddObjectToObject(machine, "pids");
    add_number(pids, "used", cgroup.pids);
    add_limit(pids, "limit", cgroup.pids_limit);
}

static void add_listener(cJSON *section, const struct listener *listener)
{
    struct process owner;
    int pid = listener->pid;
    cJSON *object = cJSON_CreateObject();
    if (listener->port) {
        cJSON_AddStringToObject(object, "address", listener->place);
        cJSON_AddNumberToObject(object, "port", listener->port);
    } else {
        add_string(object, "path", listener->place, sizeof listener->place);
    }
    cJSON_AddNumberToObject(object, "waiting", listener->waiting);
    add_number(object, "backlog", listener->backlog);
    add_number(object, "pid", pid ? pid : -1);
    add_string(object, "name", pid && procfs_process("", pid, &owner) ? owner.command : "", 64);
    cJSON_AddItemToArray(section, object);
}

/* Whether a listener is where a check of this container asks. */
static bool is_asked(const struct listener *listener, const struct run *run)
{
    for (size_t i = 0; run && i < run->plan->count; i++) {
        const struct target *target = run->plan->checks[i].target;
        if (run->plan->checks[i].type->local_only && !target->socket &&
            target->port == listener->port)
            return true;
    }
    return false;
}

/* Fills the section of the process that listens, where that is not process 1 (--init, a
 * shell that starts the service); removes it otherwise. */
static void add_service(cJSON *machine, const struct listeners *tcp, const struct run *run)
{
    const struct listener *chosen = NULL;
    struct process owner;
    for (size_t i = tcp->count; i-- > 0;)
        if (tcp->list[i].pid > 0 && (!chosen || is_asked(&tcp->list[i], run)))
            chosen = &tcp->list[i];
    if (!chosen || chosen->pid == FIRST || !procfs_process("", chosen->pid, &owner)) {
        cJSON_DeleteItemFromObject(machine, "service");
        return;
    }
    cJSON *section = cJSON_GetObjectItem(machine, "service");
    cJSON_AddNumberToObject(section, "pid", owner.pid);
    cJSON_AddNumberToObject(section, "listens_on", chosen->port);
    add_identity(section, &owner);
    add_open_files(section, owner.pid);
}

/* Unix sockets are those of this file system: a network namespace that is shared
 * has others, which nobody here can reach. */
static void add_listeners(cJSON *machine, const struct run *run)
{
    struct listeners lists[2];
    const struct listeners *tcp = &lists[0];
    const struct listeners *local = &lists[1];
    listeners_find(LISTENER_TCP, &lists[0]);
    if (!tcp->is_known) {
        cJSON_AddNullToObject(machine, "listening");
        cJSON_DeleteItemFromObject(machine, "service");
        return;
    }
    listeners_find(LISTENER_UNIX, &lists[1]);
    listeners_find_owners("", lists, 2);
    add_service(machine, tcp, run);
    cJSON *section = cJSON_AddArrayToObject(machine, "listening");
    for (size_t i = 0; i < tcp->count; i++)
        add_listener(section, &tcp->list[i]);
    for (size_t i = 0; i < local->count; i++)
        if (access(local->list[i].place, F_OK) == 0)
            add_listener(section, &local->list[i]);
}

/* Adds the lines of /etc/resolv.conf that say something. */
static void take_resolver_line(const char *line, void *user)
{
    char bytes[256];
    struct text text;
    size_t length = strcspn(line, "#;");
    while (length > 0 && strchr(" \t\r", line[length - 1]))
        length--;
    if (length == 0 || cJSON_GetArraySize(user) == NAMES_MAX)
        return;
    text_init(&text, TEXT_ARRAY(bytes));
    text_add_foreign(&text, line, length, 200);
    cJSON_AddItemToArray(user, cJSON_CreateString(bytes));
}

static void add_resolver(cJSON *machine)
{
    cJSON *section = cJSON_AddArrayToObject(machine, "resolver");
    procfs_each_line("", "/etc/resolv.conf", take_resolver_line, section);
}

/* Variables that services like ours are set up with, by their beginning. */
static bool is_usual(const char *entry)
{
    static const char *const starts[] = {
        "PROBE_", "PORT=",   "DATABASE_URL", "DB_",        "PG",        "REDIS_",
        "DJANGO", "ALLOWED", "DEBUG",        "SECRET_KEY", "GUNICORN",  "WEB_CONCURRENCY",
        "http_",  "HTTP_",   "https_",       "HTTPS_",     "no_proxy",  "NO_PROXY",
        "all_p",  "ALL_P",   "CELERY",       "UVICORN",    "POSTGRES_", "SECURE_"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (strncmp(entry, starts[i], strlen(starts[i])) == 0)
            return true;
    return false;
}

/* What has no = is no variable: a title that a process wrote there. */
static void add_name(cJSON *names, const char *entry)
{
    char bytes[80];
    struct text text;
    size_t length = strcspn(entry, "=");
    text_init(&text, TEXT_ARRAY(bytes));
    text_add_foreign(&text, entry, length, sizeof bytes - 1);
    if (entry[length] && length && cJSON_GetArraySize(names) < NAMES_MAX)
        cJSON_AddItemToArray(names, cJSON_CreateString(bytes));
}

static bool have_variable(const char *entry)
{
    size_t length = strcspn(entry, "=");
    for (char **ours = environ; *ours; ours++)
        if (strncmp(*ours, entry, length) == 0 && (*ours)[length] == '=')
            return true;
    return false;
}

/* The names that PID 1 has and we have not: an entrypoint exported them, and a
 * health check does not see them. */
static void add_missing(cJSON *section)
{
    char *block = memory_get(ENVIRONMENT_MAX);
    bool is_read =
        procfs_is_first_ours("") && procfs_read("", "/proc/1/environ", block, ENVIRONMENT_MAX);
    if (!is_read || !*block) {
        cJSON_AddNullToObject(section, "only_pid_1_has");
        free(block);
        return;
    }
    cJSON *names = cJSON_AddArrayToObject(section, "only_pid_1_has");
    for (const char *entry = block; *entry; entry += strlen(entry) + 1)
        if (!have_variable(entry))
            add_name(names, entry);
    free(block);
}

static void add_variables(cJSON *machine)
{
    cJSON *section = cJSON_AddObjectToObject(machine, "variables");
    cJSON *set = cJSON_AddArrayToObject(section, "set");
    for (char **entry = environ; *entry; entry++)
        if (is_usual(*entry))
            add_name(set, *entry);
    add_missing(section);
}

cJSON *doctor_examine(const struct config *config, const struct run *run)
{
    cJSON *machine = cJSON_CreateObject();
    add_configuration(machine, config);
    add_process(machine);
    cJSON_AddObjectToObject(machine, "service");
    add_cgroup(machine);
    add_listeners(machine, run);
    add_resolver(machine);
    add_variables(machine);
    return machine;
}

void doctor_add_set_aside(cJSON *machine, const struct plan *plan)
{
    for (enum service service = SERVICE_DB; service <= SERVICE_REDIS; service++) {
        cJSON *section = cJSON_GetObjectItem(machine, "variables");
        cJSON *words = cJSON_GetObjectItem(section, "set_aside");
        if (!plan->is_set_aside[service])
            continue;
        if (!words)
            words = cJSON_AddArrayToObject(section, "set_aside");
        cJSON_AddItemToArray(words, cJSON_CreateString(plan->refusals[service]));
    }
}
