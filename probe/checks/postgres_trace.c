/* What libpq calls to write down a conversation that somebody has it trace. Nobody does: these
 * keep its own, which are 4 kB, out of the binary. */
#include <libpq-fe.h>
#include <stdbool.h>

void pqTraceOutputMessage(PGconn *connection, const char *message, bool is_to_server);
void pqTraceOutputNoTypeByteMessage(PGconn *connection, const char *message);
void pqTraceOutputCharResponse(PGconn *connection, const char *type, char response);

void pqTraceOutputMessage(PGconn *connection, const char *message, bool is_to_server)
{
    (void)connection, (void)message, (void)is_to_server;
}

void pqTraceOutputNoTypeByteMessage(PGconn *connection, const char *message)
{
    (void)connection, (void)message;
}

/* Of libpq 18. */
void pqTraceOutputCharResponse(PGconn *connection, const char *type, char response)
{
    (void)connection, (void)type, (void)response;
}
