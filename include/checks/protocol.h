/* protocol: which protocol a server speaks that was asked in another one. */
#ifndef PROBE_PROTOCOL_H
#define PROBE_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/deadline.h"

/* The protocol that the first bytes of an answer prove: "HTTP", "HTTP/2", ...;
 * NULL when they prove none. */
const char *protocol_of(const char *bytes, size_t length);

/* Whether the server of a connection that is open and silent speaks TLS: sends
 * the shortest ClientHello, which any TLS server refuses with an alert. The
 * connection is of no use afterwards. */
bool protocol_is_tls(int fd, struct deadline deadline);

#endif
