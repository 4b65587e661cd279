/* Runs a command and prints the most memory that it had, in kB: all that was
 * resident; of it the pages that no other process maps, its program's included;
 * and of these those it wrote.
 *
 *   memory COMMAND...
 *
 * ru_maxrss tells none of that: it begins with what the parent had. The kernel's own account is
 * read when the process ends, stopped with ptrace(2) while it still has its memory. What it gave
 * back before then (peak less present resident size) is added, all of it as its own.
 *
 * The account is opened right after execve(2): a process that makes itself not
 * dumpable can be looked at by root alone. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static int fail(const char *what)
{
    fprintf(stderr, "memory: %s: %s\n", what, strerror(errno));
    return 1;
}

static void start(char *argv[])
{
    int null = open("/dev/null", O_WRONLY);
    dup2(null, STDOUT_FILENO);
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    kill(getpid(), SIGSTOP); /* until the parent has set its options */
    execv(argv[0], argv);
    _exit(127);
}

static int open_account(pid_t pid, const char *name)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    return open(path, O_RDONLY);
}

/* The sum of the lines that begin with name, "Private_" or "VmHWM:". */
static long sum(const char *account, const char *name)
{
    long total = 0;
    for (const char *line = account; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        const char *colon = strchr(line, ':');
        if (strncmp(line, name, strlen(name)) == 0 && colon)
            total += strtol(colon + 1, NULL, 10);
    }
    return total;
}

static int report(int memory_fd, int status_fd)
{
    char memory[4096] = "";
    char status[4096] = "";
    if (read(memory_fd, memory, sizeof memory - 1) <= 0)
        return fail("smaps_rollup");
    if (read(status_fd, status, sizeof status - 1) <= 0)
        return fail("status");
    long given_back = sum(status, "VmHWM:") - sum(status, "VmRSS:");
    printf("%ld %ld %ld\n", sum(memory, "Rss:") + given_back, sum(memory, "Private_") + given_back,
           sum(memory, "Anonymous:") + given_back);
    return 0;
}

int main(int argc, char *argv[])
{
    int status;
    int memory_fd = -1;
    int status_fd = -1;
    pid_t pid = argc > 1 ? fork() : -1;
    if (pid < 0)
        return fail("no command, or no process");
    if (pid == 0)
        start(argv + 1);
    waitpid(pid, &status, 0);
    if (ptrace(PTRACE_SETOPTIONS, pid, NULL,
               PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL) != 0)
        return fail("ptrace");
    for (int deliver = 0;;) {
        ptrace(PTRACE_CONT, pid, NULL, (void *)(long)deliver);
        if (waitpid(pid, &status, 0) < 0 || !WIFSTOPPED(status))
            return fail("the command ended without being seen");
        int event = status >> 16;
        deliver = event ? 0 : WSTOPSIG(status);
        if (event == PTRACE_EVENT_EXEC) {
            memory_fd = open_account(pid, "smaps_rollup");
            status_fd = open_account(pid, "status");
        } else if (event == PTRACE_EVENT_EXIT) {
            int failed = report(memory_fd, status_fd);
            ptrace(PTRACE_CONT, pid, NULL, NULL);
            waitpid(pid, &status, 0);
            return failed || status != 0;
        }
    }
}
