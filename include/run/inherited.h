/* inherited: what the process got from whoever started it. Changed for our own
 * sake at the start, put back for the command that we become. */
#ifndef PROBE_INHERITED_H
#define PROBE_INHERITED_H

/* Makes the process fit to be run by anybody: no descriptor of ours becomes a
 * closed stdout, a closed pipe or a full file ends nothing, a crash leaves no core
 * with a password in it, and nothing that is read takes more than 32 MB of
 * memory. */
void inherited_init(void);

/* Whether a signal that we were started to ignore (nohup) stays ignored. */
enum ignored { KEEP_IGNORED, CATCH_IGNORED };

/* Has a signal handled, with all others held back meanwhile but for an alarm, which
 * can end a handler that blocks. */
void inherited_catch(int number, void (*handler)(int), enum ignored ignored);

/* Gives up for good that a program which we start may have more rights than we. For
 * a process that becomes no command: the command would inherit it. */
void inherited_set_no_new_privs(void);

/* Has children vanish when they end: a process 1 that waits is given every orphan. Those of
 * the command are its own again. */
void inherited_reap(void);

/* Execs the command: same process, environment, signals, limits and descriptors
 * as we were started with. A signal that arrives before it has is still ours.
 * Returns only when it cannot, with errno. */
void inherited_exec(char *const command[]);

#endif
