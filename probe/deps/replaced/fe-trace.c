/*
 * Takes the place of PostgreSQL's src/interfaces/libpq/fe-trace.c, which prints
 * every message where PQtrace() asks for it: 10 kB, with the C library's time
 * zones, that nothing of ours turns on.
 */
#include "postgres_fe.h"

#include "libpq-fe.h"
#include "libpq-int.h"

void PQtrace(PGconn *conn, FILE *debug_port)
{
    (void)conn, (void)debug_port;
}

void PQuntrace(PGconn *conn)
{
    (void)conn;
}

void PQsetTraceFlags(PGconn *conn, int flags)
{
    (void)conn, (void)flags;
}

void pqTraceOutputMessage(PGconn *conn, const char *message, bool toServer)
{
    (void)conn, (void)message, (void)toServer;
}

void pqTraceOutputNoTypeByteMessage(PGconn *conn, const char *message)
{
    (void)conn, (void)message;
}
