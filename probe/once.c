/* One run, one report. */
#include "mode.h"
#include "report.h"
#include "run.h"

int mode_once(const struct config *config, const struct plan *plan, int64_t began_us)
{
    struct run run;
    run_before_blocking(report_foresee);
    if (!run_plan(&run, plan, began_us, config->timeout_ms))
        return report_misconfigured(config, "no memory is left");
    if (!config->quiet)
        run_explain(&run);
    int status = config->command == COMMAND_DOCTOR ? report_doctor(config, &run, NULL)
                                                   : report_run(config, &run);
    run_release(&run);
    return status;
}
