/* report: what a run found, as text or JSON. Each report is one write to stdout
 * of at most REPORT_SIZE_MAX bytes. */
#ifndef PROBE_REPORT_H
#define PROBE_REPORT_H

#include <cjson/cJSON.h>

#include "config/options.h"
#include "run/progress.h"
#include "run/run.h"

enum {
    REPORT_SIZE_MAX = 4096, /* Docker keeps no more (moby daemon/health.go) */
    REPORT_LINE_MAX = 500   /* Podman keeps no more */
};

/* Prints what a run found, unless config says quiet. Returns the exit status. */
int report_run(const struct config *config, const struct run *run);

/* The same without the exit status: an attempt of several. */
void report_attempt(const struct config *config, const struct run *run);

/* Makes the report that the watchdog writes if the run does not go on. */
void report_foresee(const struct run *run);

/* Prints how a wait ended. Returns the exit status; what signals mean is settled
 * with it, unless a command is still to come. */
int report_wait(const struct config *config, const struct run *run,
                const struct progress *progress);

/* Shows a failed attempt: on a terminal by drawing one line anew; elsewhere as
 * a line, when the outcome changed, after 10 s of silence, or where attempts are
 * that rare. Nothing with --quiet. Explains the run if it is shown. */
void report_progress(struct progress *progress, const struct config *config, struct run *run);

/* When something is to be shown again although nothing happens. */
struct deadline report_progress_due(const struct progress *progress);

/* Wipes the line that was drawn on a terminal, if one was. */
void report_progress_wipe(const struct progress *progress);

/* Appends what every check said, the failures first; no newline. */
void report_checks(const struct run *run, struct text *text);

/* Prints what doctor found: a run's results, or the problem that kept it from
 * asking, and the machine. May be longer than REPORT_SIZE_MAX. Returns the exit
 * status. */
int report_doctor(const struct config *config, const struct run *run, const char *problem);

/* Prints why nothing could be asked; that no memory was left, if so it was.
 * Returns the exit status. */
int report_misconfigured(const struct config *config, const char *why);

/* The two forms, into a text of REPORT_SIZE_MAX + 1 bytes; progress is NULL
 * unless it was a wait. */
void report_text(const struct config *config, const struct run *run,
                 const struct progress *progress, struct text *out);
void report_json(const struct config *config, const struct run *run,
                 const struct progress *progress, struct text *out);
void report_json_misconfigured(const struct config *config, enum cause cause, const char *why,
                               struct text *out);

/* Doctor's JSON: a run, or problem if that is not NULL, and the machine, which it
 * deletes. */
void report_json_doctor(const struct config *config, const struct run *run, const char *problem,
                        cJSON *machine, struct text *out);

#endif
