/* A check's whole conversation with a peer that says what the input holds: the
 * connection is a pair of sockets, all of the peer's words are in it before the
 * check reads, and its end behind them. Nothing waits, nothing is left to time. */
#ifndef PEER_H
#define PEER_H

#include <stddef.h>
#include <stdint.h>

/* Cuts an input into what each connection of a run gets. */
#define PEER_CUT "\xF5next\xF5"

/* Asks as one of the command lines does, which the input's first byte chooses,
 * and holds the result to what must be true of every report. Each command line is
 * probe's words, separated by spaces, with one target, at a unix socket. */
void peer_converse(const char *const command_lines[], size_t count, const uint8_t *data,
                   size_t size);

/* What speaks in the peer's place, on a blocking descriptor and in a thread of its own: it
 * says the words in its way, and returns when it has or when we are gone. */
typedef void peer_speaker(int fd, const uint8_t *words, size_t length);

/* The same, for the inputs that have PEER_SPEAKS in their first byte. */
enum { PEER_SPEAKS = 0x40 };
void peer_converse_by(peer_speaker *speaker, const char *const command_lines[], size_t count,
                      const uint8_t *data, size_t size);

#endif
