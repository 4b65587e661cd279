/* report: what a run found, as text or JSON. Each report is one write to stdout
 * of at most REPORT_SIZE_MAX bytes; what may be noted of a healthy one follows. */
#ifndef PROBE_REPORT_H
#define PROBE_REPORT_H

#include <cjson/cJSON.h>

#include "base/output.h"
#include "config/options.h"
#include "run/progress.h"
#include "run/run.h"

/* Prints what a run found, or how a wait ended (progress; else NULL), unless config
 * says quiet; then writes the first line of a failure into the container's log, if config says
 * so, and notes in the run where that cannot be. Returns the exit status, which signals have from
 * here on, too, unless a command is still to come. */
int report_run(const struct config *config, struct run *run, const struct progress *progress);

/* Prints what is to be noted of healthy checks beside what their report said, a row each:
 * for a person, with -v, because to read /proc/net/tcp may take longer than
 * the check; in text alone, because JSON is one object. */
void report_notes(const struct config *config, struct run *run);

/* report_run() without the exit status: an attempt of several. */
void report_attempt(const struct config *config, const struct run *run);

/* Prints what is to be said when a signal (CAUSE_ENDED), the deadline (CAUSE_TIMEOUT) or a lack of
 * memory ends the process, unless config says quiet: at the deadline every check with its phase, of
 * a run if there is one, else why. All but a signal's goes into the container's log too. For the
 * watchdog: allocates nothing. */
void report_ended(const struct config *config, const struct run *run, enum cause cause,
                  const char *why);

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

/* Prints why nothing could be asked. Returns the exit status. */
int report_misconfigured(const struct config *config, const char *why);

/* The two forms, into a text of REPORT_SIZE_MAX + 1 bytes; progress is NULL
 * unless it was a wait. */
void report_text(const struct config *config, const struct run *run,
                 const struct progress *progress, struct text *out);
void report_json(const struct config *config, const struct run *run,
                 const struct progress *progress, struct text *out);

/* Begins an object: status, command, time and version. */
void report_json_open(const struct config *config, const char *status, struct text *out);

/* An object without checks: what kept them from being asked, or what ended them. */
void report_json_line(const struct config *config, const char *status, enum cause cause,
                      const char *why, struct text *out);

/* Doctor's JSON: a run, or problem if that is not NULL, and the machine. */
void report_json_doctor(const struct config *config, const struct run *run, const char *problem,
                        const cJSON *machine, struct text *out);

#endif
