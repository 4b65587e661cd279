/* probe: parse, plan, run, report, exit. */
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "environment.h"
#include "help.h"
#include "options.h"
#include "plan.h"
#include "report.h"
#include "run.h"
#include "watchdog.h"

/* Makes the process fit to be run by anybody: no descriptor of ours becomes a
 * closed stdout, a closed pipe ends nothing, a crash leaves no core with a
 * password in it. */
static void settle_in(void)
{
    int fd;
    while ((fd = open("/", O_PATH | O_CLOEXEC)) >= 0 && fd <= STDERR_FILENO)
        continue;
    close(fd);
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_DUMPABLE, 0);
}

static int check(struct config *config, int64_t began_us)
{
    static struct plan plan;
    struct run run = {.plan = &plan};
    char bytes[REPORT_LINE_MAX];
    struct text why;
    text_init(&why, TEXT_ARRAY(bytes));
    watchdog_arm(deadline_after(began_us, config->timeout_ms),
                 config->quiet ? NULL : "unhealthy: the check itself did not end in time\n");
    bool is_doctor = config->command == COMMAND_DOCTOR;
    bool is_planned = (!config->env_file || environment_load(config->env_file, &why)) &&
                      options_parse_environment(config, &why) && plan_make(&plan, config, &why);
    if (!is_planned || !run_plan(&run, &plan, began_us)) {
        int status = is_doctor
                         ? report_doctor(config, &run, is_planned ? "no memory is left" : bytes)
                         : report_misconfigured(config, is_planned ? "no memory is left" : bytes);
        plan_release(&plan);
        return status;
    }
    int status = is_doctor ? report_doctor(config, &run, NULL) : report_run(config, &run);
    if (run.late)
        _exit(status); /* a thread still uses the plan */
    run_release(&run);
    plan_release(&plan);
    return status;
}

int main(int argc, char *argv[])
{
    int64_t began_us = deadline_now();
    struct config config;
    char bytes[REPORT_LINE_MAX];
    struct text why;
    settle_in();
    text_init(&why, TEXT_ARRAY(bytes));
    if (!options_parse(&config, argc, argv, &why))
        return report_misconfigured(&config, bytes);
    switch (config.command) {
    case COMMAND_HELP:
        return help_print(config.help_topic);
    case COMMAND_VERSION:
        return help_print_version();
    default:
        return check(&config, began_us);
    }
}
