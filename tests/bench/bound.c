/* The least that a health check can do: connect, ask, compare the start of the
 * answer, print a line. What it takes is the bound that probe is held to.
 *
 *   bound PORT REQUEST START */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    static const char line[] = "healthy\n";
    char answer[512];
    if (argc != 4)
        return 1;
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)atoi(argv[1])),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    ssize_t wanted = (ssize_t)strlen(argv[3]);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        write(fd, argv[2], strlen(argv[2])) < 0 || read(fd, answer, sizeof answer) < wanted ||
        memcmp(answer, argv[3], (size_t)wanted) != 0)
        return 1;
    return write(STDOUT_FILENO, line, sizeof line - 1) < 0;
}
