/* One suggestion, and its report. */
#include "run/suggest.h"
#include "mode.h"
#include "report/report.h"
#include "report/report_suggest.h"
#include "run/watchdog.h"

int mode_suggest(const struct config *config)
{
    static struct suggestion suggestion;
    char bytes[REPORT_LINE_MAX];
    struct text why;
    text_init(&why, TEXT_ARRAY(bytes));
    watchdog_set_deadline(deadline_after(deadline_now(), SUGGEST_LOOK_MS + config->timeout_ms));
    if (!suggest_find(&suggestion, config, &why))
        return report_misconfigured(config, bytes);
    return report_suggest(config, &suggestion);
}
