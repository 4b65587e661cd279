/* The smallest service there is, for images made from scratch: answers every
 * request on port $PORT, or 8000, until it is told otherwise.
 *
 *   service [BYTES]     holds so much memory
 *
 * SIGUSR1: answers 503; SIGUSR2: 200 again; SIGHUP: takes connections and says
 * nothing. As process 1 it reaps nobody, so that an orphan would show. */
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORT = 8000 };

static volatile sig_atomic_t mood = SIGUSR2;

static void change(int number)
{
    mood = number;
}

static void end(int number)
{
    (void)number;
    _exit(0);
}

static void answer(int client)
{
    static const char good[] = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nup\n";
    static const char bad[] =
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
        "Content-Length: 22\r\n\r\n{\"status\":\"unhealthy\"}";
    char request[4096];
    if (mood == SIGHUP)
        return; /* and keeps the connection open */
    if (read(client, request, sizeof request) > 0) {
        if (mood == SIGUSR1)
            (void)!write(client, bad, sizeof bad - 1);
        else
            (void)!write(client, good, sizeof good - 1);
    }
    close(client);
}

static uint16_t port(void)
{
    const char *named = getenv("PORT");
    return (uint16_t)(named ? atoi(named) : PORT);
}

int main(int argc, char **argv)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(port())};
    struct sigaction action = {.sa_handler = change};
    int zero = 0;
    int one = 1;
    int server = socket(AF_INET6, SOCK_STREAM, 0);
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    action.sa_handler = end;
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    setsockopt(server, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero);
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(server, (struct sockaddr *)&address, sizeof address) != 0 || listen(server, 64) != 0)
        return 1;
    if (argc > 1) {
        size_t size = (size_t)atol(argv[1]);
        volatile char *held = malloc(size);
        for (size_t i = 0; i < size; i += 1024)
            held[i] = 1;
    }
    for (;;) {
        int client = accept(server, NULL, NULL);
        if (client >= 0)
            answer(client);
    }
}
