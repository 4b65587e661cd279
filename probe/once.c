/* One run, one report. */
#include "mode.h"
#include "report/report.h"
#include "run/run.h"
#include "run/watchdog.h"

int mode_once(const struct config *config, const struct plan *plan, int64_t began_us)
{
    static struct run run; /* 32 kB, half of the least stack */
    run_init(&run, plan);
    watchdog_set_run(&run);
    run_plan(&run, began_us, config->timeout_ms);
    bool is_doctor = config->command == COMMAND_DOCTOR;
    if (is_doctor) /* to look around may take as long again */
        watchdog_set_deadline(deadline_after(deadline_now(), config->timeout_ms));
    if (!config->quiet)
        run_explain(&run);
    if (is_doctor)
        run_add_notes(&run);
    int status = is_doctor ? report_doctor(config, &run, NULL) : report_run(config, &run, NULL);
    if (!is_doctor)
        report_notes(config, &run);
    run_release(&run);
    return status;
}
