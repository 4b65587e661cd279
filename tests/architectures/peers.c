/* What a machine of tests/architectures has to ask.
 *
 *   peers PORT     PORT accepts and says nothing; PORT+1 sends half a status line;
 *                  PORT+2 has a full queue; PORT+3 accepts on ::1 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static int listen_at(const struct sockaddr *address, socklen_t length, int backlog)
{
    int fd = socket(address->sa_family, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, address, length) != 0 || listen(fd, backlog) != 0) {
        perror("peers");
        exit(1);
    }
    return fd;
}

static struct sockaddr_in ipv4(int port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int listen_ipv4(int port, int backlog)
{
    struct sockaddr_in address = ipv4(port);
    return listen_at((struct sockaddr *)&address, sizeof address, backlog);
}

static void accept_all(int listener, const char *says)
{
    char asked[1000];
    if (fork() != 0)
        return;
    for (int fd; (fd = accept(listener, NULL, NULL)) >= 0;)
        if (*says && (read(fd, asked, sizeof asked) < 0 || dprintf(fd, "%s", says) < 0))
            exit(1);
    exit(1);
}

int main(int argc, char *argv[])
{
    int port = argc > 1 ? atoi(argv[1]) : 8001;
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6,
                                .sin6_port = htons((uint16_t)(port + 3)),
                                .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr_in full = ipv4(port + 2);
    listen_ipv4(port + 2, 0);
    int waiting = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(waiting, (struct sockaddr *)&full, sizeof full) != 0)
        perror("peers: connect");
    accept_all(listen_ipv4(port, 5), "");
    accept_all(listen_ipv4(port + 1, 5), "HTTP/1.1 200 O");
    accept_all(listen_at((struct sockaddr *)&ipv6, sizeof ipv6, 5), "");
    pause();
}
