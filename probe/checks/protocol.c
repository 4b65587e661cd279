/* Other protocols, by the first bytes of their servers' answers. */
#include "checks/protocol.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

static bool is_tls_record(const char *bytes, size_t length)
{
    enum { ALERT = 0x15, HANDSHAKE = 0x16, MAJOR_VERSION = 3 };
    return length >= 3 && (bytes[0] == ALERT || bytes[0] == HANDSHAKE) && bytes[1] == MAJOR_VERSION;
}

/* A SETTINGS frame of stream 0, with which an HTTP/2 server begins, or its GOAWAY to
 * what is none (RFC 9113). */
static bool is_http2(const char *bytes, size_t length)
{
    enum { SETTINGS = 4, GOAWAY = 7 };
    return length >= 9 && bytes[0] == 0 && bytes[1] == 0 &&
           (bytes[3] == SETTINGS || bytes[3] == GOAWAY) && memcmp(bytes + 4, "\0\0\0\0\0", 5) == 0;
}

const char *protocol_of(const char *bytes, size_t length)
{
    static const struct {
        const char *start;
        const char *protocol;
    } starts[] = {{"HTTP/", "HTTP"}, {"AMQP", "AMQP"}, {"SSH-", "SSH"}, {"ERROR\r\n", "memcached"}};
    if (is_tls_record(bytes, length))
        return "TLS";
    if (is_http2(bytes, length))
        return "HTTP/2";
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        size_t n = strlen(starts[i].start);
        if (length >= n && memcmp(bytes, starts[i].start, n) == 0)
            return starts[i].protocol;
    }
    return NULL;
}

const char protocol_ssl_request[8] = {0, 0, 0, 8, 4, (char)0xd2, 0x16, 0x2f};

const char protocol_client_hello[10] = {0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0};

struct opening protocol_ask(int fd, const char *question, size_t length, struct deadline deadline)
{
    struct opening answer = {.length = 0};
    if (send(fd, question, length, MSG_NOSIGNAL) != (ssize_t)length ||
        deadline_wait(deadline, fd, POLLIN) <= 0)
        return answer;
    ssize_t received = recv(fd, answer.bytes, sizeof answer.bytes, 0);
    answer.length = received > 0 ? (size_t)received : 0;
    return answer;
}

bool protocol_is_tls(int fd, struct deadline deadline)
{
    struct opening answer =
        protocol_ask(fd, protocol_client_hello, sizeof protocol_client_hello, deadline);
    return is_tls_record(answer.bytes, answer.length);
}

void protocol_fail_tls(struct result *result, const char *plain)
{
    result_fail(result, CAUSE_TLS_PORT, "the port speaks TLS, not plain %s", plain);
}
