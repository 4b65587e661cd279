/* deadline: the only clock.
 *
 * A relative limit becomes one absolute point on CLOCK_MONOTONIC, once, and is
 * handed by value to everything that waits. */
#ifndef PROBE_DEADLINE_H
#define PROBE_DEADLINE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct deadline {
    int64_t at_us; /* microseconds on CLOCK_MONOTONIC */
};

/* Microseconds on CLOCK_MONOTONIC. If a filter of system calls refuses the clock, it ends
 * the process with a line that says so: no deadline can be kept. */
int64_t deadline_now(void);

/* The point `ms` milliseconds after `start_us`. */
struct deadline deadline_after(int64_t start_us, int64_t ms);

/* The point `ms` milliseconds before this one. */
struct deadline deadline_earlier(struct deadline deadline, int64_t ms);

/* The point at which the first of `shares` (1 or more) equal parts of the time left
 * ends. */
struct deadline deadline_share(struct deadline deadline, size_t shares);

/* Milliseconds left, rounded up; 0 once it is over. */
int deadline_left_ms(struct deadline deadline);

/* Waits until fd is ready for events (poll(2)'s) or the deadline is over.
 * Returns 1 ready (an error on the descriptor counts as ready), 0 over, also
 * when a peer sends without end and fd is always ready, -1 with errno. */
int deadline_wait(struct deadline deadline, int fd, short events);

/* The same for several descriptors, whose negative ones are left out; returns how many
 * are ready. */
int deadline_wait_any(struct deadline deadline, struct pollfd *watched, size_t count);

/* Sleeps until the deadline; no signal handler that returns ends it earlier. */
void deadline_sleep(struct deadline deadline);

/* How long before a run's deadline its checks must have ended, in
 * milliseconds: the time kept back for writing the report, so that an engine
 * which kills at the same limit has it already. A tenth of the limit, between 2
 * and 50 ms. */
int64_t deadline_margin_ms(int64_t limit_ms);

#endif
