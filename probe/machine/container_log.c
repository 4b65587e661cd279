/* Process 1's stderr, opened anew through /proc: so that O_NONBLOCK is ours alone, and nobody
 * else's descriptor changes. */
#include "machine/container_log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "machine/procfs.h"

#define FIRST "/proc/1"
static const char place[] = FIRST "/fd/2";
enum { FLAGS = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_APPEND | O_CLOEXEC };

static int log_fd = -1;

/* Where an entrypoint has given root up (gosu, setpriv), process 1 is open to its new user alone,
 * and the log to root. The path is followed as that user, and what it leads to opened as root. */
static int open_as_first(void)
{
    struct stat first;
    char path[32];
    if (stat(FIRST, &first) != 0)
        return -1;
    setfsgid(first.st_gid);
    setfsuid(first.st_uid);
    int reference = open(place, O_PATH | O_CLOEXEC);
    int error = errno;
    setfsuid(geteuid());
    setfsgid(getegid());
    errno = error;
    if (reference < 0)
        return -1;
    snprintf(path, sizeof path, "/proc/self/fd/%d", reference);
    int fd = open(path, FLAGS);
    error = errno;
    close(reference);
    errno = error;
    return fd;
}

/* Whether a descriptor takes a line now: a pipe that nobody empties does not. */
static bool has_room(int fd)
{
    struct pollfd watched = {.fd = fd, .events = POLLOUT};
    return poll(&watched, 1, 0) == 1 && watched.revents & POLLOUT;
}

/* Why it could not be opened, with errno `error`. */
static void add_reason(int error, struct text *why)
{
    char link[64] = "";
    bool is_followed = readlink(place, link, sizeof link - 1) > 0;
    int unfollowed = is_followed ? 0 : errno;
    if (access(FIRST, F_OK) != 0)
        text_add(why, "process 1 is not seen: mount /proc, without hidepid");
    else if (unfollowed == ENOENT)
        text_add(why, "process 1 has closed its stderr: leave it open");
    else if (unfollowed)
        text_format(why, "process 1 is closed to uid %u: run the check as its user%s",
                    (unsigned)geteuid(),
                    geteuid() == 0 ? ", or add the capability SYS_PTRACE" : "");
    else if (error == EACCES)
        text_format(why,
                    "process 1's stderr is closed to uid %u: run the check as the user that the "
                    "container was started as",
                    (unsigned)geteuid());
    else if (strncmp(link, "socket:", strlen("socket:")) == 0)
        text_add(why, "process 1's stderr is a socket, which nobody else can open: start it with a "
                      "pipe or a file as its stderr");
    else
        text_format(why, "process 1's stderr cannot be opened: %s", strerror(error));
}

bool container_log_open(struct text *why)
{
    if (getpid() == 1)
        return true;
    if (!procfs_is_first_ours("")) {
        text_add(why, "process 1 is the host's, or another container's: do not share processes");
        return false;
    }
    log_fd = open(place, FLAGS);
    if (log_fd < 0 && errno == EACCES)
        log_fd = open_as_first();
    if (log_fd < 0) {
        add_reason(errno, why);
        return false;
    }
    if (!has_room(log_fd))
        text_add(why, "process 1's stderr is full: nobody reads it");
    return why->length == 0;
}

void container_log_write(const char *bytes, size_t length)
{
    ssize_t ignored = log_fd < 0 ? 0 : write(log_fd, bytes, length < PIPE_BUF ? length : PIPE_BUF);
    (void)ignored;
}
