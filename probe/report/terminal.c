/* The terminal on stdout: its size, its other screen, and how that is left. */
#include "report/terminal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/output.h"
#include "run/inherited.h"
#include "run/watchdog.h"

/* The other screen, without a cursor; and back. */
static const char enter_screen[] = "\033[?1049h\033[?25l";
static const char leave_screen[] = "\033[?25h\033[?1049l";

static volatile sig_atomic_t has_changed;

bool terminal_is_there(void)
{
    const char *name = getenv("TERM");
    return isatty(STDOUT_FILENO) && !(name && strcmp(name, "dumb") == 0);
}

static struct winsize size_now(void)
{
    struct winsize size = {.ws_col = 0};
    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    return size;
}

int terminal_columns(void)
{
    int columns = size_now().ws_col;
    return columns > 0 ? columns : 80;
}

int terminal_rows(void)
{
    int rows = size_now().ws_row;
    return rows > 0 ? rows : 24;
}

static void draw_anew(int number)
{
    if (number == SIGCONT)
        output_say(enter_screen); /* a shell has written to the other one */
    has_changed = 1;
}

/* Stops as a process does that has no handler, but for the screen. Where nobody
 * could continue it (an orphaned process group, as in docker exec), the kernel
 * stops nothing, and it goes on. */
static void on_stop(int number)
{
    const struct sigaction initial = {.sa_handler = SIG_DFL};
    struct sigaction ours;
    sigset_t stop;
    int error = errno;
    output_say(leave_screen);
    sigaction(number, &initial, &ours);
    sigemptyset(&stop);
    sigaddset(&stop, number);
    kill(getpid(), number);
    sigprocmask(SIG_UNBLOCK, &stop, NULL); /* here it stops */
    sigaction(number, &ours, NULL);
    output_say(enter_screen);
    has_changed = 1;
    errno = error;
}

void terminal_enter(void)
{
    watchdog_set_terminal_reset(leave_screen);
    inherited_catch(SIGTSTP, on_stop, KEEP_IGNORED);
    inherited_catch(SIGCONT, draw_anew, KEEP_IGNORED);
    inherited_catch(SIGWINCH, draw_anew, KEEP_IGNORED);
    output_write(enter_screen, sizeof enter_screen - 1);
}

bool terminal_wait(struct deadline deadline)
{
    sigset_t all;
    sigset_t ours;
    bool must_draw;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &ours); /* so that none comes between the look and the sleep */
    for (int left; !has_changed && (left = deadline_left_ms(deadline)) > 0;) {
        const struct timespec rest = {.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000L};
        ppoll(NULL, 0, &rest, &ours);
    }
    must_draw = has_changed;
    has_changed = 0;
    sigprocmask(SIG_SETMASK, &ours, NULL);
    return must_draw;
}
