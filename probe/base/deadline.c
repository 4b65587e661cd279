/* The only clock: monotonic, absolute. */
#include "base/deadline.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "base/output.h"

/* A time read from nowhere would make a false verdict, or none. */
static _Noreturn void end_without_clock(void)
{
    output_say("unhealthy: the clock cannot be read: allow the system call clock_gettime\n");
    _exit(EXIT_UNHEALTHY);
}

int64_t deadline_now(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        end_without_clock();
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

struct deadline deadline_after(int64_t start_us, int64_t ms)
{
    return (struct deadline){start_us + ms * 1000};
}

struct deadline deadline_earlier(struct deadline deadline, int64_t ms)
{
    return (struct deadline){deadline.at_us - ms * 1000};
}

struct deadline deadline_share(struct deadline deadline, size_t shares)
{
    int64_t now = deadline_now();
    return (struct deadline){now + (deadline.at_us - now) / (int64_t)shares};
}

int deadline_left_ms(struct deadline deadline)
{
    int64_t left = deadline.at_us - deadline_now();
    return left > 0 ? (int)((left + 999) / 1000) : 0;
}

int deadline_wait_any(struct deadline deadline, struct pollfd *watched, size_t count)
{
    for (;;) {
        int left = deadline_left_ms(deadline);
        int ready = left > 0 ? poll(watched, count, left) : 0;
        if (left == 0 || (ready != 0 && !(ready < 0 && errno == EINTR)))
            return ready;
    }
}

int deadline_wait(struct deadline deadline, int fd, short events)
{
    struct pollfd watched = {.fd = fd, .events = events};
    return deadline_wait_any(deadline, &watched, 1);
}

void deadline_sleep(struct deadline deadline)
{
    for (int left; (left = deadline_left_ms(deadline)) > 0;)
        poll(NULL, 0, left);
}

int64_t deadline_margin_ms(int64_t limit_ms)
{
    int64_t margin = limit_ms / 10;
    return margin < 2 ? 2 : margin > 50 ? 50 : margin;
}
