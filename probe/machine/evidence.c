/* Processes and limits of a container in trouble, as words of a failure. */
#include "machine/evidence.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "machine/cgroup.h"
#include "machine/listeners.h"

/* Whether a process is a probe that waits: --wait, -w, or as process 1, which a
 * health check is not. */
static bool is_waiting(const char *root, int pid)
{
    char path[64];
    char line[1024];
    if (pid == 1)
        return true;
    snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
    procfs_read(root, path, line, sizeof line);
    for (size_t at = 0; at < sizeof line - 1 && line[at]; at += strlen(line + at) + 1)
        if (strncmp(line + at, "--wait", 6) == 0 || strncmp(line + at, "-w", 2) == 0)
            return true;
    return false;
}

struct search {
    const char *root;
    struct deadline end;
    struct process own;
    struct evidence *found;
};

static void take_process(const struct process *process, void *user)
{
    const struct search *search = user;
    struct evidence *found = search->found;
    int64_t open;
    int64_t limit;
    if (process->pid == search->own.pid)
        return;
    if (deadline_left_ms(search->end) == 0) {
        found->is_whole = false;
        return;
    }
    found->zombies += process->state == 'Z';
    if (process->state == 'T' && !found->stopped.pid)
        found->stopped = *process;
    if (!found->waiting.pid && strcmp(process->command, search->own.command) == 0 &&
        is_waiting(search->root, process->pid))
        found->waiting = *process;
    if (found->exhausted.pid)
        return;
    procfs_open_files(search->root, process->pid, &open, &limit);
    if (limit <= 0 || open < limit)
        return;
    found->exhausted = *process;
    found->descriptors = limit;
}

void evidence_find(const char *root, struct deadline end, struct evidence *evidence)
{
    struct cgroup cgroup;
    struct search search = {.root = root, .end = end, .found = evidence};
    *evidence = (struct evidence){.is_own = procfs_is_first_ours(root), .is_whole = true};
    procfs_process(root, getpid(), &search.own);
    cgroup_read(root, &cgroup);
    if (cgroup.oom_kills > 0)
        evidence->oom_kills = cgroup.oom_kills;
    if (cgroup.pids_limit > 0 && cgroup.pids - search.own.threads >= cgroup.pids_limit) {
        evidence->pids = cgroup.pids;
        evidence->pids_limit = cgroup.pids_limit;
    }
    if (evidence->is_own)
        procfs_each_process(root, take_process, &search);
}

/* "; process 17 (gunicorn)" */
static void add_process(const struct process *process, struct text *words)
{
    text_format(words, "; process %d (", process->pid);
    text_add_foreign(words, process->command, strlen(process->command), 32);
    text_add(words, ")");
}

void evidence_add(const struct evidence *evidence, struct text *words)
{
    if (evidence->waiting.pid) {
        add_process(&evidence->waiting, words);
        text_add(words, " still waits: its log says for what");
    }
    if (evidence->stopped.pid) {
        add_process(&evidence->stopped, words);
        text_add(words, " is stopped");
    }
    if (evidence->exhausted.pid) {
        add_process(&evidence->exhausted, words);
        text_format(words, " has %lld of %lld descriptors open", (long long)evidence->descriptors,
                    (long long)evidence->descriptors);
    }
    if (evidence->pids_limit)
        text_format(words, "; %lld of %lld pids used", (long long)evidence->pids,
                    (long long)evidence->pids_limit);
    if (evidence->oom_kills)
        text_format(words, "; the kernel killed processes for memory (oom kills %lld)",
                    (long long)evidence->oom_kills);
}

const char *evidence_hint(const struct evidence *evidence, bool is_gone)
{
    if (evidence->waiting.pid)
        return "the probe that waits execs the service once what its log names is healthy";
    if (evidence->stopped.pid)
        return "who stopped that process? kill -CONT resumes it";
    if (evidence->exhausted.pid)
        return "raise the container's nofile limit, or find what leaks descriptors";
    if (evidence->pids_limit)
        return "raise the container's pids limit, or find what starts so many processes or threads";
    if (evidence->oom_kills && is_gone)
        return "raise the container's memory limit, or find what grows";
    return NULL;
}

static void add_full_queues(enum listener_family family, const struct target *target,
                            struct text *words)
{
    struct listeners listeners;
    listeners_find(family, &listeners);
    for (size_t i = 0; i < listeners.count; i++) {
        const struct listener *listener = &listeners.list[i];
        bool is_full = listener->backlog >= 0 && (int)listener->waiting > listener->backlog;
        bool is_own = target->socket ? listeners_is_bound(listener->place, target->socket)
                                     : listener->port == target->port;
        if (!is_full || is_own || (!listener->port && access(listener->place, F_OK) != 0))
            continue;
        text_add(words, "; the queue of ");
        listeners_add_place(listener, words);
        text_format(words, " is full: %u wait", listener->waiting);
    }
}

void evidence_add_full_queues(const struct target *target, struct text *words)
{
    add_full_queues(LISTENER_TCP, target, words);
    add_full_queues(LISTENER_UNIX, target, words);
}
