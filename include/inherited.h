/* inherited: what the process got from whoever started it. Changed for our own
 * sake at the start, put back for the command that we become. */
#ifndef PROBE_INHERITED_H
#define PROBE_INHERITED_H

/* Makes the process fit to be run by anybody: no descriptor of ours becomes a
 * closed stdout, a closed pipe ends nothing, our signals are not blocked, and a
 * crash leaves no core with a password in it. */
void inherited_settle(void);

/* Gives up for good that a program which we start may have more rights than we. For
 * a process that becomes no command: the command would inherit it. */
void inherited_renounce(void);

/* Becomes the command: same process, environment, signals and descriptors as we
 * were started with. Returns only when it cannot, with errno. */
void inherited_become(char *const command[]);

#endif
