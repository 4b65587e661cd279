/* inherited: what the process got from whoever started it. Changed for our own
 * sake at the start, put back for the command that we become. */
#ifndef PROBE_INHERITED_H
#define PROBE_INHERITED_H

/* Makes the process fit to be run by anybody: no descriptor of ours becomes a
 * closed stdout, a closed pipe ends nothing, our signals are not blocked, and a
 * crash leaves no core with a password in it. */
void inherited_settle(void);

/* Changes what SIGPIPE, SIGALRM, SIGTERM or SIGINT does; inherited_become() puts
 * it back. */
void inherited_change_action(int number, void (*handler)(int number));

/* Becomes the command: same process, environment, signals and descriptors as we
 * were started with. Returns only when it cannot, with errno. */
void inherited_become(char *const command[]);

#endif
