/* inherited: what the process got from whoever started it. Changed for our own
 * sake at the start, put back for the command that we become. */
#ifndef PROBE_INHERITED_H
#define PROBE_INHERITED_H

/* Makes the process fit to be run by anybody: no descriptor of ours becomes a
 * closed stdout, a closed pipe ends nothing, our signals are not blocked, a crash
 * leaves no core with a password in it, and nothing that is read takes more than
 * 32 MB of memory. */
void inherited_settle(void);

/* Becomes the command: same process, environment, signals, limits and
 * descriptors as we were started with. Returns only when it cannot, with errno. */
void inherited_become(char *const command[]);

#endif
