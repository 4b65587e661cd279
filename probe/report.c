/* Chooses the form, writes it once, gives the exit status. */
#include "report.h"

#include <unistd.h>

#include "watchdog.h"

void report_write(const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(STDOUT_FILENO, bytes, length);
        if (written <= 0)
            return;
        bytes += written;
        length -= (size_t)written;
    }
}

int report_run(const struct config *config, const struct run *run)
{
    char bytes[REPORT_SIZE_MAX + 1];
    struct text out;
    int status = run_is_healthy(run) ? EXIT_HEALTHY : EXIT_UNHEALTHY;
    watchdog_settle(status);
    if (config->quiet)
        return status;
    text_init(&out, TEXT_ARRAY(bytes));
    if (config->output == OUTPUT_JSON)
        report_json(config, run, &out);
    else
        report_text(config, run, &out);
    report_write(bytes, out.length);
    return status;
}

int report_misconfigured(const struct config *config, const char *why)
{
    char bytes[REPORT_SIZE_MAX + 1];
    struct text out;
    watchdog_settle(EXIT_UNHEALTHY);
    if (config->quiet)
        return EXIT_UNHEALTHY;
    text_init(&out, TEXT_ARRAY(bytes));
    if (config->output == OUTPUT_JSON)
        report_json_misconfigured(config, why, &out);
    else
        text_format(&out, "misconfigured: %s\n", why);
    report_write(bytes, out.length);
    return EXIT_UNHEALTHY;
}
