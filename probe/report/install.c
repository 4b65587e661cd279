/* Copies the running program: written under another name, compared, and renamed. */
#include "report/install.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/output.h"
#include "report/report.h"

/* Buffers are static: the linker makes all this part of main(), and a check would start
 * with them on its stack. */
enum { PATH_SIZE = 4096, CHUNK = 16 * 1024, MODE = 0755 };

static const char *fix_of(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return ": make the folder first, or mount a volume there";
    case EACCES:
    case EPERM:
        return ": run it as a user who may write there";
    case EROFS:
        return ": mount a volume there that takes writes";
    case ENOSPC:
    case EDQUOT:
        return ": make room for a megabyte";
    default:
        return "";
    }
}

/* Says what failed, by errno; false. */
static bool fail(const char *action, const char *path, struct text *why)
{
    int error = errno;
    text_format(why, "cannot %s '", action);
    text_add_name(why, path);
    text_format(why, "': %s%s", strerror(error), fix_of(error));
    return false;
}

static bool write_all(int fd, const char *bytes, ssize_t length)
{
    ssize_t written = 0;
    while (length > 0 && (written = write(fd, bytes, (size_t)length)) > 0) {
        bytes += written;
        length -= written;
    }
    return length == 0;
}

/* From the beginning to the end of a file. */
static bool copy(int from, int to)
{
    static char bytes[CHUNK];
    ssize_t length;
    while ((length = read(from, bytes, sizeof bytes)) > 0)
        if (!write_all(to, bytes, length))
            return false;
    return length == 0 && fchmod(to, MODE) == 0;
}

/* Whether two files hold the same, up to the end of both. */
static bool are_same(int a, int b)
{
    static char bytes[2][CHUNK];
    ssize_t length;
    off_t at = 0;
    do {
        length = pread(a, bytes[0], CHUNK, at);
        if (length < 0 || pread(b, bytes[1], CHUNK, at) != length ||
            memcmp(bytes[0], bytes[1], (size_t)length) != 0)
            return false;
        at += length;
    } while (length > 0);
    return true;
}

/* Fills the temporary file, and gives it its name. */
static bool fill(int from, int to, const char *temporary, const char *path, struct text *why)
{
    if (!copy(from, to))
        return fail("write", temporary, why);
    if (!are_same(from, to)) {
        errno = EIO;
        return fail("read back", temporary, why);
    }
    return rename(temporary, path) == 0 || fail("rename it to", path, why);
}

static bool replace(int from, const char *path, struct text *why)
{
    static char temporary[PATH_SIZE + 24];
    snprintf(temporary, sizeof temporary, "%s.%llx", path, (unsigned long long)deadline_now());
    int to = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, MODE);
    if (to < 0)
        return fail("create", temporary, why);
    bool is_done = fill(from, to, temporary, path, why);
    close(to);
    if (!is_done)
        unlink(temporary);
    return is_done;
}

/* The file that a path means: in a folder, one by our name. */
static bool choose(const char *written, char path[static PATH_SIZE], struct text *why)
{
    struct stat there;
    bool exists = stat(written, &there) == 0;
    bool is_folder = exists && S_ISDIR(there.st_mode);
    int length = snprintf(path, PATH_SIZE, "%s%s", written, is_folder ? "/probe" : "");
    if (length < PATH_SIZE && (!exists || is_folder || S_ISREG(there.st_mode)))
        return true;
    errno = length < PATH_SIZE ? EEXIST : ENAMETOOLONG;
    return fail("replace", written, why);
}

static int tell(const char *path)
{
    char bytes[REPORT_LINE_MAX];
    struct text line;
    struct statvfs mount;
    bool is_noexec = statvfs(path, &mount) == 0 && mount.f_flag & ST_NOEXEC;
    text_init(&line, TEXT_ARRAY(bytes));
    text_add(&line, "installed ");
    text_add_name(&line, path);
    text_add(&line, is_noexec ? "; note: it is mounted noexec here, and cannot be run\n" : "\n");
    output_write(bytes, line.length);
    return EXIT_HEALTHY;
}

int install_copy(const struct config *config)
{
    static const char self[] = "/proc/self/exe";
    static char path[PATH_SIZE];
    char bytes[REPORT_LINE_MAX];
    struct text why;
    text_init(&why, TEXT_ARRAY(bytes));
    int from = open(self, O_RDONLY | O_CLOEXEC);
    bool is_done = from >= 0 ? choose(config->path, path, &why) && replace(from, path, &why)
                             : fail("read", self, &why);
    return is_done ? tell(path) : report_misconfigured(config, bytes);
}
