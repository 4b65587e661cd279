/* protocol: which protocol a server speaks that was asked in another one. */
#ifndef PROBE_PROTOCOL_H
#define PROBE_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/deadline.h"
#include "checks/result.h"

/* The protocol that the first bytes of an answer prove: "HTTP", "HTTP/2", ...;
 * NULL when they prove none. */
const char *protocol_of(const char *bytes, size_t length);

/* The first bytes of an answer; length 0 when none came. */
struct opening {
    char bytes[64];
    size_t length;
};

/* Sends a question on an open connection, and waits for the answer's beginning. */
struct opening protocol_ask(int fd, const char *question, size_t length, struct deadline deadline);

/* PostgreSQL's SSLRequest, which it answers with S or N and does not log. */
extern const char protocol_ssl_request[8];

/* The shortest ClientHello, which any TLS server refuses with an alert. */
extern const char protocol_client_hello[10];

/* Whether the server of a connection that is open and silent speaks TLS: sends
 * the ClientHello. The connection is of no use afterwards. */
bool protocol_is_tls(int fd, struct deadline deadline);

/* The verdict on a port that speaks TLS; plain is what it was asked in: "HTTP". */
void protocol_fail_tls(struct result *result, const char *plain);

#endif
