/* Process 1's stderr, opened anew through /proc: so that O_NONBLOCK is ours alone, and nobody
 * else's descriptor changes. */
#include "machine/container_log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "machine/procfs.h"

#define FIRST  "/proc/1"
#define STDERR "process 1's stderr is "
static const char place[] = FIRST "/fd/2";
enum { FLAGS = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_APPEND | O_CLOEXEC };

static const char no_reader[] = "a pipe that nobody reads: keep its reader";

static int log_fd = -1;

/* Where an entrypoint has given root up (gosu, setpriv), process 1 is open to its new user alone,
 * and the log to root. The path is followed as that user. */
static int open_as_first(const char *path, int flags)
{
    struct stat first;
    int fd = open(path, flags);
    if (fd >= 0 || errno != EACCES || stat(FIRST, &first) != 0)
        return fd;
    setfsgid(first.st_gid);
    setfsuid(first.st_uid);
    fd = open(path, flags);
    int error = errno;
    setfsuid(geteuid());
    setfsgid(getegid());
    errno = error;
    return fd;
}

/* The flags that process 1 has its stderr open with, proc_pid_fdinfo(5); -1 with errno. */
static int read_flags(void)
{
    static const char name[] = "flags:";
    char bytes[128] = "";
    int fd = open_as_first(FIRST "/fdinfo/2", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t length = read(fd, bytes, sizeof bytes - 1);
    close(fd);
    const char *flags = length > 0 ? strstr(bytes, name) : NULL;
    errno = ENODATA;
    return flags ? (int)strtol(flags + strlen(name), NULL, 8) : -1;
}

/* Opens it anew; what the path leads to is opened as ourselves. -1 with errno. */
static int open_log(void)
{
    char path[32];
    int reference = open_as_first(place, O_PATH | O_CLOEXEC);
    if (reference < 0)
        return -1;
    snprintf(path, sizeof path, "/proc/self/fd/%d", reference);
    int fd = open(path, FLAGS);
    int error = errno;
    close(reference);
    errno = error;
    return fd;
}

/* What makes a line useless, or harmful, in what process 1 has open with these flags; NULL:
 * nothing. A file that it opened for itself after it had closed its stderr is seen so, too. */
static const char *find_doubt(int fd, int flags)
{
    struct pollfd watched = {.fd = fd, .events = POLLOUT};
    struct stat file = {.st_mode = 0};
    fstat(fd, &file);
    bool is_stream = S_ISFIFO(file.st_mode) || S_ISCHR(file.st_mode);
    if ((flags & O_ACCMODE) == O_RDONLY)
        return "not opened for writing: leave it as it was";
    if (!is_stream && !(flags & O_APPEND))
        return "a file not opened for appending: start it with 2>>FILE";
    if (S_ISCHR(file.st_mode) && file.st_rdev == makedev(1, 3))
        return "/dev/null, which nobody sees: leave it as it was";
    if (poll(&watched, 1, 0) != 1)
        return "full: nobody reads it";
    return (watched.revents & POLLERR) ? no_reader : NULL;
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
                    STDERR "closed to uid %u: run the check as the user that the container was "
                           "started as",
                    (unsigned)geteuid());
    else if (strncmp(link, "socket:", strlen("socket:")) == 0)
        text_add(why, STDERR "a socket: start it with a pipe or a file as its stderr");
    else if (error == ENXIO)
        text_format(why, STDERR "%s", no_reader);
    else
        text_format(why, STDERR "not to be opened: %s", strerror(error));
}

bool container_log_open(struct text *why)
{
    if (getpid() == 1)
        return true;
    if (!procfs_is_first_ours("")) {
        text_add(why, "process 1 is the host's, or another container's: do not share processes");
        return false;
    }
    int flags = read_flags();
    log_fd = flags < 0 ? -1 : open_log();
    if (log_fd < 0)
        add_reason(errno, why);
    const char *doubt = log_fd < 0 ? NULL : find_doubt(log_fd, flags);
    if (doubt)
        text_format(why, STDERR "%s", doubt);
    return why->length == 0;
}

void container_log_write(const char *bytes, size_t length)
{
    ssize_t ignored = log_fd < 0 ? 0 : write(log_fd, bytes, length < PIPE_BUF ? length : PIPE_BUF);
    (void)ignored;
}
