/* probe: parse, plan, run, report, exit. */
#include "base/memory.h"
#include "checks/tls.h"
#include "config/environment.h"
#include "config/options.h"
#include "mode.h"
#include "report/help.h"
#include "report/install.h"
#include "report/report.h"
#include "run/inherited.h"
#include "run/plan.h"
#include "run/watchdog.h"

/* Never released: a check that is late may still use it when the process ends. */
static struct plan plan;

static void set_deadline(const struct config *config, int64_t began_us)
{
    watchdog_set_deadline(deadline_after(began_us, config->timeout_ms));
}

/* Everything that can be wrong before anything is sent. */
static bool prepare(struct config *config, int64_t began_us, struct text *why)
{
    set_deadline(config, began_us); /* to say what is wrong may block too */
    if (!options_parse_environment(config, SOURCE_VARIABLE, why))
        return false;
    for (size_t i = 0; i < config->env_files.count; i++)
        if (!environment_load(&config->environment, config->env_files.items[i], why))
            return false;
    if (!options_parse_environment(config, SOURCE_FILE, why))
        return false;
    set_deadline(config, began_us);
    if (!options_check(config, why))
        return false;
    tls_prepare();
    if (!config->become)
        inherited_set_no_new_privs();
    return config->command == COMMAND_SUGGEST || plan_make(&plan, config, why);
}

static int run_mode(const struct config *config, int64_t began_us)
{
    if (config->command == COMMAND_SUGGEST)
        return mode_suggest(config);
    if (config->watch_ms > 0)
        return mode_watch(config, &plan, began_us);
    if (config->wait_ms > 0 || config->become)
        return mode_wait(config, &plan, began_us);
    return mode_once(config, &plan, began_us);
}

int main(int argc, char *argv[])
{
    int64_t began_us = deadline_now();
    struct config config = {.output = OUTPUT_TEXT};
    char bytes[REPORT_LINE_MAX];
    struct text why;
    inherited_init();
    memory_init(watchdog_run_out_of_memory);
    watchdog_arm(&config, report_ended);
    text_init(&why, TEXT_ARRAY(bytes));
    if (!options_parse(&config, argc, argv, &why)) {
        set_deadline(&config, began_us);
        return report_misconfigured(&config, bytes);
    }
    if (config.wants_help)
        return help_print_usage(config.command);
    if (config.command == COMMAND_HELP)
        return help_print(config.help_topic);
    if (config.command == COMMAND_VERSION)
        return help_print_version();
    if (config.command == COMMAND_LICENSES)
        return help_print_licenses();
    if (config.command == COMMAND_INSTALL)
        return install_copy(&config);
    if (prepare(&config, began_us, &why))
        return run_mode(&config, began_us);
    return config.command == COMMAND_DOCTOR ? report_doctor(&config, NULL, bytes)
                                            : report_misconfigured(&config, bytes);
}
