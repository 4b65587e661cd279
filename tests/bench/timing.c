/* Runs commands in turn, so that whatever slows the machine down slows all of
 * them, and prints what each run took, a line each: the command's number, wall
 * time and CPU time in microseconds, minor page faults.
 *
 *   timing ROUNDS -- COMMAND... [-- COMMAND...]...
 *
 * Each round has another order: what runs after a large program finds the
 * processor's caches empty, and that must not always be the same. It is small
 * and starts them with vfork(2), so that little of what is measured is its own.
 * The first round fills caches and is not counted. With ROUNDS below zero there
 * is none, and an unhealthy end is as good as another. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { COMMANDS_MAX = 16 };

enum mode { WARM_UP, HEALTHY, UNHEALTHY };

extern char **environ;

static double microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static double of_timeval(struct timeval time)
{
    return (double)time.tv_sec * 1e6 + (double)time.tv_usec;
}

/* Runs a command once. False when it cannot be run, or exits with a failure. */
static int run(char *argv[], const posix_spawn_file_actions_t *quietly, double *wall,
               struct rusage *usage)
{
    pid_t pid;
    int status = 0;
    double began = microseconds();
    if (posix_spawn(&pid, argv[0], quietly, NULL, argv, environ) != 0)
        return 0;
    wait4(pid, &status, 0, usage);
    *wall = microseconds() - began;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Cuts argv into commands; returns how many. */
static int split(char *argv[], char **commands[COMMANDS_MAX])
{
    int count = 0;
    for (; *argv; argv++) {
        if (strcmp(*argv, "--") != 0)
            continue;
        *argv = NULL;
        if (count < COMMANDS_MAX)
            commands[count++] = argv + 1;
    }
    return count;
}

static void shuffle(int order[], int count)
{
    for (int i = count - 1; i > 0; i--) {
        int j = rand() % (i + 1);
        int moved = order[i];
        order[i] = order[j];
        order[j] = moved;
    }
}

/* Runs each command once and prints what it took. False when one failed. */
static int run_round(char **commands[], const int order[], int count,
                     const posix_spawn_file_actions_t *quietly, enum mode mode)
{
    for (int i = 0; i < count; i++) {
        struct rusage usage = {0};
        double wall = 0;
        char **argv = commands[order[i]];
        if (!run(argv, quietly, &wall, &usage) && mode != UNHEALTHY) {
            fprintf(stderr, "timing: '%s' failed\n", argv[0]);
            return 0;
        }
        double cpu = of_timeval(usage.ru_utime) + of_timeval(usage.ru_stime);
        if (mode != WARM_UP)
            printf("%d %.1f %.1f %ld\n", order[i], wall, cpu, usage.ru_minflt);
    }
    return 1;
}

int main(int argc, char *argv[])
{
    char **commands[COMMANDS_MAX];
    posix_spawn_file_actions_t quietly;
    int rounds = argc > 3 ? atoi(argv[1]) : 0;
    int count = split(argv, commands);
    int order[COMMANDS_MAX];
    for (int i = 0; i < count; i++)
        order[i] = i;
    posix_spawn_file_actions_init(&quietly);
    posix_spawn_file_actions_addopen(&quietly, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&quietly, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (rounds > 0 && !run_round(commands, order, count, &quietly, WARM_UP))
        return 1;
    for (int i = 0; i < abs(rounds); i++) {
        shuffle(order, count);
        if (!run_round(commands, order, count, &quietly, rounds > 0 ? HEALTHY : UNHEALTHY))
            return 1;
    }
    return 0;
}
