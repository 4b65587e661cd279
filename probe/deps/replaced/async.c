/*
 * Takes the place of hiredis's async.c: 6 kB that its table of functions names
 * and nothing of ours calls.
 */
#include <stdlib.h>

#include "async.h"

void redisAsyncRead(redisAsyncContext *ac)
{
    (void)ac;
    abort();
}

void redisAsyncWrite(redisAsyncContext *ac)
{
    (void)ac;
    abort();
}
